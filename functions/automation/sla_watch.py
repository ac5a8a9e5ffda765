"""A limit begins to run: its case is opened and its timer handed over."""

from automation import sla_timers, timers
from automation.sla_rules import AwaitFirst, AwaitMove, AwaitReply
from kartoteka.domain.change import Actor
from kartoteka.services.office import Desk


def begin(desk: Desk, plan: AwaitFirst | AwaitMove | AwaitReply, actor: Actor, cause: str) -> None:
    """Open the case and plan its warning; begun twice is begun once.

    Raises:
        Transient: the queue does not answer; the drain is repeated.
    """
    timers.plan(desk, sla_timers.await_answer(desk, plan, actor, cause))
