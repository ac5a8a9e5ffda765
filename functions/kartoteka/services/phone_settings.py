"""The office's phones: whose cards they hold, whose calls they report, and a look on demand."""

import secrets
from typing import Literal

from pydantic import Field

from kartoteka.domain import identity
from kartoteka.domain.access import check_phone
from kartoteka.domain.card_layout import CardLayout, check_layout
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.domain.ids import StaffId, derived, unguessable
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Role, Staff, Value
from kartoteka.domain.office import Account, Office, Settings
from kartoteka.domain.phone_rules import FULL, PhoneRules, Rule
from kartoteka.i18n import text
from kartoteka.ports import QueuedTask
from kartoteka.services.commands import Command, Registry
from kartoteka.services.deal_records import act
from kartoteka.services.office import Desk, SettingsCache, read_settings
from kartoteka.services.settings_edit import Saved, Versioned, one_of, save_office
from kartoteka.services.unit import Unit

PHONE_LOG = "phone_log"
LOOK_PATH = "/sync/look/contacts"
_QUEUE = "contacts"
_SECRET_BYTES = 32
_VALID = 2  # secrets of an account at once: the new one and the one before
_MOST_FAMILY = 200


class SetPhones(Versioned):
    """Say whose accounts hold the cards and what an edit on a phone means; the rest stays."""

    accounts: Literal["office", "staff"] | None = None
    restore: bool | None = None
    most: int | None = Field(default=None, ge=1, le=FULL)
    recent_days: int | None = Field(default=None, ge=1, le=3650)
    rename: Rule | None = None
    numbers: Rule | None = None
    emails: Rule | None = None


class SetCard(CardLayout, Versioned):
    """Say what the card shows at a call, for a role or (`role` empty) for all others."""


class RemoveCard(Versioned):
    """Let a role see the card that all others see, or the usual one."""

    role: str = ""


class LookAtPhones(Value):
    """Look now at what was edited on the phones; otherwise it is done every ten minutes."""


class ConnectPhone(Value):
    """Let a person's phone report its calls; again: a new secret, the one before stays valid."""

    staff: str = Field(default="", description="staff id; yourself if empty")


class FamilyNumbers(Value):
    """Name the numbers whose calls are nobody's business; they replace those named before."""

    staff: str = Field(default="", description="staff id; yourself if empty")
    numbers: tuple[str, ...] = Field(max_length=_MOST_FAMILY)


def set_phones(desk: Desk, actor: Actor, form: SetPhones, cause: str) -> Saved:
    """Return what was saved: the rules of the phones; cards follow within minutes."""
    given = form.model_dump(exclude={"expected"}, exclude_none=True)

    def change(office: Office) -> Office:
        rules = PhoneRules.model_validate({**office.phones.model_dump(), **given})
        return office.model_copy(update={"phones": rules})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="phones")


def set_card(desk: Desk, actor: Actor, form: SetCard, cause: str) -> Saved:
    """Return what was saved: the layout of a card; cards follow within minutes.

    Raises:
        Invalid: there is no such role, place or part; names the nearest.
    """
    layout = CardLayout.model_validate(form.model_dump(exclude={"expected"}))
    check_layout(layout)
    if layout.role:
        own = (spec.id for spec in desk.settings().office.roles)
        one_of(dict.fromkeys((*Role, *own)), layout.role)
    return _laid(desk, actor, form, layout, cause=cause)


def remove_card(desk: Desk, actor: Actor, form: RemoveCard, cause: str) -> Saved:
    """Return what was saved; removing twice is harmless."""
    return _laid(desk, actor, form, None, cause=cause)


def _laid(
    desk: Desk, actor: Actor, form: SetCard | RemoveCard, layout: CardLayout | None, *, cause: str
) -> Saved:
    def change(office: Office) -> Office:
        others = tuple(it for it in office.phones.cards if it.role != form.role)
        cards = others if layout is None else (*others, layout)
        rules = office.phones.model_copy(update={"cards": cards})
        return office.model_copy(update={"phones": rules})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="card")


def look(desk: Desk, _actor: Actor, _form: LookAtPhones, _cause: str) -> Saved:
    """Return that a look at all phones was asked for; it follows within seconds."""
    now = spell(desk.now())
    desk.tasks.enqueue(QueuedTask(_QUEUE, derived("look", "phones", now), LOOK_PATH))
    return Saved(id="phones")


def connect(desk: Desk, actor: Actor, form: ConnectPhone, cause: str) -> Saved:
    """Return the address token (`id`) and the secret of the person's phone.

    Raises:
        Invalid: there is no such person. NotAllowed: somebody else's phone.
    """
    around = read_settings(desk.store)
    person = _person(around, actor, form.staff)
    secret, name = secrets.token_urlsafe(_SECRET_BYTES), unguessable("phone")

    def work(unit: Unit) -> Account:
        found = phone_of(around, person.id)
        stored = unit.find(Account, found.id) if found else None
        account = stored or _new(around, person, name)
        turned = account.model_copy(
            update={"secrets": (secret, *account.secrets)[:_VALID], "active": True}
        )
        return _kept(unit, turned)

    account = act(desk, actor, cause, work)
    _reread(desk)
    return Saved(id=account.id, secret=secret)


def family(desk: Desk, actor: Actor, form: FamilyNumbers, cause: str) -> Saved:
    """Return what was saved; calls with these numbers are not stored at all.

    Raises:
        Invalid: a number cannot be read, or there is no such person.
        NotFound: the person's phone was never connected. NotAllowed: somebody else's phone.
    """
    around = read_settings(desk.store)
    person = _person(around, actor, form.staff)
    found = phone_of(around, person.id)
    if found is None:
        raise NotFound(f"connect the phone of {person.id} first", code="phone_unconnected")
    numbers = tuple(dict.fromkeys(_number(it, around.office.region) for it in form.numbers))

    def work(unit: Unit) -> Account:
        account = unit.need(Account, found.id)
        return _kept(unit, account.model_copy(update={"ignored": numbers}))

    account = act(desk, actor, cause, work)
    _reread(desk)
    return Saved(id=account.id)


def phone_of(settings: Settings, staff_id: str) -> Account | None:
    """Return the account through which a person's phone reports its calls."""
    accounts = (it for it in settings.accounts if it.channel == PHONE_LOG)
    return next((it for it in accounts if it.owner_id == staff_id), None)


def _person(around: Settings, actor: Actor, staff_id: str) -> Staff:
    active = {person.id: person for person in around.staff if person.active}
    person = one_of({str(name): it for name, it in active.items()}, staff_id or actor.id)
    check_phone(actor, person.id, around)
    return person


def _new(around: Settings, person: Staff, name: str) -> Account:
    title = text("phone_log_title", around.office.locale, name=person.name)
    source = text("phone_log_source", around.office.locale)
    return Account(
        id=name, channel=PHONE_LOG, title=title, source=source, owner_id=StaffId(person.id)
    )


def _kept(unit: Unit, account: Account) -> Account:
    """Keep the account; its secrets and numbers stay out of the change log."""
    unit.subject = account.channel
    unit.keep(account, shown=("channel", "title", "active"))
    return account


def _number(typed: str, region: str) -> str:
    found = identity.phone(typed, region)
    if found is None:
        raise Invalid("no phone", fields={"numbers": "phone_invalid"}, code="phone_invalid")
    return found


def _reread(desk: Desk) -> None:
    if isinstance(desk.settings, SettingsCache):
        desk.settings.forget()


PHONE_COMMANDS: Registry = {
    "phone.connect": Command("let a person's phone report its calls", ConnectPhone, connect),
    "phone.family": Command("name numbers whose calls are private", FamilyNumbers, family),
    "phones.card": Command("say what the card shows at a call", SetCard, set_card),
    "phones.card_remove": Command("take a card's layout back", RemoveCard, remove_card),
    "phones.look": Command("look now at what was edited on phones", LookAtPhones, look),
    "phones.set": Command("say how clients get into the phones", SetPhones, set_phones),
}
