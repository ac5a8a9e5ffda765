"""Who acts: people of the office as actors."""

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Settings


def actor(person: Staff, settings: Settings | None = None) -> Actor:
    """Return the person as an actor, with the built-in role that theirs is or comes from.

    Stages and guards go by that role; the policy goes by all roles that the settings name. Without
    settings it is the person's role as it is spelled.
    """
    role = str(person.role)
    if settings is not None:
        role = settings.office.base_role(role)
    return Actor(kind=ActorKind.STAFF, id=person.id, role=role)


def actor_by_email(settings: Settings, email: str) -> Actor:
    """Return the active person behind an address as an actor.

    Raises:
        NotAllowed: nobody here has this address.
    """
    person = settings.by_email(email)
    if person is None:
        raise NotAllowed("nobody of the office has this address", code="stranger")
    return actor(person, settings)
