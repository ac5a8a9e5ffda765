"""One book is out of order: the others are on time, health names it, and in the end all agree."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from requests import PreparedRequest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import ANNA_BOOK, BORIS_BOOK, HEAD_BOOK, Shelf
from tests.sync.books_office import shelf as all_books
from tests.sync.many_hands import Troubled
from tests.sync.straight_google import OFFICE, StraightGoogle, connected

from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.domain.errors import ConfigError, NotAllowed, ProviderDown, RateLimited
from kartoteka.services.health import examine, words
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from onebox.google.app import GoogleOptions, build_google
from sync import books
from sync.reconcile import reconcile
from sync.sheets_mirror import answer, drain

TICK = timedelta(seconds=30)


@pytest.fixture
def sheets() -> Troubled:
    return Troubled()


def queue_runs(made: Shelf, tasks: FakeTasks) -> None:
    """Do what is due in the queue of the sheets."""
    now = made.clock.now()
    due = [task for task in tasks.queued if task.at is None or task.at <= now]
    for task in due:
        tasks.queued.remove(task)
        if task.path == "/sync/drain/sheets" and "age" not in task.payload:
            answer(made.app, task.payload)


def an_hour_passes(made: Shelf, tasks: FakeTasks, meanwhile: list[str]) -> None:
    """Every five minutes a request comes; every minute somebody of the office looks."""
    for minute in range(60):
        if minute % 5 == 0:
            meanwhile.append(made.request(owner="st_boris"))
            made.rename(meanwhile[0], f"Имя {minute}")
        drain(made.app)
        for _ in range(2):
            made.clock.advance(TICK)
            queue_runs(made, tasks)
        if minute % 5 == 1:
            assert meanwhile[-1] in made.there(BORIS_BOOK).ids()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ProviderDown, "Google отвечает ошибкой"),
        (RateLimited, "Google просит подождать"),
        (ConfigError, "проверьте аккаунт офиса"),
        (NotAllowed, "нет доступа к файлу"),
        (KeyError, "ошибка программы"),
    ],
)
def test_outage_of_one_book_for_an_hour_keeps_no_other_late_and_is_told(
    shelf: Shelf, tasks: FakeTasks, error: type[Exception], why: str
) -> None:
    sheets = shelf.app.sheets
    assert isinstance(sheets, Troubled)
    shelf.drain()
    sheets.down[shelf.keys_of()[HEAD_BOOK]] = error
    since = shelf.clock.now()
    came: list[str] = []

    an_hour_passes(shelf, tasks, came)

    told = [line for line in words(examine(shelf.app.desk), "ru") if "не обновляется" in line]
    assert len(told) == 1
    assert HEAD_BOOK in told[0]
    assert "Таблицы: отстают таблиц: 1" in words(examine(shelf.app.desk), "ru")
    assert f"{since + timedelta(hours=3):%d.%m %H:%M}" in told[0]
    assert why in told[0]
    assert not examine(shelf.app.desk).ok
    asked = sheets.read_from.count(shelf.keys_of()[HEAD_BOOK])
    assert asked <= 30

    sheets.down.clear()
    shelf.clock.advance(timedelta(minutes=5))
    queue_runs(shelf, tasks)

    assert set(came) <= set(shelf.there(HEAD_BOOK).ids())
    assert shelf.wrong_anywhere() == []
    assert [line for line in words(examine(shelf.app.desk), "ru") if "не обновляется" in line] == []


def test_error_of_ours_after_an_outage_is_told_as_such(shelf: Shelf, sheets: Troubled) -> None:
    shelf.drain()
    file = shelf.keys_of()[HEAD_BOOK]
    lead, told = shelf.request(owner="st_boris"), []
    for error in (RateLimited, ValueError):
        sheets.down[file] = error
        shelf.rename(lead, error.__name__)
        drain(shelf.app)
        shelf.clock.advance(timedelta(minutes=1))
        drain(shelf.app, look=True)
        told += [line for line in words(examine(shelf.app.desk), "en") if HEAD_BOOK in line]

    assert ["wait" in line for line in told] == [True, False]
    assert "an error of the program" in told[1]
    assert shelf.there(BORIS_BOOK).shown(lead, "Имя") == "ValueError"


def test_book_of_a_dismissed_person_that_is_out_of_order_stops_nobody_and_is_closed_later(
    shelf: Shelf, sheets: Troubled
) -> None:
    shelf.drain()
    file = shelf.keys_of()[ANNA_BOOK]
    sheets.down[file] = ProviderDown
    shelf.request()
    drain(shelf.app)
    shelf.do("staff.dismiss", "olga@office.example", staff="st_anna")
    lead = shelf.request(owner="st_boris")

    drain(shelf.app)

    assert lead in shelf.there(BORIS_BOOK).ids()
    assert sheets.books[file].shared == ["anna@office.example"]
    sheets.down.clear()
    drain(shelf.app, look=True)
    assert sheets.books[file].shared == []
    assert examine(shelf.app.desk).late_books == {}


def test_deleted_file_is_made_anew_and_the_others_are_on_time(
    shelf: Shelf, sheets: Troubled
) -> None:
    leads = [shelf.request() for _ in range(3)]
    shelf.drain()
    gone = shelf.keys_of()[ANNA_BOOK]
    del sheets.books[gone]
    shelf.rename(leads[0], "Другое имя")

    drain(shelf.app)

    assert shelf.keys_of()[ANNA_BOOK] != gone
    assert sorted(shelf.there(ANNA_BOOK).ids()) == sorted(leads)
    assert shelf.wrong_anywhere() == []


def test_book_whose_next_try_was_lost_with_the_queue_is_asked_for_by_the_tick(
    shelf: Shelf, sheets: Troubled, tasks: FakeTasks
) -> None:
    shelf.drain()
    file = shelf.keys_of()[HEAD_BOOK]
    sheets.down[file] = ProviderDown
    lead = shelf.request()
    drain(shelf.app)
    tasks.queued.clear()
    sheets.down.clear()

    shelf.clock.advance(timedelta(minutes=3))
    reconcile(shelf.app)
    queue_runs(shelf, tasks)

    assert lead in shelf.there(HEAD_BOOK).ids()


def test_revoked_token_is_told_of_every_book_and_all_catch_up(
    shelf: Shelf, sheets: Troubled, tasks: FakeTasks
) -> None:
    shelf.drain()
    files = list(sheets.books)
    sheets.down.update(dict.fromkeys(files, ConfigError))
    lead = shelf.request()
    with pytest.raises(ConfigError):
        drain(shelf.app)
    late = examine(shelf.app.desk).late_books
    assert {book.why for book in late.values()} == {"refused"}
    shelf.clock.advance(timedelta(hours=1))
    with pytest.raises(ConfigError):
        drain(shelf.app)

    sheets.down.clear()
    drain(shelf.app)
    reconcile(shelf.app)
    queue_runs(shelf, tasks)

    assert lead in shelf.there(ANNA_BOOK).ids()
    assert shelf.wrong_anywhere() == []
    assert examine(shelf.app.desk).late_books == {}


@pytest.fixture
def straight(
    tmp_path: Path, desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> Iterator[tuple[Shelf, StraightGoogle]]:
    google = build_google(tmp_path / "google.db", clock.now, GoogleOptions(quotas=False))
    carrier = StraightGoogle(google)
    settings = Settings(google_endpoint="http://google.example/google", google_account=OFFICE)
    port = connected(GspreadSheets(settings), carrier)
    yield all_books(desk, clock, tasks, port), carrier
    port.close()
    google.close()


def test_file_that_answers_500_through_gspread_rests_and_catches_up(
    straight: tuple[Shelf, StraightGoogle], tasks: FakeTasks
) -> None:
    made, carrier = straight
    drain(made.app)
    file = made.keys_of()[ANNA_BOOK]
    refused: list[str] = []

    def broken(request: PreparedRequest) -> None:
        if file in str(request.url):
            refused.append(str(request.method))
            carrier.google.faults.push("sheets", "500")

    carrier.before = broken
    made.clock.advance(timedelta(minutes=2))
    lead = made.request()
    drain(made.app)
    made.rename(lead, "Другое имя")
    drain(made.app)

    assert len(refused) == 1
    memory = books.recall(made.app.store, ANNA_BOOK)
    assert memory is not None
    assert memory.fault == "down"
    [head] = made.app.sheets.read(made.keys_of()[HEAD_BOOK], ["'Заявки'!A:C"])
    assert any("Другое имя" in map(str, row) for row in head)

    carrier.before = lambda _: None
    made.clock.advance(timedelta(minutes=5))
    queue_runs(made, tasks)

    [own] = made.app.sheets.read(file, ["'Заявки'!A:C"])
    assert any("Другое имя" in map(str, row) for row in own)
    assert examine(made.app.desk).late_books == {}
