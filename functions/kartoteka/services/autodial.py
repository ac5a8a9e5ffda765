"""A segment called by a machine outside: who orders it, and each portion posted in its turn; F20.

A portion has the same id however often it is posted, and so has each call in it: a dialler that
keeps to that calls nobody twice, whatever crashes. What came of a call comes back by the channel
`call`, marked as a robot's, and stands in the client's history.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from kartoteka.domain.access import Level, Operation, Sight, can, check, level_of
from kartoteka.domain.autodial import PORTION, DialRun
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.hook_address import is_open
from kartoteka.domain.ids import derived, fresh
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client, Value
from kartoteka.domain.office import Settings
from kartoteka.domain.portrait import is_counted
from kartoteka.domain.quiet_hours import next_open, zone_of
from kartoteka.domain.segment import Member
from kartoteka.hook_ports import Hooks
from kartoteka.ports import Doc, Found, Query, QueuedTask, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.consents import agreed
from kartoteka.services.office import Desk
from kartoteka.services.paper_settings import hook_secret
from kartoteka.services.segment_view import known_segment
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

_SHOWN = ("segment_id", "script", "actor", "state", "why", "sent", "skipped", "at", "done_at")
_PAUSE = timedelta(minutes=1)  # between two portions
_QUEUE, _PATH = "messages", "/automation/task/dial"


class StartDialling(Value):
    """Have a machine outside call everybody in a segment who agreed to it."""

    segment: str = Field(min_length=1, max_length=200, description="id or name")
    url: str = Field(pattern=r"^https://[^\s]{3,1000}$", description="address of the dialler")
    script: str = Field(default="", max_length=200, description="what to say, as it calls it")


class StopDialling(Value):
    """Post nothing more; what the dialler has it may still call."""

    run: Id


def start(desk: Desk, actor: Actor, form: StartDialling, cause: str) -> DialRun:
    """Return the order; its first portion goes out at once, or when the quiet hours are over.

    Raises:
        NotAllowed: the actor may not take clients along, or not know of the segment.
        Invalid: webhooks have no secret yet, there is no such segment, or the address is inside.
    """
    settings = desk.settings()
    check(actor, Operation.EXPORT, Client, within=settings)
    if not is_open(form.url):
        raise Invalid("the address is not open", fields={"url": "closed"}, code="dial_address")
    row = known_segment(actor, settings, form.segment)
    if not hook_secret(desk.store):
        raise Invalid("webhooks have no secret", fields={"url": "secret"}, code="rule_no_secret")
    run = DialRun(
        id=fresh("dr"),
        segment_id=row.id,
        url=form.url,
        script=form.script,
        actor=actor,
        at=desk.now(),
    )
    _keep(desk, actor, run, cause)
    _ask(desk, run, desk.now())
    return run


def stop(desk: Desk, actor: Actor, form: StopDialling, cause: str) -> DialRun:
    """Return the order, stopped.

    Raises:
        NotAllowed: the actor may not take clients along. NotFound: there is no such order.
    """
    check(actor, Operation.EXPORT, Client, within=desk.settings())

    def work(unit: Unit) -> DialRun:
        run = unit.need(DialRun, form.run)
        if run.state != "running":
            return run
        unit.subject = run.id
        ended = run.model_copy(update={"state": "stopped", "done_at": unit.now})
        unit.keep(ended, shown=_SHOWN)
        return ended

    return transact(desk.store, actor, cause, desk.now(), work=work)


def deliver(desk: Desk, hooks: Hooks, run_id: str, portion: int) -> str:
    """Post one portion and order the next; return what was done.

    Raises:
        Transient: the dialler does not answer; the queue repeats the same portion.
    """
    doc = desk.store.get(DialRun.collection, run_id)
    run = DialRun.model_validate(doc) if doc is not None else None
    if run is None or run.state != "running" or run.portion != portion:
        return "stale"
    office = desk.settings().office
    opens = next_open(
        desk.now(), office.work.zone, (office.mailing.quiet_from, office.mailing.quiet_to)
    )
    if opens > desk.now():
        _ask(desk, run, opens)
        return "quiet"
    page = _page(desk, run)
    calls = _calls(desk, run, page)
    try:
        if calls:
            _post(desk, hooks, run, calls)
    except NotAllowed as exc:
        failed = {"state": "failed", "why": exc.code or "hook_refused", "done_at": desk.now()}
        _keep(desk, SYSTEM, run.model_copy(update=failed), "dial")
        return "failed"
    return _go_on(desk, run, page, len(calls))


@dataclass(frozen=True, slots=True)
class _Call:
    """One number to call, not before a moment: it is night there."""

    id: str
    phone: str
    not_before: datetime


def _page(desk: Desk, run: DialRun) -> Sequence[Found]:
    where = (Where("segment_id", "==", run.segment_id),)
    query = Query(Member.collection, where, limit=PORTION, after=run.cursor or None)
    return list(desk.store.query(query))


def _calls(desk: Desk, run: DialRun, page: Sequence[Found]) -> list[_Call]:
    """Return whom to call: the first number of each that agreed."""
    ids = [str(hit.doc["client_id"]) for hit in page]
    docs = desk.store.get_many(Client.collection, ids) if ids else {}
    clients = [Client.model_validate(docs[name]) for name in ids if is_counted(docs.get(name))]
    settings, now = desk.settings(), desk.now()
    lent = [client for client in clients if _may_leave(run.actor, client, settings, now)]
    asked = [phone for client in lent for phone in client.phones]
    known = agreed(desk.store, "sms", asked) if asked else set()
    quiet = (settings.office.mailing.quiet_from, settings.office.mailing.quiet_to)
    found = []
    for client in lent:
        phone = next((it for it in client.phones if it in known), "")
        if phone:
            zone = zone_of((phone,), settings.office.work.zone)
            call_id = derived("dc", run.id, client.id)
            found.append(_Call(call_id, phone, next_open(now, zone, quiet)))
    return found


def _may_leave(actor: Actor, client: Client, settings: Settings, now: datetime) -> bool:
    if not can(actor, Operation.EXPORT, client, within=settings, now=now):
        return False
    return level_of(Sight(actor, settings, now), client, "phones") >= Level.READ


def _post(desk: Desk, hooks: Hooks, run: DialRun, calls: Sequence[_Call]) -> None:
    name = f"{run.id}:{run.portion}"
    listed = [{"id": it.id, "phone": it.phone, "not_before": spell(it.not_before)} for it in calls]
    body = json.dumps({"id": name, "script": run.script, "calls": listed}, sort_keys=True).encode()
    digest = hmac.new(hook_secret(desk.store).encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "x-kartoteka-id": name,
        "x-kartoteka-signature": f"sha256={digest}",
    }
    hooks.post(run.url, body, headers)


def _go_on(desk: Desk, run: DialRun, page: Sequence[Found], called: int) -> str:
    more = len(page) == PORTION
    update: dict[str, object] = {
        "portion": run.portion + 1,
        "cursor": page[-1].cursor if page else "",
        "sent": run.sent + called,
        "skipped": run.skipped + len(page) - called,
    }
    update |= {} if more else {"state": "done", "done_at": desk.now()}

    def work(unit: Unit) -> DialRun | None:
        now = unit.need(DialRun, run.id)
        if (now.state, now.portion) != ("running", run.portion):
            return None
        after = run.model_copy(update=update)
        unit.subject = run.id
        unit.keep(after, shown=_SHOWN)
        return after

    after = transact(desk.store, SYSTEM, "dial", desk.now(), work=work)
    if after is not None and more:
        _ask(desk, after, desk.now() + _PAUSE)
    return "posted"


def _keep(desk: Desk, actor: Actor, run: DialRun, cause: str) -> None:
    def work(unit: Unit) -> None:
        unit.subject = run.id
        unit.keep(run, shown=_SHOWN)

    transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()


def _ask(desk: Desk, run: DialRun, due: datetime) -> None:
    name = derived("dial", run.id, str(run.portion), spell(due))
    payload: Doc = {"run": run.id, "portion": run.portion}
    desk.tasks.enqueue(QueuedTask(_QUEUE, name, _PATH, payload, due))


AUTODIAL_COMMANDS: Registry = {
    "dial.start": Command("have a machine call a segment", StartDialling, start),
    "dial.stop": Command("give a dialling machine nothing more", StopDialling, stop),
}
