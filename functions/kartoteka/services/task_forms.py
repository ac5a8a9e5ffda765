"""What a person may ask of a task, field by field; instants with a zone, a bare date is 18:00."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from kartoteka.domain.model import Value
from kartoteka.domain.next_step import NextStep
from kartoteka.domain.tasks_rules import LONGEST_COMMENT

_ID = 200
_LONGEST_TITLE = 1_000
_LONGEST_TEXT = 20_000
_LONGEST_RULE = 200
_MOST_WATCHERS = 50

Due = AwareDatetime | date
Id = Annotated[str, Field(max_length=_ID)]
Priority = Annotated[int, Field(ge=1, le=3, description="3 is the highest")]


class CreateTask(Value):
    """Give somebody a task; it belongs to a lead, a deal or a client, or is personal."""

    title: str = Field(min_length=1, max_length=_LONGEST_TITLE)
    what: Literal["call", "letter", "meeting", "delivery", "other"] = "other"
    due: Due
    lead: Id = ""
    deal: Id = ""
    client: Id = ""
    personal: bool = False
    assignee: Id = Field(default="", description="staff id; yourself if empty")
    watchers: tuple[Id, ...] = Field(default=(), max_length=_MOST_WATCHERS)
    priority: Priority = 2
    text: str = Field(default="", max_length=_LONGEST_TEXT)
    needs_review: bool = False
    parent: Id = ""
    repeats: str = Field(default="", max_length=_LONGEST_RULE, description="RRULE")
    reminders: tuple[int, ...] | None = Field(
        default=None, description="minutes before; a day, half an hour and the moment itself"
    )


class OneTask(Value):
    """A task; `expected` is its `updated_at` as the caller saw it, to refuse a stale edit."""

    task: Id
    expected: AwareDatetime | None = None


class EditTask(OneTask):
    """Change fields of a task; a field that is not given stays, an empty parent frees it."""

    title: str | None = Field(default=None, min_length=1, max_length=_LONGEST_TITLE)
    due: Due | None = None
    assignee: Id | None = None
    watchers: tuple[Id, ...] | None = Field(default=None, max_length=_MOST_WATCHERS)
    priority: Priority | None = None
    text: str | None = Field(default=None, max_length=_LONGEST_TEXT)
    needs_review: bool | None = None
    parent: Id | None = None
    repeats: str | None = Field(default=None, max_length=_LONGEST_RULE)
    reminders: tuple[int, ...] | None = None


class FinishTask(OneTask):
    """Finish a task; the last one of an open lead or deal asks what is next."""

    result: str = Field(default="", max_length=_LONGEST_TEXT)
    next: NextStep | None = None


class AcceptTask(OneTask):
    """Find finished work good."""

    next: NextStep | None = None


class ReturnTask(OneTask):
    """Give finished work back to be done better."""

    reason: str = Field(max_length=_LONGEST_TEXT)


class CancelTask(OneTask):
    """Take a task back, with its subtasks; a series ends here."""

    reason: str = Field(default="", max_length=_LONGEST_TEXT)
    next: NextStep | None = None


class CommentTask(OneTask):
    """Add words to a task, or correct your own; the first words stay in the record."""

    text: str = Field(max_length=LONGEST_COMMENT)
    replaces: int | None = Field(default=None, ge=0, description="place of your comment")
