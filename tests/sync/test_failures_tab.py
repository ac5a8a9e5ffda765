"""«Сбои»: what rules and notices could not do stands in the book until somebody decides."""

import pytest
from tests.sync.books_office import Shelf
from tests.sync.test_settings_book import BOOK, OLGA, shelf

from kartoteka.domain.change import SYSTEM, Actor, ActorKind
from kartoteka.domain.firing import Firing, Outcome
from kartoteka.domain.ids import ClientId
from kartoteka.domain.model import Lead, Notice
from kartoteka.domain.notice_rules import NoticePost
from kartoteka.services import firings
from kartoteka.services.firing_words import reason, said
from kartoteka.services.notice_delivery import post_id
from kartoteka.services.unit import Unit, transact
from sync.columns import Frame
from sync.shelf.settings import TABS

__all__ = ["shelf"]
TAB = TABS["failures"]
WHY = "Для стадии «Договор» заполните: сумма."


def failed(shelf: Shelf, name: str = "fr_1", lead: str = "") -> Firing:
    """A firing of the office's first rule that is parked with a reason."""
    now = shelf.clock.now()
    rule = shelf.app.desk.settings().office.rules[0]
    doc = shelf.app.store.get(Lead.collection, lead or "none") or {}
    refused = Outcome(number=0, act="move", state="refused", why="stage_requires", said=WHY)
    firing = Firing(
        id=name, rule_id=rule.id, version=1, cause="change:x", about="lead", record_id=lead,
        client_id=ClientId(str(doc["client_id"])) if doc else None, state="parked",
        why="stage_requires", outcomes=(refused,), at=now, updated_at=now,
    )  # fmt: skip
    return firings.keep_new(shelf.app.desk, [firing])[0]


def lost(shelf: Shelf) -> Notice:
    """A notice to Anna that her messenger refused."""
    now, name = shelf.clock.now(), "no_lost"
    notice = Notice(id=name, staff_id="st_anna", code="notice_rule", at=now)
    post = NoticePost(
        id=post_id(name, "telegram"), notice_id=name, staff_id="st_anna", way="telegram",
        state="refused", at=now, why="notice_no_bot",
    )  # fmt: skip

    def work(unit: Unit) -> None:
        unit.add(notice)
        unit.keep(post, shown=("state",))

    transact(shelf.app.store, SYSTEM, "test", now, work=work)
    return notice


def test_failed_rule_comes_into_the_tab_and_leaves_it_when_repeated(shelf: Shelf) -> None:
    lead = shelf.request("Ирина Волкова")
    shelf.drain()
    there = shelf.there(BOOK, TAB)
    assert there.ids() == []
    firing = failed(shelf, lead=lead)

    shelf.drain()

    (row,) = there.ids()
    assert there.shown(row, "Что не вышло") == shelf.app.desk.settings().office.rules[0].name
    assert (there.shown(row, "Запись"), there.shown(row, "Почему")) == ("Ирина Волкова", WHY)
    shelf.picks(BOOK, OLGA, row, "Повторить", tab=TAB)
    assert there.ids() == []
    assert firings.need(shelf.app.desk, firing.id).state == "planned"
    assert shelf.wrong_anywhere() == []


def test_who_may_not_know_the_client_sees_the_record_alone(shelf: Shelf) -> None:
    lead = shelf.request("Ирина Волкова")
    failed(shelf, lead=lead)
    reader = Actor(kind=ActorKind.STAFF, id="book:settings", role="marketing")
    frame = Frame(shelf.app.desk.settings(), reader, shelf.clock.now())

    (row,) = TAB.lists(frame, shelf.app.store)

    assert (row.cells["about"], row.link) == (lead, "")


def test_failure_left_as_it_is_is_not_tried_again(shelf: Shelf) -> None:
    firing = failed(shelf)
    shelf.do("firing.leave", OLGA, firing=firing.id)

    left = firings.need(shelf.app.desk, firing.id)

    assert (left.state, reason(left, "ru")) == ("skipped", "Оставлено как есть: больше не пробует.")
    assert list(TAB.lists(Frame(shelf.app.desk.settings()), shelf.app.store)) == []


@pytest.mark.parametrize("command", ["notice.repeat", "notice.leave"])
def test_notice_that_reached_nobody_is_repeated_or_left(shelf: Shelf, command: str) -> None:
    lost(shelf)
    frame = Frame(shelf.app.desk.settings(), now=shelf.clock.now())

    (row,) = TAB.lists(frame, shelf.app.store)

    assert (row.cells["failed"], row.cells["about"]) == ("Уведомление: Telegram", "Анна Белова")
    assert row.cells["why"] == said("notice_no_bot", "ru")
    shelf.do(command, OLGA, notice=row.key[1])
    assert list(TAB.lists(frame, shelf.app.store)) == []


def test_words_of_a_refusal_hold_nothing_that_a_client_typed() -> None:
    office_own, typed = {"there": 5, "missing": "Иван"}, said("stage_requires", "ru")

    assert said("stage_requires", "ru", office_own) == "Для стадии «5» заполните: …."
    assert typed == "Для стадии «…» заполните: …."
    assert said("no_such_code", "ru") == "no_such_code"
