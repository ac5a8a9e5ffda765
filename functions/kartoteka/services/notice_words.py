"""What a notice says to its person: the record as they may see it, and what they can press."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kartoteka.chat_ports import Button
from kartoteka.domain import press
from kartoteka.domain.amount_words import priced
from kartoteka.domain.convert import deal_of
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_amount import with_lines
from kartoteka.domain.errors import NotFound
from kartoteka.domain.guards import missing
from kartoteka.domain.ids import DealId
from kartoteka.domain.model import Client, Lead, Notice, Staff, Task
from kartoteka.domain.next_step import is_open
from kartoteka.domain.notice_rules import EVENING, JUDGED, MINE, MORNING
from kartoteka.domain.office import Settings
from kartoteka.domain.press import Press
from kartoteka.domain.proposal import Proposal
from kartoteka.domain.repeat import CHOICES
from kartoteka.domain.shortening import one_line
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.domain.visibility import Shown, without_amounts
from kartoteka.i18n import text
from kartoteka.services import approval_words, digests
from kartoteka.services.office import Desk
from kartoteka.services.people import actor
from kartoteka.services.read import Look

_CALLS = frozenset({"callback", "call", "first_contact"})
_WON = "notice_repeat_offer"
_LONGEST = 300  # characters of one line
_Record: TypeAlias = Lead | Deal | Task
Rows: TypeAlias = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in words: what it is, the lines about its record, the buttons, the record."""

    title: str
    lines: tuple[str, ...] = ()
    buttons: Rows = ()
    about: tuple[str, str] | None = None  # collection and id of what it is about

    @property
    def whole(self) -> str:
        """Return the title and the lines as one text."""
        return "\n".join((self.title, *self.lines))


def words(desk: Desk, notice: Notice, person: Staff, settings: Settings) -> Words:
    """Return the notice as its person may read it now; the words of clients stand as typed.

    `settings` are the office's in the language in which the person is told.
    """
    locale = settings.office.locale
    look = Look(desk.store, settings, actor(person, settings), desk.now())
    if notice.code in {MORNING, EVENING}:
        told = digests.morning(look) if notice.code == MORNING else digests.evening(look)
        return Words(text(notice.code, locale), told, (seen_row(notice, locale),))
    record = subject(desk, notice)
    shown = _shown(look, record)
    asked = tuple(approval_words.lines(look, notice.approval_id)) if notice.approval_id else ()
    if record is None or shown is None:
        own = () if notice.lead_id or notice.deal_id or notice.task_id else (notice.words,)
        lines = tuple(one_line(line, _LONGEST) for line in (*own, *asked) if line)
        return Words(text(notice.code, locale), lines, _judging(notice, locale))
    told = (
        _rule_words(notice, record, shown),
        *asked,
        *_proposed(look, notice),
        *_lines(look, record, shown),
    )
    lines = tuple(one_line(line, _LONGEST) for line in told if line.strip())
    rows = (*_taking(look, notice), *_rows(notice, record, person, settings))
    return Words(text(notice.code, locale), lines, rows, (record.collection, record.id))


def subject(desk: Desk, notice: Notice) -> _Record | None:
    """Return the record that the notice is about, as it is now."""
    named: tuple[tuple[type[_Record], str | None], ...] = (
        (Task, notice.task_id), (Lead, notice.lead_id), (Deal, notice.deal_id),
    )  # fmt: skip
    for kind, name in named:
        doc = desk.store.get(kind.collection, name) if name else None
        if doc is not None:
            return kind.model_validate(doc)
    return None


def seen_row(notice: Notice, locale: str) -> tuple[Button, ...]:
    """Return the row of a notice that only wants to be seen."""
    return (_button("seen", notice, None, locale),)


def _shown(look: Look, record: _Record | None) -> Shown | None:
    return next(look.seen([record]), None) if record is not None else None


def _rule_words(notice: Notice, record: _Record, shown: Shown) -> str:
    """Return what the office's rule says, without an amount that this person may not see."""
    if isinstance(record, Task):
        return notice.words
    return notice.words if "amount_minor" in shown else without_amounts(notice.words, [record])


def _lines(look: Look, record: _Record, shown: Shown) -> Iterator[str]:
    if isinstance(record, Task):
        yield _when(look, record.due_at) + f" · {shown.get('title', '')}"
        yield str(shown.get("text", ""))
    else:
        yield _named(look, record, shown)
    client = _client(look, record)
    if client is not None and client.get("name") not in {None, shown.get("name")}:
        yield str(client["name"])
    phones = client.get("phones") if client is not None else None
    if isinstance(phones, list) and phones:
        yield ", ".join(map(str, phones[:2]))
    if isinstance(record, Lead):
        yield str(shown.get("note", ""))
        if record.next_at is not None and "next_at" in shown:
            yield text("notice_until", _locale(look), when=_when(look, record.next_at))


def _named(look: Look, record: Lead | Deal, shown: Shown) -> str:
    """Return the name and the stage, of a deal the amount if this person may see it."""
    parts = [str(shown.get("name", ""))]
    if "stage" in shown:
        parts.append(_stage(look, record))
    amount = shown.get("amount_minor")
    if isinstance(amount, int) and not isinstance(amount, bool) and amount:
        parts.append(priced(amount, str(shown.get("currency", "")), _locale(look)))
    return " · ".join(filter(None, parts))


def _stage(look: Look, record: Lead | Deal) -> str:
    lines = (it for it in look.settings.office.pipelines if it.id == record.pipeline)
    stage = next((it for line in lines for it in line.stages if it.id == record.stage), None)
    if stage is None:
        return ""
    return stage.name_en if _locale(look) == "en" and stage.name_en else stage.name


def _client(look: Look, record: _Record) -> Shown | None:
    if record.client_id is None:
        return None
    try:
        return look.one(Client, record.client_id)
    except NotFound:
        return None


def _rows(notice: Notice, record: _Record, person: Staff, settings: Settings) -> Rows:
    """Return the buttons that fit the record as it is; the rights are asked at the press."""
    locale = settings.office.locale
    if notice.approval_id and notice.code == JUDGED:
        return _judging(notice, locale)
    if notice.code == _WON:
        offers = [_button(f"repeat_{days}", notice, None, locale) for days in CHOICES]
        return (tuple(offers[:2]), tuple(offers[2:]), seen_row(notice, locale))
    is_active = record.state in ACTIVE if isinstance(record, Task) else is_open(record)
    acts = [it for it in _acts(record, person) if _fits(it, record, settings)] if is_active else []
    found = [_button(act, notice, record.updated_at, locale) for act in acts]
    pairs = [tuple(found[at : at + 2]) for at in range(0, len(found), 2)]
    return tuple(pairs) if notice.code == MINE else (*pairs, seen_row(notice, locale))


def _proposal(look: Look, notice: Notice) -> Shown | None:
    """Return what is proposed while nobody has decided, as far as the person may see it."""
    if not notice.proposal_id:
        return None
    try:
        shown = look.one(Proposal, notice.proposal_id)
    except NotFound:
        return None
    return shown if shown.get("state") == "open" else None


def _proposed(look: Look, notice: Notice) -> Iterator[str]:
    shown = _proposal(look, notice)
    if shown is not None and shown.get("value"):
        yield text(f"proposal_{shown['field']}", _locale(look), value=shown["value"])


def _taking(look: Look, notice: Notice) -> Rows:
    """Return the buttons with which a proposal is taken or left."""
    if _proposal(look, notice) is None:
        return ()
    return (tuple(_button(act, notice, None, _locale(look)) for act in ("accept", "refuse")),)


def _judging(notice: Notice, locale: str) -> Rows:
    """Return the buttons of who is asked for their word; of other notices that it was seen."""
    if not notice.approval_id or notice.code != JUDGED:
        return (seen_row(notice, locale),)
    return (tuple(_button(act, notice, None, locale) for act in ("approve", "decline")),)


def _acts(record: _Record, person: Staff) -> Iterator[str]:
    if isinstance(record, Task):
        yield "called" if record.what in _CALLS else "done"
        yield "later"
        return
    if isinstance(record, Lead) and record.owner_id is None:
        yield "take"
        return
    if record.owner_id == person.id:
        yield "called"
        yield "later"
        if isinstance(record, Lead):
            yield "deal"


def _fits(act: str, record: _Record, settings: Settings) -> bool:
    """Return whether an act can succeed: what is always refused is not offered."""
    if act == "called" and not isinstance(record, Task):
        return not settings.hears_calls
    if act == "take" or not isinstance(record, Lead):
        return True
    if settings.office.pipeline(record.pipeline).stage(record.stage).gated:
        return act not in {"later", "deal"}
    return act != "deal" or _becomes_deal(record, settings)


def _becomes_deal(lead: Lead, settings: Settings) -> bool:
    """Return whether a deal can begin with no more than the request knows."""
    try:
        first = settings.office.deals.first
    except NotFound:
        return False
    blank = deal_of(lead, DealId(""), None, lead.updated_at)
    return not missing(with_lines(blank, lead.lines, lead.updated_at), first)


def _button(act: str, notice: Notice, version: datetime | None, locale: str) -> Button:
    told = press.spelled(Press(act, notice.id, version))
    return Button(text(f"press_{act}", locale), told)


def _when(look: Look, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(look.settings.office.work.zone))
    return f"{local:%d.%m %H:%M}"


def _locale(look: Look) -> str:
    return look.settings.office.locale
