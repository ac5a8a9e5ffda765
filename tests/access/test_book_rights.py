"""What the common book shows is what everybody who opens it may read."""

from datetime import timedelta

import pytest
from tests.access.office_cast import NOW, client, lead, office, task
from tests.access.outputs import EVERYBODYS, journal_tab, tabs

from kartoteka.domain.access import Level, Sight, level_of
from kartoteka.domain.matrix_fields import FIELDS
from kartoteka.domain.model import Line, NextAction, Source, Touch
from kartoteka.services.commands import execute
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from sync.card import card
from sync.columns import Frame, View
from sync.shelf.team import TWO_WAY

LATER = NOW + timedelta(days=3)
OTHER = {
    "lead": {
        "name": "Пётр", "stage": "r1", "owner_id": "st_boris", "note": "иное", "priority": 3,
        "lines": (Line(name="Иск", price_minor=1, cost_minor=1),), "extra": {"город": "Тверь"},
        "next_action": NextAction(what="call", due_at=LATER), "next_at": LATER,
        "first_touch": Source(channel="call", name="Звонок"), "fields": {"x": "y"},
        "last_touch": Source(channel="call", name="Звонок"), "region": "RU-TVE", "reason": "дорого",
        "created_at": LATER, "updated_at": LATER, "wake_at": LATER, "state": "ongoing",
    },
    "client": {
        "name": "Пётр", "company": "Рога", "phones": ("+74950000000",), "emails": ("a@b.ru",),
        "segment": "partner", "tags": ("важно",), "fields": {"x": "y"}, "owner_id": "st_boris",
        "last_touch": Touch(at=LATER, kind="call", direction="in"), "updated_at": LATER,
    },
    "task": {
        "title": "Иное", "what": "letter", "assignee_id": "st_boris", "due_at": LATER,
        "state": "done", "result": "иное", "text": "иное", "phone": "+74950000000", "priority": 3,
    },
}  # fmt: skip


def shown(records):
    """The rows and the phone card that these records make."""
    view = View("x", records["lead"], records["client"], records["task"])
    frame = Frame(office())
    rows = [tab.row(view, frame) for tab in TWO_WAY]
    return repr([rows, card(records["client"], records["lead"], office())])


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, given in OTHER.items() for field in given]
)
def test_tabs_and_phone_card_use_only_fields_that_every_reader_may_read(kind, field):
    """Change one field: if a cell or the card changes, the book's readers may read that field."""
    records = {"lead": lead(), "client": client(), "task": task()}
    before = shown(records)
    records[kind] = records[kind].model_copy(update={field: OTHER[kind][field]})

    if shown(records) != before:
        parts = [path for path in FIELDS[kind] if path == field or path.startswith(f"{field}.")]
        sight = Sight(EVERYBODYS, office(), NOW)
        levels = {path: level_of(sight, records[kind], path) for path in parts}
        assert all(found >= Level.READ for found in levels.values()), levels


@pytest.mark.parametrize("kind", sorted(OTHER))
def test_the_search_notices_when_the_book_shows_a_field(kind):
    records = {"lead": lead(), "client": client(), "task": task()}
    before = shown(records)
    name = "title" if kind == "task" else "name"
    records[kind] = records[kind].model_copy(update={name: "Заметная замена"})

    assert shown(records) != before


def test_personal_task_is_in_no_tab_of_the_common_book(desk):
    anna = actor_by_email(desk.settings(), "anna@office.example")
    given = {"title": "Забрать анализы", "due": LATER.isoformat(), "personal": True}
    made = execute(COMMANDS, desk, anna, "task.create", given=given, cause="command:task.create")
    execute(
        COMMANDS, desk, anna, "task.finish", given={"task": made.id}, cause="command:task.finish"
    )

    told = tabs(desk, EVERYBODYS) + journal_tab(desk, EVERYBODYS)

    assert "Забрать анализы" not in told
    assert made.id not in told
    assert desk.store.get("tasks", made.id)["state"] == "done"
