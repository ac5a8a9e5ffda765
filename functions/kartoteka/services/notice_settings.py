"""Which way and in which language each person is told, and when the office disturbs; B13."""

from functools import partial
from typing import Literal

from pydantic import Field

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Staff, Value
from kartoteka.domain.notice_rules import (
    CHAT,
    TELEGRAM,
    NoticeChoice,
    NoticeKind,
    NoticeRules,
    Way,
    chat_with,
    ways_of,
)
from kartoteka.domain.office import Office, Settings
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office
from kartoteka.services.settings_lists import LocalClock
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

_SPACE = r"^(https://chat\.googleapis\.com/v1/spaces/[\w-]+/messages\?[\w=&%.~-]+)?$"
_AS_GIVEN = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=K&token=T"
_SHOWN = ("ways", "language")


class SetNotices(Value):
    """Choose the ways of a kind of notice; no ways: none of them; yourself if nobody is named."""

    kind: NoticeKind | Literal["all"] = "all"
    ways: tuple[Way, ...] | None = Field(default=None, max_length=3, description="not given: stays")
    usual: bool = Field(default=False, description="forget what was chosen for the kind")
    space: str | None = Field(
        default=None,
        max_length=500,
        repr=False,
        pattern=_SPACE,
        examples=[_AS_GIVEN],
        description="webhook of Google Chat; empty: none",
    )
    language: Literal["", "ru", "en"] | None = Field(
        default=None, description="of notices and the bot; empty: the office's"
    )
    person: Id = Field(default="", description="staff id")


class ShowNotices(Value):
    """Show which ways a person's notices go; yourself if nobody is named."""

    person: Id = ""


class SetNoticeRules(Versioned):
    """Say when the office disturbs its people; what is not given stays. Times are local."""

    quiet_from: LocalClock | None = None
    quiet_to: LocalClock | None = Field(
        default=None, description="the same as quiet_from: no quiet"
    )
    urgent: tuple[NoticeKind, ...] | None = Field(default=None, max_length=len(NoticeKind))
    morning: LocalClock | None = Field(default=None, description="the plan of the day")
    evening: LocalClock | None = Field(default=None, description="the heads' summary")
    again_minutes: int | None = Field(default=None, ge=1, le=480)
    head_minutes: int | None = Field(default=None, ge=1, le=480)


class Chosen(Value):
    """The ways of a person's notices; the address of a space is never told."""

    id: str
    ways: dict[str, tuple[Way, ...]]  # by kind, as they are in force
    telegram: bool  # linked with the bot
    space: bool  # of Google Chat
    language: str = ""  # empty: the office's


def set_notices(desk: Desk, actor: Actor, form: SetNotices, cause: str) -> Chosen:
    """Return the ways as they are now; the space's address stays out of the log.

    Raises:
        Invalid: an unknown kind, a way that is not connected, no address of Google Chat.
        NotAllowed: it is somebody else and you set up no people.
    """
    person = _whose(desk, actor, form.person)
    _check(form, person)

    def work(unit: Unit) -> NoticeChoice:
        stored = unit.find(NoticeChoice, person.id) or NoticeChoice(id=person.id)
        changed = _changed(stored, form)
        if CHAT in (form.ways or ()) and not changed.space:
            raise Invalid("name the space", fields={"space": "missing"}, code="notice_no_space")
        if changed != stored:
            changed = changed.model_copy(update={"updated_at": unit.now})
            unit.subject = person.id
            unit.keep(changed, shown=_SHOWN)
        return changed

    return _told(transact(desk.store, actor, cause, desk.now(), work=work), person)


def show(desk: Desk, actor: Actor, form: ShowNotices, _cause: str) -> Chosen:
    """Return the ways of a person's notices; raises as `set_notices` does."""
    person = _whose(desk, actor, form.person)
    return _told(choice_of(desk, person), person)


def set_rules(desk: Desk, actor: Actor, form: SetNoticeRules, cause: str) -> Saved:
    """Return what was saved: when the office disturbs its people.

    Raises:
        Invalid: the evening is before the morning. NotAllowed: you do not set the office up.
    """
    given = form.model_dump(exclude={"expected"}, exclude_none=True)

    def change(office: Office) -> Office:
        rules = NoticeRules.model_validate({**office.notices.model_dump(), **given})
        if rules.evening <= rules.morning:
            raise Invalid(
                "the evening comes behind the morning",
                fields={"evening": "order"},
                code="notice_evening_early",
            )
        return office.model_copy(update={"notices": rules})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="notices")


def choice_of(desk: Desk, person: Staff) -> NoticeChoice:
    """Return what the person chose, nothing at first."""
    doc = desk.store.get(NoticeChoice.collection, person.id)
    return NoticeChoice.model_validate(doc) if doc is not None else NoticeChoice(id=person.id)


def heard(desk: Desk, person: str) -> Settings:
    """Return the office's settings in the language in which this person is told."""
    doc = desk.store.get(NoticeChoice.collection, person)
    return told_by(NoticeChoice.model_validate(doc), desk.settings()) if doc else desk.settings()


def told_by(choice: NoticeChoice, settings: Settings) -> Settings:
    """Return the office's settings in the language that a person chose."""
    if choice.language in {"", settings.office.locale}:
        return settings
    office = settings.office.model_copy(update={"locale": choice.language})
    return settings.model_copy(update={"office": office})


def started_bot(unit: Unit, person: Staff, account: str) -> None:
    """Keep in the unit which account's bot the person has started: that one may write to them."""
    stored = unit.find(NoticeChoice, person.id) or NoticeChoice(id=person.id)
    unit.keep(stored.model_copy(update={"bot": account}))


def _whose(desk: Desk, actor: Actor, name: str) -> Staff:
    settings = desk.settings()
    person = settings.person(name or actor.id)
    if person is None or not person.active:
        raise Invalid("nobody", fields={"person": "staff_unknown"}, code="staff_unknown")
    if person.id != actor.id:
        _check_setup(actor, settings)
    return person


def _check_setup(actor: Actor, settings: Settings) -> None:
    check(actor, Operation.CHANGE, Staff, field="name", within=settings)


def _check(form: SetNotices, person: Staff) -> None:
    if TELEGRAM in (form.ways or ()) and not chat_with(person):
        raise Invalid("link first", fields={"ways": "telegram"}, code="notice_no_telegram")


def _changed(stored: NoticeChoice, form: SetNotices) -> NoticeChoice:
    ways = {name: chosen for name, chosen in stored.ways.items() if name != form.kind}
    if form.ways is not None and not form.usual:
        ways[form.kind] = tuple(dict.fromkeys(form.ways))
    elif not form.usual:
        ways = stored.ways
    space = stored.space if form.space is None else form.space
    language = stored.language if form.language is None else form.language
    return stored.model_copy(update={"ways": ways, "space": space, "language": language})


def _told(choice: NoticeChoice, person: Staff) -> Chosen:
    found = partial(ways_of, choice, person)
    return Chosen(
        id=person.id,
        ways={kind.value: found(kind) for kind in NoticeKind},
        telegram=bool(chat_with(person)),
        space=bool(choice.space),
        language=choice.language,
    )


NOTICE_SETTINGS: Registry = {
    "notice.rules": Command("say when the office disturbs its people", SetNoticeRules, set_rules),
    "notice.set": Command(
        "choose the ways on which you are told, and the language", SetNotices, set_notices
    ),
    "notice.show": Command("show the ways on which a person is told", ShowNotices, show),
}
