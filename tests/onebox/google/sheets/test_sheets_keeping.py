"""What was answered is kept: restarts, kills, writes that touch little, threads at once."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.onebox.google.sheets.sheets_desk import ANNA, Desk, Workbook

from onebox.google.sheets.sheet import CHUNK, Sheet

_ROOT = Path(__file__).parents[4]
_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from onebox.google.sheets.service import SheetsService
from onebox.google.storage import Vault
service = SheetsService(Vault(Path(sys.argv[1])), lambda: datetime.now(UTC), lambda _: None)
number = 0
while True:
    number += 1
    query, body = {"valueInputOption": "RAW"}, {"values": [[number, "x" * 500]]}
    service.values_append("a@b", sys.argv[2], "Sheet1", query=query, body=body)
    print(number, flush=True)
"""


def test_everything_is_there_after_a_restart(desk, book):
    rows = [[n, f"строка {n}"] for n in range(CHUNK * 2 + 10)]
    book.batch({"appendDimension": {"dimension": "ROWS", "length": 1000}})
    book.put("A1", rows)
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    area = {"startRowIndex": 0, "endRowIndex": 1}
    book.batch({"repeatCell": {"range": area, "cell": bold, "fields": "userEnteredFormat"}})
    before = (book.get("Sheet1"), book.cell("A1"), book.resource())
    desk.vault.close()
    desk.open()

    assert (book.get("Sheet1"), book.cell("A1"), book.resource()) == before


def test_rows_deleted_and_sheets_removed_stay_gone_after_a_restart(desk, book):
    book.put("A1", [[n] for n in range(900)])
    book.batch(
        {"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 10, "endIndex": 890}}},
        {"addSheet": {"properties": {"title": "Б", "sheetId": 4}}},
    )
    book.batch({"deleteSheet": {"sheetId": 4}})
    desk.vault.close()
    desk.open()

    assert [row[0] for row in book.get("Sheet1")] == [*range(10), *range(890, 900)]
    assert len(book.resource()["sheets"]) == 1


def test_every_answered_append_survives_a_killed_process(tmp_path):
    desk = Desk(tmp_path / "google.sqlite3")
    book = Workbook(desk)
    desk.vault.close()
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(desk.path), book.id],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(_ROOT / "infra")},
    ) as writer:
        answered = [int(writer.stdout.readline()) for _ in range(40)]
        writer.send_signal(signal.SIGKILL)
        answered += [int(line) for line in writer.stdout if line.endswith("\n")]
    desk.open()
    kept = [row[0] for row in book.get("Sheet1!A:A")]
    desk.vault.close()

    assert kept[: len(answered)] == answered
    assert len(kept) <= len(answered) + 1


def test_one_changed_cell_writes_one_chunk(desk, book):
    book.batch({"appendDimension": {"dimension": "ROWS", "length": 9000}})
    book.put("A1", [[n] for n in range(10_000)])
    written = []
    original = desk.vault.write_chunks

    def counting(owner, chunks):
        kept = list(chunks)
        written.extend(number for number, _ in kept)
        original(owner, kept)

    desk.vault.write_chunks = counting
    book.put("A4321", [["изменено"]])

    assert written == [4320 // CHUNK]


def test_reader_keeps_the_version_it_began_with(desk, book):
    book.put("A1", [["старое"]])
    version = desk.service.library.get(book.id)
    book.put("A1", [["новое"]])

    assert version.sheets[0].cell(0, 0) == "старое"
    assert desk.service.library.get(book.id).version == version.version + 1


def test_refused_listener_leaves_nothing_written(tmp_path):
    def fail(_id):
        raise RuntimeError

    desk = Desk(tmp_path / "google.sqlite3")
    book = Workbook(desk)
    desk.service._on_change = fail
    with pytest.raises(RuntimeError):
        book.put("A1", [["x"]])

    assert book.get("A1") == []
    desk.vault.close()


def test_threads_appending_at_once_lose_nothing(desk, book):
    def work(name):
        for number in range(10):
            desk.service.values_append(
                ANNA,
                book.id,
                "Sheet1",
                query={"valueInputOption": "RAW"},
                body={"values": [[f"{name}-{number}"]]},
            )

    threads = [threading.Thread(target=work, args=(name,)) for name in "абвг"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = {row[0] for row in book.get("A:A")}
    assert found == {f"{name}-{number}" for name in "абвг" for number in range(10)}


def test_file_copied_renamed_and_removed_for_drive(desk, book):
    book.put("A1", [["x", "=A1"]], "USER_ENTERED")
    desk.service.copy(book.id, "copy-1", "Копия")
    desk.service.retitle("copy-1", "Другая")
    book.put("A1", [["y"]])
    twin = desk.call("GET", "/copy-1/values/A1:B1")
    title = desk.call("GET", "/copy-1")["properties"]["title"]
    desk.service.remove("copy-1")
    gone = desk.refusal("GET", "/copy-1")

    assert (twin["values"], title, gone.status) == ([["x", "x"]], "Другая", 404)


def test_version_read_while_the_next_one_is_made_of_it_harms_nobody():
    class Looked:
        """A part of a sheet during whose copying somebody else looks at the sheet."""

        def __deepcopy__(self, memo):
            sheet.items("charts")
            return self

    sheet = Sheet({"properties": {}, "looked": Looked()})
    twin = sheet.fork()

    assert twin.meta.keys() == {"properties", "looked"}
