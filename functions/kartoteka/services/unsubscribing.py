"""A reader of a text to many wants no more: known by the unguessable end of the address."""

import re

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import NotFound
from kartoteka.domain.mailing import Recipient
from kartoteka.services import posting_ends
from kartoteka.services.consents import UNSUBSCRIBED
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_TOKEN = re.compile(r"rc_[0-9a-f]{32}")
_ACTOR = Actor(kind=ActorKind.SYSTEM, id="unsubscribe")


def reader_of(desk: Desk, token: str) -> str:
    """Return the name of the office that wrote.

    Raises:
        NotFound: nobody was written to with this address.
    """
    if not _TOKEN.fullmatch(token) or desk.store.get(Recipient.collection, token) is None:
        raise NotFound("there is no such address", code="address_unknown")
    return desk.settings().office.name


def unsubscribe(desk: Desk, token: str) -> None:
    """Keep that the reader wants no more; saying it twice is harmless.

    Raises:
        NotFound: nobody was written to with this address.
    """

    def work(unit: Unit) -> None:
        recipient = unit.need(Recipient, token)
        if recipient.unsubscribed_at is None:
            posting_ends.unsubscribed(unit, recipient, UNSUBSCRIBED, unit.now)

    transact(desk.store, _ACTOR, "unsubscribe", desk.now(), work=work)
    desk.waker.after_commit()
