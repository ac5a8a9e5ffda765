"""Two cards become one: the older record stays, blanks are filled, lists are united."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

from kartoteka.domain import identity
from kartoteka.domain.catalogue import Company
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
C = TypeVar("C", bound=Client | Company)
_CUSTOM = "fields."
ALL_OTHERS = "*"  # a choice for every field that is not chosen by its name
_IN_WORK = "in_work"  # set by the first act of a person, so it asks nobody


def survivor_first(one: C, other: C) -> tuple[C, C]:
    """Return the two cards, the one that stays first: the older, then the smaller id."""
    left, right = sorted((one, other), key=lambda card: (card.created_at, card.id))
    return left, right


def keys_of(client: Client) -> list[str]:
    """Return the identity keys a client's card lists."""
    return identity.keys(client.phones, client.emails, client.messengers)


def conflicts(survivor: C, loser: C) -> list[str]:
    """Return the fields that both cards fill differently, custom ones as `fields.<id>`."""
    left, right = _answers(survivor), _answers(loser)
    return [name for name in left if name in right and left[name] != right[name]]


def merged(survivor: C, loser: C, prefer: Mapping[str, str], now: datetime) -> C:
    """Return the card that both become; `prefer` names per field, or for `*`, whose value stands.

    Raises:
        Invalid: a field filled differently is not chosen (`merge_choose`), or a choice names
            neither card.
    """
    _check_choices(survivor, loser, prefer)
    left, right = _answers(survivor), _answers(loser)
    usual = prefer.get(ALL_OTHERS)
    theirs = {name for name in right if prefer.get(name, usual) == loser.id}
    chosen = left | {name: right[name] for name in right if name not in left or name in theirs}
    plain = {name: value for name, value in chosen.items() if not name.startswith(_CUSTOM)}
    custom = {
        name.removeprefix(_CUSTOM): value
        for name, value in chosen.items()
        if name.startswith(_CUSTOM)
    }
    update = {
        **_of_client(survivor, loser),
        **plain,
        **_united(survivor, loser),
        "fields": {**survivor.fields, **loser.fields, **custom},
        "updated_at": now,
    }
    return cast("C", survivor.model_copy(update=update))


def _of_client(survivor: C, loser: C) -> dict[str, Any]:
    """Return what only clients have and what follows rules of its own."""
    if not isinstance(survivor, Client) or not isinstance(loser, Client):
        return {}
    return {
        "segment": _IN_WORK if _IN_WORK in {survivor.segment, loser.segment} else "new",
        "open_lead_id": survivor.open_lead_id or loser.open_lead_id,
        "last_touch": _latest(survivor.last_touch, loser.last_touch),
    }


def redirect(loser: C, survivor: C, now: datetime) -> C:
    """Return what stays of the other record: where it lives on."""
    update: dict[str, object] = {"merged_into": survivor.id, "updated_at": now}
    if isinstance(loser, Client):
        update |= {"open_lead_id": None, "open_deal_ids": ()}
    return cast("C", loser.model_copy(update=update))


def check_living(card: C) -> None:
    """Refuse a card that became part of another one.

    Raises:
        Invalid: `record_merged`, with where it lives on.
    """
    if card.merged_into is not None:
        raise Invalid(
            f"{card.kind} {card.id} was merged into {card.merged_into}",
            fields={card.kind: "merged"},
            code="record_merged",
        )


def _check_choices(survivor: C, loser: C, prefer: Mapping[str, str]) -> None:
    known = {ALL_OTHERS, *_scalars(survivor), *_answers(survivor), *_answers(loser)}
    wrong = {
        f"prefer.{name}": "merge_choice"
        for name, client_id in prefer.items()
        if name not in known or client_id not in {survivor.id, loser.id}
    }
    if wrong:
        raise Invalid(
            f"choose between {survivor.id} and {loser.id} for fields of the card",
            fields=wrong,
            code="merge_choice",
        )
    open_ones = [name for name in conflicts(survivor, loser) if name not in prefer]
    if open_ones and ALL_OTHERS not in prefer:
        raise Invalid(
            f"both cards fill {', '.join(open_ones)}: choose whose value stands",
            fields={f"prefer.{name}": "merge_choose" for name in open_ones},
            code="merge_choose",
            names=", ".join(open_ones),
        )


def _scalars(card: C) -> list[str]:
    fields = type(card).model_fields.items()
    return [name for name, field in fields if name not in _OWN_RULE and field.default != ()]


def _answers(card: C) -> dict[str, Any]:
    """Return the single values that a card fills; a stand-in for a name fills nothing."""
    defaults = {name: type(card).model_fields[name].default for name in _scalars(card)}
    found = {name: getattr(card, name) for name in defaults}
    filled = {name: value for name, value in found.items() if value not in {defaults[name], ""}}
    if filled.get("segment") == _IN_WORK:
        del filled["segment"]
    if isinstance(card, Client) and card.name in {*card.phones, *card.emails, *card.messengers}:
        filled.pop("name", None)
    custom = {f"{_CUSTOM}{name}": value for name, value in card.fields.items()}
    return filled | {name: value for name, value in custom.items() if value not in (None, "")}


def _united(survivor: C, loser: C) -> dict[str, tuple[Any, ...]]:
    lists = (n for n, field in type(survivor).model_fields.items() if field.default == ())
    return {n: tuple(dict.fromkeys((*getattr(survivor, n), *getattr(loser, n)))) for n in lists}


def _latest(one: Touch | None, other: Touch | None) -> Touch | None:
    if one is None or other is None:
        return one or other
    return other if other.at > one.at else one
