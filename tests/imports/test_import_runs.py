"""Stories of imports: what each row becomes, what a crash leaves, what undo takes back."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes import FakeTasks, FixedClock
from tests.imports.import_office import clients, codes, done, last_run, one, table, truth, whats

from kartoteka.adapters.counted import CountedStore
from kartoteka.adapters.draft import DraftStore
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import Change
from kartoteka.domain.errors import Conflict, NotAllowed
from kartoteka.domain.model import Role
from kartoteka.domain.table import Fault
from kartoteka.domain.table_import import Verdict
from kartoteka.ports import Query
from kartoteka.services import importing
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.undo import undo
from kartoteka.services.wake import Waker

ANNA = ("Анна Ким", "8 (916) 204-11-83", "anna@b.ru")
PETR = ("Пётр Иванов", "+7 916 204-11-84", "")


def test_each_row_gets_its_verdict_and_its_client(desk: Desk) -> None:
    done(desk, table([ANNA]))

    found = done(
        desk,
        table(
            [
                ("Анна К.", "89162041183", "ANNA@b.ru"),
                ("", "+79162041183", "anna2@b.ru"),
                PETR,
                ("Кто-то", "нет номера", ""),
            ]
        ),
    )

    assert whats(found) == ["duplicate", "update", "new", "error"]
    assert [verdict.row for verdict in found] == [2, 3, 4, 5]
    assert codes(found[0]) == ["import_kept"]
    anna, petr = sorted(clients(desk.store), key=lambda client: client["name"])
    assert anna["emails"] == ["anna@b.ru", "anna2@b.ru"]
    assert (anna["name"], petr["phones"]) == ("Анна Ким", ["+79162041184"])


def test_rows_of_one_file_that_are_one_person_become_one_client(desk: Desk) -> None:
    found = done(
        desk,
        table([ANNA, ("Анна", "89162041183", "other@b.ru"), ("", "", "other@b.ru"), ANNA]),
    )

    assert whats(found) == ["new", "update", "duplicate", "duplicate"]
    assert len(clients(desk.store)) == 1
    assert {verdict.client_id for verdict in found} == {clients(desk.store)[0]["id"]}


def test_a_new_address_of_a_known_client_finds_them_in_later_portions(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 1)

    found = done(desk, table([("Анна", "89162041183", ""), ANNA, ("", "", "anna@b.ru")]))

    assert whats(found) == ["new", "update", "duplicate"]


def test_a_row_that_means_two_clients_asks_whether_they_are_one(desk: Desk) -> None:
    done(desk, table([("Анна", "89162041183", ""), ("Аня", "", "anna@b.ru")]))

    found = done(desk, table([("", "89162041183", "anna@b.ru")]))

    assert codes(found[0]) == ["import_pair"]
    assert len(list(desk.store.query(Query("pairs")))) == 1


def test_a_row_with_an_inn_meets_its_company(desk: Desk) -> None:
    titles = ("ФИО", "Телефон", "Компания", "ИНН")
    rows = [
        ("Анна", "89162041183", "Сбер", "7707083893"),
        ("Пётр", "89162041184", "", "7707083893"),
    ]

    done(desk, table(rows, titles))

    companies = [hit.doc for hit in desk.store.query(Query("companies"))]
    assert [(company["name"], company["inn"]) for company in companies] == [("Сбер", "7707083893")]
    assert {client["company_id"] for client in clients(desk.store)} == {companies[0]["id"]}


def test_a_request_opens_one_lead_and_words_go_into_the_history(desk: Desk) -> None:
    titles = ("ФИО", "Телефон", "Заявка", "Комментарий", "Источник")
    rows = [
        ("Анна", "89162041183", "Нужен договор", "Любит утро", "Выставка"),
        ("Анна", "89162041183", "да", "Любит утро", ""),
        ("Пётр", "89162041184", "нет", "", "Сайт"),
    ]

    found = done(desk, table(rows, titles))

    (lead,) = [hit.doc for hit in desk.store.query(Query("leads"))]
    assert (lead["note"], lead["first_touch"]["name"]) == ("Нужен договор", "Выставка")
    assert lead["next_action"]["what"] == "first_contact"
    assert codes(found[1]) == ["import_has_lead"]
    notes = sorted(str(hit.doc["text"]) for hit in desk.store.query(Query("activities")))
    assert notes == ["Источник: Сайт", "Любит утро"]
    assert found[1].what == "duplicate"


def test_requests_of_one_portion_are_dealt_in_turn(desk: Desk) -> None:
    rows = [(f"К{n}", f"8916204{n:04}", "да") for n in range(6)]

    done(desk, table(rows, ("ФИО", "Телефон", "Заявка")))

    owners = {hit.doc["owner_id"] for hit in desk.store.query(Query("leads"))}
    assert len(owners) > 1


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EXECUTOR, Role.ACCOUNTANT])
def test_who_may_not_import_imports_nothing(desk: Desk, role: Role) -> None:
    with pytest.raises(NotAllowed):
        done(desk, table([ANNA]), one(desk, role))

    assert clients(desk.store) == []


def test_a_head_changes_no_clients_of_another_department(desk: Desk) -> None:
    head = one(desk, Role.HEAD)
    team = desk.settings().person(head.id).team
    parents = desk.settings().office.teams
    others = [
        person
        for person in desk.settings().staff
        if person.role == Role.MANAGER and person.team != team and parents.get(person.team) != team
    ]
    if not others:
        stranger = (
            desk.settings()
            .staff[0]
            .model_copy(
                update={"id": "st_far", "name": "Дальний", "email": "far@x.ru", "team": "далеко"}
            )
        )
        desk.store.run(lambda tx: tx.put("staff", "st_far", stranger.model_dump(mode="json")))
        desk.settings.forget()
        others = [stranger]
    titles = ("ФИО", "Телефон", "Ответственный")
    done(desk, table([("Анна", "89162041183", others[0].name)], titles))

    found = done(
        desk,
        table([("Анна", "89162041183", ""), ("Новая", "89162041185", others[0].name)], titles),
        head,
    )

    assert [codes(verdict) for verdict in found] == [["import_not_yours"]] * 2


def test_every_client_has_a_change_of_their_own_that_names_the_batch(desk: Desk) -> None:
    done(desk, table([ANNA]))
    done(desk, table([PETR, ("", "89162041183", "new@b.ru")]))

    batch = last_run(desk.store).batch_id
    changes = [
        Change.model_validate(entry.doc) for entry in desk.store.read_log("changes", None, 99)
    ]
    mine = [change for change in changes if change.cause == f"batch:{batch}"]
    assert {change.subject for change in mine} == {client["id"] for client in clients(desk.store)}
    assert all(change.actor == one(desk) for change in mine)


def test_a_crash_between_portions_loses_and_doubles_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 2)
    rows = [(f"К{n}", f"8916204{n % 7:04}", "") for n in range(11)]
    plan = importing.prepare(desk, one(desk), table(rows))
    working = importing.run(desk, plan, importing.begin(desk, plan, cause="test"))
    next(working)
    next(working)
    working.close()

    again = importing.begin(desk, plan, cause="test")
    rest = [verdict for part in importing.run(desk, plan, again) for verdict in part]

    assert (again.rows, len(rest)) == (4, 7)
    run = last_run(desk.store)
    assert (run.rows, run.state, sum(run.totals.values())) == (11, "done", 11)
    assert len(clients(desk.store)) == 7
    assert desk.store.get("batches", run.batch_id)["state"] == "done"


def test_long_notes_make_smaller_portions(desk: Desk) -> None:
    rows = [(f"8916204{n:04}", "слово " * 7_000) for n in range(25)]
    plan = importing.prepare(desk, one(desk), table(rows, ("Телефон", "Комментарий")))

    parts = list(importing.run(desk, plan, importing.begin(desk, plan, cause="test")))

    assert [len(part) for part in parts] == [12, 12, 1]


def test_two_processes_on_one_file_do_not_double_rows(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(importing, "ROWS", 1)
    plan = importing.prepare(desk, one(desk), table([ANNA, PETR]))
    started = importing.begin(desk, plan, cause="test")
    first, second = (importing.run(desk, plan, started) for _ in range(2))
    next(first)

    with pytest.raises(Conflict) as refused:
        next(second)

    assert refused.value.code == "import_elsewhere"
    assert [whats(part) for part in first] == [["new"]]


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    file = table([ANNA, PETR, (*ANNA[:2], "anna9@b.ru")])
    done(desk, file)
    before = truth(desk.store)

    found = done(desk, file)

    assert whats(found) == ["duplicate"] * 3
    assert truth(desk.store) == before


def test_an_import_undone_leaves_no_trace(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS", 3)
    titles = ("ФИО", "Телефон", "Почта", "ИНН", "Заявка", "Комментарий")
    done(
        desk,
        table([("Анна", "89162041183", "", "", "", ""), ("Б", "", "b@b.ru", "", "", "")], titles),
    )
    before = truth(desk.store)
    rows = [
        ("Анна Ким", "89162041183", "anna@b.ru", "", "да", "Утром"),
        ("Пётр", "89162041184", "petr@b.ru", "7707083893", "да", ""),
        ("", "89162041184", "p2@b.ru", "", "", "Вечером"),
        ("", "89162041183", "b@b.ru", "", "", ""),
        ("", "", "p2@b.ru", "", "", "Ночью"),
    ]
    done(desk, table(rows, titles))
    assert truth(desk.store) != before

    undo(desk, one(desk), last_run(desk.store).batch_id, cause="test")

    assert _but_for_times(truth(desk.store)) == _but_for_times(before)


def test_after_an_undo_the_file_can_be_imported_anew(desk: Desk) -> None:
    file = table([ANNA, PETR])
    done(desk, file)
    undo(desk, one(desk), last_run(desk.store).batch_id, cause="test")

    assert whats(done(desk, file)) == ["new", "new"]


_CELL = st.sampled_from(["", "89162041183", "+7 916 204-11-84", "89162041185; 89162041183", "abc"])
_MAIL = st.sampled_from(["", "a@b.ru", "c@d.ru, a@b.ru", "bad"])
_ROWS = st.lists(st.tuples(st.sampled_from(["", "Анна", "Пётр"]), _CELL, _MAIL), max_size=8)


@given(_ROWS, _ROWS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_try_tells_exactly_what_the_import_does_and_writes_nothing(tmp_path_factory, first, rows):
    desk = _fresh(tmp_path_factory.mktemp("office"))
    done(desk, table(first))
    before = truth(desk.store)
    draft = DraftStore(desk.store, SqliteStore(tmp_path_factory.mktemp("draft") / "draft"))
    trying = replace(desk, store=draft, waker=Waker(FakeTasks(), desk.clock))

    told = done(trying, table(rows, name="second"))

    assert truth(desk.store) == before
    real = done(desk, table(rows, name="second"))
    assert [(v.row, v.what, v.faults) for v in told] == [(v.row, v.what, v.faults) for v in real]
    draft.close()
    desk.store.close()


@given(_ROWS, _ROWS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_was_imported_is_undone_without_a_trace(tmp_path_factory, first, rows):
    desk = _fresh(tmp_path_factory.mktemp("office"))
    done(desk, table(first))
    before = _but_for_times(truth(desk.store))
    done(desk, table(rows, name="second"))

    undo(desk, one(desk), last_run(desk.store).batch_id, cause="test")

    assert _but_for_times(truth(desk.store)) == before
    desk.store.close()


def _but_for_times(found: dict) -> dict:
    for client in found["clients"].values():
        client.pop("updated_at")
    return found


def test_one_portion_reads_its_keys_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = CountedStore(desk.store)
    known = [(f"К{n}", f"8916204{n:04}", f"c{n}@b.ru") for n in range(100)]
    done(desk, table(known))
    watched = replace(desk, store=counted)
    file = table([*known, *((f"Н{n}", f"8916205{n:04}", "") for n in range(50))])
    plan = importing.prepare(watched, one(desk), file)
    started = importing.begin(watched, plan, cause="test")

    with counted.measure() as meter:
        next(importing.run(watched, plan, started))

    assert meter.reads <= 250 + 100 + 2  # keys, clients, the import and its batch
    assert meter.writes <= 50 * 3 + 2  # a new client: record, key, change


def _fresh(folder: Path) -> Desk:
    store, clock, tasks = SqliteStore(folder / "kartoteka.db"), FixedClock(), FakeTasks()
    set_up(store, clock, read_preset("law_firm"))
    return Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))


_FACTS = {
    "column": "Телефон",
    "value": "x",
    "names": "a, b",
    "count": 5,
    "fields": "name, city",
    "field": "city",
    "file": "a.csv",
}
_ROW_FAULTS = (
    *("import_broken_row", "import_broken_card", "import_shifted", "import_no_identity"),
    *("import_phone", "import_rounded", "import_email", "import_own_number", "import_owner"),
    *("import_segment", "import_too_long", "import_too_many", "import_not_yours", "import_kept"),
    *("import_pair", "import_has_lead", "inn_invalid", "kpp_invalid"),
    *("import_left_out", "import_no_year"),
)


@pytest.mark.parametrize("code", _ROW_FAULTS)
def test_every_fault_of_a_row_says_what_to_do_in_both_languages(code: str) -> None:
    verdict = Verdict(2, "error", (Fault(code, "Телефон", _FACTS),))

    russian, english = (importing.reasons(verdict, locale)[0] for locale in ("ru", "en"))

    assert code not in {russian, english}
    assert "{" not in russian + english
    assert russian != english


@pytest.mark.emulator
def test_an_import_is_the_same_on_firestore(open_firestore, clock) -> None:
    store, tasks = open_firestore(), FakeTasks()
    set_up(store, clock, read_preset("law_firm"))
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    titles = ("ФИО", "Телефон", "Почта", "ИНН", "Заявка")
    people = [(f"К{n}", f"8916204{n:04}", f"c{n}@b.ru", "", "да") for n in range(150)]
    again = [
        ("", "89162040007", "новая@b.ru", "", ""),
        ("", "89162040008", "n8@b.ru", "7707083893", ""),
    ]

    found = done(desk, table([*people, *again], titles))

    assert whats(found) == ["new"] * 150 + ["update", "update"]
    before = len(clients(store))
    undo(desk, one(desk), last_run(store).batch_id, cause="test")
    assert (before, clients(store), list(store.query(Query("keys")))) == (150, [], [])
