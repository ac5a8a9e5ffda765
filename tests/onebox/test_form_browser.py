"""Forms in Chromium: our page without a script, our script under a site's strict policy."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.onebox.serving import kartoteka, served, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE_MS = 30_000
FORM = {
    "form": "order",
    "title": "Заказ",
    "title_en": "Order",
    "consent": "Согласен",
    "consent_version": "1",
    "accent": "#7a1f1f",
    "fields": [
        {"id": "name", "label": "Имя", "label_en": "Name", "required": True},
        {"id": "phone", "label": "Телефон", "label_en": "Phone", "type": "tel"},
        {
            "id": "what",
            "label": "Услуга",
            "label_en": "Service",
            "type": "select",
            "options": ["Суд", "Договор"],
        },
        {"id": "scan", "label": "Скан", "label_en": "Scan", "type": "file"},
    ],
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="SKIPPED: there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    data = tmp_path_factory.mktemp("form") / "office"
    with served(data) as found:
        [director] = [p for p in found.cli("list", "staff") if p["role"] == "director"][:1]
        kartoteka(
            *("do", "form.add", "--as", director["email"]),
            *("--json", json.dumps(FORM), "--data", str(data)),
        )
        address = f"{found.url}/ingest/form/order"
        until(lambda: found.web.post(address, json={}).status_code == 422)
        yield found


@pytest.fixture(scope="module")
def site(box):
    """A site of its own with a policy that allows the office's script and calls, nothing else."""
    policy = f"default-src 'none'; script-src {box.url}; connect-src {box.url}"
    page = (
        f'<html lang="ru"><p>Сайт</p><script src="{box.url}/ingest/form/order/embed.js"></script>'
    )

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-security-policy", policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    """A window without cookies that notes errors and what the policy refused."""
    opened = browser.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.troubles = []
    opened.on("pageerror", lambda error: opened.troubles.append(str(error)))
    opened.on("console", lambda line: opened.troubles.extend(_refused(line.text)))
    yield opened
    opened.close()


def _refused(text):
    return [text] if "Content Security Policy" in text and "favicon" not in text else []


def _lead(box, name):
    return until(lambda: [one for one in box.cli("list", "leads") if one["name"] == name])[0]


def test_script_under_a_strict_policy_sends_a_form_with_its_file(page, site, box):
    page.goto(site)
    page.get_by_label("Имя").fill("Анна Встроенная")
    page.get_by_label("Телефон").fill("8 916 555-03-01")
    page.get_by_label("Услуга").select_option("Суд")
    page.get_by_label("Скан").set_input_files(
        {"name": "скан.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"}
    )
    page.get_by_label("Согласен").check()
    page.get_by_role("button", name="Отправить").click()

    page.get_by_role("status").filter(has_text="Спасибо").wait_for()
    lead = _lead(box, "Анна Встроенная")

    assert lead["extra"]["what"] == "Суд"
    assert page.troubles == []
    assert page.context.cookies() == []


def test_script_says_what_is_missing_beside_the_question_and_goes_there(page, site):
    page.goto(site)
    page.get_by_label("Телефон").fill("8 916 555-03-02")
    page.get_by_role("button", name="Отправить").click()

    page.get_by_role("alert").filter(has_text="Имя").wait_for()
    name = page.get_by_label("Имя")

    assert name.get_attribute("aria-invalid") == "true"
    assert name.evaluate("one => one.getRootNode().activeElement === one")
    assert page.troubles == []


def test_page_without_a_script_is_sent_by_keyboard_alone(page, box):
    page.goto(f"{box.url}/ingest/form/order?lang=ru")
    page.keyboard.press("Tab")  # the other language
    for text in ("Пётр Клавишин", "8 916 555-03-03"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    for _ in range(3):
        page.keyboard.press("Tab")  # the list, the file, the consent
    page.keyboard.press("Space")
    page.wait_for_timeout(3100)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.get_by_role("status").filter(has_text="Спасибо").wait_for()

    assert _lead(box, "Пётр Клавишин")["phone"] == "+79165550303"
    assert page.troubles == []


def test_button_of_the_page_waits_until_a_person_can_have_filled_it_in(page, box):
    page.goto(f"{box.url}/ingest/form/order?lang=ru")
    page.fill("[name=name]", "Быстрая Ия")
    page.fill("[name=phone]", "8 916 555-03-04")
    page.check("[name=kt_consent]")

    page.click("button[type=submit]")
    page.get_by_role("status").filter(has_text="Спасибо").wait_for()

    assert _lead(box, "Быстрая Ия")["phone"] == "+79165550304"
