"""The nightly work on many clients: time and memory, each run in a process of its own.

`python -m bench.nightly_bench --one scan CLIENTS FOLDER` prints one JSON object. Among a hundred
clients two have the number of another one (one of them plainly the same person, who is merged),
and five are spelled nearly like another. Every tenth has an open request, and one request of
twenty has lost its next action.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from automation import duplicates, nightly
from bench.alone import alone
from bench.core_base import Work, opened, phone
from bench.memory import peak_mib
from bench.report import Row, at_most, told
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.ids import ClientId, LeadId, StaffId
from kartoteka.domain.model import Client, Lead, NextAction, Source
from kartoteka.ports import Tx
from kartoteka.services.office import Desk

_SMALL, _LARGE = 10_000, 100_000
_LONGEST_S, _GROWTH_MIB = 60, 50
_CHUNK = 500
_LAST = ("Воронцов", "Ильин", "Тарасов", "Белов", "Комаров", "Гусев", "Крылов", "Фомин", "Дроздов")
_FIRST = ("Пётр", "Семён", "Артём", "Иван", "Николай", "Сергей", "Михаил", "Роман", "Денис", "Глеб")
_FATHER = ("Иванович", "Петрович", "Семёнович", "Ильич", "Романович", "Глебович", "Денисович")
_Docs = list[tuple[str, str, dict[str, Any]]]
_NIGHTS: dict[str, Callable[[Desk], dict[str, int]]] = {
    "scan": duplicates.run,
    "check": nightly.run,
}


def nights(folder: Path) -> list[Row]:
    """Measure the scan for duplicates and the check of next actions on 100,000 clients."""
    rows: list[Row] = []
    for work, title in (("scan", "duplicate scan"), ("check", "next-action check")):
        few, many = (_measured(folder, work, clients) for clients in (_SMALL, _LARGE))
        rows += [
            at_most(f"{title} of {_LARGE:,} clients", many["seconds"], _LONGEST_S, "s"),
            told(f"{title} of {_LARGE:,} clients, processor", many["cpu_seconds"], "s"),
            told(f"{title}, memory growth at {_SMALL:,}", few["memory_growth_mib"], "MiB"),
            at_most(
                f"{title}, memory growth at {_LARGE:,}",
                many["memory_growth_mib"],
                _GROWTH_MIB,
                "MiB",
            ),
            *(told(f"{title}, {name}", count) for name, count in many["counts"].items()),
        ]
    return rows


def run(work: str, clients: int, folder: Path) -> dict[str, object]:
    """Return what one night took, in this process."""
    store = SqliteStore(folder / "office.sqlite3", mapped_bytes=0)
    office = opened(store)
    _fill(office, clients)
    before = peak_mib()
    started, used = time.perf_counter(), time.process_time()
    counts = _NIGHTS[work](office.desk)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    store.close()
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "memory_growth_mib": round(peak_mib() - before, 1),
        "counts": counts,
    }


def _measured(folder: Path, work: str, clients: int) -> dict[str, Any]:
    place = folder / f"{work}-{clients}"
    place.mkdir()
    return alone("bench.nightly_bench", "--one", work, clients, place)


def _fill(office: Work, clients: int) -> None:
    owners = [person.id for person in office.desk.settings().staff if person.takes_leads]
    for start in range(0, clients, _CHUNK):
        docs = [
            doc
            for person in range(start, min(start + _CHUNK, clients))
            for doc in _client(person, owners, office)
        ]
        office.desk.store.run(lambda tx, docs=docs: _write(tx, docs))  # type: ignore[misc]


def _client(person: int, owners: list[StaffId], office: Work) -> Iterator[tuple[str, str, Any]]:
    """Yield a client with the number of an earlier one or an own one, maybe with a request."""
    now, like = office.desk.now(), _like(person)
    owner = owners[(like if person % 100 == 1 else person) % len(owners)]
    number = phone(person - person % 100 if person % 100 in {1, 2} else person)
    client = Client(
        id=ClientId(f"cl{person:08}"),
        name=_name(like) if person - like < 2 else _misspelled(_name(like)),
        phones=(number,),
        owner_id=owner,
        created_at=now,
        updated_at=now,
    )
    if number == phone(person):
        yield "keys", f"phone:{number}", {"client_id": client.id}
    if person % 10 == 0:
        lead = _lead(client, office, planned=person % 200 != 0)
        client = client.model_copy(update={"open_lead_id": lead.id})
        yield Lead.collection, lead.id, lead.model_dump(mode="json")
    yield Client.collection, client.id, client.model_dump(mode="json")


def _like(person: int) -> int:
    """Return whose name this person has, letter by letter or nearly: mostly the own one."""
    if person % 100 in {51, 52, 53, 54, 55}:
        return person - 50
    return person - 1 if person % 100 == 1 else person


def _name(person: int) -> str:
    """Return a name of three words; each block of alike ones holds few."""
    last = _LAST[person % len(_LAST)]
    first = _FIRST[person // len(_LAST) % len(_FIRST)]
    father = _FATHER[person // len(_LAST) // len(_FIRST) % len(_FATHER)]
    return f"{last}{_letters(person)} {first} {father}"


def _misspelled(name: str) -> str:
    return name.replace("ё", "е").replace("оо", "о")


def _letters(number: int) -> str:
    """Return the number spelled in consonants, so that the name sounds like no other."""
    return "".join("бвгджзклмн"[int(digit)] + "о" for digit in str(number))


def _lead(client: Client, office: Work, *, planned: bool) -> Lead:
    now, source = office.desk.now(), Source(channel="form", name="Сайт")
    pipeline = office.desk.settings().office.leads
    action = NextAction(what="first_contact", due_at=now)
    return Lead(
        id=LeadId(f"ld{client.id[2:]}"),
        client_id=client.id,
        name=client.name,
        pipeline=pipeline.id,
        stage=pipeline.first.id,
        stage_entered_at=now,
        owner_id=client.owner_id,
        first_touch=source,
        last_touch=source,
        next_action=action if planned else None,
        next_at=now if planned else None,
        created_at=now,
        updated_at=now,
    )


def _write(tx: Tx, docs: _Docs) -> None:
    for collection, record_id, doc in docs:
        tx.put(collection, record_id, doc)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--one"]:
        sys.exit("use: python -m bench nightly")
    print(json.dumps(run(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))))
