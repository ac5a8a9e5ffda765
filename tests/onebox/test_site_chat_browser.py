"""The chat on a strange site in Chromium: a strict policy, the team's topic, the answer."""

import http.server
import os
import threading
from pathlib import Path

import pytest
from tests.onebox.serving import served
from tests.onebox.test_chats_e2e import GROUP, OLGAS, do, in_topic, told, topic_of, until, update
from tests.onebox.test_page_browser import CHROMIUM, PATIENCE_MS, QUIET

SHOTS = os.getenv("SCREENSHOTS", "")
HOSTILE = 'Сколько стоит? <img src=x onerror="document.title=1">'

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="SKIPPED: there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office with a site, a bot, a room, and Olga in it, in working hours."""
    data = tmp_path_factory.mktemp("chat") / "office"
    with served(data, "--no-page", "--clock", "2026-11-23T10:00") as box:
        bot = next(it for it in box.sheet["accounts"] if it["channel"] == "telegram")
        site = do(data, "account.add", channel="site", title="Чат на сайте")
        do(data, "site.set", account=site["id"], title="Юристы на связи", beacon=True)
        away = do(data, "account.add", channel="site", title="Ночной сайт")
        hours = {"opens": "20:00", "closes": "21:00"}
        do(data, "line.set", account=away["id"], hours=hours)
        do(data, "room.set", account=bot["token"], group=str(GROUP))
        code = do(data, "staff.link")["code"]
        update(box, bot, OLGAS, f"/start {code}")
        until(lambda: told(box, what="post", peer=str(OLGAS)))
        with strange_site(box.url, (site["id"], away["id"])) as page:
            yield box, bot, site["id"], page


class strange_site:  # noqa: N801 - used as a context manager only
    """A site of somebody, on another port, with a strict policy."""

    def __init__(self, box, sites):
        policy = f"default-src 'none'; script-src {box}; connect-src {box}"

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site = sites["/away" in self.path]
                form = f'<script src="{box}/ingest/form/consult/embed.js"></script>'
                lang = "en" if "/en" in self.path else "ru"
                body = (
                    f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
                    f"<title>Стрижка</title></head><body><h1>Наши услуги</h1>"
                    f"{form if '/form' in self.path else ''}"
                    f'<script src="{box}/ingest/beacon/{site}/embed.js"></script>'
                    f'<script src="{box}/ingest/chat/{site}/embed.js"></script></body></html>'
                ).encode()
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-security-policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def context(browser):
    """A browser of somebody new; what the page complains of is noted."""
    opened = browser.new_context(viewport={"width": 1000, "height": 760})
    opened.set_default_timeout(PATIENCE_MS)
    opened.troubles = []
    opened.on("weberror", lambda error: opened.troubles.append(str(error.error)))
    opened.on("console", lambda line: opened.troubles.extend(_bad(line)))
    yield opened
    opened.close()


def _bad(line):
    if line.type != "error" or "favicon" in line.text or "favicon" in line.location["url"]:
        return []
    return [line.text]


def _shot(page, name):
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def test_visitor_writes_by_keyboard_and_the_answer_comes_from_the_topic(office, context):
    box, bot, _, site = office
    page = context.new_page()
    page.goto(f"{site}/?utm_source=yandex&yclid=77")
    page.get_by_role("button", name="Написать нам").focus()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Сообщение").wait_for()
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Enter")
    lead = until(lambda: _came_by_advertisement(box))
    topic = topic_of(box, f"{lead['name']} · Чат на сайте")
    update(box, bot, OLGAS, "От 20 000 рублей", **in_topic(topic))
    page.get_by_role("log").get_by_text("От 20 000 рублей").wait_for()
    _shot(page, "chat-answered")

    assert page.get_by_role("log").get_by_text(HOSTILE).count() == 1
    assert page.title() == "Стрижка"
    assert context.cookies() == []
    assert lead["first_touch"]["utm"] == {"utm_source": "yandex", "yclid": "77"}
    until(lambda: _states(box, lead["id"]) == ["read"])

    page.reload()
    page.get_by_text("От 20 000 рублей").wait_for(state="attached")
    page.get_by_role("button", name="Написать нам", exact=True).click()
    assert page.get_by_role("log").get_by_text("От 20 000 рублей").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    assert page.evaluate("document.activeElement.dataset.kartotekaChat") is not None
    assert context.troubles == []


def _came_by_advertisement(box):
    leads = box.cli("list", "leads")
    return next((lead for lead in leads if "77" in lead["first_touch"]["utm"].values()), None)


def _states(box, lead):
    found = box.cli("show", "lead", lead)["activities"]
    return [it["message"]["state"] for it in found if it["direction"] == "out" and it["message"]]


def test_answer_behind_a_closed_panel_shows_a_mark(office, context):
    box, bot, _, site = office
    page = context.new_page()
    page.goto(site)
    page.get_by_role("button", name="Написать нам").click()
    page.get_by_role("textbox", name="Сообщение").fill("Вы работаете завтра?")
    page.get_by_role("button", name="Отправить").click()
    post = until(lambda: [it for it in told(box, what="post") if "работаете завтра" in it["text"]])
    page.get_by_role("button", name="Свернуть чат").click()
    update(box, bot, OLGAS, "Да, с девяти", **in_topic(post[0]["peer"].partition("/")[2]))
    page.get_by_role("button", name="Новый ответ").wait_for()
    _shot(page, "chat-closed")
    page.get_by_role("button", name="Новый ответ").click()

    assert page.get_by_role("log").get_by_text("Да, с девяти").is_visible()
    assert context.troubles == []


def test_wish_to_be_called_names_what_is_wrong_and_becomes_a_task(office, context):
    box, _, _, site = office
    page = context.new_page()
    page.goto(f"{site}/en")
    page.get_by_role("button", name="Write to us").click()
    page.get_by_role("button", name="Call me back").click()
    page.get_by_label("Name").fill("John Smith")
    page.get_by_label("Phone").fill("12")
    page.get_by_role("button", name="Call me back").click()
    page.get_by_role("alert").filter(has_text="number").wait_for()
    _shot(page, "chat-call-wrong")
    page.get_by_label("Phone").fill("+7 916 000-33-44")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Call me back").click()
    page.get_by_text("We have your number").wait_for()
    _shot(page, "chat-call-thanks")

    def asked():
        tasks = [it for it in box.cli("list", "tasks") if it["what"] == "callback"]
        return [it for it in tasks if it["phone"] == "+79160003344"]

    assert len(until(asked)) == 1
    assert [it for it in context.troubles if "422" not in it] == []


def test_page_without_memory_still_talks(office, context):
    box, _, _, site = office
    context.add_init_script(
        "Object.defineProperty(window,'localStorage',{get(){throw new Error('no')}})"
    )
    page = context.new_page()
    page.goto(site)
    page.get_by_role("button", name="Написать нам").click()
    page.get_by_role("textbox", name="Сообщение").fill("Без памяти")
    page.get_by_role("button", name="Отправить").click()

    assert until(lambda: [it for it in told(box, what="post") if "Без памяти" in it["text"]])


def test_outside_the_hours_the_chat_is_a_form(office, context):
    box, _, _, site = office
    page = context.new_page()
    page.goto(f"{site}/away")
    page.get_by_role("button", name="Написать нам").click()
    page.get_by_role("heading", name="Сейчас мы не в сети").wait_for()
    page.get_by_label("Имя").fill("Ночная Мария")
    page.get_by_label("Телефон").fill("8 916 000 55 66")
    page.get_by_label("Вопрос").fill("Завтра утром")
    _shot(page, "chat-away")
    page.get_by_label("Согласен").check()
    page.get_by_role("button", name="Перезвоните мне").click()
    page.get_by_text("Мы получили номер").wait_for()

    leads = until(lambda: [it for it in box.cli("list", "leads") if "Мария" in it["name"]])
    assert len(leads) == 1
    assert [it for it in context.troubles if "beacon" not in it and "404" not in it] == []


def test_form_of_the_page_joins_its_visitor_and_their_visit(office, context):
    box, _, _, site = office
    page = context.new_page()
    page.goto(f"{site}/?utm_source=vk&gclid=5")
    page.goto(f"{site}/form")
    page.locator("#f-name").fill("Форма Формова")
    page.locator("#f-phone").fill("8 916 000 77 88")
    page.locator("#f-consent").check()
    page.locator("[data-kartoteka-form] button[type=submit]").click()
    lead = until(lambda: [it for it in box.cli("list", "leads") if "Формова" in it["name"]])[0]
    views = until(lambda: _views(box, lead["id"]))

    assert "/form" in views[0]["text"]
    assert "gclid=5" in views[0]["text"]
    [again] = [it for it in box.cli("list", "leads") if it["id"] == lead["id"]]
    assert again["first_touch"]["utm"] == {"utm_source": "vk", "gclid": "5"}
    assert context.troubles == []


def _views(box, lead):
    found = box.cli("show", "lead", lead)["activities"]
    return [it for it in found if it["what"] == "page_view"]


def test_browser_that_wants_privacy_remembers_nothing(office, context):
    site = office[3]
    context.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
    )
    page = context.new_page()
    page.goto(f"{site}/?utm_source=vk")
    page.get_by_role("button", name="Написать нам").wait_for()

    assert page.evaluate("Object.keys(localStorage)") == []
    assert context.troubles == []


HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_idle_page_asks_ever_more_slowly_and_a_hidden_one_not_at_all(office, context):
    box, _, token, site = office
    given = box.web.post(f"/ingest/chat/{token}/hello").json()
    page = context.new_page()
    asked = []
    page.on("request", lambda it: asked.append(it.method) if "/talk" in it.url else None)
    page.on("response", lambda it: asked.append("answer") if "/talk" in it.url else None)
    page.goto(site)
    page.wait_for_timeout(500)
    assert asked == []  # who never wrote does not ask at all

    page.evaluate(
        "([key, me]) => localStorage.setItem(key, JSON.stringify(me))",
        [f"kt-chat-{token}", {**given, "talks": True, "at": 4_000_000_000_000}],
    )
    page.clock.install()
    page.reload()
    minute = _asked_in(page, asked, 60)
    _asked_in(page, asked, 120)
    tenth = _asked_in(page, asked, 300)
    page.evaluate(HIDE, True)
    hidden = _asked_in(page, asked, 300)
    page.evaluate(HIDE, False)
    back = _asked_in(page, asked, 60)

    assert 4 <= minute <= 12
    assert 4 <= tenth <= 6
    assert hidden == 0
    assert back >= 3
    assert context.troubles == []


def _asked_in(page, asked, seconds):
    """Return how often the page asked while so many of its seconds went by."""
    asked.clear()
    for _ in range(seconds // 5):
        page.clock.run_for(5_000)
        page.wait_for_timeout(30)
        for _ in range(PATIENCE_MS // 10):  # a busy machine answers late; the next question waits
            if asked.count("answer") >= len(asked) - asked.count("answer"):
                break
            page.wait_for_timeout(10)
    return asked.count("GET")
