"""Exports: what each role may take along, as which text, and that the log tells it."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.imports.import_office import clients, done, one, table, whats

from kartoteka.adapters import csv_table
from kartoteka.adapters.table_files import open_table
from kartoteka.domain.change import Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed, NotFound
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.ids import DealId, StaffId
from kartoteka.domain.model import Role
from kartoteka.domain.office import Office
from kartoteka.domain.table_export import SHEETS
from kartoteka.i18n import LOCALES, catalogue
from kartoteka.ports import Query
from kartoteka.services import exporting
from kartoteka.services.office import Desk
from kartoteka.services.unit import transact

PEOPLE = [
    ("=cmd|x", "89162041183, +74951234567", "anna@b.ru", "опт, vip"),
    ("Пётр; «Ива\nнов»", "89162041184", "", ""),
    ("", "+4930123456", "x@y.de", ""),
]
TITLES = ("ФИО", "Телефон", "Почта", "Теги")


def exported(desk: Desk, what: str, role: Role = Role.DIRECTOR, **how) -> list[dict]:
    export = exporting.prepare(desk, one(desk, role), what, "csv", **how)
    return [dict(zip(export.fields, row, strict=True)) for row in exporting.rows(desk, export)]


def add_deal(desk: Desk, number: int, **fields) -> Deal:
    deal = Deal(
        id=DealId(f"dl_{number}"),
        name=f"Сделка {number}",
        pipeline=desk.settings().office.deals.id,
        stage=desk.settings().office.deals.first.id,
        stage_entered_at=desk.now(),
        amount_minor=123_456,
        created_at=desk.now(),
        updated_at=desk.now(),
        **fields,
    )
    return transact(desk.store, one(desk), "test", desk.now(), work=lambda unit: unit.add(deal))


@pytest.mark.parametrize(
    ("state", "said"),
    [("open", "новая"), ("ongoing", "в работе"), ("won", "успех"), ("lost", "отказ")],
)
def test_state_of_a_deal_is_told_in_words(desk: Desk, state: str, said: str) -> None:
    add_deal(desk, 1, state=state)

    [row] = exported(desk, "deals", only={"state": state})

    assert row["state"] == said


def test_an_export_imported_again_is_all_repeats(desk: Desk, tmp_path: Path) -> None:
    done(desk, table(PEOPLE, TITLES))
    export = exporting.prepare(desk, one(desk), "clients", "csv")
    path = tmp_path / "clients.csv"
    csv_table.write(path, export.titles, exporting.rows(desk, export))

    found = done(desk, open_table(path))

    assert whats(found) == ["duplicate"] * 3
    assert [verdict.faults for verdict in found] == [(), (), ()]
    assert "'=cmd" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("role", "what"),
    [
        *((Role.MANAGER, what) for what in SHEETS),
        *((Role.EXECUTOR, what) for what in SHEETS),
        (Role.ACCOUNTANT, "clients"),
        (Role.OPERATOR, "clients"),
    ],
)
def test_who_may_not_export_gets_nothing_and_leaves_no_event(desk, role, what) -> None:
    with pytest.raises(NotAllowed):
        exporting.prepare(desk, one(desk, role), what, "csv")

    assert list(desk.store.query(Query("exports"))) == []


def test_an_accountant_takes_invoiced_deals_along_without_closed_columns(desk: Desk) -> None:
    add_deal(desk, 1, evidence={"invoice": "inv.pdf"}, note="тайна")
    add_deal(desk, 2)

    found = exported(desk, "deals", Role.ACCOUNTANT)

    assert [deal["id"] for deal in found] == ["dl_1"]
    assert found[0]["amount_minor"] == Decimal("1234.56")
    assert "note" not in found[0]


def test_an_export_is_told_before_and_behind_with_its_filter_and_count(desk: Desk) -> None:
    done(desk, table(PEOPLE, TITLES))
    before = len(desk.store.read_log("changes", None, 99))

    exported(desk, "clients", only={"tags": "VIP"})

    told = [Change.model_validate(e.doc) for e in desk.store.read_log("changes", None, 99)][before:]
    states = [change.parts[0].after for change in told]
    assert [(state["state"], state["count"]) for state in states] == [("running", 0), ("done", 1)]
    assert states[1]["only"] == {"tags": "VIP"}
    assert told[1].actor == one(desk)


def test_an_export_that_breaks_off_leaves_its_trace(desk: Desk) -> None:
    done(desk, table(PEOPLE, TITLES))
    export = exporting.prepare(desk, one(desk), "clients", "csv")
    working = exporting.rows(desk, export)
    next(working)
    working.close()

    assert desk.store.get("exports", export.run.id)["state"] == "running"


def test_cells_are_words_numbers_and_the_offices_time(desk: Desk) -> None:
    person = desk.settings().staff[0]
    add_deal(desk, 1, owner_id=StaffId(person.id), tags=("a", "b"))

    (deal,) = exported(desk, "deals")

    stage = desk.settings().office.deals.first
    assert (deal["owner_id"], deal["stage"], deal["tags"]) == (person.name, stage.name, "a, b")
    assert deal["created_at"] == datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - a cell has no zone


def test_fields_of_the_office_are_exported_to_those_who_see_them(desk: Desk) -> None:
    specs = tuple(
        FieldSpec(id=name, entity="client", name=title, type=kind)
        for name, title, kind in (("limit", "Лимит", "money"), ("city", "Город", "text"))
    )
    office = desk.settings().office.model_copy(update={"fields": specs})
    desk.store.run(lambda tx: tx.put(Office.collection, "office", office.model_dump(mode="json")))
    desk.settings.forget()
    done(desk, table([("89162041183", "1 234,50", "Тула")], ("Телефон", "Лимит", "Город")))

    (client,) = exported(desk, "clients")
    theirs = exported(desk, "clients", Role.HEAD)

    assert (client["fields.limit"], client["fields.city"]) == (Decimal("1234.5"), "Тула")
    assert "fields.limit" not in theirs[0]


def test_a_client_that_lives_on_in_another_is_not_exported(desk: Desk) -> None:
    done(desk, table(PEOPLE, TITLES))
    gone, stays = clients(desk.store)[:2]
    redirect = {**gone, "merged_into": stays["id"]}
    desk.store.run(lambda tx: tx.put("clients", gone["id"], redirect))

    assert gone["id"] not in {client["id"] for client in exported(desk, "clients")}


@pytest.mark.parametrize(
    ("what", "kind", "only"),
    [
        ("clietns", "csv", {}),
        ("leads", "vcf", {}),
        ("leads", "pdf", {}),
        ("leads", "csv", {"stgae": "x"}),
    ],
)
def test_an_export_there_is_not_names_those_there_are(desk, what, kind, only) -> None:
    with pytest.raises((Invalid, NotFound)) as refused:
        exporting.prepare(desk, one(desk), what, kind, only=only)

    assert refused.value.facts["names"]


@pytest.mark.parametrize("what", sorted(SHEETS))
@pytest.mark.parametrize("locale", LOCALES)
def test_every_column_has_its_header_in_both_languages(what: str, locale: str) -> None:
    sheet = SHEETS[what]
    titles = {f"column_{sheet.kind}_{name.replace('.', '_')}" for name in sheet.fields}

    assert titles <= set(catalogue(locale))
