"""What an office sets about its forms, seen from the visitor's side."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock

from kartoteka.adapters.captcha import build
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.colour import contrast
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import ConfigError, Invalid, KartotekaError, ProviderDown
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Lead
from kartoteka.ports import KeptFile, Query
from kartoteka.services.commands import execute
from kartoteka.services.registry import COMMANDS
from kartoteka.settings import Secret, Settings
from kartoteka.wiring import App, install

URL = "/ingest/form/order"
PERSON = {"name": "Ирина", "phone": "8 (916) 555-01-04"}
BROWSER = {"accept": "text/html", "accept-language": "ru"}
FIELDS: list[dict[str, Any]] = [
    {"id": "name", "label": "Имя", "label_en": "Name"},
    {"id": "phone", "label": "Телефон", "label_en": "Phone", "type": "tel"},
    {
        "id": "what",
        "label": "Услуга",
        "label_en": "Service",
        "type": "select",
        "options": ["Суд", "Договор"],
    },
    {"id": "scan", "label": "Скан", "label_en": "Scan", "type": "file"},
]
BASE = {
    "form": "order",
    "title": "Заказ",
    "fields": FIELDS,
    "consent": "Согласен",
    "consent_version": "1",
}
Do = Callable[..., Any]


class Shelf:
    """Files of the office in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, str, bytes]] = {}

    def keep(self, key: str, name: str, media_type: str, content: bytes) -> KeptFile:
        self.kept[key] = (name, media_type, content)
        return KeptFile(key, name, media_type, len(content), "")


@pytest.fixture
def shelf(app: App) -> Shelf:
    vars(app)["files"] = made = Shelf()
    return made


@pytest.fixture
def do(app: App, shelf: Shelf) -> Do:
    def run(command: str, **given: Any) -> Any:
        return execute(COMMANDS, app.desk, SYSTEM, command, given=given, cause="test")

    run("form.add", **BASE)
    return run


def records(app: App, kind: type[Any]) -> list[Any]:
    return [kind.model_validate(row.doc) for row in app.store.query(Query(kind.collection))]


def test_new_form_is_served_at_once_with_its_list_and_its_file(http: FlaskClient, do: Do) -> None:
    text = http.get(URL + "?lang=ru").text

    assert '<select id="f-what" name="what"' in text
    assert '<option value="Суд">Суд</option>' in text
    assert '<input id="f-scan" name="scan" type="file">' in text
    assert 'enctype="multipart/form-data"' in text


def test_list_is_read_in_english_and_sent_in_the_words_of_the_office(
    http: FlaskClient, app: App, do: Do
) -> None:
    words = {**FIELDS[2], "options_en": ["Court", "Contract"]}
    do("form.edit", form="order", fields=[*FIELDS[:2], words])

    english, russian = http.get(URL + "?lang=en").text, http.get(URL + "?lang=ru").text
    script = http.get(URL + "/embed.js")
    http.post(URL + "?lang=en", data=PERSON | {"what": "Суд"})

    assert '<option value="Суд">Court</option>' in english
    assert '<option value="Суд">Суд</option>' in russian
    assert '"options_en":["Court","Contract"]' in script.text
    assert records(app, Lead)[0].extra == {"what": "Суд"}
    assert records(app, Activity)[0].text == "Услуга: Суд"


def test_file_of_a_form_is_kept_and_hangs_on_what_happened(
    http: FlaskClient, app: App, shelf: Shelf, do: Do
) -> None:
    sent = PERSON | {"scan": (BytesIO(b"%PDF-1"), "скан.pdf", "application/pdf")}

    answer = http.post(URL, data=sent)
    [activity] = records(app, Activity)

    assert answer.status_code == 200
    assert [(file.name, file.size) for file in activity.files] == [("скан.pdf", 6)]
    assert shelf.kept == {activity.files[0].ref: ("скан.pdf", "application/pdf", b"%PDF-1")}


def test_file_in_a_question_that_asks_for_none_is_refused(
    http: FlaskClient, shelf: Shelf, do: Do
) -> None:
    answer = http.post(URL, data=PERSON | {"other": (BytesIO(b"x"), "x.txt")})

    assert (answer.status_code, shelf.kept) == (422, {})


def test_required_file_left_out_on_the_page_is_named(http: FlaskClient, do: Do) -> None:
    do("form.edit", form="order", fields=[*FIELDS[:3], {**FIELDS[3], "required": True}])

    answer = http.post(URL, json=PERSON | {"kt_page": "embed", "kt_consent": "yes"})

    assert list(answer.get_json()["error"]["fields"]) == ["scan"]


def test_texts_and_look_of_the_office_are_on_the_page_and_in_the_script(
    http: FlaskClient, do: Do
) -> None:
    do("form.edit", form="order", send="Жду звонка", accent="#7a1f1f", thanks="До связи", radius=4)

    page, thanks = http.get(URL).text, http.get(URL + "?sent=1").text
    script = http.get(URL + "/embed.js")

    assert "Жду звонка</button>" in page
    assert ":root{--accent:#7a1f1f;--corner:4px;--wait:0s}" in page
    assert "До связи" in thanks
    assert '"accent":"#7a1f1f","radius":4' in script.text
    assert len(script.data) <= 15_000


def test_visitor_goes_where_the_office_wants_after_sending(http: FlaskClient, do: Do) -> None:
    do("form.edit", form="order", redirect="https://shop.example/ok?a=1")

    page = http.post(URL, data=PERSON, headers=BROWSER)
    told = http.post(URL, json=PERSON)
    policy = http.get(URL).headers["content-security-policy"]

    assert (page.status_code, page.headers["location"]) == (303, "https://shop.example/ok?a=1")
    assert told.get_json()["redirect"] == "https://shop.example/ok?a=1"
    assert "form-action 'self' https://shop.example" in policy


def test_page_filled_faster_than_the_office_allows_is_sent_back_and_taken_later(
    http: FlaskClient, app: App, do: Do, clock: FixedClock
) -> None:
    do("form.edit", form="order", least_s=3)
    shown = f"{clock.now().timestamp() - 1:.0f}"
    typed = PERSON | {"kt_page": "hosted", "kt_consent": "yes", "kt_shown": shown}

    hasty = http.post(URL, data=typed, headers=BROWSER)
    clock.advance(timedelta(seconds=3))
    patient = http.post(URL, data=typed, headers=BROWSER)

    assert (hasty.status_code, patient.status_code) == (422, 303)
    assert "Слишком быстро" in hasty.text
    assert f'name="kt_shown" value="{shown}"' in hasty.text
    assert len(records(app, Lead)) == 1


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://www.site.example", 200),
        ("https://site.example:8443", 200),
        ("http://localhost", 200),
        ("", 200),
        ("https://evil-site.example", 403),
        ("null", 403),
    ],
)
def test_form_of_named_sites_is_taken_from_them_and_from_programs_only(
    http: FlaskClient, do: Do, origin: str, status: int
) -> None:
    do("form.edit", form="order", hosts=["Site.example "])
    headers = {"origin": origin} if origin else {}

    assert http.post(URL, json=PERSON, headers=headers).status_code == status
    policy = http.get(URL).headers["content-security-policy"]
    assert "frame-ancestors 'self' https://site.example https://*.site.example" in policy


def test_form_that_makes_a_deal_makes_one_with_its_goods_and_an_invoice_to_write(
    http: FlaskClient, app: App, do: Do
) -> None:
    product = do("product.add", sku="K-1", name="Консультация", price_minor=300_000)
    do("form.edit", form="order", creates="deal", products=[product.id], create_invoice=True)

    answers = [http.post(URL, json=PERSON).status_code for _ in range(2)]
    [deal] = records(app, Deal)
    [lead] = records(app, Lead)

    assert answers == [200, 200]
    assert (deal.lead_id, deal.amount_minor) == (lead.id, 300_000)
    assert [line.product_id for line in deal.lines] == [product.id]


def test_mapping_of_a_form_says_what_a_field_of_the_site_is(
    http: FlaskClient, app: App, do: Do
) -> None:
    do("mapping.set", of="order", field="Kontakt 7", to="phone")
    do("mapping.set", of="order", field="gorod", to="Город")
    do("mapping.set", of="order", field="ref", to="utm_source")

    http.post(URL, json={"kontakt_7": "+79165550104", "gorod": "Тула", "ref": "vk", "x": "1"})
    [lead] = records(app, Lead)

    assert lead.extra == {"Город": "Тула", "x": "1"}
    assert lead.first_touch.utm == {"utm_source": "vk"}
    do("mapping.remove", of="order", field="Kontakt 7")
    assert http.post(URL, json={"kontakt_7": "916 555-01-05"}).status_code == 422


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"form": "Order"}, "formset_id"),
        ({"fields": [FIELDS[0]]}, "formset_contact"),
        ({"fields": [FIELDS[1], FIELDS[1]]}, "formset_twice"),
        ({"fields": [FIELDS[1], {**FIELDS[0], "type": "select"}]}, "formset_options"),
        ({"fields": [FIELDS[1], {**FIELDS[0], "id": "kt_x"}]}, "formset_id"),
        ({"accent": "#ffff00"}, "formset_accent"),
        ({"accent": "red}"}, "formset_accent"),
        ({"hosts": ["наш сайт"]}, "formset_host"),
        ({"redirect": "javascript:alert(1)"}, "formset_redirect"),
        ({"create_invoice": True}, "formset_deal"),
        ({"fields": [FIELDS[1], {**FIELDS[2], "options_en": ["Court"]}]}, "formset_options_en"),
        ({"creates": "deal", "products": ["pr_1"]}, "formset_product"),
    ],
)
def test_form_that_visitors_could_not_use_is_refused(
    do: Do, given: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        do("form.add", **(BASE | {"form": "other"} | given))

    assert refused.value.code == code


@pytest.mark.parametrize("target", ["", "kt_page", "x" * 201])
def test_field_of_a_site_cannot_become_just_anything(do: Do, target: str) -> None:
    with pytest.raises(Invalid) as refused:
        do("mapping.set", of="order", field="a", to=target)

    assert refused.value.code == "mapping_target"


def test_contrast_is_that_of_the_accessibility_guidelines() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#ffffff") == pytest.approx(1)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)


class Judge:
    """A captcha whose verdict a test sets."""

    def __init__(self) -> None:
        self.verdict: bool | KartotekaError = True
        self.asked: list[tuple[str, str]] = []

    def passed(self, token: str, remote: str) -> bool:
        self.asked.append((token, remote))
        if isinstance(self.verdict, KartotekaError):
            raise self.verdict
        return self.verdict


def guarded(app: App, down: str = "open") -> Judge:
    """Install an app with a captcha and return its judge."""
    settings = Settings(captcha="turnstile", captcha_key="key", captcha_down=down)
    made, judge = App(settings, app.clock, lambda _: app.store), Judge()
    vars(made).update(tasks=app.tasks, captcha=judge)
    install(made)
    return judge


def test_captcha_stands_on_the_page_and_its_policy_allows_nothing_else(
    http: FlaskClient, app: App, do: Do
) -> None:
    do("form.edit", form="order", captcha=True)
    without = http.get(URL)
    guarded(app)

    page = http.get(URL)
    policy = page.headers["content-security-policy"]

    assert 'class="cf-turnstile field" data-sitekey="key"' in page.text
    assert "script-src https://challenges.cloudflare.com;" in policy
    assert "script" not in without.text
    assert '"style":"cf-turnstile"' in http.get(URL + "/embed.js").text


def test_captcha_that_was_not_passed_is_said_and_one_that_was_leaves_no_trace(
    http: FlaskClient, app: App, do: Do
) -> None:
    do("form.edit", form="order", captcha=True)
    judge = guarded(app)
    sent = PERSON | {"cf-turnstile-response": "t1"}

    judge.verdict = False
    refused = http.post(URL, data=sent, headers=BROWSER)
    judge.verdict = True
    taken = http.post(URL, data=sent, headers=BROWSER)

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert "не робот" in refused.text
    assert judge.asked == [("t1", "")] * 2
    assert records(app, Lead)[0].extra == {}


@pytest.mark.parametrize("error", [ProviderDown("down"), ConfigError("wrong secret")])
def test_captcha_that_does_not_answer_follows_the_installations_rule(
    http: FlaskClient, app: App, do: Do, error: KartotekaError
) -> None:
    do("form.edit", form="order", captcha=True)
    guarded(app, down="closed").verdict = error
    closed = http.post(URL, json=PERSON)
    guarded(app).verdict = error
    taken = http.post(URL, json=PERSON)

    assert (closed.status_code, taken.status_code) == (error.status, 200)
    assert len(records(app, Inbound)) == 1


@pytest.mark.parametrize(
    ("kind", "asked", "answer", "passed"),
    [
        ("smartcaptcha", {"secret": "s", "token": "t", "ip": "8.8.8.8"}, {"status": "ok"}, True),
        ("smartcaptcha", {"secret": "s", "token": "t", "ip": "8.8.8.8"}, {"status": "no"}, False),
        (
            "turnstile",
            {"secret": "s", "response": "t", "remoteip": "8.8.8.8"},
            {"success": True},
            True,
        ),
        ("turnstile", {"secret": "s", "response": "t", "remoteip": "8.8.8.8"}, {}, False),
    ],
)
def test_provider_of_the_captcha_is_asked_as_it_wants(
    kind: str, asked: dict[str, str], answer: dict[str, object], passed: bool
) -> None:
    seen: list[dict[str, str]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(dict(httpx.QueryParams(request.content.decode())))
        return httpx.Response(200, json=answer)

    assert build(kind, "s", httpx.MockTransport(reply)).passed("t", "8.8.8.8") is passed
    assert seen == [asked]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.Response(502), ProviderDown),
        (httpx.Response(200, text="<html>"), ProviderDown),
        (httpx.Response(200, json=[]), ProviderDown),
        (httpx.Response(403, json={}), ConfigError),
    ],
)
def test_provider_that_cannot_be_understood_is_no_verdict(
    reply: httpx.Response, error: type[KartotekaError]
) -> None:
    with pytest.raises(error):
        build("turnstile", "s", httpx.MockTransport(lambda _: reply)).passed("t", "")


def test_installation_without_a_captcha_takes_forms_that_ask_for_one(
    http: FlaskClient, app: App, do: Do, clock: FixedClock
) -> None:
    do("form.edit", form="order", captcha=True)
    clock.advance(timedelta(seconds=1))

    assert http.post(URL, json=PERSON).status_code == 200
    assert Settings(captcha_secret=Secret("k")).captcha == ""
