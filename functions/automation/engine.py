"""Drain the change log: decide what follows from each change, then do it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from automation import (
    chat_queue,
    chat_timers,
    deal_timers,
    digest_round,
    mailings,
    notice_queue,
    owner_notices,
    planning,
    recordings,
    sla_timers,
    task_timers,
    timers,
)
from automation.actions.after_win import after_win
from automation.actions.ask_heads import ask_heads
from automation.actions.call_back import call_back
from automation.actions.stage_tasks import enter_stage
from automation.actions.steps import finish_call_backs, finish_steps
from automation.actions.tell_of_order import tell_of_order
from automation.approvals import carry_out
from automation.chat_rules import HearTeam, SendLetter, ShowChat, ShowMessage, WatchChat
from automation.office_rules import slots
from automation.office_rules.deciding import decide as office_rules
from automation.rules import (
    AfterWin,
    AskHeads,
    AskProvider,
    CallBack,
    CarryOut,
    Deliver,
    EnterStage,
    FinishCallBacks,
    FinishSteps,
    Planned,
    PlanTimer,
    TellOfOrder,
    TellOwner,
    WatchDeal,
    WatchTask,
    decide,
)
from automation.sla_rules import PLANS
from kartoteka.domain.change import Actor, ActorKind, Change
from kartoteka.domain.model import Timer
from kartoteka.services import generator, loads, mail_delivery, order_return, payment_check
from kartoteka.services.consume import Drained, drain, lagging
from kartoteka.services.firings import hand_over_late
from kartoteka.services.office import Desk
from kartoteka.services.wake import CONSUMERS

_BATCH = 200
_MOST = 4_000  # a call of the queue may last ten minutes; this is well under one
_ACTOR = Actor(kind=ActorKind.RULE, id="follow_up")
_Action = Callable[[Desk, Any, Actor, str], None]
_ACTIONS: Mapping[type[object], _Action] = {
    AskHeads: ask_heads,
    CallBack: call_back,
    CarryOut: carry_out,
    Deliver: notice_queue.deliver,
    EnterStage: enter_stage,
    FinishCallBacks: finish_call_backs,
    FinishSteps: finish_steps,
    TellOfOrder: tell_of_order,
    recordings.CopyRecording: recordings.ask,
}


def run(desk: Desk) -> Drained:
    """Return how far the log was worked off; what is left gets a drain of its own."""
    done = drain(
        desk, "automation", lambda changes: _handle(desk, changes), batch=_BATCH, most=_MOST
    )
    if done.more:
        desk.waker.ask(CONSUMERS["automation"])
    return done


def tick(desk: Desk) -> dict[str, int]:
    """Heal what a crash or an outage left: late timers, consumers that lag."""
    fired = timers.fire_late(desk)
    late = lagging(desk.store, [*CONSUMERS])
    for name in late:
        desk.waker.ask(CONSUMERS[name])
    letters = mail_delivery.hand_over_late(desk)
    orders = order_return.hand_over_late(desk)
    planning.plan(desk, slots.planned(desk))
    firings = hand_over_late(desk)
    done = {"letters": letters, "orders": orders, "mailings": mailings.tick(desk)}
    done["firings"] = firings
    done["digests"] = digest_round.run(desk)
    done["generated"] = generator.run_due(desk)
    return {"fired": fired, "lagging": len(late), **done}


def _handle(desk: Desk, changes: Sequence[Change]) -> None:
    settings = desk.settings()
    waiting, limits = [], []
    for change in changes:
        for plan in decide(change, settings):
            if isinstance(plan, PlanTimer):
                waiting.append(plan.timer)
            elif isinstance(plan, PLANS):
                limits.append(plan)
            else:
                waiting += _act(desk, plan, f"change:{change.id}")
    waiting += sla_timers.follow(desk, limits, _ACTOR)
    planning.plan(desk, [*waiting, *office_rules(desk, changes)])
    mailings.hear(desk, changes)
    loads.recount(desk.store, loads.concerned(changes, settings), desk.now())


def _act(desk: Desk, plan: Planned, cause: str) -> list[Timer]:
    """Do it and return the timers that follow: those of a batch are planned together."""
    action = _ACTIONS.get(type(plan))
    if action is not None:
        action(desk, plan, _ACTOR, cause)
        return []
    match plan:
        case AskProvider() | SendLetter() | ShowMessage() | ShowChat() | HearTeam():
            _hand_over(desk, plan)
        case AfterWin() | PlanTimer() | TellOwner() | WatchChat() | WatchDeal() | WatchTask():
            return _wanted(desk, plan, cause)
    return []


def _hand_over(
    desk: Desk, plan: AskProvider | SendLetter | ShowMessage | ShowChat | HearTeam
) -> None:
    """Give to a queue what needs somebody outside."""
    if isinstance(plan, AskProvider):
        payment_check.hand_over(desk, plan.payment_id, plan.asked)
    else:
        chat_queue.ask(desk, plan)


def _wanted(
    desk: Desk,
    plan: AfterWin | PlanTimer | TellOwner | WatchChat | WatchDeal | WatchTask,
    cause: str,
) -> list[Timer]:
    match plan:
        case PlanTimer():
            return [plan.timer]
        case AfterWin():
            return after_win(desk, plan, _ACTOR, cause)
        case TellOwner():
            return owner_notices.tell_owner(desk, plan, _ACTOR, cause)
        case WatchChat():
            return chat_timers.watch(desk, plan.chat_id, _ACTOR, cause)
        case WatchDeal():
            return deal_timers.limits_of(desk, plan.deal_id)
        case WatchTask():
            return task_timers.timers_of(desk, plan.task_id)
