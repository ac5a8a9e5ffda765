"""The bot in private: buttons of notices under their person's rights, answers by a word."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.automation.notice_office import (
    OLGA,
    drained,
    form,
    keep,
    link_telegram,
    notice_of,
    without_exchange,
)
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.services.chat_office import FakeBoth, account_of, event, lead_of

from automation import calls
from automation.bot.acts import ACTS, NEXT_ACTS
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.ids import StaffId
from kartoteka.domain.inbound import Kind
from kartoteka.domain.model import Lead, Notice, Task
from kartoteka.domain.press import Press, spelled
from kartoteka.ports import Query
from kartoteka.services.chat_settings import LinkPerson, link
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored
from kartoteka.services.registry import COMMANDS
from kartoteka.settings import Settings
from kartoteka.wiring import App

USERS = {"st_anna": "77", "st_boris": "78", "st_viktor": "79", "st_olga": "80"}
Run = Callable[[], list[str]]


@pytest.fixture
def both() -> FakeBoth:
    return FakeBoth()


@pytest.fixture
def linked(desk: Desk) -> Desk:
    for person, user in USERS.items():
        link_telegram(desk, person, user)
    return desk


@pytest.fixture
def run(desk: Desk, tasks: FakeTasks, both: FakeBoth) -> Run:
    """Drain the log and do all that the queue of the team ever held: everything comes twice."""
    app = App(Settings(), desk.clock, lambda _: desk.store)
    vars(app).update(desk=desk, messengers=both)

    def work() -> list[str]:
        drained(desk)
        said = [it for it in tasks.queued if it.path == "/automation/task/team"]
        return [calls.do(app, "team", it.payload) for it in said]

    return work


def says(desk: Desk, name: str, text: str, person: str = "st_anna") -> Stored:
    return event(desk, name, text=text, peer=USERS.get(person, person))


def presses(
    desk: Desk, name: str, notice: Notice, act: str, *, by: str = "st_anna", seen: bool = True
) -> Stored:
    """Press a button of the notice as it was shown at first, with the lead's version then."""
    doc = desk.store.get("leads", notice.lead_id) if notice.lead_id and seen else None
    version = Lead.model_validate(doc).updated_at if doc is not None else None
    data = spelled(Press(act, notice.id, version))
    return event(desk, name, text=data, peer=USERS.get(by, by), message=f"press:{name}", tag="5")


def tasks_of(desk: Desk) -> list[Task]:
    return [Task.model_validate(hit.doc) for hit in desk.store.query(Query("tasks"))]


def lead(desk: Desk, stored: Stored) -> Lead:
    return lead_of(desk, stored)


def told(desk: Desk, stored: Stored, person: str) -> Notice:
    """A notice of the lead for this person."""
    notice = Notice(
        id=f"no_given_{person}", staff_id=StaffId(person), code="notice_lead_given",
        lead_id=lead(desk, stored).id, at=desk.now(),
    )  # fmt: skip
    keep(desk, notice)
    return notice


def test_seen_is_marked_and_the_message_says_so(linked: Desk, run: Run, both: FakeBoth) -> None:
    form(linked)
    drained(linked)
    presses(linked, "p1", notice_of(linked, "notice_new_lead"), "seen")
    run()
    [(chat, message, post)] = both.edits

    assert notice_of(linked, "notice_new_lead").seen_at is not None
    assert (chat, message) == ("77", "5")
    assert post.text.endswith("— Отмечено: видели")
    assert both.presses == [("p1", "Отмечено: видели")]


def test_free_lead_is_taken_by_who_presses_first_and_once(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    stored = form(linked)
    free = lead(linked, stored).model_copy(update={"owner_id": None})
    linked.store.run(lambda tx: tx.put("leads", free.id, free.model_dump(mode="json")))
    mine = told(linked, stored, "st_anna")
    his = told(linked, stored, "st_boris")
    presses(linked, "p1", mine, "take")
    presses(linked, "p2", his, "take", by="st_boris")
    first = run()
    version = lead(linked, stored).updated_at
    run()

    assert sorted(first) == ["done", "refused"]
    assert lead(linked, stored).owner_id in {"st_anna", "st_boris"}
    assert lead(linked, stored).updated_at == version


def test_repeated_update_acts_once_and_answers_again(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    stored = form(linked)
    drained(linked)
    notice = notice_of(linked, "notice_new_lead")
    for _ in range(2):
        presses(linked, "p1", notice, "later")
    run()
    after = lead(linked, stored)
    run()

    assert lead(linked, stored) == after
    assert [words for _, words in both.presses] == ["Отложено на рабочий час"] * 2


def test_stale_button_changes_nothing_and_says_why(
    linked: Desk, run: Run, both: FakeBoth, clock: FixedClock
) -> None:
    without_exchange(linked)
    stored = form(linked)
    drained(linked)
    notice = notice_of(linked, "notice_new_lead")
    presses(linked, "p1", notice, "later")
    clock.advance(timedelta(minutes=1))
    renamed = {"lead": stored.lead_id, "note": "перезвонить"}
    execute(COMMANDS, linked, OLGA, "lead.note", given=renamed, cause="test")
    before = lead(linked, stored)

    assert run() == ["refused"]
    assert lead(linked, stored) == before
    assert both.edits[-1][2].buttons != ()


def test_anothers_notice_is_out_of_reach_for_every_button(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    stored = form(linked)
    drained(linked)
    before = lead(linked, stored)
    for act in ACTS:
        presses(linked, act, notice_of(linked, "notice_new_lead"), act, by="st_boris")

    assert set(run()) == {"foreign"}
    assert lead(linked, stored) == before
    assert notice_of(linked, "notice_new_lead").seen_at is None
    assert both.edits == []


def test_who_lost_the_lead_may_not_press_their_old_notice(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    stored = form(linked)
    drained(linked)
    given = {"lead": stored.lead_id, "owner": "st_vera"}
    execute(COMMANDS, linked, OLGA, "lead.assign", given=given, cause="test")
    presses(linked, "p1", notice_of(linked, "notice_new_lead"), "later", seen=False)

    assert run() == ["refused"]
    assert both.presses[0][1].startswith("Это запись другого сотрудника")


def test_strangers_press_does_nothing_and_makes_no_lead(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    form(linked)
    drained(linked)
    stored = presses(linked, "p1", notice_of(linked, "notice_new_lead"), "take", by="666")

    assert run() == ["stranger"]
    assert stored.lead_id is None
    assert (both.presses, both.edits, both.posts) == ([], [], [])


def test_last_action_asks_what_is_next_and_a_button_answers(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    given: dict[str, JsonValue] = {"name": "Спор", "client": form(linked).client_id}
    given |= {"owner": "st_anna", "deal_type": "Иск"}
    deal = execute(COMMANDS, linked, OLGA, "deal.create", given=given, cause="test")
    assert isinstance(deal, Deal)
    drained(linked)
    [task] = [it for it in tasks_of(linked) if it.deal_id == deal.id]
    about = {"code": "notice_task_given", "task_id": task.id, "at": linked.now()}
    notice = Notice.model_validate({"id": "no_task", "staff_id": "st_anna", **about})
    keep(linked, notice)
    presses(linked, "p1", notice, "done")
    assert run() == ["refused"]
    offered = [button.label for row in both.edits[-1][2].buttons for button in row]
    presses(linked, "p2", notice, NEXT_ACTS[0])
    run()

    assert offered == ["Звонок через час", "Звонок завтра", "Звонок через 3 дня"]
    assert Task.model_validate(linked.store.get("tasks", task.id)).state == "done"
    after = Deal.model_validate(linked.store.get("deals", deal.id))
    assert after.next_at == linked.now() + timedelta(hours=1)


def test_my_things_are_told_to_me_alone_even_when_asked_in_the_group(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    form(linked)
    drained(linked)
    event(linked, "g1", Kind.TEAM, text="/мои", peer="-1001", user="77", why="group")
    run()

    assert {chat for chat, _, _ in both.posts} == {"77"}
    assert "Ждут первого ответа: 1" in both.said()[0]


def test_each_of_my_things_has_its_buttons_and_they_act_under_my_rights(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    without_exchange(linked)
    stored = form(linked)
    free = lead(linked, stored).model_copy(update={"stage": "c1", "state": "ongoing"})
    linked.store.run(lambda tx: tx.put("leads", free.id, free.model_dump(mode="json")))
    drained(linked)
    says(linked, "s1", "/мои")
    run()
    data = {it.label: it.data for post in both.shown for row in post.buttons for it in row}
    event(linked, "p1", text=data["Отложить"], peer="78", message="press:p1", tag="5")
    run()
    assert lead(linked, stored) == free
    assert both.presses[-1][1].startswith("Это запись другого сотрудника")
    event(linked, "p2", text=data["Отложить"], peer="77", message="press:p2", tag="5")
    run()

    assert [it.label for row in both.shown[1].buttons for it in row][:2] == ["Позвонил", "Отложить"]
    assert "Видел" not in data
    assert lead(linked, stored).next_at == linked.now() + timedelta(hours=1)
    assert both.presses[-1] == ("p2", "Отложено на рабочий час")
    assert both.edits[-1][2].text.startswith("Из вашего плана")


@pytest.mark.parametrize("words", ["/найти 8 916 123-45-67", "/find ирина"])
def test_client_is_found_by_who_may_read_it_only(
    linked: Desk, run: Run, both: FakeBoth, words: str
) -> None:
    form(linked)
    drained(linked)
    says(linked, "s1", words)
    says(linked, "s2", words, "st_boris")
    run()
    mine, his = (next(it for chat, _, it in both.posts if chat == user) for user in ("77", "78"))

    assert "Ирина <b>&" in mine
    assert his == "Ничего не найдено среди того, что вам видно."


def test_head_assigns_by_phone_and_a_manager_may_not(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    stored = form(linked)
    drained(linked)
    says(linked, "s1", "/назначить @вера +79161234567", "st_boris")
    run()
    assert lead(linked, stored).owner_id == "st_anna"
    says(linked, "s2", "/assign @вера +79161234567", "st_olga")
    run()

    assert lead(linked, stored).owner_id == "st_vera"
    assert "теперь ведёт Вера Лосева" in both.said()[-1]


@pytest.mark.parametrize("word", ["/задача завтра", "/task tomorrow"])
def test_colleagues_task_is_about_the_client_before_the_colon(
    linked: Desk, run: Run, both: FakeBoth, word: str
) -> None:
    stored = form(linked)
    drained(linked)
    says(linked, "s1", f"{word} 15:00 @вера позвонить", "st_olga")
    says(linked, "s2", f"{word} 15:00 @вера +79160000000: позвонить", "st_olga")
    says(linked, "s3", f"{word} 15:00 @вера +7 916 123-45-67: позвонить", "st_olga")
    run()

    [task] = [it for it in tasks_of(linked) if it.assignee_id == "st_vera"]
    assert (task.title, task.lead_id, task.setter_id) == ("позвонить", stored.lead_id, "st_olga")
    whose, nobody, given = both.said()[:3]
    assert whose.startswith("Задачу коллеге дают о клиенте.")
    assert nobody.startswith("Ничего не найдено")
    assert "Вера Лосева" in given


def test_report_counts_what_the_head_may_see(linked: Desk, run: Run, both: FakeBoth) -> None:
    form(linked)
    drained(linked)
    says(linked, "s1", "/отчёт", "st_olga")
    run()

    assert "Новых заявок сегодня: 1" in both.said()[-1]


def test_invoice_is_a_task_for_who_keeps_the_accounts(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    stored = form(linked)
    given = {"name": "Спор о доме", "client": stored.client_id, "owner": "st_anna",
             "deal_type": "Иск"}  # fmt: skip
    execute(COMMANDS, linked, OLGA, "deal.create", given=given, cause="test")
    says(linked, "s1", "/счет спор о доме: 50 000, аванс", "st_olga")
    run()
    run()
    [task] = [it for it in tasks_of(linked) if it.assignee_id == "st_inna"]

    assert (task.text, task.deal_id is not None) == ("50 000, аванс", True)


def test_invoice_of_a_deal_with_an_amount_is_made_and_heard_twice_it_is_one(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    stored = form(linked)
    given = {"name": "Спор о доме", "client": stored.client_id, "owner": "st_anna",
             "deal_type": "Иск"}  # fmt: skip
    deal = execute(COMMANDS, linked, OLGA, "deal.create", given=given, cause="test")
    execute(COMMANDS, linked, OLGA, "deal.edit", cause="test",
            given={"deal": deal.id, "amount_minor": 5_000_000})  # fmt: skip
    says(linked, "s1", "/счет спор о доме: аванс", "st_olga")
    run()
    run()
    (made,) = linked.store.query(Query("papers"))

    assert (made.doc["what"], made.doc["text"], made.doc["total_minor"]) == (
        "invoice", "аванс", 5_000_000,
    )  # fmt: skip
    assert f"счёт № {made.doc['label']} сделан" in both.said()[-1]
    assert "/api/d/pp_" in both.said()[-1]


def test_wrong_codes_lock_even_the_right_one(desk: Desk, run: Run, both: FakeBoth) -> None:
    for number in range(5):
        event(desk, f"w{number}", text=f"/start team_wrong{number}", peer="90")
    run()
    code = link(desk, OLGA, LinkPerson(), "test").code
    event(desk, "right", text=f"/start {code}", peer="90")
    run()

    assert desk.settings().by_messenger("telegram:90") is None
    assert both.said()[-1].startswith("Слишком много неверных кодов")


def test_the_bot_that_was_started_is_the_one_that_writes(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    code = link(desk, OLGA, LinkPerson(), "test").code
    event(desk, "1", text=f"/start {code}", peer="90")
    run()

    assert (desk.store.get("telling_choices", "st_olga") or {})["bot"] == account_of(desk).id


def test_who_has_not_started_the_bot_is_told_so_in_the_group(
    linked: Desk, run: Run, both: FakeBoth
) -> None:
    form(linked)
    drained(linked)
    both.fails = [NotAllowed("chat not found", code="send_refused")]
    event(linked, "g1", Kind.TEAM, text="/мои", peer="-1001", user="77", why="group")
    run()

    assert both.posts[0][0] == "-1001"
    assert both.said()[0].startswith("Анна Белова, откройте бота")
