"""Fields of the office's own are columns; what they refuse keeps no contact out."""

from tests.imports.import_office import clients, done, table, whats

from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.office import Office
from kartoteka.ports import Query
from kartoteka.services import importing
from kartoteka.services.office import Desk


def has(desk: Desk, spec: FieldSpec) -> None:
    """The office has this field of its own."""
    office = desk.settings().office.model_copy(update={"fields": (spec,)})
    desk.store.run(lambda tx: tx.put(Office.collection, "office", office.model_dump(mode="json")))
    desk.settings.forget()


def test_fields_of_the_office_are_columns_too(desk: Desk) -> None:
    spec = FieldSpec(id="city", entity="client", name="Город", type="list", values=("Тула", "Орёл"))
    has(desk, spec)

    found = done(
        desk,
        table([("89162041183", "тула"), ("89162041184", "Марс")], ("Телефон", "Город")),
    )

    assert whats(found) == ["new", "new"]
    assert sorted(str(it["fields"]) for it in clients(desk.store)) == ["{'city': 'Тула'}", "{}"]
    left, why = importing.reasons(found[1], "ru")
    assert "«Марс» не записано" in left
    assert "Тула, Орёл" in why


def test_birthday_without_a_year_is_told_and_stands_in_the_note(desk: Desk) -> None:
    spec = FieldSpec(id="born", entity="client", name="День рождения", type="date")
    has(desk, spec)
    rows = [("89162041183", "1980-03-04"), ("89162041184", "--03-04"), ("89162041185", "весной")]
    file = table(rows, ("Phone 1 - Value", "Birthday"))

    found = done(desk, file)

    assert whats(found) == ["new", "new", "new"]
    assert [len(importing.reasons(it, "en")) for it in found] == [0, 1, 2]
    assert [it["fields"] for it in clients(desk.store) if it["fields"]] == [{"born": "1980-03-04"}]
    notes = [str(hit.doc["text"]) for hit in desk.store.query(Query("activities"))]
    assert notes == ["Birthday: 04.03"]
    assert whats(done(desk, file)) == ["duplicate", "duplicate", "duplicate"]
