"""Forms from the visitor's side: what is understood, what is refused and how."""

import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock

from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Client, Lead
from kartoteka.ports import Query
from kartoteka.services.record_inbound import raw_body
from kartoteka.wiring import App

URL = "/ingest/form/consult"
PERSON = {"name": "Ирина", "phone": "8 (916) 555-01-04"}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "ru-RU,ru"}
PAGE = {"kt_page": "hosted", "kt_consent": "yes"}


def leads(app: App) -> list[Lead]:
    return [Lead.model_validate(row.doc) for row in app.store.query(Query("leads"))]


def inbounds(app: App) -> list[Inbound]:
    return [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]


def with_file(size: int) -> dict[str, object]:
    head = 'content-disposition: form-data; name="scan"; filename="scan.pdf"'
    field = 'content-disposition: form-data; name="phone"\r\n\r\n+79165550104'
    parts = f"--b\r\n{field}\r\n--b\r\n{head}\r\n\r\n".encode() + b"x" * size
    return {
        "data": parts + b"\r\n--b--\r\n",
        "content_type": "multipart/form-data; boundary=b",
    }


@pytest.mark.parametrize(
    "encoding",
    [
        {"json": PERSON},
        {"data": PERSON},
        {"data": PERSON, "content_type": "multipart/form-data"},
        {"data": json.dumps(PERSON), "content_type": "text/plain"},
        {"data": json.dumps(PERSON)},
    ],
)
def test_form_in_any_encoding_makes_the_same_lead(
    http: FlaskClient, app: App, encoding: dict[str, object]
) -> None:
    answer = http.post(URL, **encoding)
    [lead] = leads(app)

    assert answer.status_code == 200
    assert answer.get_json()["ok"] is True
    assert (lead.name, lead.stage, lead.first_touch.form) == ("Ирина", "new", "consult")


def test_form_of_an_old_site_is_read_in_its_own_alphabet(http: FlaskClient, app: App) -> None:
    body = b"name=%C8%F0%E8%ED%E0&phone=89165550104"

    http.post(URL, data=body, content_type="application/x-www-form-urlencoded")

    assert leads(app)[0].name == "Ирина"


def test_double_click_makes_one_lead(http: FlaskClient, app: App) -> None:
    first, second = (http.post(URL, json=PERSON) for _ in range(2))

    assert first.get_json() == second.get_json()
    assert (len(leads(app)), len(inbounds(app))) == (1, 1)


def test_same_form_after_the_window_is_a_second_touch_of_one_lead(
    http: FlaskClient, app: App, clock: FixedClock
) -> None:
    http.post(URL, json=PERSON)
    clock.advance(timedelta(seconds=301))
    http.post(URL, json=PERSON)

    assert (len(leads(app)), len(inbounds(app))) == (1, 2)


def test_submission_id_is_a_repeat_for_ever(http: FlaskClient, app: App, clock: FixedClock) -> None:
    http.post(URL, json=PERSON | {"submission_id": "s1"})
    clock.advance(timedelta(days=40))
    http.post(URL, json=PERSON | {"submission_id": "s1", "message": "ещё раз"})

    assert len(inbounds(app)) == 1


def test_site_with_one_submission_id_for_everybody_loses_nobody(
    http: FlaskClient, app: App
) -> None:
    http.post(URL, json=PERSON | {"submission_id": "s1"})
    http.post(URL, json={"phone": "+79165550105", "submission_id": "s1"})

    assert len(leads(app)) == 2


@pytest.mark.parametrize(
    ("language", "message"),
    [("ru", "Проверьте поля: Телефон, Почта."), ("en-GB,en", "Please check: Phone, E-mail.")],
)
def test_form_without_contact_is_refused_in_the_visitors_language(
    http: FlaskClient, app: App, language: str, message: str
) -> None:
    answer = http.post(URL, json={"name": "X"}, headers={"accept-language": language})
    error = answer.get_json()["error"]

    assert answer.status_code == 422
    assert (error["code"], error["message"], sorted(error["fields"])) == (
        "invalid",
        message,
        ["email", "phone"],
    )
    assert inbounds(app) == []


@pytest.mark.parametrize("phone", ["204-11-83", "позвоните", "+7 916", "8" * 41])
def test_unreadable_phone_is_refused_when_there_is_no_mail(http: FlaskClient, phone: str) -> None:
    answer = http.post(URL, json={"phone": phone})

    assert answer.status_code == 422
    assert list(answer.get_json()["error"]["fields"]) == ["phone"]


def test_unreadable_phone_beside_a_mail_is_kept_as_typed(http: FlaskClient, app: App) -> None:
    http.post(URL, json={"phone": "спросите", "email": "A@Example.RU "})
    [lead] = leads(app)

    assert lead.extra == {"phone": "спросите"}
    client = Client.model_validate(app.store.get("clients", lead.client_id))
    assert client.emails == ("a@example.ru",)


def test_number_with_words_around_it_is_read(http: FlaskClient, app: App) -> None:
    http.post(URL, json={"phone": "8 916 555 01 04 после шести"})

    assert app.store.get("keys", "phone:+79165550104") is not None


def test_source_and_unknown_fields_are_kept(http: FlaskClient, app: App) -> None:
    sent = {"utm_source": "ya", "UTM_Campaign": "b", "yclid": "17", "Город": "Казань"}

    http.post(URL, data=PERSON | sent, headers={"referer": "https://site.example/p"})
    [lead] = leads(app)

    assert lead.extra == {"Город": "Казань"}
    assert lead.first_touch.utm == {"utm_source": "ya", "utm_campaign": "b", "yclid": "17"}
    assert lead.first_touch.page == "https://site.example/p"


def test_second_form_updates_the_last_touch_only(
    http: FlaskClient, app: App, clock: FixedClock
) -> None:
    http.post(URL, json=PERSON | {"utm_source": "one"})
    clock.advance(timedelta(minutes=5))
    http.post(URL, json=PERSON | {"utm_source": "two", "Город": "Казань", "message": "?"})
    [lead] = leads(app)

    assert (lead.first_touch.utm, lead.last_touch.utm) == (
        {"utm_source": "one"},
        {"utm_source": "two"},
    )
    assert lead.extra == {"Город": "Казань"}


def test_filled_trap_is_thanked_and_makes_no_lead(http: FlaskClient, app: App) -> None:
    answer = http.post(URL, json=PERSON | {"kt_website": "http://spam"})
    [kept] = inbounds(app)

    assert answer.status_code == 200
    assert (kept.state, kept.why, leads(app)) == ("ignored", "honeypot", [])


def test_page_without_consent_is_refused_with_everything_typed_kept(
    http: FlaskClient, app: App
) -> None:
    typed = {
        **PERSON,
        "message": "<script>alert(1)</script>",
        "kt_page": "hosted",
        "utm_source": "q",
    }

    answer = http.post(URL, data=typed, headers=BROWSER)

    assert answer.status_code == 422
    assert "Отметьте согласие" in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script>" not in answer.text
    assert 'name="utm_source" value="q"' in answer.text
    assert 'value="8 (916) 555-01-04"' in answer.text
    assert leads(app) == []


def test_page_with_consent_redirects_to_thanks_and_keeps_the_evidence(
    http: FlaskClient, app: App
) -> None:
    headers = BROWSER | {"x-forwarded-for": "10.0.0.1, 198.51.100.4"}

    answer = http.post(URL + "?lang=en", data=PERSON | PAGE, headers=headers)
    thanks = http.get(URL + answer.headers["location"])

    assert (answer.status_code, answer.headers["location"]) == (303, "?sent=1&lang=en")
    assert "Thank you" in thanks.text
    assert leads(app)[0].extra["consent"] == (
        "2026-11; 2026-11-23T06:00:00.000000Z; 127.0.0.1 (198.51.100.4)"
    )


def test_required_field_left_out_on_the_page_is_named(http: FlaskClient) -> None:
    answer = http.post(URL, json={"phone": "+79165550104", **PAGE})

    assert list(answer.get_json()["error"]["fields"]) == ["name"]


def test_page_filled_at_once_is_taken_with_a_note(
    http: FlaskClient, app: App, clock: FixedClock
) -> None:
    """A browser that fills forms in is fast too: nobody is refused for it by default."""
    shown = f"{clock.now().timestamp() - 1:.0f}"
    answer = http.post(URL, data=PERSON | PAGE | {"kt_shown": shown}, headers=BROWSER)

    assert answer.status_code == 303
    assert leads(app)[0].extra["filled_in_s"] == "1.0"


def test_file_is_refused_with_the_reason(http: FlaskClient, app: App) -> None:
    answer = http.post(URL, **with_file(2_000_000))

    assert answer.status_code == 422
    assert list(answer.get_json()["error"]["fields"]) == ["files"]
    assert leads(app) == []


def test_file_over_ten_mebibytes_is_too_large(http: FlaskClient) -> None:
    assert http.post(URL, **with_file(10 * 1024 * 1024 + 1)).status_code == 413


def test_post_over_every_limit_is_told_on_the_page_in_the_visitors_language(
    http: FlaskClient, app: App
) -> None:
    huge = with_file(12 * 1024 * 1024)
    browser = {"accept": "text/html", "accept-language": "ru"}

    answer = http.post(URL, **huge, headers=browser)

    assert answer.status_code == 413
    assert answer.content_type.startswith("text/html")
    assert "файл не больше 10 МБ" in answer.text
    told = http.post(URL, **huge, headers={"accept-language": "en"})
    assert (told.status_code, "10 MB" in told.get_json()["error"]["message"]) == (413, True)
    assert http.post("/call/call_x", **huge).status_code == 413
    assert leads(app) == []


def test_texts_of_a_multipart_form_are_too_large_together(http: FlaskClient, app: App) -> None:
    halves = {**PERSON, "message": "x" * 700_000, "more": "y" * 700_000}
    head = "--b\r\ncontent-disposition: form-data; name="
    named = (f'{head}"{name}"\r\n\r\n{words}\r\n' for name, words in halves.items())
    body = f"{''.join(named)}--b--\r\n".encode()

    answer = http.post(URL, data=body, content_type="multipart/form-data; boundary=b")

    assert answer.status_code == 413
    assert leads(app) == []


def test_too_long_a_text_is_told_on_the_page_with_everything_typed_kept(http: FlaskClient) -> None:
    typed = PERSON | PAGE | {"message": "щ" * 1_100_000}

    answer = http.post(URL, data=typed, headers=BROWSER)

    assert answer.status_code == 413
    assert "Слишком большое: не больше 1 МБ" in answer.text
    assert "щ" * 1_100_000 in answer.text


def test_script_on_another_site_may_read_that_a_text_is_too_long(http: FlaskClient) -> None:
    answer = http.post(URL, json={**PERSON, "message": "x" * 1_100_000}, headers={"origin": "null"})

    assert answer.status_code == 413
    assert answer.get_json()["error"]["code"] == "too_large"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_long_texts_are_whole_in_the_kept_body(http: FlaskClient, app: App) -> None:
    body = {**PERSON, "name": "ж" * 10_000, "message": "щ" * 150_000, "more": "😀" * 100_000}

    answer = http.post(URL, data=json.dumps(body, ensure_ascii=False).encode())
    [kept] = inbounds(app)
    [lead] = leads(app)

    assert answer.status_code == 200
    assert lead.name == "ж" * 10_000
    assert kept.text == "щ" * 59_999 + "…"
    assert json.loads(raw_body(app.store, kept)) == body


@pytest.mark.parametrize(
    "name",
    [
        '=IMPORTXML("http://x";"//a")',
        "<script>alert(1)</script>",
        "\u202eкниги\u200b",
        "👩‍⚖️ Анна",
        "ё" * 10_000,
        "+7",
        "' OR 1=1 --",
    ],
)
def test_hostile_name_stays_text_whole(http: FlaskClient, app: App, name: str) -> None:
    http.post(URL, json=PERSON | {"name": name})

    assert leads(app)[0].name == name


def test_field_names_no_store_takes_do_not_lose_the_lead(http: FlaskClient, app: App) -> None:
    http.post(URL, json=PERSON | {"__proto__": "a", "": "b", "x" * 3000: "c", "email": "a/b@x.ru"})

    assert leads(app)[0].extra == {"proto": "a", "field": "b", "x" * 200: "c"}


def test_nameless_caller_gets_the_name_of_the_form(http: FlaskClient, app: App) -> None:
    http.post(URL, json={"phone": PERSON["phone"]})
    http.post(URL, json=PERSON)
    [lead] = leads(app)

    assert lead.name == "Ирина"
    assert Client.model_validate(app.store.get("clients", lead.client_id)).name == "Ирина"


def test_intake_asks_for_the_drains(http: FlaskClient, app: App) -> None:
    http.post(URL, json=PERSON)

    assert {task.queue for task in app.tasks.queued} == {"changes", "contacts", "sheets"}
