"""Commands that set chats up: what a provider gave, lines, the team's room, who is who there."""

import hashlib
import secrets
from datetime import timedelta

from pydantic import AwareDatetime, Field, ValidationError

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.chat import LinkCode, LinkTries
from kartoteka.domain.chat_line import ChatLine, TeamRoom, WindowTemplate
from kartoteka.domain.errors import Invalid, NotFound, TooMany
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.model import Staff, Value
from kartoteka.domain.office import Account, Office, Settings
from kartoteka.services.chat_intake import LINK
from kartoteka.services.commands import Command, Registry
from kartoteka.services.notice_settings import started_bot
from kartoteka.services.office import Desk, SettingsCache, read_settings
from kartoteka.services.settings_edit import (
    Saved,
    Versioned,
    edit_part,
    save_office,
    stamped,
    stored_part,
)
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5  # wrong codes of one messenger's user in that time
_CODE_BYTES = 9
_MOST_VALUES = 20
_LONGEST_VALUE = 4_000
# What each provider gives for sending, and for proving that an address is ours.
API_FIELDS = {
    "avito": frozenset({"client_id", "client_secret", "user_id"}),
    "google_chat": frozenset({"client_email", "private_key"}),
    "insales": frozenset({"site", "key", "secret"}),
    "max": frozenset({"token"}),
    "messenger": frozenset({"token", "page_id"}),
    "smsaero": frozenset({"email", "api_key", "sender"}),
    "smsc": frozenset({"login", "password", "api_key", "sender"}),
    "smsru": frozenset({"api_id", "sender"}),
    "smtp": frozenset({"host", "port", "user", "password", "from"}),
    "ses": frozenset({"access_key_id", "secret_access_key", "region", "bucket"}),
    "telegram": frozenset({"token"}),
    "telphin": frozenset({"app_id", "app_secret"}),
    "twilio_sms": frozenset({"account_sid", "token", "sender"}),
    "unisender": frozenset({"api_key", "from", "host"}),
    "viber": frozenset({"token", "name"}),
    "vk": frozenset({"token", "group_id", "confirmation"}),
    "whatsapp": frozenset({"token", "phone_number_id"}),
    "woocommerce": frozenset({"site", "key", "secret"}),
    "yookassa": frozenset({"shop_id", "secret_key"}),
    "zadarma": frozenset({"key"}),
}
_ROOMS = {"google_chat", "telegram"}  # where a team may answer chats
_VALID = 2  # secrets at once


class ConnectAccount(Versioned):
    """Give an account what its provider issued; a field that is not given stays."""

    account: str
    api: dict[str, str] = Field(default_factory=dict, max_length=_MOST_VALUES, repr=False)
    secret: str = Field(default="", max_length=500, repr=False, description="of its signatures")


class SetLine(ChatLine, Versioned):
    """Say how the chats of an account are handed out."""

    account: str


class SetTemplate(Versioned):
    """Name the approved template of a WhatsApp account; without a name there is none."""

    account: str
    name: str = Field(default="", max_length=512, description="as in WhatsApp Manager")
    language: str = Field(default="ru", max_length=6, description="such as ru or en_US")


class SetRoom(Versioned):
    """Name the team's group in Telegram or space in Google Chat; empty: there is none."""

    account: str = ""
    group: str = Field(default="", max_length=100, description="Telegram's id, or spaces/…")


class LinkPerson(Value):
    """Get a one-time code; yourself if nobody is named."""

    person: Id = Field(default="", description="staff id")


class UnlinkPerson(Value):
    """Forget which messenger user a person is."""

    person: Id


class Code(Value):
    """A one-time code: the person sends `/start` with it to the bot, or opens the bot by it."""

    id: str
    code: str
    until: AwareDatetime


def connect(desk: Desk, actor: Actor, form: ConnectAccount, cause: str) -> Saved:
    """Return what was saved; keys and secrets stay out of the log.

    Raises:
        Invalid: there is no such account, or its provider has no such field.
    """

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        _check_fields(account.channel, form.api)
        keys = (form.secret, *account.secrets)[:_VALID] if form.secret else account.secrets
        update = {"api": {**account.api, **form.api}, "secrets": keys}
        turned = stamped(unit, account.model_copy(update=update), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title"))
        return turned

    kept = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


def set_line(desk: Desk, actor: Actor, form: SetLine, cause: str) -> Saved:
    """Return what was saved: the line of the account.

    Raises:
        Invalid: there is no such account, or nobody here is one of the people.
    """
    line = ChatLine.model_validate(form.model_dump(exclude={"account", "expected"}))

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        for name in line.people:
            _person(around, name)
        turned = stamped(unit, account.model_copy(update={"line": line}), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title", "line"))
        return turned

    kept = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


def set_template(desk: Desk, actor: Actor, form: SetTemplate, cause: str) -> Saved:
    """Return what was saved: in which template words go a day after the client's last.

    Raises:
        Invalid: the account is none of WhatsApp, or no template is named so.
    """
    try:
        found = WindowTemplate(name=form.name, language=form.language) if form.name else None
    except ValidationError as exc:
        raise Invalid(
            f"no template is called {form.name!r} in {form.language!r}",
            fields={"name": "template_name"},
            code="template_name",
        ) from exc

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        if account.channel != "whatsapp":
            raise Invalid(
                f"{account.channel} has no templates",
                fields={"account": "template_account"},
                code="template_account",
            )
        turned = stamped(unit, account.model_copy(update={"template": found}), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title", "template"))
        return turned

    kept = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


def set_room(desk: Desk, actor: Actor, form: SetRoom, cause: str) -> Saved:
    """Return what was saved: where the team answers chats.

    Raises:
        Invalid: the account is neither a Telegram bot nor a Google Chat app.
    """
    if form.account:
        known = {it.id: it for it in desk.settings().accounts if it.channel in _ROOMS}
        if form.account not in known or not form.group:
            raise Invalid(
                "name the account of a Telegram bot or a Google Chat app, and the id of the group",
                fields={"account": "room_account"},
                code="room_account",
            )
    room = TeamRoom(account=form.account, group=form.group) if form.account else None

    def change(office: Office) -> Office:
        return office.model_copy(update={"room": room})

    return save_office(desk, actor, change, cause=cause, name="room", expected=form.expected)


def link(desk: Desk, actor: Actor, form: LinkPerson, cause: str) -> Code:
    """Return a code that ties one messenger user to the person, for ten minutes.

    Raises:
        Invalid: nobody here is this person. NotAllowed: it is not you and you set up no people.
    """
    settings = desk.settings()
    person = _person(settings, form.person or actor.id)
    if person.id != actor.id:
        check(actor, Operation.CHANGE, Staff, field="name", within=settings)
    code = LINK + secrets.token_urlsafe(_CODE_BYTES)
    until = desk.now() + CODE_LASTS

    def work(unit: Unit) -> None:
        unit.keep(LinkCode(id=code_id(code), staff_id=person.id, until=until))

    transact(desk.store, actor, cause, desk.now(), work=work)
    return Code(id=person.id, code=code, until=until)


def unlink(desk: Desk, actor: Actor, form: UnlinkPerson, cause: str) -> Saved:
    """Return what was saved: the person has no messenger here any more."""

    def change(unit: Unit, around: Settings) -> Staff:
        stored = stored_part(unit, around.staff, form.person, (around, None))
        return unit.save(stamped(unit, stored.model_copy(update={"messengers": ()}), stored))

    kept = edit_part(desk, actor, change, kind=Staff, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


def redeem(desk: Desk, actor: Actor, code: str, messenger: str, *, account: str = "") -> Staff:
    """Return the person whom the code was for, now known as `messenger`; the code is spent.

    The bot of the `account` is from now on the one that writes to them.

    Raises:
        NotFound: there is no such code, it was used, or it is too old.
        TooMany: this user sent five wrong ones within ten minutes; even the right one is refused.
    """
    tries = LinkTries(
        id=derived("lt", messenger), count=_tries(desk, messenger), until=desk.now() + CODE_LASTS
    )
    if tries.count >= MOST_TRIES:
        raise TooMany("too many wrong codes", code="link_often")
    try:
        return _redeemed(desk, actor, code, messenger, account=account)
    except NotFound:
        worse = tries.model_copy(update={"count": tries.count + 1})
        transact(desk.store, actor, "link", desk.now(), work=lambda unit: unit.keep(worse))
        raise


def _tries(desk: Desk, messenger: str) -> int:
    doc = desk.store.get(LinkTries.collection, derived("lt", messenger))
    found = LinkTries.model_validate(doc) if doc is not None else None
    return found.count if found is not None and found.until > desk.now() else 0


def _redeemed(desk: Desk, actor: Actor, code: str, messenger: str, *, account: str) -> Staff:

    def work(unit: Unit) -> Staff:
        found = unit.find(LinkCode, code_id(code))
        if found is None or found.until < unit.now:
            raise NotFound("the code was used or is too old", code="link_code")
        unit.remove(found)
        for other in read_settings(desk.store).staff:
            if messenger in other.messengers and other.id != found.staff_id:
                left = tuple(name for name in other.messengers if name != messenger)
                unit.save(unit.need(Staff, other.id).model_copy(update={"messengers": left}))
        person = unit.need(Staff, found.staff_id)
        names = tuple(dict.fromkeys((*person.messengers, messenger)))
        if account:
            started_bot(unit, person, account)
        return unit.save(person.model_copy(update={"messengers": names}))

    person = transact(desk.store, actor, "link", desk.now(), work=work)
    if isinstance(desk.settings, SettingsCache):
        desk.settings.forget()
    return person


def code_id(code: str) -> str:
    """Return the id under which a code is kept: nobody who reads the store can use it."""
    return "lk_" + hashlib.sha256(code.encode()).hexdigest()[:32]


def _check_fields(channel: str, given: dict[str, str]) -> None:
    known = API_FIELDS.get(channel, frozenset())
    wrong = sorted(set(given) - known)
    if wrong or any(len(value) > _LONGEST_VALUE for value in given.values()):
        listed = ", ".join(sorted(known)) or "-"
        raise Invalid(
            f"{channel} has no {', '.join(wrong) or 'value so long'}; it has: {listed}",
            fields={"api": "unknown"},
            code="settings_unknown",
            what=", ".join(wrong),
            known=listed,
        )


def _person(settings: Settings, staff_id: str) -> Staff:
    person = settings.person(StaffId(staff_id))
    if person is None or not person.active:
        raise Invalid(
            f"nobody here is {staff_id!r}",
            fields={"person": "staff_unknown"},
            code="staff_unknown",
        )
    return person


CHAT_SETTINGS: Registry = {
    "account.connect": Command(
        "give an account the keys its provider issued", ConnectAccount, connect
    ),
    "line.template": Command(
        "name the template in which words go after a day", SetTemplate, set_template
    ),
    "line.set": Command("say how the chats of an account are handed out", SetLine, set_line),
    "room.set": Command("name the team's group or space", SetRoom, set_room),
    "staff.link": Command("get a code that ties a person to Telegram", LinkPerson, link),
    "staff.unlink": Command("forget a person's messenger", UnlinkPerson, unlink),
}
