"""Two clients become one: the older record stays, blanks are filled, lists are united."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kartoteka.domain import identity
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Client, Touch

# Fields with a rule of their own; every other one is united (lists), filled or asked about.
_OWN_RULE = frozenset(
    {
        "id",
        "created_at",
        "updated_at",
        "merged_into",
        "forgotten",
        "open_lead_id",
        "fields",
        "last_touch",
    }
)
_CUSTOM = "fields."
_IN_WORK = "in_work"  # set by the first act of a person, so it asks nobody


def survivor_first(one: Client, other: Client) -> tuple[Client, Client]:
    """Return the two clients, the one that stays first: the older, then the smaller id."""
    left, right = sorted((one, other), key=lambda client: (client.created_at, client.id))
    return left, right


def keys_of(client: Client) -> list[str]:
    """Return the identity keys a client's card lists."""
    return identity.keys(client.phones, client.emails, client.messengers)


def conflicts(survivor: Client, loser: Client) -> list[str]:
    """Return the fields that both clients fill differently, custom ones as `fields.<id>`."""
    left, right = _answers(survivor), _answers(loser)
    return [name for name in left if name in right and left[name] != right[name]]


def merged(survivor: Client, loser: Client, prefer: Mapping[str, str], now: datetime) -> Client:
    """Return the client that both become; `prefer` names per field whose value stands.

    Raises:
        Invalid: a field filled differently is not chosen (`merge_choose`), or a choice names
            neither client.
    """
    _check_choices(survivor, loser, prefer)
    left, right = _answers(survivor), _answers(loser)
    chosen = {
        name: right[name] if name not in left or prefer.get(name) == loser.id else left[name]
        for name in (*left, *(name for name in right if name not in left))
    }
    plain = {name: value for name, value in chosen.items() if not name.startswith(_CUSTOM)}
    custom = {
        name.removeprefix(_CUSTOM): value
        for name, value in chosen.items()
        if name.startswith(_CUSTOM)
    }
    update = {
        "segment": _IN_WORK if _IN_WORK in {survivor.segment, loser.segment} else "new",
        **plain,
        **_united(survivor, loser),
        "fields": {**survivor.fields, **loser.fields, **custom},
        "open_lead_id": survivor.open_lead_id or loser.open_lead_id,
        "last_touch": _latest(survivor.last_touch, loser.last_touch),
        "updated_at": now,
    }
    return survivor.model_copy(update=update)


def redirect(loser: Client, survivor: Client, now: datetime) -> Client:
    """Return what stays of the other record: where it lives on."""
    update = {
        "merged_into": survivor.id,
        "open_lead_id": None,
        "open_deal_ids": (),
        "updated_at": now,
    }
    return loser.model_copy(update=update)


def _check_choices(survivor: Client, loser: Client, prefer: Mapping[str, str]) -> None:
    known = {*_scalars(), *_answers(survivor), *_answers(loser)}
    wrong = {
        f"prefer.{name}": "merge_choice"
        for name, client_id in prefer.items()
        if name not in known or client_id not in {survivor.id, loser.id}
    }
    if wrong:
        raise Invalid(
            f"choose between {survivor.id} and {loser.id} for fields of a client",
            fields=wrong,
            code="merge_choice",
        )
    open_ones = [name for name in conflicts(survivor, loser) if name not in prefer]
    if open_ones:
        raise Invalid(
            f"both clients fill {', '.join(open_ones)}: choose whose value stands",
            fields={f"prefer.{name}": "merge_choose" for name in open_ones},
            code="merge_choose",
            names=", ".join(open_ones),
        )


def _scalars() -> list[str]:
    fields = Client.model_fields.items()
    return [name for name, field in fields if name not in _OWN_RULE and field.default != ()]


def _answers(client: Client) -> dict[str, Any]:
    """Return the single values that a client fills; a stand-in for a name fills nothing."""
    defaults = {name: Client.model_fields[name].default for name in _scalars()}
    found = {name: getattr(client, name) for name in defaults}
    filled = {name: value for name, value in found.items() if value not in {defaults[name], ""}}
    if filled.get("segment") == _IN_WORK:
        del filled["segment"]
    if filled.get("name") in {*client.phones, *client.emails, *client.messengers}:
        del filled["name"]
    custom = {f"{_CUSTOM}{name}": value for name, value in client.fields.items()}
    return filled | {name: value for name, value in custom.items() if value not in (None, "")}


def _united(survivor: Client, loser: Client) -> dict[str, tuple[Any, ...]]:
    lists = (n for n, field in Client.model_fields.items() if field.default == ())
    return {n: tuple(dict.fromkeys((*getattr(survivor, n), *getattr(loser, n)))) for n in lists}


def _latest(one: Touch | None, other: Touch | None) -> Touch | None:
    if one is None or other is None:
        return one or other
    return other if other.at > one.at else one
