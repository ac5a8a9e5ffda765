"""The page in Chromium: a form becomes a row, a wrong move is taken back with its reason."""

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.onebox.serving import kartoteka, served, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = os.getenv("SCREENSHOTS", "")
PATIENCE_MS = 30_000
HEAD = "Виктор Громов"  # sees the team's book, a manager their own
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="SKIPPED: there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    data = tmp_path_factory.mktemp("page") / "office"
    with served(data, "--clock", "2026-11-23T09:00") as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    """A wide window that notes errors and requests to other machines."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(PATIENCE_MS)
    opened.troubles = []
    opened.on("pageerror", lambda error: opened.troubles.append(str(error)))
    opened.on("request", lambda request: opened.troubles.extend(_foreign(request.url)))
    yield opened
    opened.close()


def _foreign(url):
    return [] if url.startswith(("http://127.0.0.1", "data:", "blob:")) else [url]


def _shot(page, name):
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def _submit(page, box, name, phone):
    page.goto(f"{box.url}/ingest/form/consult")
    page.fill("[name=name]", name)
    page.fill("[name=phone]", phone)
    page.check("[name=kt_consent]")
    _shot(page, "form")
    page.click("button[type=submit]")
    page.wait_for_load_state()


def _cell(page, name, column):
    """Return the cell of a lead's row under a heading."""
    row = page.locator(".ag-center-cols-container .ag-row").filter(has_text=name)
    heading = page.locator(".ag-header-cell").filter(has_text=column)
    return row.locator(f"[col-id={heading.get_attribute('col-id')}]")


def _choose(page, cell, value):
    cell.dblclick()
    page.locator(".ag-cell-editor .ag-picker-field-wrapper, .ag-cell-edit-wrapper").first.click()
    page.locator(".ag-list-item").filter(has_text=value).first.click()


def test_form_becomes_a_row_and_a_wrong_move_is_taken_back(page, box):
    hostile = "Мария <img src=x onerror=alert(1)>"
    _submit(page, box, hostile, "+7 916 000-11-22")
    page.goto(box.url)
    _become(page, HEAD)
    page.get_by_text(hostile).first.wait_for()

    owner = _cell(page, hostile, "Ответственный").inner_text().strip()
    _become(page, owner, own_book=True)
    stage = _cell(page, hostile, "Стадия")
    _choose(page, stage, "Качественный → сделка")

    page.get_by_text("уходят только после звонка").first.wait_for()
    assert stage.inner_text().strip() == "Новая заявка"
    assert "kt-noted" in (stage.get_attribute("class") or "")
    _shot(page, "book")
    _files_open_from_the_row(page, box, hostile)
    assert page.troubles == []


SENT = {"name": "Договор <b>.pdf", "mimeType": "text/html", "buffer": b"<script>1</script>"}


def _form_for_files(box):
    asked = (("phone", "tel"), ("paper", "file"))
    fields = [{"id": one, "label": one, "label_en": one, "type": kind} for one, kind in asked]
    agreed = {"consent": "Да", "consent_version": "1"}
    form = {"form": "papers", "title": "Документы", "fields": fields, **agreed}
    given = ("--as", "olga@office.example", "--json", json.dumps(form), "--data", str(box.data))
    kartoteka("do", "form.add", *given)


def _send_a_file(page, box, phone):
    """Send it by another form; what a box knows of forms is some seconds old, so try till then."""

    def thanked():
        page.goto(f"{box.url}/ingest/form/papers")
        page.fill("[name=phone]", phone)
        page.set_input_files("[name=paper]", SENT)
        page.check("[name=kt_consent]")
        with page.expect_response(lambda it: it.request.method == "POST") as answer:
            page.click("button[type=submit]")
        return answer.value.status == 303

    until(thanked)


def _files_open_from_the_row(page, box, name):
    """The same client sends a file: the row leads to the list of files, which gives it out."""
    _form_for_files(box)
    other = page.context.browser.new_page()
    other.set_default_timeout(PATIENCE_MS)
    _send_a_file(other, box, "+7 916 000-11-22")
    other.close()

    leading = page.locator(".ag-row").filter(has_text=name).locator(".kt-led")
    leading.wait_for()
    _shot(page, "book-files")
    with page.expect_popup() as opening:
        leading.click()
    files = opening.value
    _shot(files, "files")
    with files.expect_download() as coming:
        files.get_by_text("Договор _b_.pdf").click()
    assert coming.value.suggested_filename == "Договор _b_.pdf"
    assert Path(coming.value.path()).read_bytes() == SENT["buffer"]
    files.close()


def _become(page, name, *, own_book=False):
    page.locator(".kt-you").click()
    page.locator(".q-menu .q-item").filter(has_text=name).click()
    if own_book:
        page.locator(".ag-header-cell").filter(has_text="★").first.wait_for()


def test_second_visitor_sees_an_edit_without_reloading(page, box, browser):
    _submit(page, box, "Нина Петрова", "+7 916 000-22-33")
    page.goto(box.url)
    _become(page, HEAD)
    page.get_by_text("Нина Петрова").first.wait_for()
    other = browser.new_page()
    other.set_default_timeout(PATIENCE_MS)
    other.goto(f"{box.url}/?lang=en")
    _become(other, HEAD)
    owner = _cell(other, "Нина Петрова", "Ответственный").inner_text().strip()
    _become(other, owner, own_book=True)
    cell = _cell(other, "Нина Петрова", "Имя")
    cell.dblclick()
    other.keyboard.type("Нина Сергеевна")
    other.keyboard.press("Enter")

    page.get_by_text("Нина Сергеевна").first.wait_for()
    other.close()
    assert page.troubles == []


def test_page_fits_a_phone_and_speaks_english(browser, box):
    small = browser.new_page(viewport={"width": 390, "height": 844})
    small.goto(f"{box.url}/?lang=en")
    small.get_by_text("What happens").wait_for()
    _shot(small, "small")

    assert small.evaluate("document.documentElement.scrollWidth") <= 390
    small.close()
