"""What people do wrong, each told in the office's language by who must do what."""

from typing import Any

import pytest
from tests.office.counter import Counter

WHY = "Клиент подписал договор прямо в офисе"


@pytest.fixture
def lead(office: Counter) -> str:
    found = office.do("anna", "lead.add", name="Пётр", phone="8 (916) 000-11-22")
    return str(found["id"])


def test_impossible_transitions_name_who_may_and_what_is_missing(
    office: Counter, lead: str
) -> None:
    office.refused("anna", "lead.move", "stage_needs_call", lead=lead, stage="qual")
    office.refused("anna", "lead.move", "stage_needs_call", lead=lead, stage="def")
    office.refused("boris", "lead.move", "not_yours", lead=lead, stage="c1")
    office.refused("viktor", "lead.move", "override_needs_reason", lead=lead, stage="c1")
    said = office.refused(
        "viktor", "lead.move", "override_needs_reason", lead=lead, stage="c1", reason="надо"
    )
    assert "10" in said
    office.refused("viktor", "lead.move", "stage_unknown", lead=lead, stage="нет такой")
    office.do("viktor", "lead.move", lead=lead, stage="c1", reason=WHY)
    office.refused("anna", "lead.move", "stage_not_reachable", lead=lead, stage="new")
    office.refused("anna", "lead.move", "reason_required", lead=lead, stage="junk")
    office.do("anna", "lead.move", lead=lead, stage="junk", reason="Не наш профиль")
    office.refused("anna", "lead.move", "stage_final", lead=lead, stage="c1")


def test_stale_versions_are_told_and_nothing_is_overwritten(office: Counter, lead: str) -> None:
    read = office.row("leads", lead)["updated_at"]
    office.passes(minutes=1)
    office.do("viktor", "lead.note", lead=lead, note="Первый")
    for name, given in (
        ("lead.note", {"note": "Второй"}),
        ("lead.rename", {"name": "Иван"}),
        ("lead.priority", {"priority": 2}),
        ("lead.move", {"stage": "c1", "reason": WHY}),
        ("lead.hand_over", {"owner": "st_vera", "reason": "отпуск"}),
    ):
        office.refused("viktor", name, "stale", lead=lead, expected=read, **given)
    assert office.row("leads", lead)["note"] == "Первый"

    version = office.rows("settings")[0]["version"]
    office.passes(minutes=1)
    office.do("olga", "source.add", name="Ярмарка")
    said = office.refused("olga", "source.add", "settings_stale", name="Бал", expected=version)
    assert "Ольга Соколова" in said


def test_unknown_fields_and_records_name_the_nearest(office: Counter, lead: str) -> None:
    roles = {"read_roles": ["manager"], "edit_roles": ["manager"]}
    office.do("olga", "field.add", id="budget", entity="lead", name="Бюджет", **roles)
    office.do("olga", "field.add", id="margin", entity="lead", name="Маржа")
    said = office.refused("anna", "lead.edit", "field_unknown", lead=lead, fields={"bugdet": "1"})
    assert "budget" in said
    hidden = office.refused("anna", "lead.edit", "field_unknown", lead=lead, fields={"margn": "1"})
    assert "margin" not in hidden, "what a manager does not see is not named"
    office.refused("anna", "lead.edit", "field_closed", lead=lead, fields={"margin": "1"})
    assert "note" in office.refused("anna", "lead.edit", "command_fields", lead=lead, noet="x")
    office.refused("anna", "lead.edit", "record_unknown", lead="ld_нет", note="x")
    office.refused("anna", "lead.edti", "command_unknown")
    office.refused("nobody", "lead.edit", "stranger", lead=lead)


def test_card_and_history_that_are_not_there_are_refused_in_words(office: Counter) -> None:
    for words in (("show", "lead", "ld_1"), ("history", "lead", "ld_1"), ("undo", "bt_1")):
        by = ["--as", "viktor@office.example"] if words[0] == "undo" else []
        code, _, wrong = office.run(*words, *by)
        assert (code, "no lead" in wrong) == (2, False)
        assert any(start in wrong for start in ("Такой записи нет", "There is no such record"))
        assert ("Такой" in wrong) == (office.locale == "ru")


def test_times_that_cannot_be_are_refused(office: Counter, lead: str) -> None:
    past, far = office.after(days=-1), office.after(days=400)
    title = {"lead": lead, "title": "Позвонить"}
    for due in (past, far, "2026-11-20"):
        office.refused("anna", "task.create", "due_range", **title, due=due)
    office.refused("anna", "task.create", "command_fields", **title, due="2026-11-30T12:00:00")
    office.refused("anna", "task.create", "command_fields", **title, due="2026-02-30")
    office.do("viktor", "lead.move", lead=lead, stage="c1", reason=WHY)
    for wake in (past, far):
        office.refused("anna", "lead.move", "wake_range", lead=lead, stage="def", wake_at=wake)
    talk = {"lead": lead, "what": "letter", "text": "Написал клиенту о встрече"}
    for at in (office.after(days=-40), office.after(hours=1)):
        office.refused("anna", "activity.log", "activity_at", **talk, at=at)
    office.refused("anna", "absence.add", "absence_range", first="2026-11-20")


def test_subtasks_make_no_circles(office: Counter, lead: str) -> None:
    due = office.after(days=2)
    top = office.do("anna", "task.create", lead=lead, title="Иск", due=due)["id"]
    below = office.do("anna", "task.create", lead=lead, title="Часть", due=due, parent=top)["id"]
    other = office.do("anna", "task.create", lead=lead, title="Ещё", due=due)["id"]
    for task, parent in ((top, top), (top, below), (top, other)):
        office.refused("anna", "task.edit", "subtask_depth", task=task, parent=parent)
    office.refused(
        "anna", "task.create", "subtask_depth", lead=lead, title="Глубже", due=due, parent=below
    )
    office.refused("anna", "task.finish", "subtasks_open", task=top)
    office.refused("anna", "task.edit", "record_unknown", task=other, parent="tk_нет")


def coming(office: Counter, title: str) -> dict[str, Any]:
    found = [row for row in office.rows("tasks") if row["title"] == title]
    return next(row for row in found if row["state"] == "open")


def test_29_february_comes_back_each_year_on_the_last_of_february(
    office: Counter, lead: str
) -> None:
    office.passes(days=435)  # to 1 February 2028
    given = {"lead": lead, "title": "Продлить", "due": "2028-02-29", "repeats": "FREQ=YEARLY"}
    task = office.do("anna", "task.create", **given)
    due = [task["due_at"][:10]]
    for _ in range(2):
        office.do("anna", "task.finish", task=task["id"], result="Сделано")
        task = coming(office, "Продлить")
        due.append(task["due_at"][:10])
        office.passes(days=364)
    assert due == ["2028-02-29", "2029-02-28", "2030-02-28"]
    for rule in ("FREQ=HOURLY", "каждый день", "FREQ=DAILY;COUNT=2;UNTIL=20290101"):
        wrong = {**given, "due": office.after(days=3), "repeats": rule}
        office.refused("anna", "task.create", "repeats_rule", **wrong)


def test_hour_of_a_series_stays_on_the_wall_when_the_clocks_change(office: Counter) -> None:
    office.do("olga", "hours.set", opens="09:00", closes="18:00", zone="Europe/Berlin")
    office.refused(
        "olga", "hours.set", "settings_zone", opens="09:00", closes="18:00", zone="Berlin"
    )
    office.passes(days=115)  # 18 March 2027; the clocks change on the 28th
    given = {"title": "Отчёт", "personal": True, "due": "2027-03-26", "repeats": "FREQ=WEEKLY"}
    task = office.do("anna", "task.create", **given)
    office.do("anna", "task.finish", task=task["id"])
    after = coming(office, "Отчёт")
    assert task["due_at"].startswith("2027-03-26T17:00")
    assert after["due_at"].startswith("2027-04-02T16:00"), "18:00 in Berlin, both times"
