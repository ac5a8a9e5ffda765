"""Stages of a live pipeline changed: names, order, colours, limits; added, and deleted safely.

Ids never change, so records, rules and reports keep pointing at the same stage. A stage is
deleted in three acts: it is marked, so that nothing new is led there; its records move in steps
of at most 200, each a transaction of its own; then it goes. Broken off in between, the same
command goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.domain.consistency import references
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import DealRules, Step, name_of
from kartoteka.domain.errors import Conflict, Invalid
from kartoteka.domain.ladder import Ladder
from kartoteka.domain.model import Lead
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.pipeline import Pipeline, Stage
from kartoteka.domain.worktime import Delay
from kartoteka.ports import Query, Where
from kartoteka.services.next_step import ensure_next
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.settings_edit import Saved, Versioned, edit_office, save_office, warnings
from kartoteka.services.unit import Unit, transact

R = TypeVar("R", Lead, Deal)
STEP = 200  # records that one transaction moves
_ROUNDS = 5  # how often a stage is emptied while others still bring records in
_CLOSED = {"won", "lost"}
_ID = r"^[a-z][a-z0-9_]{0,39}$"


class OneStage(Versioned):
    """A stage of a pipeline, by ids."""

    pipeline: str
    stage: str


class RenameStage(OneStage):
    """Call a stage something else; an empty English name keeps the one there is."""

    name: str = Field(min_length=1, max_length=200)
    name_en: str = Field(default="", max_length=200)


class ColourStage(OneStage):
    """Colour the rows of a stage; an empty colour takes it away."""

    colour: str = Field(pattern=r"^(#[0-9a-fA-F]{6})?$", examples=["#00cc66"])


class LimitStage(OneStage):
    """Set how long a record may stay, and its chance; what is not given stays."""

    idle_days: int | None = Field(default=None, ge=0, le=365)
    due: Delay | None = None
    probability: int | None = Field(default=None, ge=0, le=100)


class ReorderStages(Versioned):
    """Put the stages of a pipeline into another order: every id once."""

    pipeline: str
    order: tuple[str, ...]


class SwitchPipeline(Versioned):
    """Switch a pipeline on, or off: then it takes no new records, and those in it go on."""

    pipeline: str
    active: bool
    message_opens_gate: bool | None = Field(
        default=None, description="a client's message opens a gated stage as a call does"
    )


class AddStage(OneStage):
    """Put a new stage into a pipeline, behind another; `stage` is its id for ever."""

    stage: str = Field(pattern=_ID, examples=["documents_2"])
    name: str = Field(min_length=1, max_length=200)
    name_en: str = Field(default="", max_length=200)
    after: str
    state: Literal["open", "ongoing", "won", "lost"] = "ongoing"
    colour: str = Field(default="", pattern=r"^(#[0-9a-fA-F]{6})?$", examples=["#00cc66"])
    idle_days: int = Field(default=0, ge=0, le=365)
    probability: int = Field(default=0, ge=0, le=100)
    due: Delay | None = None
    leads_to: tuple[str, ...] = ()
    reached_from: tuple[str, ...] = ()


class DeleteStage(OneStage):
    """Take a stage out of a pipeline; its records move to another."""

    move_to: str


def rename(desk: Desk, actor: Actor, form: RenameStage, cause: str) -> Saved:
    """Return what was saved: the stage under its new name."""
    given: dict[str, object] = {"name": form.name}
    update = given | {"name_en": form.name_en} if form.name_en else given
    return _edit(desk, actor, form, update, cause=cause)


def colour(desk: Desk, actor: Actor, form: ColourStage, cause: str) -> Saved:
    """Return what was saved: the stage in its new colour."""
    return _edit(desk, actor, form, {"colour": form.colour}, cause=cause)


def limit(desk: Desk, actor: Actor, form: LimitStage, cause: str) -> Saved:
    """Return what was saved: the stage with its limits."""
    given = {name: getattr(form, name) for name in ("idle_days", "due", "probability")}
    update = {name: value for name, value in given.items() if value is not None}
    return _edit(desk, actor, form, update, cause=cause)


def reorder(desk: Desk, actor: Actor, form: ReorderStages, cause: str) -> Saved:
    """Return what was saved: the pipeline in its new order.

    Raises:
        Invalid: the order leaves a stage out, repeats one or names an unknown one.
    """

    def change(office: Office) -> Office:
        line = office.pipeline(form.pipeline)
        if sorted(form.order) != sorted(stage.id for stage in line.stages):
            known = ", ".join(stage.id for stage in line.stages)
            raise Invalid(
                f"the order must name each of: {known}",
                fields={"order": "every_stage_once"},
                code="settings_order",
                known=known,
            )
        return _with(office, line, tuple(line.stage(name) for name in form.order))

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.pipeline)


def add(desk: Desk, actor: Actor, form: AddStage, cause: str) -> Saved:
    """Return what was saved: the pipeline with one stage more, and advice when it has many.

    Raises:
        Invalid: the id is taken, or a stage it names is unknown.
    """
    given = form.model_dump(exclude={"pipeline", "stage", "after", "reached_from", "expected"})
    fresh = Stage(id=form.stage, **{**given, "name_en": form.name_en or form.name})

    def change(office: Office) -> Office:
        line = office.pipeline(form.pipeline)
        place = line.stages.index(line.stage(form.after)) + 1
        sources = {line.stage(name).id for name in form.reached_from}
        stages = tuple(_leading(stage, fresh.id) if stage.id in sources else stage
                       for stage in line.stages)  # fmt: skip
        return _with(office, line, (*stages[:place], fresh, *stages[place:]))

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=fresh.id)


def switch(desk: Desk, actor: Actor, form: SwitchPipeline, cause: str) -> Saved:
    """Return what was saved: the pipeline on or off; the one where requests start stays on.

    Raises:
        Invalid: requests start there.
    """

    def change(office: Office) -> Office:
        wanted = office.pipeline(form.pipeline)
        if wanted.id == office.leads.id and not form.active:
            raise Invalid(
                f"requests start in {wanted.id}",
                fields={"active": "leads_start_here"},
                code="settings_leads_start",
                pipeline=wanted,
            )
        update: dict[str, object] = {"active": form.active}
        if form.message_opens_gate is not None:
            update["message_opens_gate"] = form.message_opens_gate
        turned = wanted.model_copy(update=update)
        lines = tuple(turned if line.id == wanted.id else line for line in office.pipelines)
        return office.model_copy(update={"pipelines": lines})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.pipeline)


def delete(desk: Desk, actor: Actor, form: DeleteStage, cause: str) -> Saved:
    """Return what was saved, with how many records moved; run again, it goes on.

    Raises:
        Invalid: a rule of another stage still leads there (names it), or the target is not open
            when the stage is, or closed otherwise.
    """
    mark = partial(_marked, form=form)
    expected = None if _is_begun(read_settings(desk.store).office, form) else form.expected
    edit_office(desk, actor, mark, cause=cause, expected=expected)
    settings = read_settings(desk.store)
    mover = _Mover(desk, actor, settings, form, cause)
    moved = 0
    for _ in range(_ROUNDS - 1):
        moved += mover.emptied(Lead) + mover.emptied(Deal)
        try:
            return mover.finished(moved)
        except Conflict:
            continue  # somebody came in meanwhile
    moved += mover.emptied(Lead) + mover.emptied(Deal)
    return mover.finished(moved)


def with_stage(office: Office, place: OneStage, change: Callable[[Stage], Stage]) -> Office:
    """Return the office with one stage as `change` makes it.

    Raises:
        NotFound: there is no such pipeline or stage.
    """
    line = office.pipeline(place.pipeline)
    wanted = line.stage(place.stage)
    edited = change(wanted)
    return _with(office, line, tuple(edited if it is wanted else it for it in line.stages))


def _edit(
    desk: Desk, actor: Actor, form: OneStage, update: dict[str, object], *, cause: str
) -> Saved:
    def change(office: Office) -> Office:
        return with_stage(office, form, lambda stage: stage.model_copy(update=update))

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.stage)


def _with(office: Office, line: Pipeline, stages: tuple[Stage, ...]) -> Office:
    """Return the office with other stages in one pipeline."""
    edited = line.model_copy(update={"stages": stages})
    lines = tuple(edited if other.id == line.id else other for other in office.pipelines)
    return office.model_copy(update={"pipelines": lines})


def _leading(stage: Stage, target: str) -> Stage:
    return stage.model_copy(update={"leads_to": (*stage.leads_to, target)})


def _is_begun(office: Office, form: DeleteStage) -> bool:
    """Return whether the same command was broken off: its own mark is not somebody's change."""
    stages = (
        stage for line in office.pipelines if line.id == form.pipeline for stage in line.stages
    )
    return any(stage.id == form.stage and stage.moves_to == form.move_to for stage in stages)


def _marked(office: Office, form: DeleteStage) -> Office:
    line = office.pipeline(form.pipeline)
    leaving, target = line.stage(form.stage), line.stage(form.move_to)
    same = leaving.state == target.state or not {leaving.state, target.state} & _CLOSED
    if leaving.id == target.id or not same or target.moves_to:
        raise Invalid(
            f"records of {leaving.id} cannot move to {target.id}",
            fields={"move_to": "other_state"},
            code="settings_move_to",
            here=leaving,
            there=target,
        )
    for stage in line.stages:
        for path, name in references(stage):
            if name == leaving.id and path[0] != "leads_to" and stage.id != leaving.id:
                raise _still_named(f"{line.id}.{stage.id}.{path[0]}", leaving)
    stages = tuple(
        stage.model_copy(update={"moves_to": target.id})
        if stage.id == leaving.id
        else _not_leading(stage, leaving.id)
        for stage in line.stages
    )
    return _with(office, line, stages)


def _still_named(where: str, stage: Stage) -> Invalid:
    return Invalid(
        f"{where} names {stage.id}: let it lead elsewhere first",
        fields={where: "reference"},
        code="settings_still_named",
        where=where,
        here=stage,
    )


def _not_leading(stage: Stage, target: str) -> Stage:
    left = tuple(name for name in stage.leads_to if name != target)
    return stage if left == stage.leads_to else stage.model_copy(update={"leads_to": left})


def _without(office: Office, form: DeleteStage) -> Office:
    line = office.pipeline(form.pipeline)
    left = tuple(stage for stage in line.stages if stage.id != form.stage)
    gone = office.selling.papers_of(line.id, form.stage)
    papers = tuple(paper for paper in office.selling.papers if paper not in gone)
    selling = office.selling.model_copy(update={"papers": papers})
    return _with(office.model_copy(update={"selling": selling}), line, left)


@dataclass(frozen=True, slots=True)
class _Mover:
    """Takes the records of a stage to another, in the name of who deletes it."""

    desk: Desk
    actor: Actor
    settings: Settings
    form: DeleteStage
    cause: str

    def emptied(self, kind: type[R]) -> int:
        """Return how many records left, moved step by step until the stage is empty."""
        moved = 0
        while count := self._stepped(kind):
            moved += count
        return moved

    def finished(self, moved: int) -> Saved:
        """Return what was saved: the stage is gone, and was empty at that moment.

        Raises:
            Conflict: a record came in since it was emptied.
        """
        office = edit_office(
            self.desk,
            self.actor,
            lambda office: _without(office, self.form),
            cause=self.cause,
            first=self._check_empty,
        )
        return Saved(
            id=self.form.stage, version=office.updated_at, moved=moved, warnings=warnings(office)
        )

    def _check_empty(self, unit: Unit) -> None:
        left = len(unit.search(Lead, self._here(Lead, 1)))
        left += len(unit.search(Deal, self._here(Deal, 1)))
        if left:
            raise Conflict(f"a record came to {self.form.stage} meanwhile", code="stale")

    def _here(self, kind: type[R], limit: int) -> Query:
        place = Where("pipeline", "==", self.form.pipeline), Where("stage", "==", self.form.stage)
        return Query(kind.collection, place, limit=limit)

    def _stepped(self, kind: type[R]) -> int:
        def work(unit: Unit) -> int:
            found = unit.search(kind, self._here(kind, STEP))
            unit.apart = True
            unit.subject = found[0].id if found else self.form.stage
            for record in found:
                unit.save(ensure_next(unit, self.settings, self._moved(record, unit)))
            return len(found)

        return transact(self.desk.store, self.actor, self.cause, self.desk.now(), work=work)

    def _moved(self, record: R, unit: Unit) -> R:
        office = self.settings.office
        line = office.pipeline(self.form.pipeline)
        there = line.stage(self.form.move_to)
        kept = {name: getattr(record, name) for name in ("reason", "wake_at", "wait_until")}
        if isinstance(record, Deal):
            kept |= {"reason_note": record.reason_note, "won_at": record.won_at}
            step = Step(by=name_of(unit.actor), at=unit.now)
            return DealRules(line, office.work).enter(record, there, step).model_copy(update=kept)
        return Ladder(line, office.work).enter(record, there, unit.now).model_copy(update=kept)
