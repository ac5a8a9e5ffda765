"""Every night: open leads and deals without a next action get one, and the heads hear of it."""

from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from typing import TypeVar

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Rejected
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.model import Lead, Notice
from kartoteka.domain.next_step import OPEN
from kartoteka.log import log
from kartoteka.ports import Order, Query, Where
from kartoteka.services import (
    consents,
    exchange_sessions,
    loads,
    log_marks,
    repeatable,
    settings_days,
)
from kartoteka.services.next_step import ensure_next
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact
from kartoteka.services.wake import CONSUMERS

R = TypeVar("R", Lead, Deal)
_ACTOR = Actor(kind=ActorKind.RULE, id="nightly")


def run(desk: Desk) -> dict[str, int]:
    """Return how many records were repaired, and how many could not be: their stage is gone.

    Counts who has had their share of leads too: a day has left the month that quotas look back.
    The days off of the office's country are looked up, as they may have been moved.
    """
    leads, bad_leads = _repair(desk, Lead)
    deals, bad_deals = _repair(desk, Deal)
    limited = [person.id for person in desk.settings().staff if person.active and person.quota]
    loads.recount(desk.store, limited, desk.now())
    settings_days.refresh(desk)
    counts = {"leads": leads, "deals": deals, "unrepaired": bad_leads + bad_deals}
    if any(counts.values()):
        _tell_heads(desk)
        desk.waker.after_commit()
    consents.collect(desk)
    desk.waker.ask(CONSUMERS["segments"])  # a day has passed for questions about time
    log_marks.mark(desk)
    old = {
        "sessions": exchange_sessions.throw_away_old(desk),
        "api_answers": repeatable.throw_away_old(desk),
    }
    log("info", event="nightly", **old, **counts)
    return counts


def _repair(desk: Desk, model: type[R]) -> tuple[int, int]:
    outcomes = Counter(_repaired(desk, model, name) for name in _unplanned(desk, model))
    return outcomes[True], outcomes[False]


def _unplanned(desk: Desk, model: type[R]) -> Iterator[str]:
    """Yield the open records with nothing planned: null is first in the order of time.

    Each is met once: the pages go on behind the last record, whether or not it was repaired.
    """
    where = (Where("state", "in", tuple(sorted(OPEN))),)
    found = desk.store.query(Query(model.collection, where, (Order("next_at"),)))
    return (hit.id for hit in takewhile(lambda hit: hit.doc["next_at"] is None, found))


def _repaired(desk: Desk, model: type[R], record_id: str) -> bool:
    def work(unit: Unit) -> bool:
        record = unit.need(model, record_id)
        unit.subject = record.client_id or record.id
        fixed = unit.save(ensure_next(unit, desk.settings(), record))
        return fixed.next_at is not None or fixed.state not in OPEN

    try:
        return transact(desk.store, _ACTOR, "nightly", desk.now(), work=work)
    except Rejected as exc:
        log("error", event="nightly_unrepaired", record=record_id, code=exc.code)
        return False


def _tell_heads(desk: Desk) -> None:
    def work(unit: Unit) -> None:
        for head in desk.settings().heads():
            name = derived("no", "nightly", head.id, f"{unit.now:%Y-%m-%d}")
            unit.save(
                Notice(id=name, staff_id=StaffId(head.id), code="notice_repaired", at=unit.now)
            )

    transact(desk.store, _ACTOR, "nightly", desk.now(), work=work)
