"""The Sheets port through real gspread against the stand-in, over a real socket."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.sync.standin import stand_in

from kartoteka.adapters.sheets import GspreadSheets, build
from kartoteka.domain.errors import (
    ConfigError,
    NotAllowed,
    NotFound,
    ProviderDown,
    RateLimited,
)
from kartoteka.ports import Sheets
from kartoteka.settings import Settings
from onebox.google.app import Google

ADD = {"addSheet": {"properties": {"sheetId": 7, "title": "Наши 'лиды'"}}}
TAB = "'Наши ''лиды'''"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Google, str]]:
    with stand_in(tmp_path_factory.mktemp("google")) as both:
        yield both


@pytest.fixture
def google(served: tuple[Google, str]) -> Google:
    return served[0]


@pytest.fixture
def address(served: tuple[Google, str]) -> str:
    return served[1]


def connected(address: str, account: str = "office@office.example") -> Iterator[Sheets]:
    opened = build(Settings(google_endpoint=address, google_account=account))
    yield opened
    assert isinstance(opened, GspreadSheets)
    opened.close()


@pytest.fixture
def sheets(address: str) -> Iterator[Sheets]:
    yield from connected(address)


@pytest.fixture
def stranger(address: str) -> Iterator[Sheets]:
    yield from connected(address, "stranger@elsewhere.example")


@pytest.fixture
def book(sheets: Sheets) -> str:
    workbook = sheets.create("Картотека", "bk_1").id
    sheets.structure(workbook, [ADD])
    return workbook


def test_workbook_is_found_by_its_mark_oldest_first(sheets: Sheets) -> None:
    first = sheets.create("Картотека", "bk_found").id
    sheets.create("Картотека", "bk_found")

    assert sheets.find("bk_found") == first
    assert sheets.find("bk_nobody") is None


def test_new_workbook_is_as_google_says_when_it_is_asked(sheets: Sheets) -> None:
    made = sheets.create("Картотека", "bk_new")
    asked = sheets.info(made.id)

    assert (made.id, made.url, made.title) == (asked.id, asked.url, asked.title)
    assert {number: size[1:] for number, size in made.tabs.items()} == {
        number: size[1:] for number, size in asked.tabs.items()
    }


def test_new_workbook_tells_its_tabs_and_address(sheets: Sheets, book: str) -> None:
    info = sheets.info(book)

    assert info.title == "Картотека"
    assert info.tabs[7][0] == "Наши 'лиды'"
    assert book in info.url


def test_text_is_written_raw_and_read_whole(sheets: Sheets, book: str) -> None:
    row = ["=1+1", "+7916", "007", "'апостроф", "\u202e\U0001f600\nвторая", 46349.375, True, ""]
    sheets.write(book, {f"{TAB}!A1:H1": [row]})

    assert sheets.read(book, [TAB]) == [[row[:-1]]]


def test_none_leaves_a_cell_and_empty_text_clears_it(sheets: Sheets, book: str) -> None:
    sheets.write(book, {f"{TAB}!A1:C1": [["a", "b", "c"]]})
    sheets.write(book, {f"{TAB}!A1:C1": [[None, "", "d"]]})

    assert sheets.read(book, [TAB]) == [[["a", "", "d"]]]


def test_one_bad_range_writes_nothing(sheets: Sheets, book: str) -> None:
    with pytest.raises(ConfigError, match="Unable to parse range"):
        sheets.write(book, {f"{TAB}!A1:A1": [["a"]], "'Нет'!A1:A1": [["b"]]})

    assert sheets.read(book, [TAB]) == [[]]


def test_each_method_is_one_call(sheets: Sheets, google: Google, book: str) -> None:
    for work in (
        lambda: sheets.create("Ещё", "bk_2"),
        lambda: sheets.find("bk_2"),
        lambda: sheets.info(book),
        lambda: sheets.version(book),
        lambda: sheets.read(book, [TAB, f"{TAB}!A:B"]),
        lambda: sheets.write(book, {f"{TAB}!A1:A1": [["a"]], f"{TAB}!C1:C1": [["b"]]}),
        lambda: sheets.structure(book, [{"deleteSheet": {"sheetId": 7}}]),
        lambda: sheets.share(book, "anna@office.example", "writer"),
    ):
        before = google.calls.total()
        work()
        assert google.calls.total() == before + 1


def test_version_moves_with_every_write(sheets: Sheets, book: str) -> None:
    before = sheets.version(book)
    assert sheets.version(book) == before

    sheets.write(book, {f"{TAB}!A1:A1": [["a"]]})

    assert sheets.version(book) != before


def test_shared_workbook_opens_for_that_person_only(
    address: str, sheets: Sheets, stranger: Sheets, book: str
) -> None:
    with pytest.raises((NotFound, NotAllowed)):
        stranger.read(book, [TAB])

    sheets.share(book, "stranger@elsewhere.example", "reader")

    assert stranger.read(book, [TAB]) == [[]]
    with pytest.raises(NotAllowed):
        stranger.write(book, {f"{TAB}!A1:A1": [["a"]]})


def test_unknown_workbook_is_not_found(sheets: Sheets) -> None:
    with pytest.raises(NotFound) as caught:
        sheets.read("1nobody", [TAB])

    assert caught.value.code == "google_gone"


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("429", RateLimited),
        ("500", ProviderDown),
        ("502", ProviderDown),
        ("503", ProviderDown),
        ("drop", ProviderDown),
    ],
)
def test_fault_of_google_goes_to_the_queue(
    sheets: Sheets, google: Google, action: str, error: type[Exception]
) -> None:
    book = sheets.create("Картотека", "bk_fault").id
    sheets.structure(book, [ADD])
    google.faults.push("values.batchGet", action)

    with pytest.raises(error):
        sheets.read(book, [TAB])

    assert sheets.read(book, [TAB]) == [[]]


def test_rate_limit_says_when_to_come_back(sheets: Sheets, google: Google, book: str) -> None:
    google.faults.push("values.batchGet", "429", retry_after=12)

    with pytest.raises(RateLimited) as caught:
        sheets.read(book, [TAB])

    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 12


def test_forbidden_for_speed_is_a_rate_limit() -> None:
    error = {"code": 403, "message": "slow", "errors": [{"reason": "userRateLimitExceeded"}]}

    with _answering(403, "application/json", json.dumps({"error": error})) as address:
        sheets = GspreadSheets(Settings(google_endpoint=address))
        with pytest.raises(RateLimited):
            sheets.version("x")
        sheets.close()


def test_page_instead_of_an_answer_is_an_outage() -> None:
    with _answering(200, "text/html", "<html>Sign in</html>") as address:
        sheets = GspreadSheets(Settings(google_endpoint=address))
        with pytest.raises(ProviderDown):
            sheets.read("x", ["A1"])
        sheets.close()


def test_nobody_at_the_address_is_an_outage() -> None:
    with _answering(200, "text/html", "") as address:
        pass
    sheets = GspreadSheets(Settings(google_endpoint=address))

    with pytest.raises(ProviderDown):
        sheets.info("x")
    sheets.close()


def test_account_that_was_never_connected_is_named() -> None:
    with pytest.raises(ConfigError, match="KARTOTEKA_GOOGLE_TOKEN"):
        build(Settings()).version("x")


class _answering:  # noqa: N801 - reads as a sentence in `with`
    """A server that gives one answer to everything."""

    def __init__(self, status: int, kind: str, body: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
