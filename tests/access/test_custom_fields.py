"""Fields of the office's own: what each type keeps, who sees them, when a stage needs them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.office_cast import NOW, deal, lead, office, who, with_office

from kartoteka.domain.access import Operation, can
from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.fields import FieldSpec, filled, missing
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.visibility import visible
from kartoteka.services.commands import execute
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS

SPECS = tuple(
    FieldSpec(id=kind, entity="lead", name=f"Поле {kind}", type=kind, values=values)
    for kind, values in (
        ("text", ()), ("number", ()), ("file", ()), ("list", ("Да", "Нет")), ("date", ()),
        ("money", ()),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", " как есть ", " как есть "),
        ("number", "12,5", 12.5),
        ("number", "1 234", 1234),
        ("number", 7, 7),
        ("list", "да", "Да"),
        ("date", "31.12.2026", "2026-12-31"),
        ("date", "2026-12-31", "2026-12-31"),
        ("money", "1 234,50", 123450),
        ("money", 123450, 123450),
        ("file", "https://drive.google.com/file/d/1", "https://drive.google.com/file/d/1"),
    ],
)
def test_value_is_kept_as_its_type_stores_it(kind, typed, stored):
    assert filled(SPECS, "lead", {}, {kind: typed}) == {kind: stored}


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("text", 5),
        ("text", "x" * 10_001),
        ("number", "много"),
        ("number", True),
        ("number", float("nan")),
        ("number", "1e400"),
        ("list", "может быть"),
        ("date", "31.02.2026"),
        ("date", "завтра"),
        ("date", 20261231),
        ("money", "1,005"),
        ("money", -1),
        ("money", 10.5),
        ("file", "javascript:alert(1)"),
        ("file", "/etc/passwd"),
    ],
)
def test_impossible_value_names_field_and_what_it_needs(kind, typed):
    with pytest.raises(Invalid) as refused:
        filled(SPECS, "lead", {}, {kind: typed})

    assert refused.value.fields == {f"fields.{kind}": f"field_{kind}"}


@pytest.mark.parametrize(("name", "nearest"), [("numbr", "number"), ("поле dat", "date")])
def test_unknown_field_names_the_nearest(name, nearest):
    with pytest.raises(Invalid) as refused:
        filled(SPECS, "lead", {}, {name: 1})

    assert (refused.value.code, refused.value.facts["nearest"]) == ("field_unknown", nearest)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_empty_takes_the_value_away(nothing):
    assert filled(SPECS, "lead", {"text": "было", "number": 1}, {"text": nothing}) == {"number": 1}


@given(st.dictionaries(st.sampled_from([spec.id for spec in SPECS]), st.text(max_size=20)))
def test_what_was_kept_is_kept_again_unchanged(typed):
    """Reading a record and writing it back changes nothing."""
    kept = {}
    for name, value in typed.items():
        try:
            kept = filled(SPECS, "lead", kept, {name: value})
        except Invalid:
            continue

    assert filled(SPECS, "lead", {}, kept) == kept


def test_stage_needs_a_field_from_there_on_but_not_to_lose():
    spec = FieldSpec(id="court", entity="deal", name="Суд", required_from="contract")
    line = office().office.pipeline("deals_law")

    asked = [stage.id for stage in line.stages if missing((spec,), "deal", {}, (line, stage))]

    assert asked == ["contract", "work", "report", "pay", "def", "won"]
    assert missing((spec,), "deal", {"court": "ВС"}, (line, line.stage("contract"))) == ()


def test_only_named_roles_see_a_field_and_money_goes_by_the_narrowest():
    specs = (
        FieldSpec(id="court", entity="deal", name="Суд", read_roles=("manager",)),
        FieldSpec(id="fee", entity="deal", name="Пошлина", type="money", read_roles=("finance",)),
    )
    settings = with_office(fields=specs)
    record = deal(fields={"court": "дом 7", "fee": 7_770_000}, note="пошлина 77 700")

    manager = visible(who("st_anna"), record, within=settings)
    assert manager["fields"] == {"court": "дом 7"}
    assert manager["note"] == "пошлина •••"
    assert visible(who("st_finn"), record, within=settings)["fields"] == {"fee": 7_770_000}
    assert not can(who("st_anna"), Operation.CHANGE, record, field="fields.court", within=settings)


@pytest.fixture
def held(desk):
    """A lead of Anna's in the store, in an office with two fields of its own."""
    olga, director = "olga@office.example", {"entity": "lead", "edit_roles": ("manager",)}
    do(desk, olga, "field.add", id="region", name="Регион", required_from="qual", **director)
    do(desk, olga, "field.add", id="budget", name="Бюджет", type="money", entity="lead")
    client = Client(id="cl_1", name="Ирина", owner_id="st_anna", open_lead_id="ld_1",
                    created_at=NOW, updated_at=NOW)  # fmt: skip
    record = lead(stage="c1", state="ongoing")
    desk.store.run(
        lambda tx: [
            tx.put("leads", record.id, record.model_dump(mode="json")),
            tx.put("clients", client.id, client.model_dump(mode="json")),
        ]
    )
    return desk


def do(desk, email, name, /, **given):
    actor = actor_by_email(desk.settings(), email)
    return execute(COMMANDS, desk, actor, name, given=given, cause=f"command:{name}")


def test_manager_fills_in_his_field_and_no_other(held):
    edited = do(held, "anna@office.example", "lead.edit", lead="ld_1", fields={"region": "Тверь"})

    assert edited.fields == {"region": "Тверь"}
    with pytest.raises(NotAllowed) as refused:
        do(held, "anna@office.example", "lead.edit", lead="ld_1", fields={"budget": "100"})
    assert refused.value.code == "field_closed"


def test_lead_does_not_enter_a_stage_without_its_field(held):
    with pytest.raises(Invalid) as refused:
        do(held, "anna@office.example", "lead.move", lead="ld_1", stage="qual")
    assert refused.value.fields == {"fields.region": "required"}

    do(held, "anna@office.example", "lead.edit", lead="ld_1", fields={"region": "Тверь"})

    assert do(held, "anna@office.example", "lead.move", lead="ld_1", stage="qual").stage == "qual"


def test_stale_edit_is_refused(held):
    first = do(held, "anna@office.example", "lead.edit", lead="ld_1", priority=1)
    held.clock.advance(NOW - NOW.replace(hour=8))
    seen = first.updated_at.isoformat()
    do(held, "anna@office.example", "lead.edit", lead="ld_1", priority=2, expected=seen)

    with pytest.raises(Conflict):
        do(held, "anna@office.example", "lead.edit", lead="ld_1", priority=3, expected=seen)


def test_client_is_edited_by_who_holds_it(held):
    edited = do(held, "anna@office.example", "client.edit", client="cl_1", segment="partner")

    assert edited.segment == "partner"
    with pytest.raises(NotAllowed):
        do(held, "boris@office.example", "client.edit", client="cl_1", name="Чужой")


def test_field_taken_away_stays_in_the_record_unseen(held):
    do(held, "anna@office.example", "lead.edit", lead="ld_1", fields={"region": "Тверь"})
    do(held, "olga@office.example", "field.remove", entity="lead", id="region")

    stored = Lead.model_validate(held.store.get("leads", "ld_1"))

    assert stored.fields == {"region": "Тверь"}
    shown = visible(who("st_anna"), stored, within=held.settings())
    assert "region" not in str(shown.get("fields", {}))
