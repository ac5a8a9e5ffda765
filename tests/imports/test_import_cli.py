"""Import and export as an operator types them; a process killed in the middle of a file."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.table_import import ImportRun
from kartoteka.ports import Query
from onebox.cli import run

DIRECTOR, MANAGER = "olga@office.example", "anna@office.example"


@pytest.fixture
def box(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["init", "--data", str(tmp_path / "office")]) == 0
    capsys.readouterr()
    return tmp_path / "office"


def listed(folder: Path, rows: list[str], name: str = "list.csv") -> str:
    path = folder.parent / name
    path.write_bytes("\r\n".join(["ФИО;Телефон;Цвет", *rows]).encode("cp1251"))
    return str(path)


def asked(box: Path, *words: str) -> list[str]:
    return [*words, "--data", str(box)]


def stored(box: Path, collection: str) -> list[dict]:
    with closing(SqliteStore(box / "office.sqlite3")) as store:
        return [dict(hit.doc) for hit in store.query(Query(collection))]


def test_a_try_shows_every_verdict_and_the_import_can_be_undone(box, capsys) -> None:
    path = listed(box, ["Анна;89162041183;синий", "Кто;нет;", "Аня;8 916 204 11 83;"])

    assert run(asked(box, "import", path, "--dry-run", "--as", DIRECTOR)) == 0
    tried = capsys.readouterr().out
    assert stored(box, "clients") == []
    assert run(asked(box, "import", path, "--as", DIRECTOR, "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert run(asked(box, "undo", told["batch"], "--as", DIRECTOR)) == 0

    assert "«Телефон»: «нет» — не номер телефона" in tried
    assert "Columns not read: Цвет" in tried
    assert [row["verdict"] for row in told["rows"]] == ["new", "error", "duplicate"]
    assert told["rows"][1]["columns"] == ["Телефон"]
    assert told["totals"] == {"new": 1, "update": 0, "duplicate": 1, "error": 1}
    assert (stored(box, "clients"), stored(box, "keys")) == ([], [])


def test_the_report_has_every_row(box, tmp_path: Path) -> None:
    path = listed(box, ["=1+1;89162041183;", "Кто;=2;"])

    assert (
        run(asked(box, "import", path, "--as", DIRECTOR, "--report", str(tmp_path / "r.csv"))) == 0
    )

    lines = (tmp_path / "r.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "Строка;Итог;Почему;Код клиента"
    assert [line.split(";")[:2] for line in lines[1:]] == [["2", "новый"], ["3", "ошибка"]]


def test_columns_may_be_named_on_the_command_line(box, capsys) -> None:
    path = listed(box, ["Анна;;89162041183"])

    assert run(asked(box, "import", path, "--as", DIRECTOR, "--map", "Цвет=phone", "--json")) == 0

    assert json.loads(capsys.readouterr().out)["totals"]["new"] == 1


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_is_importable(box, tmp_path: Path, capsys, kind: str) -> None:
    path = str(tmp_path / f"template.{kind}")

    assert run(asked(box, "import", path, "--template", kind)) == 0
    capsys.readouterr()
    assert run(asked(box, "import", path, "--dry-run", "--as", DIRECTOR, "--json")) == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["ignored"], told["totals"]["new"], told["totals"]["error"]) == ([], 1, 0)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["import", "LIST"], "--as EMAIL"),
        (["import", "LIST", "--template", "csv"], "уже есть"),
        (["import", "LIST", "--as", MANAGER], "kartoteka:"),
        (["import", "LIST", "--as", "nobody@x.ru"], "kartoteka:"),
        (["import", "absent.csv", "--as", DIRECTOR], "absent.csv не читается"),
        (["import", "LIST", "--as", DIRECTOR, "--map", "Цвет"], '--map "Title=phone"'),
        (["import", "LIST", "--as", DIRECTOR, "--map", "Цвт=phone"], "Ближайшее: Цвет"),
        (["import", "LIST", "--as", DIRECTOR, "--map", "Телефон=-"], "Нет столбца с телефоном"),
        (["export", "clients", "--as", MANAGER, "--out", "x.csv"], "kartoteka:"),
        (["export", "leads", "--as", DIRECTOR, "--out", "x.vcf"], "csv, xlsx"),
        (["export", "leads", "--as", DIRECTOR, "--out", "/absent/x.csv"], "записать нельзя"),
        (["export", "leads", "--as", DIRECTOR, "--out", "x.csv", "--only", "state"], "state=open"),
    ],
)
def test_a_wrong_command_says_what_to_change(box, capsys, words, says) -> None:
    path = listed(box, ["Анна;89162041183;"])

    assert run(asked(box, *(path if word == "LIST" else word for word in words))) == 2

    assert says in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["csv", "xlsx", "vcf"])
def test_an_exported_file_is_read_back(box, tmp_path: Path, capsys, kind: str) -> None:
    run(
        asked(
            box,
            "import",
            listed(box, ["=Анна;89162041183;", "Пётр;89162041184;"]),
            "--as",
            DIRECTOR,
        )
    )
    out = str(tmp_path / f"out.{kind}")
    capsys.readouterr()

    assert run(asked(box, "export", "clients", "--as", DIRECTOR, "--out", out, "--json")) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 2
    assert run(asked(box, "import", out, "--dry-run", "--as", DIRECTOR, "--json")) == 0

    assert json.loads(capsys.readouterr().out)["totals"]["duplicate"] == 2
    if kind == "xlsx":
        assert openpyxl.load_workbook(out).active["A2"].data_type in {"s", "inlineStr"}


@pytest.mark.fault
def test_an_import_killed_at_any_moment_goes_on_doubles_nothing_and_is_undone(box, capsys) -> None:
    people = 9_000
    assert (
        run(asked(box, "do", "lead.add", "--as", MANAGER, "--json", '{"phone": "89260000001"}'))
        == 0
    )
    before = {what: stored(box, what) for what in ("clients", "leads", "keys")}
    capsys.readouterr()
    path = listed(box, [f"К{n};8916{n % people:07};" for n in range(people + 500)])
    words = asked(box, "import", path, "--as", DIRECTOR)
    for seen in (1, 3_000, 6_000):
        _killed_behind(box, words, seen)

    assert run([*words, "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["resumed_rows"] >= 6_000
    assert told["totals"] == {"new": people, "update": 0, "duplicate": 500, "error": 0}
    assert len(stored(box, "clients")) == people + 1
    assert len(stored(box, "imports")) == 1

    assert run(asked(box, "undo", told["batch"], "--as", DIRECTOR)) == 0
    assert {what: stored(box, what) for what in before} == before


def _killed_behind(box: Path, words: list[str], rows: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "onebox", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with closing(SqliteStore(box / "office.sqlite3")) as store:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            runs = [ImportRun.model_validate(hit.doc) for hit in store.query(Query("imports"))]
            if runs and runs[0].rows >= rows:
                break
            time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
