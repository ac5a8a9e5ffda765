"""What of a person is forgotten: the same rules for records and for what the log says of them.

Kept are the facts of money and work: amounts, dates, stages, who did what, ids. Everything typed
by or about the person goes. A field that is not named here stays.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from kartoteka.domain.approval import Approval
from kartoteka.domain.change import Change, Part
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.duplicates import read_key
from kartoteka.domain.history import KEY
from kartoteka.domain.inbound import Inbound, Person
from kartoteka.domain.mail import Outgoing
from kartoteka.domain.mailing import Recipient
from kartoteka.domain.model import Activity, Client, Lead, Task
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.proposal import Proposal
from kartoteka.domain.sales_paper import SalesPaper

_Rule = Callable[[Any, str], Any]  # (what is stored, what stands for the name) -> what stays
_Doc = Mapping[str, Any]


def _name(_: Any, stand_in: str) -> Any:
    return stand_in


def _empty(value: Any, _: str) -> Any:
    """Return the empty value of the same type; None stays None."""
    return None if value is None else type(value)()


def _no_person(_: Any, __: str) -> Any:
    return Person().model_dump(mode="json")


def _bare_source(value: Any, _: str) -> Any:
    """Return a source without what the visitor's browser told."""
    if value is None:
        return None
    return value | {"page": "", "referrer": "", "utm": {}}


def _bare_call(value: Any, _: str) -> Any:
    if value is None:
        return None
    return value | {"client_number": "", "recording_url": "", "recording_copy": ""}


def _bare_message(value: Any, _: str) -> Any:
    return None if value is None else value | {"wordings": [], "said": "", "quoted": ""}


def _bare_order(value: Any, _: str) -> Any:
    """Return an order with its goods and sums, without who buys and where it goes."""
    return None if value is None else value | {"comment": "", "delivery": "", "company": None}


def _bare_receipts(value: Any, _: str) -> Any:
    """Return receipts without their pages, which name the buyer."""
    return None if value is None else [it | {"link": ""} for it in value]


def _bare_event(value: Any, _: str) -> Any:
    return None if value is None else value | {"fact": _bare_call(value["fact"], "")}


_CARD: dict[str, _Rule] = {
    "name": _name,
    "company": _empty,
    "phones": _empty,
    "emails": _empty,
    "messengers": _empty,
    "tags": _empty,
    "fields": _empty,
}
_NAMING = ("name", "phones", "emails", "messengers", "fields")
_RULES: dict[str, dict[str, _Rule]] = {
    Client.kind: {**_CARD, "has_files": lambda _, __: False},
    Lead.kind: {
        "name": _name,
        "note": _empty,
        "extra": _empty,
        "reason": _empty,
        "first_touch": _bare_source,
        "last_touch": _bare_source,
        "fields": _empty,
    },
    Deal.kind: {
        "name": _name,
        "note": _empty,
        "reason_note": _empty,
        "stage_papers": _empty,
        "receipts": _bare_receipts,
        "fields": _empty,
        "tags": _empty,
        "evidence": lambda value, _: dict.fromkeys(value or {}, "-"),
    },
    Task.kind: {
        "title": _name,
        "phone": _empty,
        "text": _empty,
        "result": _empty,
        "comments": _empty,
    },
    Activity.kind: {
        "text": _empty,
        "call": _bare_call,
        "files": _empty,
        "message": _bare_message,
    },
    Chat.kind: {"peer": _empty, "topic": _empty},
    PaymentFact.kind: {
        "payer_name": _name,
        "payer_phones": _empty,
        "payer_emails": _empty,
        "receipts": _bare_receipts,
    },
    SalesPaper.kind: {"subject": _empty, "text": _empty},
    Approval.kind: {"given": _empty, "words": _empty, "facts": _empty, "reason": _empty},
    Proposal.kind: {"value": _empty},
    Recipient.kind: {"address": _empty, "words": lambda _, __: None},
    Outgoing.kind: {"to": _empty, "subject": _empty, "text": _empty, "files": _empty},
    Inbound.kind: {
        "sender": _no_person,
        "text": _empty,
        "fields": _empty,
        "attachments": _empty,
        "message": lambda _, __: None,
        "mail": lambda _, __: None,
        "order": _bare_order,
        "raw": _empty,
        "call": _bare_event,
        "source": _bare_source,
    },
}


def personal_fields(kind: str) -> frozenset[str]:
    """Return the fields of a kind that are forgotten."""
    return frozenset(_RULES.get(kind, {}))


def forgotten(kind: str, doc: _Doc, stand_in: str) -> dict[str, Any]:
    """Return a record, or the part of one that the log holds, without what was personal."""
    rules = _RULES.get(kind, {})
    return {
        name: rules[name](value, stand_in) if name in rules else value
        for name, value in doc.items()
    }


def secrets(cards: Iterable[_Doc]) -> frozenset[str]:
    """Return the texts that name the person in these states of the card, whole or partial."""
    found = (card.get(name) for card in cards for name in _NAMING)
    return frozenset(text for value in found for text in _texts(value) if text)


def without(change: Change, partner: str, hidden: Container[str]) -> Change:
    """Return a change of a client who was one with the person for a while, without its texts.

    Lists lose them, single values become empty: the same everywhere, so the changes of the
    partner still follow each other.
    """
    parts = (
        part.model_copy(update=_sides(part, partial(_hidden, hidden=hidden)))
        if (part.entity, part.id) == (Client.kind, partner)
        else part
        for part in change.parts
    )
    return change.model_copy(update={"parts": tuple(parts)})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _hidden(value: Any, *, hidden: Container[str]) -> Any:
    if isinstance(value, str):
        return "" if value in hidden else value
    if isinstance(value, Mapping):
        return {name: _hidden(item, hidden=hidden) for name, item in value.items()}
    if isinstance(value, list):
        return [
            _hidden(item, hidden=hidden)
            for item in value
            if not (isinstance(item, str) and item in hidden)
        ]
    return value


def _sides(part: Part, rule: Callable[[Any], Any]) -> dict[str, Any]:
    sides = {"before": part.before, "after": part.after}
    return {name: None if side is None else rule(side) for name, side in sides.items()}


def scrubbed(change: Change, mine: Container[str], stand_in: str) -> Change:
    """Return a change without what was personal in the records `mine`; doing it twice is once.

    Parts about identity keys of these records go whole, as their ids are numbers and addresses.
    """
    kept = scrubbed_keys(change, mine).parts
    parts = tuple(_scrubbed(part, stand_in) if part.id in mine else part for part in kept)
    return change.model_copy(update={"reason": "", "parts": parts})


def scrubbed_keys(change: Change, mine: Container[str]) -> Change:
    """Return a change without what it says of the keys of these clients."""
    kept = tuple(part for part in change.parts if not _is_key_of(part, mine))
    return change.model_copy(update={"parts": kept})


def _is_key_of(part: Part, mine: Container[str]) -> bool:
    if part.entity != KEY:
        return False
    keys = (read_key(side) for side in (part.before, part.after) if side is not None)
    return any(user in mine for key in keys for user in key.users)


def _scrubbed(part: Part, stand_in: str) -> Part:
    rule = partial(forgotten, part.entity, stand_in=stand_in)
    return part.model_copy(update=_sides(part, rule))
