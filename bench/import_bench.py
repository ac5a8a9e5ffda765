"""Import of 100,000 mixed clients: rows a second with duplicate matching, and memory.

`python -m bench.import_bench [ROWS]` makes a CSV with 30 % repeats and 5 % errors among the rows,
imports it into a new office on SQLite in a process of its own, and prints one JSON object; first
the same with a tenth of the rows, to show that memory and speed stay flat.
"""

import csv
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bench.alone import alone
from bench.memory import peak_mib
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.adapters.table_files import open_table
from kartoteka.domain.table_import import ImportRun
from kartoteka.ports import QueuedTask
from kartoteka.services import importing
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker

ROWS = 100_000
_REPEATS, _ERRORS = 0.30, 0.05
_TITLES = ("ФИО", "Компания", "Телефон", "E-mail", "Теги", "Комментарий", "Заявка")
_FIRST = ("Анна", "Пётр", "Мария", "Иван", "Ольга", "Сергей", "Елена", "Николай")
_LAST = ("Иванова", "Петров", "Сидорова", "Кузнецов", "Смирнова", "Попов", "Орлова", "Волков")


class _Now:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - a bench runs in real time


class _NoQueue:
    """A queue that takes everything and does nothing."""

    def enqueue(self, task: QueuedTask) -> bool:
        return bool(task.name)


def write_clients(path: Path, rows: int, seed: int = 1) -> None:
    """Write a CSV of so many rows, the same for the same seed."""
    draw = Random(seed)
    with path.open("w", encoding="cp1251", newline="", errors="replace") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(_TITLES)
        people = 0
        for _ in range(rows):
            again = people > 0 and draw.random() < _REPEATS
            person = draw.randrange(people) if again else people
            people += not again
            table.writerow(_row(draw, person, bad=draw.random() < _ERRORS))


def _row(draw: Random, person: int, *, bad: bool) -> list[str]:
    number = f"{9_000_000_000 + person * 97 % 1_000_000_000}"
    area, rest = number[:3], f"{number[3:6]}-{number[6:8]}-{number[8:]}"
    spelled = draw.choice((f"+7 ({area}) {rest}", f"8{number}", f"8 {area} {rest}", f"+7{number}"))
    name = f"{_LAST[person % 8]} {_FIRST[person // 8 % 8]} {person}"
    return [
        name,
        f"ООО «Ромашка {person}»" if person % 3 == 0 else "",
        "нет телефона" if bad else spelled,
        f"client{person}@example.ru" if person % 2 else "",
        "vip, опт" if person % 10 == 0 else "",
        "Пришёл по рекомендации" if person % 20 == 0 else "",
        "да" if person % 50 == 0 else "",
    ]


def run(path: Path) -> dict[str, float | int | dict[str, int]]:
    """Return what an import of the file took, in this process."""
    folder = Path(tempfile.mkdtemp(prefix="import-bench-"))
    store, clock, queue = SqliteStore(folder / "office.sqlite3", mapped_bytes=0), _Now(), _NoQueue()
    set_up(store, clock, read_preset("law_firm"))
    desk = Desk(store, queue, clock, SettingsCache(store, 3600), Waker(queue, clock))
    director = next(p for p in desk.settings().staff if p.role == "director")
    before = peak_mib()
    started, used = time.perf_counter(), time.process_time()
    plan = importing.prepare(desk, actor(director), open_table(path))
    begun = importing.begin(desk, plan, cause="bench")
    rows = sum(len(verdicts) for verdicts in importing.run(desk, plan, begun))
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    totals = store.get("imports", begun.id)
    store.close()
    return {
        "rows": rows,
        "seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "rows_per_second": round(rows / wall),
        "rows_per_cpu_second": round(rows / cpu),
        "memory_before_mib": round(before, 1),
        "memory_growth_mib": round(peak_mib() - before, 1),
        "totals": ImportRun.model_validate(totals).totals if totals else {},
    }


def measure(rows: int) -> dict[str, object]:
    """Return what an import of so many rows took in a new process."""
    path = Path(tempfile.mkdtemp(prefix="import-bench-")) / "clients.csv"
    write_clients(path, rows)
    return alone("bench.import_bench", "--one", path)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(run(Path(sys.argv[2]))))
    else:
        wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
        print(json.dumps({"small": measure(wanted // 10), "large": measure(wanted)}, indent=2))
