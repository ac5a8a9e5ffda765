"""Why a mass act cannot be undone whole: what was changed since, who has a key now."""

from collections.abc import Iterator, Mapping, Sequence

from kartoteka.domain.access import Operation, can
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor, Part
from kartoteka.domain.duplicates import read_key
from kartoteka.domain.errors import Conflict
from kartoteka.domain.history import KEY, moved_fields
from kartoteka.domain.model import Client
from kartoteka.domain.office import Settings
from kartoteka.ports import Store

_SHOWN = 20  # records that a refusal names
_Place = tuple[str, str]  # collection, id


def refusal(
    store: Store, waiting: Mapping[_Place, Sequence[Part]], actor: Actor, within: Settings
) -> Conflict:
    """Return why these records cannot go back: each is named, of a taken key its holder.

    Args:
        store: the truth.
        waiting: parts of the batch whose record is elsewhere now, by collection and id.
        actor: who undoes; names of cards out of their reach are not told, only ids.
        within: the office's settings.
    """
    holders = dict.fromkeys(_holders(store, waiting))
    if holders:
        listed = "; ".join(_named(store, one, actor, within) for one in list(holders)[:_SHOWN])
        ids = ", ".join(holders)
        return Conflict(f"a key is held by {ids}", code="undo_key_taken", holders=listed)
    named = [f"{name} ({', '.join(fields)})" for name, fields in _changed(store, waiting)]
    listed = "; ".join(named[:_SHOWN])
    return Conflict(
        f"changed since: {listed}", code="undo_changed", records=listed, count=len(named)
    )


def _holders(store: Store, waiting: Mapping[_Place, Sequence[Part]]) -> Iterator[str]:
    """Yield who took the keys that the batch had freed."""
    for (collection, name), parts in waiting.items():
        freed = parts[0].entity == KEY and parts[0].after is None
        doc = store.get(collection, name) if freed else None
        if doc is not None:
            yield read_key(doc).client_id


def _named(store: Store, holder: str, actor: Actor, within: Settings) -> str:
    for model in (Client, Company):
        doc = store.get(model.collection, holder)
        record = model.model_validate(doc) if doc is not None else None
        if record is not None and can(actor, Operation.READ, record, within=within):
            return f"«{' '.join(record.name.split())}» ({holder})"
    return holder


def _changed(
    store: Store, waiting: Mapping[_Place, Sequence[Part]]
) -> Iterator[tuple[str, list[str]]]:
    for (collection, name), parts in waiting.items():
        yield name, moved_fields(parts[0], store.get(collection, name))
