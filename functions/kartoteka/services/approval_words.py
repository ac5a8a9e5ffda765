"""What a notice says of an approval: who asks, what for, and why it was refused."""

from collections.abc import Iterator

from kartoteka.domain.approval import DECLINED, Approval
from kartoteka.domain.errors import NotFound
from kartoteka.i18n import text
from kartoteka.services.read import Look


def lines(look: Look, approval_id: str) -> Iterator[str]:
    """Yield the lines about an approval, as far as the reader may see it."""
    try:
        shown = look.one(Approval, approval_id)
    except NotFound:
        return
    locale = look.settings.office.locale
    asker, facts = shown.get("actor"), shown.get("facts")
    person = look.settings.person(str(asker["id"])) if isinstance(asker, dict) else None
    if person is not None:
        yield text("approval_asker", locale, who=person.name)
    if isinstance(facts, dict) and {"given", "limit"} <= facts.keys():
        yield text("approval_facts", locale, given=facts["given"], limit=facts["limit"])
    yield str(shown.get("words") or "")
    if shown.get("state") == DECLINED and shown.get("reason"):
        yield text("approval_reason", locale, reason=shown["reason"])
