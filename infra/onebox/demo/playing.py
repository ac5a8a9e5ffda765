"""Playing: the stories in their order, each wave followed until the sheet shows it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import httpx

from kartoteka.domain.errors import NotFound
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.instant import read
from kartoteka.domain.model import Lead, Staff
from kartoteka.domain.office import Settings
from kartoteka.ports import Query, Store
from onebox.demo.acts import OWNER, Edit, Wave
from onebox.demo.box import Box
from onebox.demo.sending import Sender, Sent
from onebox.demo.sheet import Book, Place, Watch
from sync.columns import Frame
from sync.shelf.tabs import MY_REQUESTS
from sync.shelf.team import LEADS

PATIENCE_S = 10.0
_LOOK_S = 0.1
_TODAY = timedelta(minutes=5)
_FIRED = {"ru": "⏰ сработало напоминаний: {count}", "en": "⏰ follow-ups fired: {count}"}

Tell = Callable[[str, str], None]  # a time of day and a sentence


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of an edit: whether as the act says, after how many seconds, and the note."""

    edit: Edit
    done: bool
    waited_s: float
    note: str = ""


@dataclass
class Played:
    """Everything that was done and measured; `waits` are seconds from event to row, by lead."""

    since: datetime
    sent: list[Sent] = field(default_factory=list)
    edits: list[Edited] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)  # leads that no row showed in time


def first_day(now: datetime, zone: ZoneInfo) -> date:
    """Return the first working day whose morning is not over."""
    day = (now - _TODAY).astimezone(zone)
    opening = clock_time(8, 30)
    found = day.date() if day.time() <= opening else day.date() + timedelta(days=1)
    while found.weekday() > 4:  # noqa: PLR2004 - Saturday and Sunday
        found += timedelta(days=1)
    return found


class Player:
    """Plays waves against one box; `tell` hears each story as it happens."""

    def __init__(self, box: Box, store: Store, sender: Sender, book: Book, *, tell: Tell) -> None:
        self._box = box
        self._store = store
        self._sender = sender
        self._book = book
        self._tell = tell
        self._frame = Frame(sender.settings)
        self._leads_tab = self._frame.say(LEADS.title)
        self._own_tab = self._frame.say(MY_REQUESTS.title)
        self._watch = Watch(book, self._leads_tab)
        self._played = Played(box.now())

    def play(self, waves: Iterable[Wave], start: date, lang: str, pause_s: float) -> Played:
        """Return what was done, after every wave was seen in the sheet or waited for in vain."""
        known = self._lead_ids()
        try:
            for wave in waves:
                self._go_to(wave, start, lang)
                self._wave(wave, lang, pause_s, known)
                known = self._lead_ids()
        finally:
            self._watch.end()
        return self._played

    def _go_to(self, wave: Wave, start: date, lang: str) -> None:
        office = self._sender.settings.office
        at = clock_time.fromisoformat(wave.at)
        day = start + timedelta(days=wave.day)
        moment = datetime.combine(day, at, ZoneInfo(office.work.zone))
        if moment <= self._box.now():
            return
        before = fired(self._store)
        self._box.travel(moment)
        count = fired(self._store) - before
        if count:
            self._tell(wave.at, _FIRED[lang].format(count=count))

    def _wave(self, wave: Wave, lang: str, pause_s: float, known: set[str]) -> None:
        self._watch.look(on=True)
        sent: list[Sent] = []
        for story in wave.stories:
            self._tell(wave.at, story.en if lang == "en" else story.ru)
            for act in story.acts:
                if isinstance(act, Edit):
                    self._played.edits.append(self._edit(act))
                else:
                    sent += self._sender.send(act)
            time.sleep(pause_s)
        self._played.sent += sent
        self._follow(sent, known)
        self._watch.look(on=False)

    def _follow(self, sent: list[Sent], known: set[str]) -> None:
        """Wait until the sheet shows every lead that these events made."""
        keys = {one.key: one.at for one in reversed(sent)}  # the first delivery of each
        made: dict[str, float] = {}
        for key, lead_id in recorded(self._store, self._played.since):
            if key in keys and lead_id and lead_id not in known:
                made[lead_id] = min(made.get(lead_id, keys[key]), keys[key])
        deadline = time.monotonic() + PATIENCE_S
        for lead_id, at in made.items():
            while (seen := self._watch.seen(lead_id)) is None and time.monotonic() < deadline:
                time.sleep(_LOOK_S)
            if seen is None:
                self._played.unseen.append(lead_id)
            self._played.waits[lead_id] = (seen or time.monotonic()) - at

    def _edit(self, edit: Edit) -> Edited:
        started = time.monotonic()
        try:
            place = self._book.find(self._leads_tab, self._header(edit.column), edit.phone)
        except NotFound as exc:
            return Edited(edit, done=False, waited_s=0.0, note=str(exc))
        row = self._book.grid(self._leads_tab)[place.row - 1]
        typist = self._typist(edit, [str(cell) for cell in row])
        try:
            book, place = self._place(edit, typist, place)
        except NotFound as exc:
            return Edited(edit, done=False, waited_s=0.0, note=str(exc))
        if not self._type(edit, place, typist, book):
            return Edited(edit, done=False, waited_s=0.0)
        note = ""
        deadline = started + PATIENCE_S
        while time.monotonic() < deadline:
            note = book.note(place) if edit.refused else ""
            if note or (not edit.refused and self._holds(edit, str(row[0]))):
                return Edited(edit, done=True, waited_s=time.monotonic() - started, note=note)
            time.sleep(_LOOK_S)
        return Edited(edit, done=False, waited_s=PATIENCE_S, note=note)

    def _place(self, edit: Edit, typist: str, place: Place) -> tuple[Book, Place]:
        """Return where this person finds the row: in the team's book or in their own."""
        book = self._book.of(self._store, typist)
        if book is self._book:
            return book, place
        return book, book.find(self._own_tab, self._header(edit.column), edit.phone)

    def _type(self, edit: Edit, place: Place, user: str, book: Book) -> bool:
        body = {
            "workbook": book.id,
            "tab": place.tab,
            "row": place.row,
            "column": place.column,
            "value": edit.value,
            "user": user,
        }
        answer: httpx.Response = self._box.client.post(
            f"{self._box.base_url}/onebox/edit", json=body
        )
        return answer.is_success

    def _typist(self, edit: Edit, row: list[str]) -> str:
        if edit.who != OWNER:
            return edit.who
        owner = self._sender.settings.by_name(row[LEADS.keys.index("owner")])
        return owner.email if owner else ""

    def _header(self, column: str) -> str:
        found = LEADS.column(column)
        return self._frame.say(f"col_{found.header}") if found else column

    def _holds(self, edit: Edit, lead_id: str) -> bool:
        lead = Lead.model_validate(self._store.get(Lead.collection, lead_id))
        shown = {
            "name": lead.name,
            "note": lead.note,
            "stage": self._frame.stage(lead.stage),
            "owner": _name(self._sender.settings, lead),
        }
        return shown[edit.column] == edit.value

    def _lead_ids(self) -> set[str]:
        return {found.id for found in self._store.query(Query(Lead.collection))}


def recorded(store: Store, since: datetime) -> list[tuple[str, str | None]]:
    """Return (key of the event, lead) of everything that came in since a moment.

    The keys are those of `Sent`.
    """
    return [
        (_key(doc), doc.lead_id)
        for found in store.query(Query(Inbound.collection))
        if read(str(found.doc["received_at"])) >= since
        for doc in [Inbound.model_validate(found.doc)]
    ]


def fired(store: Store) -> int:
    """Return how many follow-ups have fired."""
    return sum(found.doc["state"] == "fired" for found in store.query(Query("timers")))


def _key(inbound: Inbound) -> str:
    if inbound.channel == "form":
        return f"form:{inbound.text}"
    return f"{inbound.channel}:{inbound.event_id}"


def _name(settings: Settings, lead: Lead) -> str:
    owner: Staff | None = settings.person(lead.owner_id)
    return owner.name if owner else ""
