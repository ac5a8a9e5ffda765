"""How a deal goes through its stages: each stay is logged, each step carries what proved it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kartoteka.domain import fields, guards
from kartoteka.domain.change import Actor, Backed
from kartoteka.domain.deal import Deal, Payment, Visit
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.guards import DealMove, Way
from kartoteka.domain.ids import ActivityId
from kartoteka.domain.model import NextAction, Role, Value
from kartoteka.domain.pipeline import Pipeline, Proof, Stage
from kartoteka.domain.worktime import Delay, WorkTime

_USUAL_DUE = Delay(work_days=1)
_HEADS = {Role.HEAD, Role.DIRECTOR, Role.ADMIN}


class Step(Value):
    """One entry into a stage: by whom, when, on what proof."""

    by: str
    at: datetime
    evidence: str = ""


@dataclass(frozen=True)
class DealRules:
    """The rules of one pipeline in one office's working time."""

    pipeline: Pipeline
    hours: WorkTime
    specs: tuple[FieldSpec, ...] = ()  # the office's own fields
    also: tuple[str, ...] = ()  # further roles of who acts

    def stage(self, deal: Deal) -> Stage:
        """Return the stage the deal is on."""
        return self.pipeline.stage(deal.stage)

    def enter(self, deal: Deal, stage: Stage, step: Step) -> Deal:
        """Return the deal on `stage`: the last stay ended, a new one begun, its action set."""
        action = self._action(stage, step.at)
        visit = Visit(
            stage=stage.id,
            pipeline=self.pipeline.id,
            entered_at=step.at,
            by=step.by,
            evidence=step.evidence,
        )
        return deal.model_copy(
            update={
                "pipeline": self.pipeline.id,
                "stage": stage.id,
                "state": stage.state,
                "stage_entered_at": step.at,
                "stage_version": deal.stage_version + 1,
                "stage_log": (*_left(deal.stage_log, step.at), visit),
                "next_action": action,
                "next_at": action.due_at if action else None,
                "won_at": step.at if stage.state == "won" else None,
                "locked": stage.state == "won" and bool(deal.payments),
                "last_call_id": None,
                "wait_until": None,
                "wake_at": None,
                "reason": "",
                "reason_note": "",
                "updated_at": step.at,
            }
        )

    def by_hand(self, deal: Deal, move: DealMove, actor: Actor, now: datetime) -> Deal:
        """Return the deal where a person wants it; the same deal when it is there already.

        Raises:
            NotAllowed: other hands hold it, the way is closed, or a proof is missing.
            Invalid: the stage asks for fields, a reason, a note or a wake date.
        """
        here, there = self.stage(deal), self.pipeline.stage(move.to)
        if here.id == there.id:
            return deal
        if guards.is_open(deal):
            guards.check_work(deal, here, actor, self.also)
        way = Way(here=here, there=there)
        guards.check_loop(deal, actor, now)
        guards.check_out(deal, way, move, actor)
        self.check_in(deal, move, now)
        return self._explained(self._proved(deal, way, actor, now), there, move)

    def check_in(self, deal: Deal, move: DealMove, now: datetime) -> None:
        """Refuse a stage that asks for what is not there: of its own or of the office's fields.

        Raises:
            Invalid, NotAllowed: see `guards.check_in` and `fields.check_required`.
        """
        there = self.pipeline.stage(move.to)
        guards.check_in(deal, there, move, now)
        fields.check_required(self.specs, Deal.kind, deal.fields, (self.pipeline, there))

    def into(
        self, deal: Deal, move: DealMove, actor: Actor, *, source: Stage, now: datetime
    ) -> Deal:
        """Return a deal of another pipeline in this one.

        It enters the first stage, or the last open one it had here; a head may choose another.

        Raises:
            NotAllowed: the stage is a head's choice, or a closed deal is reopened by nobody else.
            Invalid: this pipeline takes no deals, or the stage asks for something.
        """
        guards.check_loop(deal, actor, now)
        check_takes_deals(self.pipeline)
        if guards.is_open(deal):
            guards.check_work(deal, source, actor, self.also)
        else:
            guards.check_reopen(source, actor)
        there = self._entrance(deal, move, actor)
        self.check_in(deal, move.model_copy(update={"to": there.id}), now)
        way = Way(here=there, there=there)
        return self._explained(self._proved(deal, way, actor, now), there, move)

    def _entrance(self, deal: Deal, move: DealMove, actor: Actor) -> Stage:
        usual = self._last_open(deal) or self.pipeline.first
        there = self.pipeline.stage(move.to) if move.to else usual
        if actor.is_person and there.id != usual.id and actor.role not in _HEADS:
            raise NotAllowed(
                f"{there.id} is entered from its own pipeline", code="stage_by_head", there=usual
            )
        return there

    def restore(self, deal: Deal, actor: Actor, now: datetime) -> Deal:
        """Return a closed or sleeping deal on its last open stage; any other deal as it is.

        The log keeps the earlier stays, so that this is a re-entry and not a new deal.
        """
        here = self.stage(deal)
        if not guards.is_open(deal):
            guards.check_reopen(here, actor)
        elif here.needs_wake:
            guards.check_work(deal, here, actor, self.also)
        else:
            return deal
        there = self._last_open(deal) or self.pipeline.first
        return self.enter(deal, there, Step(by=name_of(actor), at=now, evidence="restored"))

    def paid(self, deal: Deal, payment: Payment, actor: Actor) -> Deal:
        """Return the deal with the money counted once; paid in full, it goes where its stage says.

        Raises:
            Invalid: the same reference came with another amount.
        """
        known = next((item for item in deal.payments if item.reference == payment.reference), None)
        if known is not None:
            return _same_payment(deal, known, payment)
        total = deal.paid_minor + payment.amount_minor
        update = {
            "payments": (*deal.payments, payment),
            "paid_minor": total,
            "evidence": deal.evidence | {Proof.PAYMENT.value: payment.reference},
            "updated_at": payment.at,
        }
        paid = deal.model_copy(update=update)
        target = self.stage(deal).on_paid
        if not target or not 0 < deal.amount_minor <= total:
            return paid
        step = Step(by=actor.id, at=payment.at, evidence=Proof.PAYMENT.value)
        return self.enter(
            paid.model_copy(update={"locked": True}), self.pipeline.stage(target), step
        )

    def _proved(self, deal: Deal, way: Way, actor: Actor, now: datetime) -> Deal:
        basis = guards.proofs(deal, way)
        call = deal.last_call_id if Proof.CALL in basis else None
        words = [f"call:{call}" if item is Proof.CALL else item.value for item in basis]
        if isinstance(actor, Backed):
            words.append(f"approval:{actor.approval_id}")
        used = (*deal.used_calls, call) if call else deal.used_calls
        step = Step(by=name_of(actor), at=now, evidence=" ".join(words))
        return self.enter(deal.model_copy(update={"used_calls": used}), way.there, step)

    def _explained(self, deal: Deal, there: Stage, move: DealMove) -> Deal:
        update: dict[str, object] = {}
        if there.needs_reason:
            update = {"reason": move.reason.strip(), "reason_note": move.note.strip()}
        if there.needs_wake and move.wake_at is not None:
            wake = self.hours.add_minutes(move.wake_at, 0)
            action = NextAction(what="wake", due_at=wake)
            update |= {"wake_at": wake, "next_action": action, "next_at": wake}
        return deal.model_copy(update=update)

    def _action(self, stage: Stage, now: datetime) -> NextAction | None:
        if stage.state in {"won", "lost"}:
            return None
        due = self.hours.add(now, stage.due or _USUAL_DUE)
        return NextAction(what=stage.action or "decide", due_at=due)

    def _last_open(self, deal: Deal) -> Stage | None:
        for visit in reversed(deal.stage_log):
            if visit.pipeline not in {"", self.pipeline.id}:
                continue
            stage = next((item for item in self.pipeline.stages if item.id == visit.stage), None)
            if stage is not None and stage.state in {"open", "ongoing"} and not stage.needs_wake:
                return stage
        return None


def check_takes_deals(pipeline: Pipeline) -> None:
    """Refuse a pipeline of leads, or one that is switched off.

    Raises:
        Invalid: names the field.
    """
    if pipeline.kind == "lead" or not pipeline.active:
        raise Invalid(
            f"pipeline {pipeline.id} takes no deals",
            fields={"pipeline": "takes_no_deals"},
            code="pipeline_takes_no_deals",
            pipeline=pipeline,
        )


def name_of(actor: Actor) -> str:
    """Return who entered a stage, as the log keeps it: a staff id, or `rule:<id>` and the like."""
    return actor.id if actor.is_person else f"{actor.kind}:{actor.id}"


def called(deal: Deal, call_id: ActivityId, started_at: datetime) -> Deal:
    """Return the deal with a call that may prove a step: of this stage, not used before."""
    if started_at <= deal.stage_entered_at or call_id in deal.used_calls:
        return deal
    return deal.model_copy(update={"last_call_id": call_id})


def touched(deal: Deal, at: datetime) -> Deal:
    """Return the deal with a real touch; an older one than the last changes nothing."""
    if deal.last_touch_at is not None and deal.last_touch_at >= at:
        return deal
    return deal.model_copy(update={"last_touch_at": at})


def chance(deal: Deal, stage: Stage) -> int:
    """Return the per cent of winning: a person's word, else the stage's; closed is 100 or 0."""
    if not guards.is_open(deal) or deal.probability is None:
        return stage.probability
    return deal.probability


def entries(deal: Deal, stage_id: str) -> int:
    """Return how often the deal entered this stage of its pipeline: above 1, it came back."""
    return sum(
        visit.stage == stage_id and visit.pipeline in {"", deal.pipeline}
        for visit in deal.stage_log
    )


def time_in(deal: Deal, stage_id: str, now: datetime) -> timedelta:
    """Return how long the deal stood on this stage, all stays together."""
    stays = (
        max(timedelta(), (visit.left_at or now) - visit.entered_at)
        for visit in deal.stage_log
        if visit.stage == stage_id and visit.pipeline in {"", deal.pipeline}
    )
    return sum(stays, timedelta())


def _left(log: tuple[Visit, ...], now: datetime) -> tuple[Visit, ...]:
    if not log:
        return ()
    return (*log[:-1], log[-1].model_copy(update={"left_at": now}))


def _same_payment(deal: Deal, known: Payment, again: Payment) -> Deal:
    if known.amount_minor != again.amount_minor:
        raise Invalid(
            f"payment {known.reference!r} came with another amount",
            fields={"amount_minor": "differs"},
            code="payment_differs",
        )
    return deal
