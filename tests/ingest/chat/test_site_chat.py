"""The chat of a site: a visitor writes, the team answers, the page hears; call-backs; refusals."""

from datetime import UTC, datetime, time, timedelta
from io import BytesIO

import httpx
import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.chat.visitors import SITE, Visitor, open_site
from tests.kartoteka.services.chat_office import OLGA

from automation import engine
from kartoteka.adapters.messengers.all import AllMessengers
from kartoteka.domain.chat import Chat, chat_id
from kartoteka.domain.chat_line import ChatLine
from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Attachment, Client, Lead, Task
from kartoteka.domain.office import Account
from kartoteka.domain.visitor import fresh_visitor, token, visitor_of
from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import Query
from kartoteka.services import chat_sending
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.wiring import App

PHONE = "+7 916 000-11-22"
WISH = {"event": "request", "phone": PHONE, "name": "Ирина", "consent": "1"}


@pytest.fixture
def visitor(http: FlaskClient, app: App) -> Visitor:
    open_site(app)
    return Visitor(http).hello()


def only(app: App, kind: type) -> object:
    [found] = app.store.query(Query(kind.collection))
    return kind.model_validate(found.doc)


def chat_of(app: App, who: Visitor) -> Chat:
    name = chat_id("site", SITE, who.told["visitor"])
    return Chat.model_validate(app.store.get("chats", name))


def answered(app: App, who: Visitor, words: str) -> Activity:
    """Answer as the team does, and let the queue bring it."""
    written = send(app.desk, OLGA, SendMessage(chat=chat_of(app, who).id, text=words), "test")
    with httpx.Client() as client:
        chat_sending.deliver(app.desk, AllMessengers(client), written.id)
    return Activity.model_validate(app.store.get("activities", written.id))


def test_message_makes_a_lead_and_the_answer_comes_with_the_next_question(
    app: App, visitor: Visitor
) -> None:
    first = visitor.say("Сколько стоит?", page="https://a.ru/?utm_source=y", tags={"yclid": "1"})
    lead = only(app, Lead)
    sent = answered(app, visitor, "От 5 000 рублей")

    assert (first.status_code, first.get_json()) == (200, {"ok": True})
    assert (lead.first_touch.channel, lead.first_touch.utm) == ("site", {"yclid": "1"})
    assert visitor.hears() == ["От 5 000 рублей"]
    assert sent.message.state == "sent"


def test_answer_waits_for_no_queue(app: App, visitor: Visitor) -> None:
    visitor.say("Вы здесь?")
    send(app.desk, OLGA, SendMessage(chat=chat_of(app, visitor).id, text="Да"), "test")

    assert visitor.hears() == ["Да"]


def test_reload_brings_the_whole_talk_and_the_newest_alone_costs_less(
    app: App, clock: FixedClock, visitor: Visitor
) -> None:
    for number in range(3):
        visitor.say(f"вопрос {number}", key=f"m{number}")
        clock.advance(timedelta(minutes=5))
    answered(app, visitor, "ответ")
    whole = visitor.talk().get_json()["messages"]
    newest = visitor.talk(after=whole[2]["at"]).get_json()["messages"]

    assert [it["text"] for it in whole] == ["вопрос 0", "вопрос 1", "вопрос 2", "ответ"]
    assert [it["mine"] for it in whole] == [True, True, True, False]
    assert [it["text"] for it in newest] == ["вопрос 2", "ответ"]


class Counting:
    """Counts what is read of a store."""

    def __init__(self, store: object) -> None:
        self.inner = store
        self.reads: list[str] = []

    def get(self, collection: str, record_id: str) -> object:
        self.reads.append(collection)
        return self.inner.get(collection, record_id)

    def query(self, query: Query) -> object:
        self.reads.append(f"query {query.collection}")
        return self.inner.query(query)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def test_idle_question_costs_one_read_and_says_304(
    app: App, clock: FixedClock, visitor: Visitor
) -> None:
    visitor.say("Вы здесь?")
    counting = Counting(app.store)
    vars(app)["store"] = counting
    tag = visitor.talk().headers["etag"]
    counting.reads.clear()
    idle = [visitor.talk(tag) for _ in range(3)]

    assert [answer.status_code for answer in idle] == [304] * 3
    assert {answer.data for answer in idle} == {b""}
    assert counting.reads == ["chats"] * 3


def test_each_answer_changes_the_tag_even_at_the_same_moment(app: App, visitor: Visitor) -> None:
    visitor.say("Вы здесь?")
    tags = [visitor.talk().headers["etag"]]
    for words in ("Да", "Слушаю"):
        answered(app, visitor, words)
        tags.append(visitor.talk(tags[-1]).headers["etag"])

    assert len(set(tags)) == 3


def test_visitor_who_never_wrote_has_nothing_and_no_record(app: App, visitor: Visitor) -> None:
    answer = visitor.talk()

    assert answer.get_json() == {"messages": []}
    assert visitor.talk(answer.headers["etag"]).status_code == 304
    assert list(app.store.query(Query("inbounds"))) == []


def test_post_repeated_by_the_page_is_one_message(app: App, visitor: Visitor) -> None:
    answers = [visitor.say("Алло", key="same").get_json() for _ in range(3)]

    assert answers == [{"ok": True}] * 3
    assert len(list(app.store.query(Query("activities")))) == 1


def test_nameless_visitor_is_a_guest_until_they_say_their_name(app: App, visitor: Visitor) -> None:
    visitor.say("Алло")
    guest = only(app, Client)
    visitor.say(key="r1", **WISH)
    known = only(app, Client)

    assert guest.name == f"Гость сайта {visitor.told['visitor'][-4:].upper()}"
    assert (known.name, known.phones) == ("Ирина", ("+79160001122",))


def test_other_browser_with_the_same_phone_sees_its_own_talk_only(
    http: FlaskClient, app: App, visitor: Visitor
) -> None:
    visitor.say("секретный вопрос")
    visitor.say(key="r1", **WISH)
    answered(app, visitor, "секретный ответ")
    other = Visitor(http).hello()
    other.say(key="r2", **WISH)
    other.say("А мой?", key="m2")
    shown = [it["text"] for it in other.talk().get_json()["messages"]]

    assert isinstance(only(app, Client), Client)
    assert shown == ["А мой?"]


def test_read_answer_is_told_to_the_staff_and_nobody_reports_for_another(
    http: FlaskClient, app: App, visitor: Visitor
) -> None:
    visitor.say("Алло")
    sent = answered(app, visitor, "Да")
    receipts = [it["receipt"] for it in visitor.talk().get_json()["messages"] if not it["mine"]]
    stranger = Visitor(http).hello()
    stranger.say(event="seen", messages=receipts)
    before = Activity.model_validate(app.store.get("activities", sent.id))
    visitor.say(event="seen", messages=receipts)
    after = Activity.model_validate(app.store.get("activities", sent.id))

    assert (before.message.state, after.message.state) == ("sent", "read")


def test_file_of_the_team_fails_with_words_and_is_not_shown(app: App, visitor: Visitor) -> None:
    visitor.say("Пришлите договор")
    file = Attachment(name="a.pdf", media_type="application/pdf", size=3, ref=f"site:{SITE}:y")
    form = SendMessage(chat=chat_of(app, visitor).id, text="вот")
    written = send(app.desk, OLGA, form, "test", files=(file,))
    waiting = visitor.hears()
    with httpx.Client() as client:
        chat_sending.deliver(app.desk, AllMessengers(client), written.id)
    failed = Activity.model_validate(app.store.get("activities", written.id)).message

    assert (failed.state, failed.why) == ("failed", "site_no_files")
    assert waiting == visitor.hears() == []


@pytest.mark.parametrize(
    "case",
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 11, 23, 9, 15, tzinfo=UTC)),
        (datetime(2026, 11, 23, 14, 50, tzinfo=UTC), datetime(2026, 11, 24, 6, 5, tzinfo=UTC)),
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), datetime(2026, 11, 23, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), datetime(2026, 11, 23, 6, 0, tzinfo=UTC)),
    ],
    ids=["working", "just before closing", "Saturday", "early"],
)
def test_wish_to_be_called_is_a_task_in_working_time(
    app: App, clock: FixedClock, visitor: Visitor, case: tuple[datetime, datetime]
) -> None:
    moment, due = case
    clock.advance(moment - clock.now())
    answer = visitor.say(key="r1", text="после шести", **WISH)
    for _ in range(3):
        engine.run(app.desk)
    [task] = [
        item
        for item in (Task.model_validate(row.doc) for row in app.store.query(Query("tasks")))
        if item.what == "callback"
    ]

    assert answer.status_code == 200
    assert (task.phone, task.due_at, task.title) == (
        "+79160001122",
        due,
        "Перезвонить: просил на сайте",
    )


@pytest.mark.parametrize(
    ("update", "field"),
    [
        ({"event": "callback", "phone": "123"}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"consent": ""}, "consent"),
        ({"text": "я" * 4001}, "text"),
    ],
)
def test_wish_that_cannot_be_granted_names_the_field(
    app: App, visitor: Visitor, update: dict[str, str], field: str
) -> None:
    answer = visitor.say(key="r1", **(WISH | update))

    assert answer.status_code == 422
    assert list(answer.get_json()["error"]["fields"]) == [field]
    assert list(app.store.query(Query("inbounds"))) == []


def test_hours_of_the_line_say_whether_somebody_is_there(
    http: FlaskClient, app: App, clock: FixedClock
) -> None:
    site = open_site(app)
    line = ChatLine(hours=WorkTime(opens=time(8), closes=time(10)))
    doc = site.model_copy(update={"line": line}).model_dump(mode="json")
    app.store.run(lambda tx: tx.put(Account.collection, site.id, doc))
    there = Visitor(http).hello().told["open"]
    clock.advance(timedelta(hours=2))

    assert (there, Visitor(http).hello().told["open"]) == (True, False)


def test_hello_with_a_valid_token_is_the_same_visitor_and_the_old_secret_still_counts(
    http: FlaskClient, app: App
) -> None:
    open_site(app)
    name = fresh_visitor()
    old = Visitor(http, {"authorization": f"Bearer {token(name, 's:old')}"}).hello()

    assert old.told["visitor"] == name
    assert visitor_of(old.told["token"], ("s:new",)) == name


@pytest.mark.parametrize("given", ["", "Bearer x", "Bearer v_0000000000000000.", "Basic abc"])
def test_talk_without_a_token_is_refused(http: FlaskClient, app: App, given: str) -> None:
    open_site(app)

    assert Visitor(http, {"authorization": given}).talk().status_code == 401


def test_body_of_another_visitor_is_refused(app: App, visitor: Visitor) -> None:
    answer = visitor.say("я не я", visitor=fresh_visitor())

    assert answer.status_code == 401
    assert list(app.store.query(Query("inbounds"))) == []


def test_files_are_refused_with_words(app: App, visitor: Visitor) -> None:
    answer = visitor.http.post(
        f"/ingest/chat/{SITE}/say",
        data={"file": (BytesIO(b"MZ"), "a.exe")},
        headers=visitor.headers,
    )

    assert answer.status_code == 422
    assert "не принимает файлы" in answer.get_json()["error"]["message"]
    assert list(app.store.query(Query("inbounds"))) == []


def test_too_long_too_large_and_empty_are_refused_and_nothing_is_kept(
    app: App, visitor: Visitor
) -> None:
    statuses = [visitor.say(words).status_code for words in ("я" * 4001, "x" * 40_000, " \n ")]

    assert statuses == [422, 413, 422]
    assert list(app.store.query(Query("inbounds"))) == []


def test_twenty_first_post_of_a_minute_is_refused_until_the_next(
    clock: FixedClock, visitor: Visitor
) -> None:
    posts = [visitor.say("Алло", key=f"m{number}") for number in range(21)]
    clock.advance(timedelta(minutes=1))

    assert [answer.status_code for answer in posts] == [200] * 20 + [429]
    assert "Подождите" in posts[-1].get_json()["error"]["message"]
    assert visitor.say("Алло", key="later").status_code == 200


def test_page_of_a_strange_site_is_refused_and_an_own_one_is_heard(
    http: FlaskClient, app: App
) -> None:
    open_site(app, hosts=("a.ru",))
    strange, own = Visitor(http, {"origin": "https://b.ru"}), Visitor(http)
    refused = http.post(f"/ingest/chat/{SITE}/hello", headers=strange.headers)
    own.headers["origin"] = "https://www.a.ru"
    own.hello()

    assert refused.status_code == 403
    assert refused.headers["access-control-allow-origin"] == "*"
    assert own.say("Алло").status_code == 200


def test_preflight_lets_the_page_send_its_token(http: FlaskClient, app: App) -> None:
    open_site(app)
    answer = http.options(f"/ingest/chat/{SITE}/say")

    assert answer.status_code == 204
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "if-none-match" in answer.headers["access-control-allow-headers"]


def test_script_has_both_languages_within_25_kb_and_closes_no_tag(
    http: FlaskClient, app: App
) -> None:
    open_site(app, title="</script><b>", accent="#1f5f5b")
    answer = http.get(f"/ingest/chat/{SITE}/embed.js")

    assert answer.status_code == 200
    assert len(answer.data) <= 25_000
    assert "Перезвоните мне" in answer.text
    assert "Call me back" in answer.text
    assert "</script>" not in answer.text
    assert "document.cookie" not in answer.text


@pytest.mark.parametrize("path", ["nothing", "talk/x", "", "say"])
def test_address_that_is_none_is_not_found(http: FlaskClient, app: App, path: str) -> None:
    open_site(app)

    assert http.get(f"/ingest/chat/{SITE}/{path}").status_code == 404


def test_hostile_words_are_kept_as_typed_and_given_back_as_json(app: App, visitor: Visitor) -> None:
    words = '=HYPERLINK("http://x") <img src=x onerror=alert(1)> \u202e {name}'
    visitor.say(words)
    [event] = [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]
    answer = visitor.talk()

    assert event.text == words
    assert answer.get_json()["messages"][0]["text"] == words
    assert answer.headers["content-type"] == "application/json"


def test_site_that_was_switched_off_takes_no_posts(app: App, visitor: Visitor) -> None:
    doc = dict(app.store.get("accounts", SITE) or {}) | {"active": False}
    app.store.run(lambda tx: tx.put("accounts", SITE, doc))
    vars(app).pop("desk", None)

    assert visitor.say("Алло").status_code == 404


def test_token_of_one_secret_proves_nothing_with_another() -> None:
    name = fresh_visitor()

    assert visitor_of(token(name, "a"), ("b", "a")) == name
    for given in (token(name, "b"), token(name, ""), token(name, "a")[:-1], name, f"{name}."):
        with pytest.raises(NotAuthentic):
            visitor_of(given, ("a", ""))
