"""A reader of a text to many wants no more: known by the unguessable end of the address."""

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.mailing import UNSUBSCRIBED, Recipient
from kartoteka.services import posting_ends
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact
from kartoteka.services.unsubscribe_tokens import recipient_of

_ACTOR = Actor(kind=ActorKind.SYSTEM, id="unsubscribe")


def reader_of(desk: Desk, token: str) -> str:
    """Return the name of the office that wrote.

    Raises:
        NotFound: nobody was written to with this address.
    """
    recipient_of(desk.store, token)
    return desk.settings().office.name


def unsubscribe(desk: Desk, token: str) -> None:
    """Keep that the reader wants no more; saying it twice is harmless.

    Raises:
        NotFound: nobody was written to with this address.
    """
    name = recipient_of(desk.store, token)

    def work(unit: Unit) -> None:
        recipient = unit.need(Recipient, name)
        if recipient.unsubscribed_at is None:
            posting_ends.unsubscribed(unit, recipient, UNSUBSCRIBED, unit.now)

    transact(desk.store, _ACTOR, "unsubscribe", desk.now(), work=work)
    desk.waker.after_commit()
