"""Deals read with every check and written with what hangs on them: the client's open deals."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from kartoteka.domain import guards
from kartoteka.domain.access import Operation, check, check_fields
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Client, Staff
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.repeat import sign_of
from kartoteka.ports import Query, Where
from kartoteka.services.deal_forms import OneDeal
from kartoteka.services.deal_rules import rules_of
from kartoteka.services.fresh import check_fresh
from kartoteka.services.invoice_settling import settle
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

T = TypeVar("T")
_BEFORE = ("lost", "ongoing", "open")


def act(desk: Desk, actor: Actor, cause: str, work: Callable[[Unit], T]) -> T:
    """Return what `work` returns, committed; the consumers of the log are woken."""
    result = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return result


def held(unit: Unit, settings: Settings, form: OneDeal, operation: Operation) -> Deal:
    """Return the deal that a form names, if its actor may do this with it.

    Raises:
        NotFound: there is none. NotAllowed: the policy forbids it.
        Conflict: somebody changed it since the caller read it.
    """
    deal = unit.need(Deal, form.deal)
    check(unit.actor, operation, deal, within=settings, now=unit.now)
    check_fresh(deal, deal.updated_at, form.expected)
    unit.subject = deal.client_id or deal.id
    return deal


def edit(
    desk: Desk,
    actor: Actor,
    form: OneDeal,
    change: Callable[[Unit, Deal], Deal],
    *,
    cause: str,
    fields: Iterable[str],
) -> Deal:
    """Return the deal as `change` makes it, after every check of an edit of these fields.

    Raises:
        NotAllowed: other hands hold the deal, it is locked, or a field is closed to the actor.
        Invalid: its stage would lose what it asked for.
    """

    def work(unit: Unit) -> Deal:
        deal = held(unit, desk.settings(), form, Operation.CHANGE)
        check_fields(actor, deal, fields, desk.settings())
        flow = rules_of(desk.settings(), deal, actor)
        stage = flow.stage(deal)
        guards.check_work(deal, stage, actor, flow.also)
        edited = change(unit, deal)
        check_kept(deal, edited, stage)
        if edited.model_copy(update={"updated_at": deal.updated_at}) == deal:
            return deal
        return unit.save(edited.model_copy(update={"updated_at": unit.now}))

    return act(desk, actor, cause, work)


def check_kept(before: Deal, after: Deal, stage: Stage) -> None:
    """Refuse an edit that empties what the deal's stage has asked for."""
    lacked = guards.missing(before, stage)
    gone = tuple(item for item in guards.missing(after, stage) if item not in lacked)
    guards.check_filled(stage, gone)


def keep(unit: Unit, before: Deal, after: Deal) -> Deal:
    """Save a deal that moved; its client hears when it closed or came back, invoices of money."""
    if after is before:
        return before
    if guards.is_open(before) != guards.is_open(after):
        client = unit.find(Client, after.client_id)
        if client is not None:
            unit.save(with_deal(client, after))
    if before.payments != after.payments:
        settle(unit, after)
    return unit.save(after)


def with_deal(client: Client, deal: Deal, **also: object) -> Client:
    """Return the client with the deal among the open ones, or not; a win makes it a client.

    `also` are further fields that change with it.
    """
    others = tuple(deal_id for deal_id in client.open_deal_ids if deal_id != deal.id)
    segment = client.segment
    if guards.is_open(deal):
        others = (deal.id, *others)
        segment = "in_work" if segment == "new" else segment
    elif deal.state == "won" and segment in {"new", "in_work", "returned"}:
        segment = "client"
    update = {"open_deal_ids": others, "segment": segment, "updated_at": deal.updated_at}
    return client.model_copy(update={**update, **also})


def sign(unit: Unit, client: Client | None, *, known: bool = False) -> str:
    """Return first, repeat (the client has bought before) or repeat_inquiry (asked before).

    `known` spares the second question when the answer is known.
    """
    if client is None:
        return "first"
    of_client = Where("client_id", "==", client.id)
    won = Query("deals", (of_client, Where("state", "==", "won")), limit=1)
    if unit.search(Deal, won):
        return sign_of(bought=True, known=True)
    other = Query("deals", (of_client, Where("state", "in", _BEFORE)), limit=1)
    return sign_of(bought=False, known=known or bool(unit.search(Deal, other)))


def colleague(settings: Settings, staff_id: str, field: str) -> Staff:
    """Return an active person of the office.

    Raises:
        Invalid: the person is unknown or has left.
    """
    person = settings.person(staff_id)
    if person is None or not person.active:
        raise Invalid(
            f"nobody here is {staff_id!r}", fields={field: "staff_unknown"}, code="staff_unknown"
        )
    return person
