"""The owner's figures in the book: what is in them, for whom, and what they cost Google."""

from datetime import timedelta

import pytest
from tests.sync.books_office import DIRECTOR_BOOK, Shelf
from tests.sync.fakes_sheets import Person

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.ids import DealId, StaffId
from kartoteka.domain.matrix import RoleSpec
from kartoteka.domain.sla_rules import COUNTED, SlaCase
from kartoteka.services import statistics
from kartoteka.services.plans import plans_of
from kartoteka.services.unit import transact
from sync.shelf.editions import editions
from sync.shelf.shelf import BOOKS
from sync.shelf.summary import BOARD

SUMMARY = "summary.director"
WON_MINOR, PLAN_MINOR = 4_321_900, 8_000_000


def win(shelf: Shelf, name: str = "dl_won", amount: int = WON_MINOR) -> None:
    now, office = shelf.clock.now(), shelf.app.desk.settings().office
    deal = Deal(
        id=DealId(name), name="Иск", pipeline=office.deals.id, stage="won", state="won",
        stage_entered_at=now, owner_id=StaffId("st_anna"), amount_minor=amount,
        won_at=now, created_at=now, updated_at=now,
    )  # fmt: skip
    transact(shelf.app.store, SYSTEM, "test", now, work=lambda unit: unit.add(deal))


def plan(shelf: Shelf) -> None:
    shelf.do("plan.set", "olga@office.example", month="2026-11", amount_minor=PLAN_MINOR,
             staff="st_anna")  # fmt: skip


def shown(shelf: Shelf) -> Shelf:
    """The books after the log was counted and each was looked at."""
    statistics.drain(shelf.app.desk)
    shelf.drain()
    shelf.look()
    return shelf


def cells(shelf: Shelf) -> list[object]:
    there = Person(shelf.sheets, BOARD.sheet_id, shelf.workbook(SUMMARY))
    return [cell for row in there.tab.grid for cell in row if cell != ""]


def charts(shelf: Shelf) -> list[dict]:
    requests = shelf.workbook(SUMMARY).requests
    last = max(place for place, it in enumerate(requests) if "deleteSheet" in it)
    return [it["addChart"]["chart"] for it in requests[last:] if "addChart" in it]


def blocks(shelf: Shelf, *roles: RoleSpec) -> list[str]:
    """The blocks that the director's figures have in an office with these roles."""
    found = shelf.app.desk.settings()
    office = found.office.model_copy(update={"roles": roles})
    edition = editions(found.model_copy(update={"office": office}), BOOKS).get(SUMMARY)
    tabs = edition.tabs if edition is not None else ()
    return [column.key for tab in tabs if tab.key == BOARD.key for column in tab.columns]


def test_director_reads_sums_plan_and_speed_in_the_office_language(shelf: Shelf) -> None:
    shelf.request()
    win(shelf)
    plan(shelf)

    found = cells(shown(shelf))

    assert {"Заявок сегодня", "43\u00a0219", "54%", 43_219, 80_000} <= set(found)
    assert "▼ отстаём от темпа · план 80\u00a0000" in found


def test_card_of_answers_says_who_still_waits_and_the_sum_has_its_sign(shelf: Shelf) -> None:
    shelf.request()
    win(shelf)
    shelf.clock.advance(timedelta(minutes=30))
    found = cells(shown(shelf))

    assert {"без ответа больше 10 %", "Выиграно за месяц, ₽"} <= set(found)


def test_charts_are_native_and_drawn_over_the_tables(shelf: Shelf) -> None:
    shelf.request()
    win(shelf)
    plan(shelf)
    shown(shelf)

    kinds = [chart["spec"]["basicChart"]["chartType"] for chart in charts(shelf)]
    grid = Person(shelf.sheets, BOARD.sheet_id, shelf.workbook(SUMMARY)).tab.grid
    heads = []
    for chart in charts(shelf):
        for series in chart["spec"]["basicChart"]["series"]:
            place = series["series"]["sourceRange"]["sources"][0]
            heads.append(grid[place["startRowIndex"]][place["startColumnIndex"]])

    assert kinds == ["COLUMN", "BAR", "BAR", "LINE", "BAR", "COMBO", "COLUMN", "COLUMN"]
    assert {"form", "Дошли, из новых", "Выиграно", "План", "Темп плана"} <= set(heads)
    assert "" not in heads


def test_limits_are_shown_for_all_and_for_each(shelf: Shelf) -> None:
    shelf.request()
    for whose, minutes in (("st_anna", 20), ("st_boris", 300), ("st_boris", 0)):
        ends(shelf, whose, minutes)

    tab = Person(shown(shelf).sheets, BOARD.sheet_id, shelf.workbook(SUMMARY)).tab
    rows = [row[:7] for row in tab.grid if "ответ на сообщение" in row]

    assert rows == [
        ["Все", "ответ на сообщение", 3, 2, 0.3333, 300, "ещё без ответа"],
        ["Анна Белова", "ответ на сообщение", 1, 0, 1.0, 20, 20],
        ["Борис Ким", "ответ на сообщение", 2, 2, 0.0, 300, "ещё без ответа"],
    ]


def ends(shelf: Shelf, whose: str, minutes: int) -> None:
    """A client was answered after so many minutes; 0: the limit passed and nobody has."""
    now = shelf.clock.now()
    state = "open" if not minutes else "met" if minutes <= 240 else "late"
    case = SlaCase(
        id=f"sl_{minutes}", what="reply", staff_id=StaffId(whose), since=now, limit=240, due_at=now,
        state=state, breached=state != "met", minutes=minutes or None,
    )  # fmt: skip
    transact(shelf.app.store, SYSTEM, "test", now,
             work=lambda unit: unit.keep(case, shown=COUNTED))  # fmt: skip


def test_unchanged_figures_cost_no_write(shelf: Shelf) -> None:
    shelf.request()
    shown(shelf)
    shelf.clock.advance(timedelta(minutes=1))

    calls = shelf.look()

    assert {"write", "structure"} & set(calls) == set()


def test_changed_numbers_are_one_write_of_values(shelf: Shelf) -> None:
    win(shelf)
    shelf.request()
    shown(shelf)
    before = len(shelf.workbook(SUMMARY).requests)
    win(shelf, "dl_other", amount=100_000)
    statistics.drain(shelf.app.desk)

    calls = shelf.look()

    assert "44\u00a0219" in cells(shelf)
    assert len(shelf.workbook(SUMMARY).requests) == before
    assert calls.count("write") == 1


def test_new_source_changes_the_shape_and_the_tab_is_made_anew(shelf: Shelf) -> None:
    shown(shelf)
    before = charts(shelf)
    shelf.request()
    shown(shelf)

    assert charts(shelf) != before
    assert "form" in cells(shelf)


def test_tab_deleted_by_a_person_is_drawn_again(shelf: Shelf) -> None:
    shelf.request()
    shown(shelf)
    del shelf.workbook(SUMMARY).tabs[BOARD.sheet_id]
    shelf.look()
    shelf.look()

    assert "form" in cells(shelf)


def test_role_without_amounts_has_no_sums_and_no_plan(shelf: Shelf) -> None:
    told = {"amount": "none", "plan": "none"}
    narrow = RoleSpec(id="director", name="Директор", base="director", levels=told)

    shown = ["leads", "funnel", "speed", "limits", "people"]
    assert blocks(shelf) == [*shown, "sales", "plan"]
    assert blocks(shelf, narrow) == shown


def test_role_that_does_not_read_everybody_has_no_figures(shelf: Shelf) -> None:
    narrow = RoleSpec(id="director", name="Директор", base="director", reach={"read": "team"})

    assert blocks(shelf, narrow) == []


def test_sums_are_in_no_other_book_than_the_directors(shelf: Shelf) -> None:
    win(shelf)
    plan(shelf)
    shown(shelf)

    found = {
        key for book, key in shelf.keys().items() if "43219" in repr(shelf.sheets.books[book])
        or "80000" in repr(shelf.sheets.books[book])
    }  # fmt: skip

    assert found <= {SUMMARY, DIRECTOR_BOOK, "department.st_viktor", "settings.director"}
    assert SUMMARY in found


def test_head_sets_plans_of_the_team_and_a_manager_none(shelf: Shelf) -> None:
    wish = {"month": "2026-12", "amount_minor": 100, "staff": "st_anna"}
    shelf.do("plan.set", "viktor@office.example", **wish)
    with pytest.raises(NotAllowed):
        shelf.do("plan.set", "anna@office.example", **wish)
    with pytest.raises(NotAllowed):
        shelf.do("plan.set", "viktor@office.example", month="2026-12", amount_minor=5)

    assert plans_of(shelf.app.store, "2026-12", ["st_anna"]) == {"": 100, "st_anna": 100}
