"""Who acts: people of the office as actors."""

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Settings


def actor(person: Staff) -> Actor:
    """Return the person as an actor, with the role that decides what they may do."""
    return Actor(kind=ActorKind.STAFF, id=person.id, role=str(person.role))


def actor_by_email(settings: Settings, email: str) -> Actor:
    """Return the active person behind an address as an actor.

    Raises:
        NotAllowed: nobody here has this address.
    """
    person = settings.by_email(email)
    if person is None:
        raise NotAllowed("nobody of the office has this address", code="stranger")
    return actor(person)
