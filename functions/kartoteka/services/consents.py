"""Who agreed to be written to and who wants no more: one record per address, asked when it counts.

The record is found by a hash of the address, so it outlives the client's card and keeps nothing
of the person.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.instant import read, spell
from kartoteka.domain.mailing import BY_HAND, FOR_GOOD, AddressWish, Medium, wish_id
from kartoteka.domain.model import Client, Value
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.merge import follow
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

_SHOWN = ("consent_at", "evidence", "stopped_at", "why")
_MARK = "mailing_consents"  # the checkpoint: up to which form consents were taken over
_CHECKPOINTS = "checkpoints"
_PORTION = 100
_LATE = timedelta(days=2)  # a form may be delivered so long after it was filled in
_MOST = 2_000  # forms in one go; the next go takes the rest


class SetConsent(Value):
    """Write down what a client said about letters and messages to many."""

    client: Id
    medium: Literal["mail", "sms"]
    evidence: str = Field(
        default=BY_HAND,
        pattern=r"^[a-z0-9_:-]{1,100}$",
        description="where it was said: a code such as paper_form_17",
    )


class ShowConsent(Value):
    """Ask what is known of a client's wishes."""

    client: Id


class Wish(Value):
    """What is known of one address of a client."""

    medium: Medium
    address: str
    consent_at: AwareDatetime | None = None
    evidence: str = ""
    stopped_at: AwareDatetime | None = None
    why: str = ""


class Wishes(Value):
    """What is known of each address of a client."""

    id: str
    addresses: tuple[Wish, ...]


def give(desk: Desk, actor: Actor, form: SetConsent, cause: str) -> Wishes:
    """Return the client's wishes, with this consent to all addresses of the medium.

    Raises:
        NotAllowed: the client is somebody else's. Invalid: there is no address of the medium.
    """
    return _said(desk, actor, form, cause, agreed=True)


def stop(desk: Desk, actor: Actor, form: SetConsent, cause: str) -> Wishes:
    """Return the client's wishes: nothing more is sent to the addresses of the medium.

    Raises:
        NotAllowed: the client is somebody else's. Invalid: there is no address of the medium.
    """
    return _said(desk, actor, form, cause, agreed=False)


def shown(desk: Desk, actor: Actor, form: ShowConsent, cause: str) -> Wishes:
    """Return what is known of each address of the client.

    Raises:
        NotAllowed: the actor does not see the client's addresses.
    """

    def work(unit: Unit) -> Wishes:
        client = follow(unit, form.client)
        for field in ("emails", "phones"):
            check(unit.actor, Operation.READ, client, field=field, within=desk.settings())
        return _wishes(unit, client)

    return transact(desk.store, actor, cause, desk.now(), work=work)


def addresses_of(client: Client, medium: Medium) -> tuple[str, ...]:
    """Return the client's addresses of a medium, the first the usual one."""
    return client.emails if medium == "mail" else client.phones if medium == "sms" else ()


def agree(unit: Unit, place: tuple[str, str], evidence: str, at: datetime) -> None:
    """Keep that the person behind (medium, address) agreed; an older word changes nothing."""
    wish = _wish(unit, *place)
    if wish.consent_at is None or wish.consent_at < at:
        changed = wish.model_copy(update={"consent_at": at, "evidence": evidence})
        unit.keep(changed, shown=_SHOWN)


def refuse(unit: Unit, place: tuple[str, str], why: str, at: datetime) -> None:
    """Keep that nothing is sent to (medium, address) any more; what is for good stays so."""
    wish = _wish(unit, *place)
    if wish.stopped and (wish.why == why or why not in FOR_GOOD):
        return
    unit.keep(wish.model_copy(update={"stopped_at": at, "why": why}), shown=_SHOWN)


def agreed(store: Store, medium: Medium, addresses: Sequence[str]) -> set[str]:
    """Return which of these addresses agreed and did not take it back."""
    names = {wish_id(medium, address): address for address in addresses}
    docs = store.get_many(AddressWish.collection, list(names))
    found = {name: AddressWish.model_validate(doc) for name, doc in docs.items()}
    return {names[name] for name, it in found.items() if it.consent_at and not it.stopped}


def collect(desk: Desk) -> int:
    """Take over consents given in forms whose version the office lists; return how many forms.

    What was taken over is remembered, so a broken-off run goes on where it was.
    """
    versions = desk.settings().office.mailing.consents
    if not versions:
        return 0
    forms = _new_forms(desk.store)
    for at in range(0, len(forms), _PORTION):
        portion = forms[at : at + _PORTION]
        _take_over(desk, portion, versions)
        _remember(desk, portion[-1].at)
    return len(forms)


def _new_forms(store: Store) -> list[Inbound]:
    """Return the oldest forms that came since the last time, and a little before."""
    mark = store.get(_CHECKPOINTS, _MARK)
    where: tuple[Where, ...] = (Where("what", "==", Kind.FORM.value),)
    if mark is not None:
        since = read(str(mark["position"])) - _LATE
        where += (Where("at", ">=", spell(since)),)
    found = store.query(Query(Inbound.collection, where, (Order("at", descending=True),)))
    ids = list(deque((hit.id for hit in found), maxlen=_MOST))
    docs = store.get_many(Inbound.collection, ids)
    return [Inbound.model_validate(docs[name]) for name in reversed(ids) if name in docs]


def _remember(desk: Desk, moment: datetime) -> None:
    mark = {"position": spell(moment), "at": spell(desk.now())}
    desk.store.run(lambda tx: tx.put(_CHECKPOINTS, _MARK, mark))


def _take_over(desk: Desk, forms: Iterable[Inbound], versions: tuple[str, ...]) -> None:
    told = [(form, form.fields.get("consent", "").partition(";")[0].strip()) for form in forms]

    def work(unit: Unit) -> None:
        unit.subject = _MARK
        for form, version in told:
            if version in versions:
                for place in _places(form):
                    agree(unit, place, f"form:{form.id}", form.at)

    transact(desk.store, SYSTEM, "consents", desk.now(), work=work)


def _places(form: Inbound) -> Iterable[tuple[str, str]]:
    yield from (("mail", address) for address in form.sender.emails)
    yield from (("sms", phone) for phone in form.sender.phones)


def _said(desk: Desk, actor: Actor, form: SetConsent, cause: str, *, agreed: bool) -> Wishes:
    def work(unit: Unit) -> Client:
        client = follow(unit, form.client)
        unit.subject = client.id
        check(unit.actor, Operation.CHANGE, client, within=desk.settings())
        found = addresses_of(client, form.medium)
        if not found:
            code = "consent_no_address"
            raise Invalid("no address of this kind", fields={"medium": code}, code=code)
        for place in ((form.medium, address) for address in found):
            if agreed:
                agree(unit, place, form.evidence, unit.now)
            else:
                refuse(unit, place, BY_HAND, unit.now)
        return client

    client = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return transact(desk.store, actor, cause, desk.now(), work=lambda unit: _wishes(unit, client))


def _wishes(unit: Unit, client: Client) -> Wishes:
    places: list[tuple[Medium, str]] = [("mail", it) for it in client.emails]
    places += [("sms", it) for it in client.phones]
    told = (_told(_wish(unit, *place), *place) for place in places)
    return Wishes(id=client.id, addresses=tuple(told))


def _told(wish: AddressWish, medium: Medium, address: str) -> Wish:
    known = wish.model_dump(include={"consent_at", "evidence", "stopped_at", "why"})
    return Wish(medium=medium, address=address, **known)


def _wish(unit: Unit, medium: str, address: str) -> AddressWish:
    name = wish_id(medium, address)
    return unit.find(AddressWish, name) or AddressWish(id=name)


CONSENT_COMMANDS: Registry = {
    "consent.give": Command("a client agreed to letters or messages to many", SetConsent, give),
    "consent.show": Command("what a client's addresses agreed to", ShowConsent, shown),
    "consent.stop": Command("write to a client's addresses no more", SetConsent, stop),
}
