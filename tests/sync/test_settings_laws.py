"""Laws of the settings book: what is shown reads back as the same value."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.furnished import law_firm
from tests.sync.books_office import Shelf

from kartoteka.domain.errors import KartotekaError
from kartoteka.domain.office import Settings
from kartoteka.ports import Doc, Query
from kartoteka.services.commands import execute
from kartoteka.services.office import read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from sync.cells import normal
from sync.columns import ACTION, OUTCOME, Frame, View
from sync.settings_book import typed
from sync.settings_book.asking import Edited
from sync.settings_book.pages import PAGES
from sync.shelf.settings import TABS

OLGA = "olga@office.example"


@pytest.mark.parametrize("page", [page.code for page in PAGES.values() if page.change])
def test_what_is_shown_retyped_unchanged_changes_nothing(shelf: Shelf, page: str) -> None:
    furnished(shelf)
    desk, asks = shelf.app.desk, PAGES[page].change
    assert asks is not None
    who = actor_by_email(desk.settings(), OLGA)
    before = without_versions(shelf)
    frame = Frame(read_settings(desk.store))
    tried, refused = 0, []
    for row in list(PAGES[page].rows(frame, desk.store)):
        for column in PAGES[page].columns:
            if not column.editable:
                continue
            fresh = Frame(read_settings(desk.store))
            same = {it.id: it for it in PAGES[page].rows(fresh, desk.store)}[row.id]
            edit = Edited(same, column.key, normal(same.cells[column.key]), fresh)
            tried += 1
            try:
                name, wish = asks(edit)
                execute(COMMANDS, desk, who, name, given=wish, cause="test")
            except KartotekaError as exc:
                refused.append((edit.typed, exc.code))
    assert tried
    # Only where a value is needed, or the row is the product's own.
    assert [it for it in refused if it[0] != "" and it[1] != "rule_built_in"] == []
    assert without_versions(shelf) == before


def furnished(shelf: Shelf) -> None:
    """Settings of every kind, with names that are hard to tell apart in a list."""
    shelf.do("field.add", OLGA, entity="deal", id="kind", name="Вид", type="list",
             values=["Да, срочно", 'ООО "Ромашка"; филиал', "=1+1", " "],
             read_roles=["manager", "head"], edit_roles=["head"])  # fmt: skip
    form = shelf.app.desk.settings().forms[0].id
    shelf.do("mapping.set", OLGA, of=form, field="Ваш, вопрос", to="text")
    for sku in ("Иск, срочный", "Жалоба"):
        shelf.do("product.add", OLGA, sku=sku, name=sku, price_minor=100)
    shelf.do("cross_sell.set", OLGA, product="Иск, срочный", offer="жалоба")
    shelf.do("cross_sell.set", OLGA, category="Споры", offer="Жалоба", active=False)
    papers = [
        {"file": "drive_file_1", "name": "Договор, {{client.name}}"},
        {"file": "drive_file_2"},
    ]
    shelf.do("stage.papers", OLGA, pipeline="deals_law", stage="contract", papers=papers)
    shelf.do("plan.set", OLGA, month="2026-12", amount_minor=12_345_67, staff="st_anna")
    shelf.do("absence.add", OLGA, staff="st_anna", first="2026-12-30", last="2027-01-02")
    shelf.do("staff.edit", OLGA, staff="st_boris", pair="st_anna", phones=["101", "+79161234567"])
    rules = [
        {"id": "a", "name": "Крупные", "amount_from_minor": 50_000_000, "assign_to": ["st_anna"]},
        {"id": "b", "region": ["Москва", "Санкт-Петербург"], "returning": False, "pool": True},
        {"id": "c", "source": ["Сайт, форма"], "hours": "closed", "priority": 3},
    ]
    shelf.do("routing.set", OLGA, rules=rules)


def without_versions(shelf: Shelf) -> list[Doc]:
    store = shelf.app.store
    docs = [hit.doc for kind in ("settings", "staff", "forms", "accounts", "plans")
            for hit in store.query(Query(kind))]  # fmt: skip
    return [{k: v for k, v in doc.items() if not k.startswith("updated_")} for doc in docs]


@given(st.lists(st.text(max_size=20)))
@example(["a, b", "", " c ", 'd"e', "f;g", "h\ni"])
def test_list_shown_as_one_cell_reads_back_the_same(values: list[str]) -> None:
    assert typed.parts(typed.joined(values)) == values


@given(st.sets(st.dates(date(1990, 1, 1), date(2090, 1, 1)), max_size=8))
@example({date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 3)})
def test_dates_shown_as_one_cell_read_back_the_same(values: set[date]) -> None:
    assert typed.days_of(typed.days(values), "Europe/Moscow") == sorted(values)


@given(st.integers(0, 10**13))
def test_amount_shown_reads_back_the_same(amount: int) -> None:
    assert typed.minor(normal(typed.amount(amount))) == amount


@given(st.sets(st.integers(0, 6)))
def test_week_shown_reads_back_the_same(days: set[int]) -> None:
    preset = law_firm()
    frame = Frame(Settings(office=preset.office, staff=preset.staff))

    assert typed.week(typed.weekdays(sorted(days), frame), frame) == sorted(days)


IDS, WORDS = st.text("ab1", min_size=1, max_size=2), st.text("ab1 ()", max_size=4)


@given(st.dictionaries(IDS, WORDS, max_size=6))
@example({"1": "", "0": "1 "})
@example({"a": "b", "b": "B", "c": "b (a)"})
def test_each_name_leads_back_to_its_id(named: dict[str, str]) -> None:
    names = typed.Names.of(named.items())

    assert [names.read(names.shown(key)) for key in named] == list(named)


def test_row_of_a_tab_has_every_declared_column(shelf: Shelf) -> None:
    furnished(shelf)
    frame, store = Frame(read_settings(shelf.app.store)), shelf.app.store

    for code, tab in TABS.items():
        for row in PAGES[code].rows(frame, store):
            shown = tab.row(View(row.id, setting=row), frame)
            assert set(shown) - {ACTION, OUTCOME} == set(row.cells)
