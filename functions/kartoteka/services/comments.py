"""Words of a colleague in a client's timeline."""

from pydantic import Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import ActivityId, StaffId, fresh
from kartoteka.domain.model import Activity, Client, Value
from kartoteka.domain.office import Settings
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_records import act
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit

_LONGEST = 20_000


class CommentClient(Value):
    """Write a comment into a client's timeline."""

    client: str
    text: str = Field(min_length=1, max_length=_LONGEST)


def comment(desk: Desk, actor: Actor, form: CommentClient, cause: str) -> Activity:
    """Return the comment in the timeline; whoever reads the client may comment.

    Raises:
        NotFound: there is no such client. NotAllowed: the client is somebody else's.
    """
    name = fresh("ac")

    def work(unit: Unit) -> Activity:
        return commented(unit, desk.settings(), form, name)

    return act(desk, actor, cause, work)


def commented(unit: Unit, settings: Settings, form: CommentClient, name: str) -> Activity:
    """Return the comment `name`, kept by the caller's unit; see `comment`."""
    client = unit.need(Client, form.client)
    check(unit.actor, Operation.READ, client, within=settings, now=unit.now)
    unit.subject = client.id
    return unit.add(
        Activity(
            id=ActivityId(name),
            what="note",
            client_id=client.id,
            lead_id=client.open_lead_id,
            staff_id=StaffId(unit.actor.id) if unit.actor.is_person else None,
            at=unit.now,
            text=form.text[:_LONGEST],
            manual=True,
        )
    )


COMMENT_COMMANDS: Registry = {
    "client.comment": Command("write a comment into a client's timeline", CommentClient, comment),
}
