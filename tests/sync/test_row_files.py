"""A row whose client has files shows it and leads its reader to them."""

from types import SimpleNamespace
from typing import Any

from tests.access.office_cast import activity, client, deal, lead, task
from tests.sync.books_office import HEAD_BOOK, Shelf
from tests.sync.pasting_office import desktop
from tests.sync.test_row_links import led

from api.files_page import files_page
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.matrix import BOOK
from kartoteka.domain.model import Attachment, Lead, Staff
from kartoteka.domain.office import Settings
from kartoteka.http import Call
from kartoteka.services.file_links import FileLinks
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.setup import read_preset
from kartoteka.services.unit import Unit, transact
from sync.colours import colour_requests
from sync.columns import FILED, Frame, View
from sync.shelf.attached import files_of, marked
from sync.shelf.editions import TEAM, editions
from sync.shelf.shelf import BOOKS
from sync.shelf.tabs import FREE, MY_CLIENTS, MY_REQUESTS, MY_TASKS, REQUESTS

__all__ = ["desktop"]

ANNA_BOOK, NEXT = "mine.st_anna", "Следующий шаг"
FILE = Attachment(name="Паспорт.pdf", media_type="application/pdf", size=9, ref="fl_1")


def attach(shelf: Shelf, lead_id: str, name: str = "ac_file") -> None:
    """A file comes by a letter of the client."""
    known = shelf.lead(lead_id)
    event = activity(id=name, client_id=known.client_id, lead_id=known.id, files=(FILE,))
    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(), work=lambda unit: unit.save(event))


def opened(shelf: Shelf, address: str) -> tuple[int, bool]:
    """Return the status of the page behind a link, and whether it names the file."""
    token = address.rpartition("/api/f/")[2]
    app: Any = SimpleNamespace(desk=shelf.app.desk, store=shelf.app.store, clock=shelf.clock)
    reply = files_page(Call("GET", ("f", token)), app, token)
    return reply.status, FILE.name in reply.body.decode()


def filed(shelf: Shelf, key: str) -> list[str]:
    return [link for link in led(shelf, key) if "/api/f/" in link]


def test_row_of_a_client_with_a_file_leads_each_reader_to_it_by_their_own_rights(
    desktop: Shelf,
) -> None:
    plain, lead_id = desktop.request(), desktop.request()
    attach(desktop, lead_id)
    desktop.drain()
    there = desktop.there(HEAD_BOOK, REQUESTS)

    assert str(there.shown(lead_id, NEXT)).endswith(f" {FILED}")
    assert FILED not in str(there.shown(plain, NEXT))
    mine, heads = filed(desktop, ANNA_BOOK), filed(desktop, HEAD_BOOK)
    assert {it.rpartition("/")[2].split(".")[1] for it in mine} == {"lead", "client"}
    assert "/st_anna." in mine[0]
    assert "/st_viktor." in heads[0]
    assert [opened(desktop, it) for it in (mine[0], heads[0])] == [(200, True), (200, True)]


def test_first_file_of_a_known_client_is_shown_and_a_second_one_writes_no_cell(
    desktop: Shelf,
) -> None:
    lead_id = desktop.request()
    desktop.drain()
    attach(desktop, lead_id)
    desktop.drain()
    assert FILED in str(desktop.there(HEAD_BOOK, REQUESTS).shown(lead_id, NEXT))
    desktop.look()
    before = len(filed(desktop, ANNA_BOOK))
    attach(desktop, lead_id, "ac_more")
    desktop.drain()

    assert len(filed(desktop, ANNA_BOOK)) == before
    assert desktop.wrong_anywhere() == []


def test_sorted_and_typed_over_the_mark_is_no_edit_and_comes_back(desktop: Shelf) -> None:
    leads = [desktop.request() for _ in range(3)]
    attach(desktop, leads[1])
    desktop.drain()
    there = desktop.there(HEAD_BOOK, REQUESTS)
    there.tab.grid[1:] = there.tab.grid[:0:-1]
    there.type(leads[1], NEXT, "без скрепки")
    for _ in range(4):
        desktop.look()

    assert FILED in str(there.shown(leads[1], NEXT))
    assert desktop.wrong_anywhere() == []


def test_request_given_away_takes_the_files_with_it(desktop: Shelf) -> None:
    lead_id = desktop.request()
    attach(desktop, lead_id)
    desktop.drain()
    [address, *_] = filed(desktop, ANNA_BOOK)

    def work(unit: Unit) -> None:
        known = unit.need(Lead, lead_id)
        unit.save(known.model_copy(update={"owner_id": "st_viktor"}))
        owner = unit.need(type(client()), known.client_id)
        unit.save(owner.model_copy(update={"owner_id": "st_viktor"}))

    transact(desktop.app.store, SYSTEM, "test", desktop.clock.now(), work=work)

    assert opened(desktop, address) == (404, False)


def test_when_a_reader_leaves_rows_of_the_shared_book_get_links_that_only_the_others_have(
    desktop: Shelf,
) -> None:
    lead_id = desktop.request()
    attach(desktop, lead_id)
    desktop.drain()
    [known] = {*filed(desktop, TEAM)}
    assert ("/~book.lead." in known, opened(desktop, known)) == (True, (200, True))

    def leaves(unit: Unit) -> None:
        unit.save(unit.need(Staff, "st_anna").model_copy(update={"active": False}))

    transact(desktop.app.store, SYSTEM, "test", desktop.clock.now(), work=leaves)
    assert isinstance(desktop.app.desk.settings, SettingsCache)
    desktop.app.desk.settings.forget()
    assert opened(desktop, known) == (404, False)
    desktop.drain()

    assert opened(desktop, filed(desktop, TEAM)[-1]) == (200, True)
    assert desktop.wrong_anywhere() == []


def frame_of(name: str, desk: Desk | None = None) -> Frame:
    preset = read_preset("law_firm")
    settings = Settings(office=preset.office, staff=preset.staff, forms=preset.forms)
    person = settings.person(name)
    reader = actor(person, settings) if person is not None else Actor(
        kind="staff", id="book", role=BOOK
    )  # fmt: skip
    return Frame(settings, reader, files=FileLinks(desk).address if desk is not None else None)


def test_who_knows_a_client_by_a_task_alone_sees_no_mark(desk: Desk) -> None:
    stranger = client(has_files=True, owner_id="st_boris")
    own = task(client_id="cl_1", lead_id=None)
    alone, with_lead = (
        View("ts_1", client=stranger, task=own),
        View("ld_1", client=stranger, lead=lead()),
    )

    assert marked("Позвонить", alone, frame_of("st_anna")) == "Позвонить"
    assert files_of(alone, frame_of("st_anna", desk)) == ""
    assert marked("", with_lead, frame_of("st_anna")) == FILED
    assert "/api/f/st_anna.lead.ld_1." in files_of(with_lead, frame_of("st_anna", desk))


def test_deal_comes_before_its_request_and_an_accountant_sees_no_mark(desk: Desk) -> None:
    view = View("dl_1", client=client(has_files=True), deal=deal(), lead=lead())

    assert "/api/f/st_olga.deal.dl_1." in files_of(view, frame_of("st_olga", desk))
    assert "/api/f/~book.deal.dl_1." in files_of(view, frame_of("nobody", desk))
    accountant = next(it for it in read_preset("law_firm").staff if it.role == "accountant")
    assert marked("Счёт", view, frame_of(accountant.id)) == "Счёт"


def test_step_that_is_nothing_but_the_mark_is_still_shown_as_unplanned() -> None:
    rules = colour_requests(REQUESTS, frame_of("st_olga"))

    assert sum('=""' in str(it) and f'="{FILED}"' in str(it) for it in rules) == 1


def test_every_tab_that_shows_clients_has_a_cell_that_leads_to_their_files() -> None:
    for tab in (MY_REQUESTS, REQUESTS, FREE, MY_TASKS, MY_CLIENTS):
        assert [it.key for it in tab.columns if it.link is files_of], tab.key


def test_who_may_not_read_files_is_not_of_the_team_s_book(desk: Desk) -> None:
    def of_team(*levels: tuple[str, str]) -> bool:
        office = desk.settings().office
        spec = {"id": "manager", "name": "Менеджер", "base": "director", "levels": dict(levels)}
        changed = type(office).model_validate({**office.model_dump(mode="json"), "roles": [spec]})
        settings = desk.settings().model_copy(update={"office": changed})
        team = editions(settings, BOOKS).get(TEAM)
        return team is not None and "anna@office.example" in team.shares

    assert of_team()
    assert not of_team(("history", "none"))
