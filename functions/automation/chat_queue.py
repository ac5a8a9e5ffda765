"""What follows from a chat waits in a queue: each plan is one task, asked twice or not."""

from automation.chat_rules import HearTeam, SendLetter, ShowChat, ShowMessage
from kartoteka.domain.ids import derived
from kartoteka.ports import QueuedTask
from kartoteka.services import chat_sending
from kartoteka.services.office import Desk

ROOM = "room"  # one at a time: a group takes twenty posts a minute
_SHOW = "/automation/task/room"
_HEAR = "/automation/task/team"


def ask(desk: Desk, plan: SendLetter | ShowMessage | ShowChat | HearTeam) -> None:
    """Hand the plan to its queue.

    Raises:
        Transient: the queue does not answer; the drain is repeated.
    """
    match plan:
        case SendLetter(activity_id):
            chat_sending.hand_over(desk, activity_id)
        case HearTeam(inbound_id):
            _ask(desk, _HEAR, {"inbound": inbound_id})
        case ShowMessage(activity_id, what, key):
            _show(desk, {"activity": activity_id, "what": what, "key": key})
        case ShowChat(chat_id, what, key):
            _show(desk, {"chat": chat_id, "what": what, "key": key})


def _show(desk: Desk, payload: dict[str, str]) -> None:
    """Ask for a showing, if the team has a room."""
    if desk.settings().office.room is not None:
        _ask(desk, _SHOW, payload)


def _ask(desk: Desk, path: str, payload: dict[str, str]) -> None:
    name = derived("room", path, *payload.values())
    desk.tasks.enqueue(QueuedTask(ROOM, name, path, payload))
