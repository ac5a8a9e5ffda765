"""What a judge reads at the address of a letter, and how their answer becomes the command."""

from dataclasses import dataclass

from pydantic import JsonValue

from kartoteka.domain.approval import WAITING, Approval
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Notice, Staff
from kartoteka.domain.notice_rules import JUDGED
from kartoteka.domain.office import Settings
from kartoteka.domain.visibility import Shown
from kartoteka.services.approval_links import Judging, opened
from kartoteka.services.commands import execute
from kartoteka.services.notice_settings import heard
from kartoteka.services.notice_words import words
from kartoteka.services.office import Desk
from kartoteka.services.people import actor
from kartoteka.services.read import Look
from kartoteka.services.registry import COMMANDS


@dataclass(frozen=True, slots=True)
class Question:
    """An approval as its judge may read it; `state` and `decided_by` say what became of it."""

    approval: str
    judge: Staff
    settings: Settings  # in the judge's language
    lines: tuple[str, ...]
    state: str
    decided_by: str  # name, empty while it waits

    @property
    def waits(self) -> bool:
        """Return whether an answer is still wanted."""
        return self.state == WAITING

    @property
    def who(self) -> Actor:
        """Return the judge with the rights they have by now."""
        return actor(self.judge, self.settings)


def look(desk: Desk, token: str) -> Question:
    """Return what the page of this address shows; nothing is written.

    Raises:
        NotFound: the address is none of ours or over, its person has left or may not read it.
    """
    asked = opened(desk.store, token, desk.now())
    settings = heard(desk, asked.person)
    judge = settings.person(asked.person)
    if judge is None or not judge.active:
        raise NotFound("who was asked has left", code="approval_link_over")
    shown = Look(desk.store, settings, actor(judge, settings), desk.now()).one(
        Approval, asked.approval
    )
    decided = settings.person(str(shown.get("decided_by") or ""))
    return Question(
        approval=asked.approval,
        judge=judge,
        settings=settings,
        lines=words(desk, _notice(desk, asked, shown), judge, settings).lines,
        state=str(shown.get("state")),
        decided_by=decided.name if decided is not None else "",
    )


def answer(desk: Desk, question: Question, *, yes: bool, reason: str) -> None:
    """Say the judge's word by the command that every way uses; said again it is said once.

    Raises:
        Rejected, Conflict: as `approval.decide` refuses.
    """
    given: dict[str, JsonValue] = {"approval": question.approval, "approve": yes, "reason": reason}
    cause = f"letter:{question.approval}"
    execute(COMMANDS, desk, question.who, "approval.decide", given=given, cause=cause)


def _notice(desk: Desk, asked: Judging, shown: Shown) -> Notice:
    return Notice.model_validate(
        {
            "id": asked.approval,
            "staff_id": asked.person,
            "code": JUDGED,
            "approval_id": asked.approval,
            "lead_id": shown.get("lead_id"),
            "deal_id": shown.get("deal_id"),
            "at": desk.now(),
        }
    )
