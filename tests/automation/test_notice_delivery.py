"""A notice reaches its person on the ways they chose, in calm hours, each way once."""

from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest
from pydantic import JsonValue
from tests.automation.notice_office import (
    ANNA,
    BORIS,
    OLGA,
    Ways,
    choose,
    deliver_all,
    drained,
    form,
    keep,
    link_telegram,
    notice_of,
    post_of,
    without_exchange,
)
from tests.fakes import FakeTasks, FixedClock

from automation import timers
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed, ProviderDown, RateLimited
from kartoteka.domain.model import Notice
from kartoteka.domain.notice_rules import MOST_AN_HOUR
from kartoteka.domain.press import read
from kartoteka.services import notice_delivery
from kartoteka.services.commands import execute
from kartoteka.services.notice_delivery import PATH, QUEUE
from kartoteka.services.notice_parking import FailedNotices
from kartoteka.services.notices import mark_seen
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS

SPACE = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t"
NIGHT = datetime(2026, 11, 23, 19, 30, tzinfo=UTC)  # 22:30 in Moscow


@pytest.fixture
def ways() -> Ways:
    return Ways()


def test_nothing_linked_goes_by_mail(desk: Desk, ways: Ways) -> None:
    form(desk)
    deliver_all(desk, ways)
    [letter] = ways.letters
    told = message_from_bytes(letter, policy=SMTP)

    assert told["To"] == "anna@office.example"
    assert told["Subject"].startswith("Вам новая заявка")
    assert told["Auto-Submitted"] == "auto-generated"
    assert "Ирина <b>&" in told.get_content()
    assert (ways.posts, ways.said) == ([], [])


def test_linked_telegram_gets_the_words_as_typed_with_buttons(desk: Desk, ways: Ways) -> None:
    link_telegram(desk, "st_anna", "77")
    without_exchange(desk)
    form(desk)
    deliver_all(desk, ways)
    [(person, post)] = ways.posts
    pressed = [read(button.data) for row in post.buttons for button in row]

    assert person == "77"
    assert "Ирина <b>&" in post.text
    assert "+79161234567" in post.text
    assert [it.act for it in pressed if it] == ["called", "seen"]
    assert all(len(button.data.encode()) <= 64 for row in post.buttons for button in row)
    assert ways.letters == []


def test_each_way_gets_a_notice_once_however_often_the_queue_calls(desk: Desk, ways: Ways) -> None:
    link_telegram(desk, "st_anna", "77")
    choose(desk, ANNA, ways=["telegram", "chat", "mail"], space=SPACE)
    form(desk)
    deliver_all(desk, ways)
    deliver_all(desk, ways)

    assert (len(ways.posts), len(ways.said), len(ways.letters)) == (1, 1, 1)
    assert ways.said[0][0] == SPACE


def test_way_that_does_not_answer_is_repeated_without_the_others(desk: Desk, ways: Ways) -> None:
    link_telegram(desk, "st_anna", "77")
    choose(desk, ANNA, ways=["telegram", "mail"])
    form(desk)
    ways.fails = [ProviderDown("away")]
    with pytest.raises(ProviderDown):
        deliver_all(desk, ways)
    assert (len(ways.posts), len(ways.letters)) == (0, 1)
    deliver_all(desk, ways)

    assert (len(ways.posts), len(ways.letters)) == (1, 1)


def test_blocked_bot_is_replaced_by_mail(desk: Desk, ways: Ways) -> None:
    link_telegram(desk, "st_anna", "77")
    form(desk)
    ways.fails = [NotAllowed("blocked", code="send_blocked")]
    deliver_all(desk, ways)
    notice = notice_of(desk, "notice_new_lead")

    assert len(ways.letters) == 1
    assert post_of(desk, notice, "telegram").state == "refused"


def test_silent_way_is_given_up_after_half_a_day_and_kept_as_failed(
    desk: Desk, ways: Ways, clock: FixedClock
) -> None:
    link_telegram(desk, "st_anna", "77")
    form(desk)
    drained(desk)
    clock.advance(timedelta(hours=25))
    ways.fails = [RateLimited("slow")]
    deliver_all(desk, ways)
    notice = notice_of(desk, "notice_new_lead")

    assert post_of(desk, notice, "telegram").state == "failed"


def test_seen_notice_goes_nowhere(desk: Desk, ways: Ways) -> None:
    form(desk)
    drained(desk)
    mark_seen(desk, ANNA, notice_of(desk, "notice_new_lead").id, cause="test")
    deliver_all(desk, ways)

    assert ways.letters == []


def test_kind_that_is_off_goes_nowhere_and_others_still_do(desk: Desk, ways: Ways) -> None:
    choose(desk, ANNA, kind="new_lead", ways=[])
    form(desk)
    deliver_all(desk, ways)

    assert ways.letters == []


def test_notice_without_a_way_asks_for_no_delivery(desk: Desk, tasks: FakeTasks) -> None:
    choose(desk, ANNA, ways=[])
    form(desk)
    drained(desk)
    assert notice_of(desk, "notice_new_lead").staff_id == "st_anna"
    assert [it for it in tasks.queued if it.path == PATH] == []


def test_notice_of_the_night_waits_for_the_way_of_the_morning(
    desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> None:
    clock.advance(NIGHT - clock.now())
    choose(desk, ANNA, ways=[])
    form(desk)
    drained(desk)
    assert len([it for it in tasks.queued if it.path == PATH]) == 1


def test_night_waits_for_the_morning(
    desk: Desk, ways: Ways, clock: FixedClock, tasks: FakeTasks
) -> None:
    clock.advance(NIGHT - clock.now())
    form(desk)
    drained(desk)
    [task] = [it for it in tasks.queued if it.path == PATH]

    assert task.queue == QUEUE
    assert task.at == datetime(2026, 11, 24, 6, tzinfo=UTC)  # 9:00 in Moscow
    assert notice_delivery.deliver(desk, ways.all(), str(task.payload["notice"])) == "later"
    assert ways.letters == []
    assert [it.at for it in tasks.queued if it.path == PATH] == [task.at, task.at]
    clock.advance(timedelta(hours=10, minutes=30))
    assert notice_delivery.deliver(desk, ways.all(), str(task.payload["notice"])) == "sent"


def test_amount_stands_only_where_its_reader_may_see_it(desk: Desk, ways: Ways) -> None:
    stored = form(desk)
    given: dict[str, JsonValue]
    given = {"name": "Спор", "client": stored.client_id, "owner": "st_anna", "deal_type": "Иск"}
    deal = execute(COMMANDS, desk, OLGA, "deal.create", given=given, cause="test")
    assert isinstance(deal, Deal)
    lined: dict[str, JsonValue] = {"deal": deal.id, "name": "Иск", "price_minor": 76543219}
    execute(COMMANDS, desk, OLGA, "deal.line_add", given=lined, cause="test")
    for name, staff in (("no_1", "st_anna"), ("no_2", "st_dina"), ("no_3", "st_olga")):
        about = {"code": "notice_cold", "deal_id": deal.id, "at": desk.now()}
        keep(desk, Notice.model_validate({"id": name, "staff_id": staff, **about}))
        notice_delivery.deliver(desk, ways.all(), name)
    told = {
        message_from_bytes(it, policy=SMTP)["To"]: message_from_bytes(it, policy=SMTP).get_content()
        for it in ways.letters
    }

    assert "765 432,19 ₽" in told["olga@office.example"]
    assert "765 432" not in told["dina@office.example"]


def test_person_sets_up_only_their_own_ways(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        choose(desk, ANNA, person="st_boris", ways=["mail"])

    assert choose(desk, OLGA, person="st_boris", ways=["mail"]).ways["task"] == ("mail",)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ways": ["telegram"]}, "notice_no_telegram"),
        ({"ways": ["chat"]}, "notice_no_space"),
        ({"space": "https://chat.googleapis.com.evil.example/v1/spaces/A/messages?key=1"},
         "command_fields"),
        ({"space": "http://169.254.169.254/"}, "command_fields"),
        ({"kind": "gossip", "ways": ["mail"]}, "command_fields"),
    ],
)  # fmt: skip
def test_way_that_cannot_work_is_refused_with_what_to_do(
    desk: Desk, given: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        choose(desk, ANNA, **given)

    assert refused.value.code == code


def test_space_of_google_chat_is_never_told_nor_logged(desk: Desk) -> None:
    shown = choose(desk, ANNA, ways=["chat"], space=SPACE)
    log = [str(entry.doc) for entry in desk.store.read_log("changes", None, 100)]

    assert shown.space
    assert "token=t" not in shown.model_dump_json()
    assert "token=t" not in "".join(log)


def test_unseen_is_told_again_after_five_minutes_and_to_the_heads_after_fifteen(
    desk: Desk, ways: Ways, clock: FixedClock
) -> None:
    link_telegram(desk, "st_anna", "77")
    form(desk)
    deliver_all(desk, ways)
    moments = []
    for _ in range(16):
        clock.advance(timedelta(minutes=1))
        timers.fire_late(desk)
        deliver_all(desk, ways)
        heads = [it for it in ways.letters if b"viktor@" in it]
        moments.append((len(ways.posts), bool(heads)))

    assert moments[3] == (1, False)
    assert moments[4] == (2, False)
    assert moments[13][1] is False
    assert moments[14][1] is True
    assert ways.posts[1][1].text.startswith("Новая заявка всё ещё ждёт вас")


def test_office_chooses_its_own_minutes_and_hours(desk: Desk) -> None:
    given: dict[str, JsonValue] = {"again_minutes": 1, "quiet_from": "20:00", "urgent": ["task"]}
    with pytest.raises(NotAllowed):
        execute(COMMANDS, desk, ANNA, "notice.rules", given=given, cause="test")
    execute(COMMANDS, desk, OLGA, "notice.rules", given=given, cause="test")
    early: dict[str, JsonValue] = {"evening": "08:00"}
    with pytest.raises(Invalid) as refused:
        execute(COMMANDS, desk, OLGA, "notice.rules", given=early, cause="test")
    rules = desk.settings().office.notices

    assert (rules.again_minutes, rules.head_minutes, rules.quiet_from) == (1, 15, time(20))
    assert refused.value.code == "notice_evening_early"


def test_flood_is_told_once_and_the_next_hour_is_new(
    desk: Desk, ways: Ways, clock: FixedClock
) -> None:
    def tell(name: str, code: str) -> str:
        about = {"code": code, "at": desk.now()}
        keep(desk, Notice.model_validate({"id": name, "staff_id": "st_anna", **about}))
        return notice_delivery.deliver(desk, ways.all(), name)

    done = [tell(f"no_{number}", "notice_cold") for number in range(MOST_AN_HOUR + 5)]
    urgent = tell("no_chat", "notice_chat_given")
    told = [message_from_bytes(it, policy=SMTP)["Subject"] for it in ways.letters]
    clock.advance(timedelta(hours=1))

    assert done.count("too_many") == 4
    assert told[MOST_AN_HOUR].startswith("За час пришло больше 40 уведомлений")
    assert urgent == tell("no_later", "notice_cold") == "sent"


def test_what_did_not_get_out_is_shown_and_sent_again(
    desk: Desk, ways: Ways, clock: FixedClock
) -> None:
    form(desk)
    drained(desk)
    clock.advance(timedelta(hours=25))
    ways.box_fails = [RateLimited("slow")]
    deliver_all(desk, ways)
    shown = [
        execute(COMMANDS, desk, who, "notice.failed", given={}, cause="test")
        for who in (ANNA, BORIS, OLGA)
    ]
    notice: dict[str, JsonValue] = {"notice": notice_of(desk, "notice_new_lead").id}
    with pytest.raises(NotAllowed):
        execute(COMMANDS, desk, BORIS, "notice.repeat", given=notice, cause="test")
    execute(COMMANDS, desk, ANNA, "notice.repeat", given=notice, cause="test")
    assert isinstance(desk.tasks, FakeTasks)
    again = notice_delivery.deliver(desk, ways.all(), str(desk.tasks.queued[-1].payload["notice"]))

    assert [len(it.notices) for it in shown if isinstance(it, FailedNotices)] == [1, 0, 1]
    assert (again, len(ways.letters)) == ("sent", 1)
