"""1C's catalogue of fifty thousand goods over HTTP calls: memory, the longest step, resumption.

`python -m bench.catalogue GOODS` does it in this process and prints one JSON object; the part of
the bench runs it twice in processes of their own, to show that memory does not grow with the goods.
"""

import base64
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.alone import alone
from bench.base import NoTasks
from bench.memory import peak_mib
from bench.report import Row, at_most, told
from ingest.pipeline import receive
from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.office import Account
from kartoteka.http import Call, Reply
from kartoteka.ports import Query
from kartoteka.services.setup import read_preset, set_up
from kartoteka.settings import Settings
from kartoteka.wiring import App

GOODS = 50_000
_SMALL = 5_000
_PART = 2 * 1024 * 1024
_TOKEN, _SECRET = "commerceml_bench", "bench-secret"
_STEP_LIMIT_S, _MEMORY_LIMIT_MIB = 25.0, 200.0
_ROOT = "КоммерческаяИнформация"


@dataclass
class Program:
    """A 1C without a network: the longest call and their number are what is measured."""

    app: App
    cookie: dict[str, str] = field(default_factory=dict)
    longest_s: float = 0.0
    calls: int = 0

    def call(self, mode: str, body: bytes = b"", **more: str) -> list[str]:
        """Return the lines of the answer."""
        query = (("type", "catalog"), ("mode", mode), *more.items())
        started = time.perf_counter()
        reply = receive(self._made(query, body), self.app)
        self.longest_s = max(self.longest_s, time.perf_counter() - started)
        self.calls += 1
        return _lines(reply)

    def _made(self, query: tuple[tuple[str, str], ...], body: bytes) -> Call:
        method = "POST" if body else "GET"
        return Call(method, ("commerceml", _TOKEN), body, headers=self.cookie, query=query)

    def enter(self) -> None:
        """Begin a session."""
        proof = base64.b64encode(f"1c:{_SECRET}".encode()).decode()
        self.cookie = {"authorization": f"Basic {proof}"}
        _, name, value = self.call("checkauth")
        self.cookie = {"cookie": f"{name}={value}"}
        self.call("init")

    def bring(self, name: str, content: Iterator[bytes]) -> int:
        """Upload a file in parts and import it; return its size in bytes."""
        size = 0
        for part in content:
            size += len(part)
            self._check(self.call("file", part, filename=name), "success")
        while (verdict := self.call("import", filename=name))[0] == "progress":
            pass
        self._check(verdict, "success")
        return size

    def _check(self, lines: list[str], wanted: str) -> None:
        if lines[0] != wanted:
            raise AssertionError(f"1C heard {lines}")


def _lines(reply: Reply) -> list[str]:
    return reply.body.decode("cp1251").splitlines()


def parts(pieces: Iterator[str]) -> Iterator[bytes]:
    """Yield a file in parts as 1C cuts it, with no more than a part in memory."""
    held = bytearray()
    for piece in pieces:
        held += piece.encode("cp1251")
        while len(held) >= _PART:
            yield bytes(held[:_PART])
            del held[:_PART]
    yield bytes(held)


def catalogue(goods: int) -> Iterator[str]:
    """Yield a whole catalogue, goods as large as real ones."""
    yield f'<?xml version="1.0" encoding="windows-1251"?><{_ROOT} ВерсияСхемы="2.05">'
    yield "<Классификатор><Группы>"
    for number in range(100):
        yield f"<Группа><Ид>gr{number}</Ид><Наименование>Группа {number}</Наименование></Группа>"
    yield '</Группы></Классификатор><Каталог СодержитТолькоИзменения="false"><Товары>'
    for number in range(goods):
        yield (
            f"<Товар><Ид>{_guid(number)}</Ид><Артикул>A-{number}</Артикул>"
            f"<Наименование>Чайник эмалированный, цвет {number % 40}, № {number}</Наименование>"
            f"<Группы><Ид>gr{number % 100}</Ид></Группы><Описание>{'Описание товара. ' * 20}"
            "</Описание><СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование>"
            "<Ставка>20</Ставка></СтавкаНалога></СтавкиНалогов><ЗначенияРеквизитов>"
            "<ЗначениеРеквизита><Наименование>Вес</Наименование><Значение>1,2</Значение>"
            "</ЗначениеРеквизита></ЗначенияРеквизитов></Товар>"
        )
    yield f"</Товары></Каталог></{_ROOT}>"


def offers(goods: int) -> Iterator[str]:
    """Yield prices and stock of the same goods."""
    yield f'<?xml version="1.0" encoding="windows-1251"?><{_ROOT} ВерсияСхемы="2.05">'
    yield "<ПакетПредложений><ТипыЦен><ТипЦены><Ид>p1</Ид><Наименование>Розничная</Наименование>"
    yield "<Валюта>руб</Валюта></ТипЦены></ТипыЦен><Предложения>"
    for number in range(goods):
        yield (
            f"<Предложение><Ид>{_guid(number)}</Ид><Цены><Цена><ИдТипаЦены>p1</ИдТипаЦены>"
            f"<ЦенаЗаЕдиницу>{100 + number % 9000},50</ЦенаЗаЕдиницу><Валюта>руб</Валюта></Цена>"
            f"</Цены><Количество>{number % 70}</Количество></Предложение>"
        )
    yield f"</Предложения></ПакетПредложений></{_ROOT}>"


def _guid(number: int) -> str:
    return f"6c1f0a52-0000-11ee-8000-{number:012d}"


def run(goods: int) -> dict[str, float]:
    """Return what an exchange of so many goods took, in this process."""
    with tempfile.TemporaryDirectory(prefix="kartoteka-catalogue-") as folder:
        app = _office(Path(folder))
        account = Account(
            id=_TOKEN, channel="commerceml", title="1C", source="1C", secrets=(_SECRET,)
        )
        app.store.run(lambda tx: tx.put("accounts", _TOKEN, account.model_dump(mode="json")))
        program, started = Program(app), time.perf_counter()
        program.enter()
        size = program.bring("import.xml", parts(catalogue(goods)))
        size += program.bring("offers.xml", parts(offers(goods)))
        seconds = time.perf_counter() - started
        first_longest = program.longest_s
        again = time.perf_counter()
        program.enter()
        program.bring("import.xml", parts(catalogue(goods)))
        program.bring("offers.xml", parts(offers(goods)))
        again = time.perf_counter() - again
        sold = app.store.count(Query("products"))
        app.store.close()
    if sold != goods:
        raise AssertionError(f"{sold} of {goods} goods arrived")
    return {
        "seconds": round(seconds, 1),
        "again_s": round(again, 1),
        "longest_s": round(max(first_longest, program.longest_s), 2),
        "calls": program.calls,
        "mebibytes": round(size / 2**20, 1),
        "peak_mib": round(peak_mib(), 1),
    }


def _office(folder: Path) -> App:
    """Return an office whose store maps no file: mapped pages would count as memory."""
    file = folder / "office.sqlite3"
    app = App(Settings(data=folder), SystemClock(), lambda _: SqliteStore(file, mapped_bytes=0))
    app.__dict__["tasks"] = NoTasks()
    set_up(app.store, SystemClock(), read_preset("shop"))
    return app


def exchanges(folder: Path) -> list[Row]:
    """Return the rows of the report: a tenth of the goods, then all of them."""
    del folder
    small, large = _apart(_SMALL), _apart(GOODS)
    return [
        told("files of 50,000 goods", large["mebibytes"], "MiB"),
        told("first exchange", large["seconds"], "s"),
        told("goods a second, catalogue and offers", 2 * GOODS / large["seconds"]),
        told("the same exchange again", large["again_s"], "s"),
        told("calls of both", large["calls"]),
        at_most("longest call", large["longest_s"], _STEP_LIMIT_S, "s"),
        told("memory with 5,000 goods", small["peak_mib"], "MiB"),
        at_most("memory with 50,000 goods", large["peak_mib"], _MEMORY_LIMIT_MIB, "MiB"),
    ]


def _apart(goods: int) -> dict[str, float]:
    return alone("bench.catalogue", goods)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
