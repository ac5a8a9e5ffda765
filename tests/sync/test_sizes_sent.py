"""What one flush sends is weighed as it leaves the machine: Google advises on its size."""

import json
from collections.abc import Iterator

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from sync.books import Memory
from sync.columns import Frame
from sync.outbox import LARGEST, Outbox
from sync.shelf.team import TABS
from sync.writing import Pen

ADVISED = 2_000_000  # bytes of one call
LEADS = next(tab for tab in TABS if tab.key == "leads")


class Scales(BaseAdapter):
    """A carrier that weighs and keeps bodies instead of sending them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def send(self, request: PreparedRequest, *_args: object, **_options: object) -> Response:
        assert isinstance(request.body, bytes)
        self.sent.append(request.body)
        response = Response()
        response.status_code, response._content = 200, b"{}"
        response.headers["content-type"] = "application/json"
        return response

    def close(self) -> None:
        """There is nothing to close."""

    @property
    def heaviest(self) -> int:
        return max(map(len, self.sent))

    def cells(self) -> list[list[str]]:
        """The rows of all ranges, as they were sent."""
        blocks = [block for body in self.sent for block in json.loads(body)["data"]]
        return [row for block in blocks for row in block["values"]]


@pytest.fixture
def scales() -> Scales:
    return Scales()


@pytest.fixture
def google(scales: Scales) -> Iterator[GspreadSheets]:
    port = GspreadSheets(
        Settings(google_endpoint="http://google.example", google_account="office@office.example")
    )
    port._http.session.mount("http://", scales)
    yield port
    port.close()


def test_russian_cells_are_sent_as_they_are_weighed(google: GspreadSheets, scales: Scales) -> None:
    rows = [[f"Клиент {number}", "о сделке " * 50] for number in range(3_000)]
    outbox = Outbox()
    for number, row in enumerate(rows):
        outbox.put("Лиды", 2 * number + 2, row)

    outbox.send(google, "book")

    assert scales.heaviest <= LARGEST + 100
    assert len(scales.sent) == 2
    assert scales.cells() == rows


def test_rows_with_long_cells_are_sent_a_few_at_a_time(
    google: GspreadSheets, scales: Scales
) -> None:
    rows = [["Ж" * 20_000, str(number)] for number in range(120)]
    outbox = Outbox()
    for number, row in enumerate(rows):
        outbox.put("Лиды", number + 2, row)

    outbox.send(google, "book")

    assert scales.heaviest <= ADVISED
    assert scales.cells() == rows


def test_added_rows_with_long_cells_are_sent_a_few_at_a_time(
    google: GspreadSheets, scales: Scales, desk: Desk
) -> None:
    pen = Pen(Frame(desk.settings()), Memory(mark="bk", key="team"))
    lines = [["Ж" * 20_000, str(number)] for number in range(120)]
    notes = [(0, f"заметка {number}") for number in range(120)]

    pen.append(LEADS, 1, [[*line] for line in lines], notes)
    pen.outbox.send(google, "book")

    requests = [it for body in scales.sent for it in json.loads(body)["requests"]]
    added = [row["values"] for it in requests for row in it["appendCells"]["rows"]]
    assert scales.heaviest <= ADVISED
    assert [cells[1]["userEnteredValue"]["stringValue"] for cells in added] == [
        it[1] for it in lines
    ]
    assert [cells[0]["note"] for cells in added] == [note for _, note in notes]


def test_half_a_character_is_sent_as_a_question_mark(google: GspreadSheets, scales: Scales) -> None:
    outbox = Outbox()
    outbox.put("Лиды", 2, ["\ud83d"])

    outbox.send(google, "book")

    assert scales.cells() == [["?"]]
