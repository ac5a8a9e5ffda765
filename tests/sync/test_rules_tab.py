"""The tab of rules: what people type becomes rules, and what means nothing comes back with why."""

from datetime import timedelta

from tests.sync.books_office import Shelf
from tests.sync.test_settings_book import BOOK, OLGA, adds, note, shelf, types

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.office import Office
from kartoteka.domain.rules.model import RuleRow
from kartoteka.services.office import read_settings
from kartoteka.services.unit import LOG, Unit, transact
from sync.columns import Frame, Setting
from sync.settings_book.asking import Edited
from sync.settings_book.pages import PAGES
from sync.shelf.settings import TABS

__all__ = ["shelf"]
ROW = "rule:large_deal"


def rules(shelf: Shelf) -> dict[str, RuleRow]:
    return {row.id: row for row in read_settings(shelf.app.store).office.rules}


def test_cells_of_a_rule_are_read_refused_and_counted(shelf: Shelf) -> None:
    shelf.drain()
    before = rules(shelf)["large_deal"]

    types(shelf, "rules", (ROW, "Если"), "суммма > 5")
    assert rules(shelf)["large_deal"] == before
    assert shelf.there(BOOK, TABS["rules"]).shown(ROW, "Если") == ""
    assert note(shelf, "rules", ROW, "Если").startswith("Если: Поля «суммма» нет (знак 1)")

    types(shelf, "rules", (ROW, "Когда"), "заявка перешла на этап «Сделка»")
    assert note(shelf, "rules", ROW, "Когда").startswith("Когда: «Сделка» не найдено")

    types(shelf, "rules", (ROW, "Если"), "теги не содержат «свой»")
    changed = rules(shelf)["large_deal"]
    assert (changed.condition, changed.version) == ("теги не содержат «свой»", before.version + 1)
    assert note(shelf, "rules", ROW, "Если") == ""
    assert shelf.there(BOOK, TABS["rules"]).shown(ROW, "Версия") == before.version + 1

    types(shelf, "rules", (ROW, "Включено"), "нет")
    assert not rules(shelf)["large_deal"].on


def test_what_the_product_does_by_itself_is_read_there_and_stays(shelf: Shelf) -> None:
    shelf.drain()
    ours = "rule:built_in_first"
    tab = shelf.there(BOOK, TABS["rules"])
    before = {head: tab.shown(ours, head) for head in ("Название", "Когда", "То", "Включено")}

    types(shelf, "rules", (ours, "Включено"), "нет")

    tab = shelf.there(BOOK, TABS["rules"])
    assert before["Включено"] == "да"
    assert all(before.values())
    assert {head: tab.shown(ours, head) for head in before} == before
    assert note(shelf, "rules", ours, "Включено")


def test_typed_row_becomes_a_rule_and_a_wrong_one_says_which_column(shelf: Shelf) -> None:
    shelf.drain()
    words = {"when": "новая сделка", "then": "уведомить автора", "person": "Анна Белова"}

    adds(shelf, "rules", name="Автору", **words)
    adds(shelf, "rules", name="Никому", **words | {"then": "уведомить никого"})

    made = next(row for row in rules(shelf).values() if row.name == "Автору")
    assert (made.when, made.owner_id, made.on) == ("новая сделка", "st_anna", True)
    assert "Никому" not in {row.name for row in rules(shelf).values()}
    assert "То: " in repr(shelf.there(BOOK, TABS["rules"]).tab.notes)


def test_rehearsal_answers_beside_its_rule_and_changes_nothing(shelf: Shelf) -> None:
    shelf.request("Ирина Волкова")
    new = {"name": "Новая", "when": "новая заявка", "then": "уведомить руководителя; тег «новая»"}
    shelf.do("rule.set", OLGA, **new)
    shelf.clock.advance(timedelta(minutes=1))
    shelf.drain()
    (row,) = (it.id for it in rules(shelf).values() if it.name == "Новая")
    head = shelf.app.store.log_head(LOG)

    said = shelf.picks(BOOK, OLGA, f"rule:{row}", "Репетиция", tab=TABS["rules"])

    assert said.endswith("✓ За 30 дней: 1 раз; заявок: 1; сделало бы: уведомления — 1, теги — 1")
    assert shelf.app.store.log_head(LOG) == head


def test_rehearsal_of_words_that_mean_nothing_any_more_says_which(shelf: Shelf) -> None:
    shelf.drain()
    office = read_settings(shelf.app.store).office
    broken = office.rules[0].model_copy(update={"when": "заявка перешла на этап «Сделка»"})

    def work(unit: Unit) -> None:
        unit.save(unit.need(Office, "office").model_copy(update={"rules": (broken,)}))

    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(), work=work)
    shelf.drain()

    said = shelf.picks(BOOK, OLGA, f"rule:{broken.id}", "Репетиция", tab=TABS["rules"])

    assert "✗ Когда: «Сделка» не найдено" in said


def test_second_word_in_the_switch_confirms(shelf: Shelf) -> None:
    frame = Frame(read_settings(shelf.app.store))
    row = Setting("rule:large_deal", ("large_deal",), {"active": "нет"})
    change = PAGES["rules"].change
    assert change is not None

    name, given = change(Edited(row, "active", "да, всё равно", frame))

    assert name == "rule.switch"
    assert given == {"rule": "large_deal", "on": True, "confirm": True}
