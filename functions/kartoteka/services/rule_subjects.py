"""Which records a moved moment is about: of a touch those of the client."""

from collections.abc import Iterator

from kartoteka.domain.deal import Deal
from kartoteka.domain.rules.deciding import Woken
from kartoteka.services.rule_facts import Around
from kartoteka.services.rule_firing import Decider


def subjects(decider: Decider, waking: Woken) -> Iterator[Around]:
    """Yield what a moved moment is about: of a touch the client's records of the rule's kind."""
    if waking.record_id:
        found = decider.around(waking)
        if found is not None:
            yield found
        return
    touch = Around(decider.records, waking.part.entity, waking.part.after or {})
    for name in _of_client(touch, waking.about):
        doc = decider.records.record(waking.about, name)
        if doc is not None:
            yield Around(decider.records, waking.about, doc)


def _of_client(touch: Around, kind: str) -> list[str]:
    client = touch.record("client")
    if kind == Deal.kind and client is not None:
        listed = client.get("open_deal_ids")
        return [str(it) for it in listed] if isinstance(listed, list | tuple) else []
    doc = touch.record(kind)
    return [str(doc["id"])] if doc is not None else []
