"""The client's card as a phone shows it at an incoming call; features §4.9. Never money.

Everything of a record comes through `domain.visibility.on_phone`: what the owner of the phone may
not read is not in the card.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from kartoteka.domain.access import Sight
from kartoteka.domain.card_layout import CardLayout, filled, layout_of
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal, Visit
from kartoteka.domain.model import Client, Lead, NextAction, Touch
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Pipeline
from kartoteka.domain.shortening import cut, one_line
from kartoteka.domain.visibility import on_phone
from kartoteka.i18n import text
from kartoteka.ports import ContactCard

LONGEST_FIELD = 1_000  # Google keeps 1,024 characters a field
LONGEST_NOTE = 900
SEPARATOR = "---"
STAMP = re.compile(r"K:\S{6} \d\d\.\d\d \d\d:\d\d")
_STAMPED = len("\nK:123456 12.34 56:78\n---")
_STARS = 3
_STEPS = 7  # of open deals
_LONGEST_LINE = 90
_USUAL = ("last", "next", "steps", "closed")
_OF_CLIENT = frozenset({"name", "company", "phones", "emails", "segment", "tags", "last_touch"})
_OF_LEAD = frozenset(
    {"pipeline", "stage", "next_at", "next_action", "owner_id", "priority", "repeat"}
)
_OF_DEAL = frozenset({"name", "pipeline", "state", "stage_entered_at", "stage_log"})
_OPEN = frozenset({"open", "ongoing"})
_OWN_SEGMENTS = frozenset({"blacklist", "partner", "wholesale"})
_Seen = Mapping[str, object]


def card(
    client: Client,
    lead: Lead | None,
    settings: Settings,
    *,
    deals: Sequence[Deal] = (),
    sight: Sight | None = None,
    layout: CardLayout | None = None,
) -> ContactCard:
    """Return what a phone shows: marker in the name, stage as title and number label.

    `groups` holds label names; the writer replaces them by resource names. Without a `sight` it is
    the phone of the office's own account. Who may not reach the client gets an empty card.
    Without a `layout` it is that of the reader's role.
    """
    eyes = sight or Sight(SYSTEM, settings)
    seen, eyes = on_phone(eyes, client, _OF_CLIENT), replace(eyes, via=None)
    laid = layout or layout_of(settings.office.phones.cards, eyes.actor.role)
    face = _Face((settings, eyes), seen, on_phone(eyes, lead, _OF_LEAD) if lead else {}, laid)
    segment = _segment(seen, face.lead)
    values = face.values(segment)
    locale = settings.office.locale
    title = filled(laid.title, values) if laid.title else face.title()
    label = filled(laid.label, values) if laid.label else title
    company = filled(laid.company, values) if laid.company else str(seen.get("company", ""))
    return ContactCard(
        external_id=client.id,
        given_name=_short(str(seen.get("name", ""))),
        suffix=filled(laid.suffix, values) if laid.suffix else face.suffix(segment),
        company=_short(company),
        title=title,
        phones=tuple(
            (number, label or text("card_phone", locale)) for number in _texts(seen, "phones")
        ),
        emails=_texts(seen, "emails"),
        note=face.note(deals),
        groups=(text(f"label_{segment}", locale),),
    )


def stamped(shown: ContactCard, now: datetime, settings: Settings) -> ContactCard:
    """Return the card with its last lines: short id and time of writing, where people write on."""
    local = now.astimezone(ZoneInfo(settings.office.work.zone))
    line = f"K:{shown.external_id[-6:]} {local:%d.%m %H:%M}\n{SEPARATOR}"
    return replace(shown, note=f"{shown.note}\n{line}".lstrip())


class _Face:
    """The words of one card, from what its reader may see of client and request."""

    def __init__(
        self, eyes: tuple[Settings, Sight], client: _Seen, lead: _Seen, layout: CardLayout
    ) -> None:
        settings, sight = eyes
        self._settings = settings
        self._sight = sight
        self._layout = layout
        self._client = client
        self.lead = lead
        self._locale = settings.office.locale
        self._zone = ZoneInfo(settings.office.work.zone)

    def title(self) -> str:
        """Return the stage and the day by which something is to be done."""
        if "stage" not in self.lead:
            return ""
        name = self._stage(str(self.lead["pipeline"]), str(self.lead["stage"]))
        if not self.lead.get("next_at"):
            return name
        day = self._local(str(self.lead["next_at"]))
        return text("card_title", self._locale, stage=name, day=f"{day:%d.%m}")

    def values(self, segment: str) -> Mapping[str, str]:
        """Return what the places of a layout stand for; empty where it may not be known."""
        lead, known = self.lead, "segment" in self._client
        action = lead.get("next_action")
        what = NextAction.model_validate(action).what if action else ""
        day = f"{self._local(str(lead['next_at'])):%d.%m}" if lead.get("next_at") else ""
        stage = self._stage(str(lead["pipeline"]), str(lead["stage"])) if "stage" in lead else ""
        return {
            "type": text(f"segment_{segment}", self._locale) if known else "",
            "stars": "★" * min(_STARS, int(str(lead.get("priority") or 0))),
            "mark": "⛔" if known and segment == "blacklist" else "",
            "stage": stage,
            "due": day,
            "task": text(f"task_{what}", self._locale) if what else "",
            "owner": self._by(lead.get("owner_id"), "{}"),
            "company": str(self._client.get("company", "")),
        }

    def suffix(self, segment: str) -> str:
        """Return the marker behind the name: what kind of client, how urgent."""
        if "segment" not in self._client:
            return ""
        stars = "★" * min(_STARS, int(str(self.lead.get("priority") or 0)))
        mark = "⛔" if segment == "blacklist" else ""
        return f"· {text(f'segment_{segment}', self._locale)}{stars}{mark}"

    def note(self, deals: Sequence[Deal]) -> str:
        """Return last touch, next action, steps of open deals, closed deals: as much as fits."""
        views = [(deal, on_phone(self._sight, deal, _OF_DEAL)) for deal in deals]
        parts: Mapping[str, Iterable[str]] = {
            "last": (self._last_touch(),),
            "next": (self._next_action(),),
            "steps": self._steps([seen for deal, seen in views if deal.state in _OPEN]),
            "closed": self._closed([seen for deal, seen in views if deal.state not in _OPEN]),
            "emails": _texts(self._client, "emails"),
            "tags": (", ".join(_texts(self._client, "tags")),),
        }
        wanted = self._layout.note or _USUAL
        return _fitted(line for name in wanted for line in parts[name] if line)

    def _last_touch(self) -> str:
        if not self._client.get("last_touch"):
            return ""
        touch = Touch.model_validate(self._client["last_touch"])
        return text(
            "card_last",
            self._locale,
            when=f"{self._moment(touch.at):%d.%m %H:%M}",
            kind=text(f"touch_{touch.kind}", self._locale),
            way=text(f"way_{touch.direction}", self._locale),
            who=self._speakers(touch),
        )

    def _speakers(self, touch: Touch) -> str:
        """Return who spoke with the client; of a call passed on, both."""
        who = self._by(touch.staff_id, ", {}")
        then = self._by(touch.passed_to, "{}")
        return who + text("card_then", self._locale, then=then) if who and then else who

    def _next_action(self) -> str:
        if not self.lead.get("next_action"):
            return ""
        action = NextAction.model_validate(self.lead["next_action"])
        return text(
            "card_next",
            self._locale,
            what=text(f"task_{action.what}", self._locale),
            when=f"{self._moment(action.due_at):%d.%m %H:%M}",
            who=self._by(self.lead.get("owner_id"), " ({})"),
        )

    def _steps(self, deals: Sequence[_Seen]) -> Iterator[str]:
        """Yield the newest steps of the open deals in order: when, what, by whom."""
        steps = [
            (visit.entered_at, self._step(deal, visit))
            for deal in deals
            for visit in _visits(deal.get("stage_log"))
        ]
        yield from (line for _, line in sorted(steps, key=itemgetter(0))[-_STEPS:])

    def _step(self, deal: _Seen, visit: Visit) -> str:
        what = self._stage(visit.pipeline or str(deal["pipeline"]), visit.stage)
        who = self._by(visit.by or None, " ({})")
        head = f"{self._moment(visit.entered_at):%d.%m}"
        return _line(f"{head} {what}{who} · {deal.get('name', '')}".removesuffix(" · "))

    def _closed(self, deals: Sequence[_Seen]) -> Iterator[str]:
        """Yield a line for each closed deal, the newest first: the result only."""
        ended = [deal for deal in deals if "state" in deal and deal.get("stage_entered_at")]
        for deal in sorted(ended, key=lambda deal: str(deal["stage_entered_at"]), reverse=True):
            day = self._local(str(deal["stage_entered_at"]))
            mark = "✔" if deal["state"] == "won" else "✖"
            name = str(deal.get("name", ""))
            yield f"{_line(f'{day:%Y-%m} {name}')} {mark}"

    def _stage(self, pipeline: str, stage: str) -> str:
        found = _pipeline(self._settings, pipeline)
        here = next((it for it in found.stages if it.id == stage), None) if found else None
        if here is None:
            return stage
        return (here.name_en if self._locale == "en" else "") or here.name

    def _by(self, staff_id: object, pattern: str) -> str:
        person = self._settings.person(str(staff_id)) if staff_id else None
        return pattern.format(person.name.split()[0]) if person else ""

    def _local(self, spelled: str) -> datetime:
        return self._moment(datetime.fromisoformat(spelled))

    def _moment(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)


def _segment(client: _Seen, lead: _Seen) -> str:
    """Return the type of client that the label tells: a known one who asks again has returned."""
    segment = str(client.get("segment") or "new")
    if segment in _OWN_SEGMENTS or not lead.get("repeat"):
        return segment
    return "returned"


def _pipeline(settings: Settings, pipeline_id: str) -> Pipeline | None:
    return next((it for it in settings.office.pipelines if it.id == pipeline_id), None)


def _visits(log: object) -> list[Visit]:
    return [Visit.model_validate(visit) for visit in log] if isinstance(log, list) else []


def _texts(seen: _Seen, field: str) -> tuple[str, ...]:
    found = seen.get(field)
    return tuple(str(item) for item in found) if isinstance(found, list) else ()


def _fitted(lines: Iterator[str]) -> str:
    kept: list[str] = []
    left = LONGEST_NOTE - _STAMPED
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join(kept)


def _line(words: str) -> str:
    return one_line(words, _LONGEST_LINE)


def _short(words: str) -> str:
    return cut(words, LONGEST_FIELD)
