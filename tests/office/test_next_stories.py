"""Nobody is forgotten: the last task asks what is next, the night repairs, two signals warn."""

import pytest
from tests.office.counter import Counter

CALL = {"what": "call"}


@pytest.fixture
def lead(office: Counter) -> str:
    found = office.do("anna", "lead.add", name="Пётр", phone="8 (916) 000-11-22")
    return str(found["id"])


@pytest.fixture
def deal(office: Counter, lead: str) -> str:
    moved = {"lead": lead, "deal_type": "Суд", "reason": "Клиент подписал договор в офисе"}
    return str(office.do("viktor", "lead.convert", **moved)["id"])


@pytest.mark.parametrize("end", ["task.finish", "task.cancel"])
def test_last_task_of_an_open_deal_does_not_end_without_a_next(
    office: Counter, deal: str, end: str
) -> None:
    given = {"deal": deal, "title": "Позвонить", "due": office.after(minutes=30)}
    task = office.do("viktor", "task.create", **given)["id"]
    assert office.row("deals", deal)["next_action"]["task_id"] == task

    said = office.refused("viktor", end, "what_next", task=task)
    assert ("Что дальше?" in said) == (office.locale == "ru")
    due = office.after(days=2)
    office.do("viktor", end, task=task, next={**CALL, "due_at": due})
    assert office.row("deals", deal)["next_action"]["due_at"] == due


def test_next_in_the_past_and_unknown_is_refused(office: Counter, deal: str) -> None:
    office.refused(
        "viktor", "deal.next", "due_range", deal=deal, **CALL, due_at=office.after(days=-1)
    )
    office.refused(
        "viktor", "deal.next", "due_range", deal=deal, **CALL, due_at=office.after(days=400)
    )
    office.refused("viktor", "deal.next", "command_fields", deal=deal, what="dance", due_at="soon")


def test_night_repairs_what_has_nothing_planned_and_tells_the_head(
    office: Counter, lead: str, deal: str
) -> None:
    other = office.do("boris", "lead.add", name="Ирина", phone="8 916 000-11-33")["id"]
    for what, record in (("leads", other), ("deals", deal)):
        office.damage(what, record, next_action=None, next_at=None)
    assert office.do("boris", "task.counters")["unplanned"] == 1

    assert office.night() == {"leads": 1, "deals": 1, "unrepaired": 0}
    for what, record in (("leads", other), ("deals", deal)):
        assert office.row(what, record)["next_at"]
    assert office.do("boris", "task.counters")["unplanned"] == 0
    told = [note["code"] for note in office.rows("notices", "viktor")]
    assert told.count("notice_repaired") == 1
    assert office.night() == {"leads": 0, "deals": 0, "unrepaired": 0}


def test_cold_and_unplanned_are_two_signals(office: Counter, deal: str) -> None:
    warm = office.row("deals", deal)
    office.damage("deals", deal, next_action=None, next_at=None)
    assert office.do(owner(warm), "task.counters")["unplanned"] == 1
    assert "notice_cold" not in notices(office, owner(warm)), "nothing planned is not cold"

    office.night()
    office.passes(days=14)
    assert office.do(owner(warm), "task.counters")["unplanned"] == 0
    assert "notice_cold" in notices(office, owner(warm)), "cold is not unplanned"


def owner(deal: dict[str, object]) -> str:
    return str(deal["owner_id"]).removeprefix("st_")


def notices(office: Counter, who: str) -> list[str]:
    return [note["code"] for note in office.rows("notices", who)]
