"""The team's room: the client's words come to a topic, the answer goes back; lines hand on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.automation.notice_office import choose
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.services.chat_office import (
    ANNA,
    OLGA,
    FakeBoth,
    account_of,
    activities,
    chat_of,
    event,
    lead_of,
)

from automation import calls, engine
from kartoteka.domain.errors import NotFound, ProviderDown, Transient
from kartoteka.domain.inbound import Kind
from kartoteka.domain.model import Attachment, Task
from kartoteka.i18n import text
from kartoteka.ports import Query
from kartoteka.services import notice_delivery
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.chat_settings import LinkPerson, SetRoom, link, set_room
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored
from kartoteka.settings import Settings
from kartoteka.wiring import App

GROUP = "-1001"
ANNAS = "5550177009"
BORISS = "5550177010"
Run = Callable[[], list[str]]


@pytest.fixture
def both() -> FakeBoth:
    return FakeBoth()


@pytest.fixture
def run(desk: Desk, tasks: FakeTasks, both: FakeBoth) -> Run:
    """Drain the log and do what the queues of chats hold, until nothing is left."""
    app = App(Settings(), desk.clock, lambda _: desk.store)
    vars(app).update(desk=desk, messengers=both)
    done: set[str] = set()

    def work() -> list[str]:
        outcomes = []
        for _ in range(6):
            engine.run(desk)
            chats = [it for it in tasks.queued if it.queue in {"messages", "room"}]
            waiting = [it for it in chats if it.path != notice_delivery.PATH]
            for task in (it for it in waiting if it.name not in done):
                outcomes.append(calls.do(app, task.path.rpartition("/")[2], task.payload))
                done.add(task.name)
        return outcomes

    return work


@pytest.fixture
def room(desk: Desk) -> None:
    """The team's group is known, Anna and Boris have linked themselves."""
    set_room(desk, OLGA, SetRoom(account=account_of(desk).id, group=GROUP), "test")
    for person, user in (("st_anna", ANNAS), ("st_boris", BORISS)):
        _become(desk, person, f"telegram:{user}")


def _become(desk: Desk, person: str, messenger: str) -> None:
    doc = {**desk.store.get("staff", person), "messengers": [messenger]}
    desk.store.run(lambda tx: tx.put("staff", person, doc))
    desk.settings.forget()


def says(desk: Desk, name: str, text: str, *, user: str = ANNAS, thread: str = "t1") -> Stored:
    return event(
        desk, name, Kind.TEAM, text=text, peer=GROUP, user=user, thread=thread, why="group"
    )


@pytest.mark.usefixtures("room")
def test_clients_words_stand_in_a_topic_of_their_own(desk: Desk, run: Run, both: FakeBoth) -> None:
    event(desk, "1", text="Сколько <стоит> {развод}?")
    run()
    run()

    assert both.topics == ["Ирина · Telegram"]
    assert both.posts[0][:2] == (GROUP, "t1")
    assert both.said()[1:] == ["Ирина: Сколько <стоит> {развод}?"]
    assert chat_of(desk).topic == "t1"


@pytest.mark.usefixtures("room")
def test_help_and_refusals_are_in_the_language_of_who_asked(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    choose(desk, ANNA, language="en")
    says(desk, "s1", "/помощь", thread="")
    says(desk, "s2", "/задача", thread="")
    says(desk, "s3", "/помощь", user=BORISS, thread="")
    run()
    said = {text("team_help", "en"), text("team_task_empty", "en"), text("team_help", "ru")}

    assert set(both.said()) == said


@pytest.mark.usefixtures("room")
def test_plain_words_go_to_the_client_once_and_are_not_shown_again(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    event(desk, "1", text="Привет")
    run()
    for _ in range(2):
        says(desk, "s1", "Добрый день!")
    run()

    assert [(it.peer, it.text) for it in both.letters] == [("5550177001", "Добрый день!")]
    assert len(both.posts) == 2
    [mine] = [it for it in activities(desk) if it.direction == "out"]
    assert (mine.staff_id, mine.message and mine.message.state) == ("st_anna", "sent")


@pytest.mark.usefixtures("room")
def test_words_behind_two_slashes_stay_inside(desk: Desk, run: Run, both: FakeBoth) -> None:
    event(desk, "1", text="Привет")
    run()
    says(desk, "s1", "// похоже на спор с соседом")
    run()

    assert both.letters == []
    assert [it.text for it in activities(desk) if it.what == "note"] == ["похоже на спор с соседом"]


@pytest.mark.usefixtures("room")
def test_stranger_in_the_group_says_nothing_to_clients_and_makes_no_lead(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    event(desk, "1", text="Привет")
    run()
    stored = says(desk, "s1", "Спам", user="666")
    run()

    assert (stored.client_id, both.letters) == (None, [])
    assert len(activities(desk)) == 1


@pytest.mark.usefixtures("room")
def test_who_may_not_write_hears_why(desk: Desk, run: Run, both: FakeBoth) -> None:
    event(desk, "1", text="Привет")
    run()
    says(desk, "s1", "Отвечу я", user=BORISS)
    run()

    assert both.letters == []
    assert both.said()[-1].startswith("Это запись другого сотрудника")


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("command", ["/позвать @борис", "/invite @Борис_Ким", "/позвать Борис Ким"])
def test_colleague_who_was_called_in_may_answer(
    desk: Desk, run: Run, both: FakeBoth, command: str
) -> None:
    event(desk, "1", text="Привет")
    run()
    says(desk, "s1", command)
    says(desk, "s2", "Это ко мне", user=BORISS)
    run()

    assert "Позвали: Борис Ким" in both.said()
    assert [it.text for it in both.letters] == ["Это ко мне"]


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("command", ["/передать @никто", "/передать @гл", "/передать"])
def test_colleague_nobody_knows_is_asked_for_by_the_names_there_are(
    desk: Desk, run: Run, both: FakeBoth, command: str
) -> None:
    event(desk, "1", text="Привет")
    run()
    says(desk, "s1", command)
    run()

    assert "Глеб Орлов" in both.said()[-1]
    assert chat_of(desk).owner_id == "st_anna"


@pytest.mark.usefixtures("room")
def test_chat_is_handed_on_with_its_lead(desk: Desk, run: Run, both: FakeBoth) -> None:
    stored = event(desk, "1", text="Привет")
    run()
    says(desk, "s1", "/передать@kartoteka_bot @глеб он ведёт разводы")
    run()

    assert (chat_of(desk).owner_id, lead_of(desk, stored).owner_id) == ("st_gleb", "st_gleb")
    assert both.said()[-1] == "Передано: Глеб Орлов"


@pytest.mark.usefixtures("room")
def test_closed_topic_opens_when_the_client_writes_again(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    event(desk, "1", text="Привет")
    run()
    says(desk, "s1", "/закрыть")
    run()
    event(desk, "2", text="Ещё вопрос")
    run()

    assert both.states == [("t1", False), ("t1", True)]
    assert both.topics == ["Ирина · Telegram"]


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize(
    "case",
    [
        ("/задача завтра 15:00 @вера позвонить", "2026-11-24T12:00"),
        ("/task tomorrow 15:00 @вера позвонить", "2026-11-24T12:00"),
        ("/задача @вера позвонить", "2026-11-23T15:00"),
    ],
)
def test_task_is_given_from_the_topic_once(
    desk: Desk, run: Run, both: FakeBoth, case: tuple[str, str]
) -> None:
    words, due = case
    stored = event(desk, "1", text="Привет")
    run()
    for _ in range(2):
        says(desk, "s1", words)
        run()
    given = [Task.model_validate(row.doc) for row in desk.store.query(Query("tasks"))]
    [task] = [it for it in given if it.setter_id == "st_anna"]

    assert (task.title, task.assignee_id, task.lead_id) == ("позвонить", "st_vera", stored.lead_id)
    assert f"{task.due_at:%Y-%m-%dT%H:%M}" == due
    assert "Вера Лосева" in both.said()[-1]


@pytest.mark.usefixtures("room")
def test_time_that_has_passed_is_refused_in_words(desk: Desk, run: Run, both: FakeBoth) -> None:
    event(desk, "1", text="Привет")
    run()
    says(desk, "s1", "/задача 01.02.2020 позвонить")
    run()

    assert len(both.said()) == 3
    assert [row for row in desk.store.query(Query("tasks")) if row.doc["setter_id"]] == []


@pytest.mark.usefixtures("room")
def test_answer_from_elsewhere_edits_deletions_and_failures_are_shown(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    event(desk, "1", text="Привет", message="71")
    run()
    send(desk, ANNA, SendMessage(chat=chat_of(desk).id, text="Из таблицы"), "command")
    run()
    event(desk, "2", Kind.EDIT, text="Приветик", message="71")
    event(desk, "3", Kind.DELETION, message="71")
    event(desk, "4", Kind.RECEIPT, message="out1", state="failed", said="131047")
    run()

    assert "Анна Белова → клиенту: Из таблицы" in both.said()
    assert "Ирина исправил(а) сообщение: Приветик" in both.said()
    assert "Ирина удалил(а) сообщение: Приветик" in both.said()
    assert both.said()[-1].startswith("Не доставлено:")
    assert "131047" in both.said()[-1]


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("case", [("Вот", "Вот"), ("", "файл иск.pdf")])
def test_file_of_the_client_is_shown_below_a_line_with_words(
    desk: Desk, run: Run, both: FakeBoth, case: tuple[str, str]
) -> None:
    typed, line = case
    both.files["good"] = b"x"
    good = Attachment(name="иск.pdf", media_type="application/pdf", size=1, ref="good")
    event(desk, "1", text=typed, attachments=(good,))
    run()

    assert both.said()[-2:] == [f"Ирина: {line}", "file иск.pdf"]


@pytest.mark.usefixtures("room")
def test_file_that_the_room_takes_not_is_named_beside_the_words(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    event(desk, "1", text="Привет")
    run()
    both.files["good"] = b"x"
    both.takes_files = False
    file = Attachment(name="иск.pdf", media_type="application/pdf", size=1, ref="good")
    event(desk, "2", text="Вот", attachments=(file,))
    run()

    assert "Ирина: Вот" in both.said()
    assert "иск.pdf" in both.said()[-1]


@pytest.mark.usefixtures("room")
def test_file_of_the_team_goes_to_the_client(desk: Desk, run: Run, both: FakeBoth) -> None:
    both.files["own"] = b"contract"
    event(desk, "1", text="Привет")
    run()
    file = Attachment(name="договор.pdf", media_type="application/pdf", size=8, ref="own")
    event(
        desk, "s1", Kind.TEAM, text="Договор", peer=GROUP, user=ANNAS, thread="t1",
        attachments=(file,),
    )  # fmt: skip
    run()
    [letter] = both.letters

    assert letter.file is not None
    assert (letter.text, letter.file.name, letter.file.content) == (
        "Договор",
        "договор.pdf",
        b"contract",
    )


@pytest.mark.usefixtures("room")
def test_topic_that_was_deleted_is_made_again(desk: Desk, run: Run, both: FakeBoth) -> None:
    event(desk, "1", text="Привет")
    run()
    event(desk, "2", text="Ау")
    both.fails = [NotFound("gone", code="topic_gone")]
    with pytest.raises(Transient):
        run()
    run()

    assert both.topics == ["Ирина · Telegram"] * 2
    assert both.said()[-1] == "Ирина: Ау"


@pytest.mark.usefixtures("room")
def test_room_that_is_away_is_tried_again_and_shows_once(
    desk: Desk, run: Run, both: FakeBoth
) -> None:
    event(desk, "1", text="Привет")
    both.fails = [ProviderDown("away")]
    with pytest.raises(ProviderDown):
        run()
    run()
    run()

    assert [words for words in both.said() if words == "Ирина: Привет"] == ["Ирина: Привет"]


def test_person_links_by_a_code_that_works_once(desk: Desk, run: Run, both: FakeBoth) -> None:
    code = link(desk, ANNA, LinkPerson(), "test").code
    stored = event(desk, "1", text=f"/start {code}", peer=ANNAS)
    run()
    event(desk, "2", text=f"/start {code}", peer="666")
    run()
    linked = desk.settings().by_messenger(f"telegram:{ANNAS}")

    assert (stored.client_id, stored.lead_id) == (None, None)
    assert linked is not None
    assert linked.id == "st_anna"
    assert desk.settings().by_messenger("telegram:666") is None
    assert both.said() == [
        "Готово, Анна Белова: теперь вы отвечаете клиентам из группы команды.",
        "Код уже использован или устарел. Попросите у администратора новый.",
    ]


def test_code_is_too_old_after_a_day(
    desk: Desk, clock: FixedClock, run: Run, both: FakeBoth
) -> None:
    code = link(desk, ANNA, LinkPerson(), "test").code
    clock.advance(timedelta(hours=25))
    event(desk, "1", text=f"/start {code}", peer=ANNAS)
    run()

    assert desk.settings().by_messenger(f"telegram:{ANNAS}") is None


def test_head_makes_the_group_the_teams_by_a_word(desk: Desk, run: Run, both: FakeBoth) -> None:
    _become(desk, "st_olga", "telegram:1")
    _become(desk, "st_anna", f"telegram:{ANNAS}")
    says(desk, "s1", "/team", user=ANNAS, thread="")
    run()
    refused = desk.settings().office.room
    says(desk, "s2", "/team", user="1", thread="")
    run()

    assert refused is None
    assert desk.settings().office.room is not None
    assert desk.settings().office.room.group == GROUP
