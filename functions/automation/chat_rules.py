"""What follows from changes of chats, as plans: send, show to the team, hear the team, watch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from kartoteka.domain.batch import is_undo
from kartoteka.domain.change import Change, Part
from kartoteka.services.chat_intake import TEAM
from kartoteka.services.postings import CAUSE as TO_MANY

TEAM_CAUSE = "team:"  # and the id of what was heard: such words are in the room already
_LOST = {"failed", "unsure"}
_Doc = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class SendLetter:
    """A message of ours waits for its provider."""

    activity_id: str


@dataclass(frozen=True, slots=True)
class ShowMessage:
    """The team has to see a message, or what became of it; `key` names this one showing."""

    activity_id: str
    what: str  # new, edited, deleted, failed
    key: str


@dataclass(frozen=True, slots=True)
class ShowChat:
    """The team has to see who has a chat now, or that it was closed or opened."""

    chat_id: str
    what: str  # owner, state
    key: str


@dataclass(frozen=True, slots=True)
class HearTeam:
    """Somebody of the team said something."""

    inbound_id: str


@dataclass(frozen=True, slots=True)
class WatchChat:
    """A client began to wait, or somebody else has the turn."""

    chat_id: str


Planned: TypeAlias = SendLetter | ShowMessage | ShowChat | HearTeam | WatchChat


def follow(part: Part, change: Change) -> list[Planned]:
    """Return what must follow from a changed record; of most kinds, nothing."""
    if is_undo(change.cause):
        return []
    if part.entity == "activity":
        return _of_activity(part, change)
    if part.entity == "chat":
        return _of_chat(part, change)
    return _of_inbound(part) if part.entity == "inbound" else []


def _of_activity(part: Part, change: Change) -> list[Planned]:
    """Return what must follow from a new or changed message."""
    before, after = part.before, part.after or {}
    told = after.get("message")
    if not isinstance(told, Mapping):
        return []
    if before is None:
        planned: list[Planned] = []
        if told.get("state") == "queued":
            planned.append(SendLetter(part.id))
        if not change.cause.startswith((TEAM_CAUSE, TO_MANY)):
            planned.append(ShowMessage(part.id, "new", change.id))
        return planned
    was = before.get("message")
    what = _news(was if isinstance(was, Mapping) else {}, told)
    return [ShowMessage(part.id, what, change.id)] if what else []


def _news(was: _Doc, now: _Doc) -> str:
    if now.get("deleted_at") and not was.get("deleted_at"):
        return "deleted"
    if was.get("wordings") != now.get("wordings"):
        return "edited"
    lost = now.get("state") in _LOST and now.get("state") != was.get("state")
    return "failed" if lost else ""


def _of_chat(part: Part, change: Change) -> list[Planned]:
    """Return what must follow from a change of who has a chat, or who waits in it."""
    after = part.after or {}
    planned: list[Planned] = []
    if after.get("waiting_since") or "spell" in after:
        planned.append(WatchChat(part.id))
    if part.before is None:
        return planned
    by_team = change.cause.startswith(TEAM_CAUSE)
    if after.get("owner_id") and part.before.get("owner_id") and not by_team:
        planned.append(ShowChat(part.id, "owner", change.id))
    if "state" in after:
        planned.append(ShowChat(part.id, "state", change.id))
    return planned


def _of_inbound(part: Part) -> list[Planned]:
    """Return that the team was heard."""
    heard = part.before is None and (part.after or {}).get("why") == TEAM
    return [HearTeam(part.id)] if heard else []
