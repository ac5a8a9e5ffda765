"""Commands of the generator: start, stop, see how far it is; undone like any batch."""

from typing import Annotated, Literal

from pydantic import Field

from kartoteka.domain.access import Operation, can, check
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import check_takes_deals
from kartoteka.domain.errors import Invalid
from kartoteka.domain.generator import GeneratorRun
from kartoteka.domain.guards import DealMove
from kartoteka.domain.ids import BatchId, ClientId, DealId, StaffId, fresh
from kartoteka.domain.model import Lead, Value
from kartoteka.domain.office import Settings
from kartoteka.ports import Order, Query
from kartoteka.services import batches, generator
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_forms import LONGEST_NAME, LONGEST_TEXT
from kartoteka.services.deal_records import act, colleague
from kartoteka.services.deal_rules import rules
from kartoteka.services.office import Desk
from kartoteka.services.segment_view import known_segment
from kartoteka.services.unit import Unit

_MOST_CLIENTS = 5_000
_MOST_SHOWN = 100
_Id = Annotated[str, Field(max_length=200)]


class StartGenerator(Value):
    """Bring clients back: a request or a deal for each, so many a day for each person.

    Clients who are worked with, were spoken to lately, or belong to a colleague who takes no part
    are left alone.
    """

    title: str = Field(min_length=1, max_length=LONGEST_NAME, description="names source and deals")
    segment: str = Field(default="", description="id or name; or name the clients")
    clients: tuple[_Id, ...] = Field(default=(), max_length=_MOST_CLIENTS)
    make: Literal["lead", "deal"] = "lead"
    pipeline: str = ""
    deal_type: str = Field(default="", max_length=LONGEST_NAME)
    owners: tuple[_Id, ...] = Field(
        default=(), max_length=200, description="staff ids; empty: everybody who takes leads"
    )
    per_day: int = Field(default=10, ge=1, le=100)
    quiet_days: int = Field(default=30, ge=0, le=3_650)
    note: str = Field(default="", max_length=LONGEST_TEXT)


class OneRun(Value):
    """A run of the generator."""

    run: _Id


class ListRuns(Value):
    """Show the runs of the generator."""


class Runs(Value):
    """Runs, the newest first."""

    runs: tuple[GeneratorRun, ...]


def start(desk: Desk, actor: Actor, form: StartGenerator, cause: str) -> GeneratorRun:
    """Return the run behind its first portion; every minute it looks whether it may go on.

    Raises:
        NotAllowed: the actor makes no records in bulk, or may not know of the segment.
        Invalid: neither segment nor clients, nobody to give to, or a stage that asks for more.
    """
    settings = desk.settings()
    check(actor, Operation.IMPORT, Lead if form.make == "lead" else Deal, within=settings)
    run = _begun(desk, actor, form)

    def work(unit: Unit) -> GeneratorRun:
        unit.subject = run.id
        batches.begin(unit, run.batch_id, "generate", actor)
        unit.keep(run)
        return run

    act(desk, actor, cause, work)
    generator.portion(desk, run.id)
    return _stored(desk, run.id)


def stop(desk: Desk, actor: Actor, form: OneRun, cause: str) -> GeneratorRun:
    """Return the run, stopped; what it made stays until its batch is undone.

    Raises:
        NotFound: there is no such run. NotAllowed: it is not the actor's to stop.
    """

    def work(unit: Unit) -> GeneratorRun:
        run = unit.need(GeneratorRun, form.run)
        check(actor, Operation.CHANGE, run, within=desk.settings(), now=unit.now)
        if run.state != "running":
            return run
        stopped = run.model_copy(update={"state": "stopped", "next_at": None, "done_at": unit.now})
        unit.keep(stopped)
        return stopped

    return act(desk, actor, cause, work)


def listed(desk: Desk, actor: Actor, _form: ListRuns, _cause: str) -> Runs:
    """Return the runs that the actor may see, with how many records each made and whom it left."""
    query = Query(GeneratorRun.collection, (), (Order("at", descending=True),), limit=_MOST_SHOWN)
    found = (GeneratorRun.model_validate(hit.doc) for hit in desk.store.query(query))
    settings, now = desk.settings(), desk.now()
    seen = (it for it in found if can(actor, Operation.READ, it, within=settings, now=now))
    return Runs(runs=tuple(seen))


def _begun(desk: Desk, actor: Actor, form: StartGenerator) -> GeneratorRun:
    settings = desk.settings()
    if bool(form.segment) == bool(form.clients):
        raise Invalid(
            "a segment or clients", fields={"segment": "generator_whom"}, code="generator_whom"
        )
    segment = known_segment(actor, settings, form.segment).id if form.segment else ""
    return GeneratorRun(
        id=fresh("gn"),
        batch_id=BatchId(fresh("bt")),
        actor=actor,
        title=form.title.strip(),
        segment=segment,
        clients=tuple(ClientId(name) for name in dict.fromkeys(form.clients)),
        make=form.make,
        pipeline=_pipeline(desk, settings, actor, form),
        deal_type=form.deal_type.strip(),
        owners=_owners(settings, form),
        per_day=form.per_day,
        quiet_days=form.quiet_days,
        note=form.note,
        at=desk.now(),
        next_at=desk.now(),
    )


def _owners(settings: Settings, form: StartGenerator) -> tuple[StaffId, ...]:
    named = tuple(colleague(settings, name, "owners").id for name in dict.fromkeys(form.owners))
    found = named or tuple(it.id for it in settings.staff if it.active and it.takes_leads)
    if not found:
        raise Invalid("nobody to give to", fields={"owners": "required"}, code="generator_nobody")
    return found


def _pipeline(desk: Desk, settings: Settings, actor: Actor, form: StartGenerator) -> str:
    """Return where the records begin; of deals the first stage must ask for no more than is given.

    Raises:
        NotFound: there is no such pipeline. Invalid: it takes no such records.
    """
    office = settings.office
    if form.make == "lead":
        line = office.pipeline(form.pipeline) if form.pipeline else office.leads
        if line.kind != "lead" or not line.active:
            raise Invalid("no leads", fields={"pipeline": "kind"}, code="generator_pipeline")
        return line.id
    flow = rules(settings, form.pipeline or office.deals.id, actor)
    check_takes_deals(flow.pipeline)
    now = desk.now()
    blank = Deal(
        id=DealId("dl_trial"),
        client_id=ClientId("cl_trial"),
        name=form.title,
        pipeline=flow.pipeline.id,
        stage=flow.pipeline.first.id,
        stage_entered_at=now,
        owner_id=StaffId(actor.id),
        deal_type=form.deal_type.strip(),
        note=form.note,
        created_at=now,
        updated_at=now,
    )
    flow.check_in(blank, DealMove(to=flow.pipeline.first.id), now)
    return flow.pipeline.id


def _stored(desk: Desk, run_id: str) -> GeneratorRun:
    return GeneratorRun.model_validate(desk.store.get(GeneratorRun.collection, run_id))


GENERATOR_COMMANDS: Registry = {
    "generator.list": Command("show how far the generator's runs are", ListRuns, listed),
    "generator.start": Command("bring old clients back, some a day", StartGenerator, start),
    "generator.stop": Command("stop a run of the generator", OneRun, stop),
}
