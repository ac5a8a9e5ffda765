"""All books through real gspread against the stand-in: shares, rights of the file, an action."""

from collections.abc import Iterator

import httpx
import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import ANNA_BOOK, HEAD_BOOK, Shelf, shelf
from tests.sync.sheets_office import ANNA, BORIS
from tests.sync.standin import OFFICE, stand_in

from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from onebox.google.app import Google
from onebox.google.errors import GoogleError
from onebox.google.sheets.ui import Hands
from sync import books, trail
from sync.sheets_mirror import drain
from sync.shelf import tabs

OLGA = "olga@office.example"


@pytest.fixture
def office(
    tmp_path_factory: pytest.TempPathFactory, desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> Iterator[tuple[Shelf, Google, str]]:
    with stand_in(tmp_path_factory.mktemp("google")) as (google, address):
        sheets = GspreadSheets(Settings(google_endpoint=address, google_account=OFFICE))
        yield shelf(desk, clock, tasks, sheets), google, address
        sheets.close()


def id_of(made: Shelf, key: str) -> str:
    memory = books.recall(made.app.store, key)
    assert memory is not None
    return memory.spreadsheet_id


def test_files_are_closed_to_others_and_to_copying(office: tuple[Shelf, Google, str]) -> None:
    made, google, address = office
    drain(made.app)
    mine = id_of(made, ANNA_BOOK)

    assert google.sheets.readable(ANNA, mine)
    for stranger in (BORIS, OLGA):
        with pytest.raises(GoogleError):
            google.sheets.readable(stranger, mine)
    answer = httpx.get(
        f"{address}/drive/v3/files/{mine}",
        params={"fields": "writersCanShare,copyRequiresWriterPermission"},
        headers={"Authorization": f"Bearer stand-in:{OFFICE}"},
    )
    about = answer.json()
    assert about == {"writersCanShare": False, "copyRequiresWriterPermission": True}

    made.do("staff.dismiss", OLGA, staff="st_anna")
    drain(made.app)

    with pytest.raises(GoogleError):
        google.sheets.readable(ANNA, mine)


def test_action_chosen_in_the_sheet_is_answered_beside_it(
    office: tuple[Shelf, Google, str],
) -> None:
    made, google, _ = office
    lead = made.request()
    drain(made.app)
    book, tab = id_of(made, HEAD_BOOK), tabs.REQUESTS
    place = tab.keys.index("action")
    Hands(google.sheets).edit(
        book, tab.sheet_id, 1, place, text="Передать: Борис Ким", user="viktor@office.example"
    )
    report = trail.Report(
        "ed_1", "2026-11-23T06:00", "viktor@office.example", tab.sheet_id, (lead,),
        (place + 1, place + 1), "Передать: Борис Ким", (2, 2),
    )  # fmt: skip
    doc = report.doc(HEAD_BOOK)
    made.app.store.run(lambda tx: tx.put(trail.COLLECTION, report.id, doc))

    drain(made.app)

    [rows] = made.app.sheets.read(book, ["'Заявки'"])
    assert made.lead(lead).owner_id == "st_boris"
    assert rows[1][place] == ""
    assert str(rows[1][place + 1]).endswith("✓ Передать: Борис Ким")
