"""Who is behind identity keys, and what people say about clients that look like one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain import identity
from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.duplicates import MOST_PEOPLE, Key, pair_id, spelling
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import ClientId
from kartoteka.domain.merging import keys_of
from kartoteka.domain.model import Client, Pair
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def holders(unit: Unit, names: Iterable[str], called: str) -> dict[str, str]:
    """Return which client each taken key means.

    A shared key means the one of its people who is called so, otherwise nobody.
    """
    found = unit.key_records(names)
    shared = {name: key for name, key in found.items() if key.shared}
    alone = {name: key.client_id for name, key in found.items() if not key.shared}
    return alone | (_by_name(unit, shared, called) if shared else {})


def take(unit: Unit, names: Sequence[str], client_id: str) -> None:
    """Give a client the free keys, and a place among the people of the shared ones."""
    found = unit.key_records(names)
    unit.claim(names, client_id)
    for name, key in found.items():
        if key.shared and client_id not in key.users and len(key.users) < MOST_PEOPLE:
            unit.hold(name, key.used_by(client_id))


def release(unit: Unit, user: str, names: Iterable[str]) -> None:
    """Take a client or company that will be no more from its keys."""
    for name, key in unit.key_records(names).items():
        if user in key.users:
            unit.hold(name, key.without(user))


def ask(unit: Unit, one: str, other: str, *, why: str) -> bool:
    """Open the question whether two clients are one; False when it was asked before."""
    if unit.find(Pair, pair_id(one, other)) is not None:
        return False
    left, right = sorted((one, other))
    question = Pair(
        id=pair_id(one, other), left=ClientId(left), right=ClientId(right), why=why, at=unit.now
    )
    unit.add(question)
    return True


def distinct(desk: Desk, actor: Actor, question: str, *, cause: str) -> Pair:
    """Return the pair marked as two different people; the keys of both count as used by two.

    Raises:
        NotAllowed: one of the clients is somebody else's.
        Invalid: the clients were merged already.
    """

    def work(unit: Unit) -> Pair:
        pair = unit.need(Pair, question)
        left, right = unit.need(Client, pair.left), unit.need(Client, pair.right)
        for client in (left, right):
            check(actor, Operation.CHANGE, client, within=desk.settings())
        if pair.state == "merged":
            raise Invalid("the clients are one already", code="pair_merged")
        if pair.state == "distinct":
            return pair
        unit.subject = left.id
        both = set(keys_of(left)) & set(keys_of(right))
        for name, key in unit.key_records(sorted(both)).items():
            unit.hold(name, key.used_by(left.id, right.id))
        return unit.save(pair.model_copy(update={"state": "distinct"}))

    pair = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return pair


@dataclass(frozen=True, slots=True)
class Contact:
    """A number or address as a person typed it; `expected` is the version of the client read."""

    client_id: str
    given: str
    expected: datetime | None = None


def add_contact(desk: Desk, actor: Actor, wish: Contact, *, cause: str) -> Client:
    """Return the client with one more number or address.

    One that another client uses is written too: from now on it counts as used by both, and
    people are asked whether the two are one.

    Raises:
        Invalid: neither a number nor an address, or a number of the office.
    """
    settings = desk.settings()
    name = _key_name(wish.given, settings.office.region)
    if name.removeprefix("phone:") in settings.own_numbers():
        raise Invalid("a number of the office", fields={"contact": "own_number"}, code="own_number")

    def work(unit: Unit) -> Client:
        client = unit.need(Client, wish.client_id)
        check(actor, Operation.CHANGE, client, within=desk.settings())
        check_fresh(client, client.updated_at, wish.expected)
        if name in keys_of(client):
            return client
        key = unit.key_records([name]).get(name)
        unit.claim([name], client.id)
        if key is not None and client.id not in key.users:
            unit.hold(name, key.used_by(client.id))
            ask(unit, key.client_id, client.id, why="key")
        unit.subject = client.id
        return unit.save(_listing(client, name).model_copy(update={"updated_at": unit.now}))

    return _kept(desk, actor, cause, work)


def drop_contact(desk: Desk, actor: Actor, wish: Contact, *, cause: str) -> Client:
    """Return the client without a number or address; its key is free again.

    Raises:
        Invalid: the client has no such number or address.
    """
    name = _key_name(wish.given, desk.settings().office.region)

    def work(unit: Unit) -> Client:
        client = unit.need(Client, wish.client_id)
        check(actor, Operation.CHANGE, client, within=desk.settings())
        check_fresh(client, client.updated_at, wish.expected)
        if name not in keys_of(client):
            raise Invalid(
                f"client {client.id} has no such contact",
                fields={"contact": "contact_absent"},
                code="contact_absent",
            )
        release(unit, client.id, [name])
        unit.subject = client.id
        value = name.partition(":")[2]
        update = {
            "phones": tuple(one for one in client.phones if one != value),
            "emails": tuple(one for one in client.emails if one != value),
            "updated_at": unit.now,
        }
        return unit.save(client.model_copy(update=update))

    return _kept(desk, actor, cause, work)


def _kept(desk: Desk, actor: Actor, cause: str, work: Callable[[Unit], Client]) -> Client:
    client = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return client


def _by_name(unit: Unit, shared: dict[str, Key], called: str) -> dict[str, str]:
    wanted = [user for key in shared.values() for user in key.users]
    people = unit.find_many(Client, wanted)
    same = {one.id for one in people.values() if spelling(one.name) == spelling(called)}
    named = {name: [user for user in key.users if user in same] for name, key in shared.items()}
    return {name: found[0] for name, found in named.items() if found}


def _key_name(given: str, region: str) -> str:
    mail = identity.email(given)
    number = None if mail else identity.phone(given, region)
    if mail is None and number is None:
        raise Invalid(
            "neither a telephone number nor an e-mail address",
            fields={"contact": "contact_unreadable"},
            code="contact_unreadable",
        )
    return f"mail:{mail}" if mail else f"phone:{number}"


def _listing(client: Client, name: str) -> Client:
    kind, _, value = name.partition(":")
    field = "phones" if kind == "phone" else "emails"
    return client.model_copy(update={field: (*getattr(client, field), value)})
