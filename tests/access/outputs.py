"""Every way in which the office's data leaves it; a new output module must be named here.

An output gives everything that one person (or everybody who opens a book) can read of it, as text.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.api.api_office import api_of
from tests.fakes import FakeTasks
from tests.sync.fakes_sheets import FakeSheets

from api.approval_page import approval_page
from api.files_page import files_page
from api.health import health
from api.v1.reading import ENTITIES
from automation.bot.asking import Asking
from kartoteka.domain.access import BOOK, Sight
from kartoteka.domain.change import Actor, Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import KartotekaError
from kartoteka.domain.ids import StaffId, TaskId
from kartoteka.domain.model import Client, Lead, Notice, Task
from kartoteka.domain.notice_rules import JUDGED
from kartoteka.domain.team_words import Said, Wish
from kartoteka.domain.visibility import shown_result
from kartoteka.http import Call
from kartoteka.i18n import text
from kartoteka.ports import Query, Store
from kartoteka.services import approval_links, digests, exporting, notice_words, statistics
from kartoteka.services.cards import lead_card, records
from kartoteka.services.commands import execute
from kartoteka.services.counters import counters
from kartoteka.services.file_links import FileLinks
from kartoteka.services.office import Desk
from kartoteka.services.read import Look
from kartoteka.services.registry import COMMANDS
from kartoteka.services.unit import LOG
from kartoteka.settings import Settings as Environment
from kartoteka.wiring import App
from onebox.commands.listing import COLUMNS
from onebox.web.feed import Teller
from sync import journal, views
from sync.calendars import faces
from sync.calendars.appointments import Appointment
from sync.calendars.links import Link
from sync.columns import Frame, View
from sync.phones import accounts, portfolio
from sync.phones.accounts import PhoneBook
from sync.sheets_mirror import drain
from sync.shelf.team import JOURNAL, TWO_WAY


@dataclass(frozen=True)
class Output:
    """One output: the modules that make it, and what a person reads there.

    `book` outputs look the same to everybody who opens them: they have the book's rights.
    """

    name: str
    modules: tuple[str, ...]
    read: Callable[[Desk, Actor], str]
    book: bool = False


def spelled(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, default=str)


def look_of(desk: Desk, actor: Actor) -> Look:
    return Look(desk.store, desk.settings(), actor, desk.now())


def changes(store: Store) -> list[Change]:
    return [Change.model_validate(entry.doc) for entry in store.read_log(LOG, None, 1000)]


def lists(desk: Desk, actor: Actor) -> str:
    look = look_of(desk, actor)
    return spelled({what: list(records(look, what)) for what in COLUMNS})


def cards(desk: Desk, actor: Actor) -> str:
    look, shown = look_of(desk, actor), []
    for found in desk.store.query(Query("leads")):
        try:
            shown.append(lead_card(look, found.id))
        except KartotekaError as refused:
            shown.append({"refused": str(refused)})
    return spelled(shown)


def answers(desk: Desk, actor: Actor) -> str:
    """What commands answer, and what they say when they refuse."""
    first = {kind: next(desk.store.query(Query(kind))).id for kind in ("deals", "leads", "clients")}
    tries: list[tuple[str, dict[str, object]]] = [
        ("deal.edit", {"deal": first["deals"], "tags": ["важно"]}),
        ("deal.comment", {"deal": first["deals"], "text": "звонил"}),
        ("deal.move", {"deal": first["deals"], "stage": "contract"}),
        ("deal.join", {"deal": first["deals"], "staff": "st_gleb"}),
        ("lead.edit", {"lead": first["leads"], "priority": 2}),
        ("client.edit", {"client": first["clients"], "segment": "partner"}),
        ("client.data", {"client": first["clients"]}),
        ("paper.list", {"deal": first["deals"]}),
        *((name, {}) for name, command in COMMANDS.items() if not required(command.form)),
    ]
    return spelled([answer(desk, actor, name, given) for name, given in tries])


def required(form: type) -> list[str]:
    return list(form.model_json_schema().get("required", []))


def answer(desk: Desk, actor: Actor, name: str, given: Mapping[str, object]) -> object:
    try:
        record = execute(COMMANDS, desk, actor, name, given=given, cause=f"command:{name}")
    except KartotekaError as refused:
        return [str(refused), text(refused.code, "ru", **refused.facts)]
    sight = Sight(actor, desk.settings(), desk.now())
    return shown_result(sight, record, record.model_dump(mode="json"))


def exports(desk: Desk, actor: Actor) -> str:
    told: list[object] = []
    for what in ("clients", "leads", "deals", "tasks"):
        try:
            export = exporting.prepare(desk, actor, what, "csv")
        except KartotekaError as refused:
            told.append(str(refused))
            continue
        told.append([export.titles, *exporting.rows(desk, export)])
    return spelled(told)


def tabs(desk: Desk, _actor: Actor) -> str:
    frame = Frame(desk.settings())
    rows = [
        tab.row(view, frame)
        for tab in TWO_WAY
        for view in views.load(desk.store, tab, views.everything(desk.store, tab)).values()
    ]
    return spelled(rows)


def journal_tab(desk: Desk, _actor: Actor) -> str:
    frame = Frame(desk.settings())
    shown: dict[str, View] = {}
    for tab in TWO_WAY:
        shown |= views.load(desk.store, tab, views.everything(desk.store, tab))
    told = journal.entries(changes(desk.store), shown, frame)
    return spelled([JOURNAL.row(View(entry.id, entry=entry), frame) for entry in told])


def every_book(desk: Desk, actor: Actor) -> str:
    """All that is in the workbooks to which a person has access: cells, notes, names, rules."""
    sheets = _made_of(desk)
    person = desk.settings().person(actor.id)
    email = person.email if person is not None else ""
    return spelled([repr(book) for book in sheets.books.values() if email in book.shared])


_MADE: dict[tuple[str | None, int], FakeSheets] = {}


def _made_of(desk: Desk) -> FakeSheets:
    """The books as they are now, written as often as it takes; made once per state of the store."""
    key = (desk.store.log_head(LOG), id(desk.store))
    if key not in _MADE:
        app = App(Environment(), desk.clock, lambda _: desk.store)
        app.__dict__.update(sheets=FakeSheets(), tasks=FakeTasks(), store=desk.store, desk=desk)
        statistics.drain(desk)
        for _ in range(3):
            drain(app, look=True)
        _MADE.clear()
        _MADE[key] = app.__dict__["sheets"]
    return _MADE[key]


def contacts(desk: Desk, _actor: Actor) -> str:
    [book] = accounts.wanted(desk.settings()).values()
    return phone(desk, book)


def own_phone(desk: Desk, actor: Actor) -> str:
    return phone(desk, PhoneBook(actor.id, "", StaffId(actor.id), actor, actor))


def phone(desk: Desk, book: PhoneBook) -> str:
    """The cards of all clients as this phone would show them."""
    facts = portfolio.load(desk.store, [found.id for found in desk.store.query(Query("clients"))])
    cards = portfolio.Portfolio(book, desk.settings(), limited=False, since="").cards(facts)
    return spelled([repr(one) for one in cards.values()])


def files(desk: Desk, actor: Actor) -> str:
    """The pages of files, and of the papers named there, of each request, deal and client."""
    app, told = api_of(desk).app, []
    for kind in (Client, Deal, Lead):
        for hit in desk.store.query(Query(kind.collection)):
            address = FileLinks(desk).address(actor, desk.settings(), kind.model_validate(hit.doc))
            token = address.rpartition("/")[2]
            names = ["", *(paper.id for paper in desk.store.query(Query("papers")))]
            asks = (Call("GET", ("f", token, name)) for name in names)
            told += [files_page(ask, app, token, ask.path[-1]).body.decode() for ask in asks]
    return spelled(told)


def approvals(desk: Desk, actor: Actor) -> str:
    """The page of each approval, as a letter to this person would lead to it."""
    app, given = api_of(desk).app, {"id": "no_1", "staff_id": actor.id, "code": JUDGED}
    told = []
    for hit in desk.store.query(Query("approvals")):
        notice = Notice.model_validate({**given, "approval_id": hit.id, "at": desk.now()})
        token = approval_links.address_of(desk, notice).rpartition("/")[2]
        told.append(approval_page(Call("GET", ("a", token)), app, token).body.decode())
    return spelled(told)


def figures(words: str) -> str:
    """What is left of a text without its words."""
    return "".join(sign for sign in words if not sign.isalpha())


def own_calendar(desk: Desk, actor: Actor) -> str:
    """Each deal as a meeting, and as a task that repeats its figures, in this person's calendar."""
    settings, who = desk.settings(), StaffId(actor.id)
    shown = []
    for hit in desk.store.query(Query("deals")):
        deal = Deal.model_validate(hit.doc)
        told = Task(id=TaskId("tk_1"), what="call", title=figures(deal.name),
                    text=figures(deal.note), assignee_id=who, deal_id=deal.id, due_at=desk.now(),
                    created_at=desk.now())  # fmt: skip
        for record in (deal, told):
            one = Appointment(record, who, desk.now(), has_hour=True, about=(deal,))
            link, sight = Link(f"office-{who}", record.id), Sight(actor, settings)
            shown.append(faces.draft(one, link, settings, sight=sight, address=""))
    return spelled([repr(one) for one in shown])


def api(desk: Desk, actor: Actor) -> str:
    """All that the API tells this person: lists, records, cards, and what became of each."""
    person = desk.settings().person(actor.id)
    asks = api_of(desk, api_calls_per_minute=0).of(person.email if person is not None else "")
    told: list[object] = []
    for name in ENTITIES:
        listed = asks.get(name)
        told.append(listed.body)
        for hit in desk.store.query(Query(name)):
            parts = ("", "/card", "/history", "/history?at=2030-01-01")
            told += [asks.get(f"{name}/{hit.id}{part}").body for part in parts]
    told.append(asks.command("deal.edit", deal=next(desk.store.query(Query("deals"))).id).body)
    return spelled(told)


def notices(desk: Desk, actor: Actor) -> str:
    mine = (Notice.model_validate(found.doc) for found in desk.store.query(Query("notices")))
    return spelled([text(it.code, "ru") for it in mine if it.staff_id == actor.id])


def told(desk: Desk, actor: Actor) -> str:
    """What this person would be told of each record, by a rule too, and in their digests."""
    person = desk.settings().person(actor.id)
    shown: list[object] = []
    for field, kind in (("deal_id", Deal), ("lead_id", Lead), ("task_id", Task)):
        for hit in desk.store.query(Query(kind.collection)):
            given = {"id": "no_1", "staff_id": actor.id, "code": "notice_cold", "at": desk.now()}
            named = hit.doc.get("name") if kind is Deal else ""
            notice = Notice.model_validate({**given, field: hit.id, "words": figures(str(named))})
            shown.append(
                repr(notice_words.words(desk, notice, person, desk.settings())) if person else ""
            )
    look = look_of(desk, actor)
    return spelled([*shown, digests.morning(look), digests.evening(look)])


def asked(desk: Desk, actor: Actor) -> str:
    """What the bot answers this person."""
    names = [str(hit.doc.get("name", "")) for hit in desk.store.query(Query("deals"))]
    wishes = [Said(Wish.MINE, ""), Said(Wish.REPORT, "")]
    wishes += [Said(Wish.FIND, word) for word in ("+79161234567", "дело", *names)]
    answers = []
    for said in wishes:
        try:
            answers.append(Asking(desk, actor).answer(said, "", "test"))
        except KartotekaError as refused:
            answers.append(text(refused.code, "ru", **refused.facts))
    return spelled(answers)


def feed(desk: Desk, _actor: Actor) -> str:
    teller = Teller(desk.settings(), "ru", desk.store.get)
    return spelled([line for change in changes(desk.store) for line in teller.lines(change)])


def health_page(desk: Desk, _actor: Actor) -> str:
    app = App(Environment(), desk.clock, lambda _: desk.store)
    object.__setattr__(app, "desk", desk)
    return health(Call("GET", ("health",)), app).body.decode()


def counted(desk: Desk, actor: Actor) -> str:
    try:
        return spelled(counters(desk, actor))
    except KartotekaError as refused:
        return str(refused)


OUTPUTS = (
    Output("list", ("onebox.commands.listing",), lists),
    Output("show", ("onebox.commands.listing",), cards),
    Output("do", ("onebox.commands.doing",), answers),
    Output("export", ("onebox.commands.exporting",), exports),
    Output(
        "tabs",
        (
            "sync.columns",
            "sync.views",
            "sync.stock",
            "sync.sheets_mirror",
            "sync.shelf.team",
            "sync.shelf.requests",
            "sync.shelf.errands",
        ),
        tabs,
        book=True,
    ),
    Output(
        "books",
        (
            "sync.flush",
            "sync.retelling",
            "sync.writing",
            "sync.layout",
            "sync.colours",
            "sync.counting",
            "sync.shelf.editions",
            "sync.shelf.shelf",
            "sync.shelf.tabs",
            "sync.shelf.sales",
            "sync.shelf.people",
            "sync.shelf.mine",
            "sync.shelf.department",
            "sync.shelf.closed",
            "sync.shelf.attached",
            "sync.shelf.cards",
            "sync.shelf.works",
            "sync.shelf.payments",
            "sync.shelf.triage",
            "sync.shelf.invoices",
            "sync.shelf.unmatched",
            "sync.shelf.summary",
            "sync.board.tables",
            "sync.board.drawing",
            "sync.shelf.settings",
            "sync.settings_book.asking",
            "sync.settings_book.calendar_days",
            "sync.settings_book.exchanges",
            "sync.settings_book.failures",
            "sync.settings_book.form_pages",
            "sync.settings_book.cards",
            "sync.settings_book.house",
            "sync.settings_book.intake",
            "sync.settings_book.naming",
            "sync.settings_book.shades",
            "sync.settings_book.pages",
            "sync.settings_book.papers",
            "sync.settings_book.people",
            "sync.settings_book.pipelines",
            "sync.settings_book.roles",
            "sync.settings_book.routing",
            "sync.settings_book.rules",
            "sync.settings_book.segments",
            "sync.settings_book.selling",
            "sync.settings_book.spans",
            "sync.settings_book.typed",
        ),
        every_book,
    ),
    Output("journal tab", ("sync.journal", "sync.lost_edits"), journal_tab, book=True),
    Output("contact cards", ("sync.card", "sync.contacts_mirror"), contacts, book=True),
    Output("own phone", ("sync.phones.portfolio", "sync.phones.writer"), own_phone),
    Output("own calendar", ("sync.calendars.faces", "sync.calendars.writer"), own_calendar),
    Output("notices", (), notices),
    Output("told", (), told),
    Output("bot", (), asked),
    Output("feed", ("onebox.web.feed",), feed, book=True),
    Output("api", ("api.v1.reading", "api.v1.doing"), api),
    Output("files", ("api.files_page",), files),
    Output("approvals", ("api.approval_page",), approvals),
    Output("health", ("api.health",), health_page, book=True),
    Output("counters", (), counted),
)

FOLDERS = ("functions/api", "functions/documents", "functions/reports", "functions/sync",
           "infra/onebox/commands", "infra/onebox/web")  # fmt: skip
EVERYBODYS = Actor(kind="staff", id="book:team", role=BOOK)
