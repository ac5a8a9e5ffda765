"""The hosted page, the script for other sites, and addresses."""

import re
from importlib.resources import files

import pytest
from flask.testing import FlaskClient

from ingest.visitor import caller
from kartoteka.domain.colour import READABLE, contrast
from kartoteka.http import Call, language
from kartoteka.settings import Settings
from kartoteka.wiring import App, install

URL = "/ingest/form/consult"


def test_page_carries_where_the_visitor_came_from(http: FlaskClient) -> None:
    answer = http.get(
        URL + "?utm_source=%22%3E%3Cscript%3E&yclid=17&other=1&lang=ru",
        headers={"referer": "https://site.example/"},
    )

    assert 'name="utm_source" value="&#34;&gt;&lt;script&gt;"' in answer.text
    assert 'name="yclid" value="17"' in answer.text
    assert 'name="referrer" value="https://site.example/"' in answer.text
    assert 'name="other"' not in answer.text


def test_page_needs_no_script_and_no_cookie(http: FlaskClient) -> None:
    answer = http.get(URL)
    policy = answer.headers["content-security-policy"]

    assert "<script" not in answer.text
    assert "set-cookie" not in answer.headers
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'<style nonce="{nonce}">' in answer.text


@pytest.mark.parametrize(("lang", "title"), [("ru", "Консультация юриста"), ("en", "Legal")])
def test_page_speaks_the_visitors_language(http: FlaskClient, lang: str, title: str) -> None:
    answer = http.get(URL, headers={"accept-language": f"{lang};q=0.9,de"})

    assert f'<html lang="{lang}">' in answer.text
    assert title in answer.text


def test_form_switched_off_is_not_found(http: FlaskClient, app: App) -> None:
    [form] = [form for form in app.desk.settings().forms if form.id == "consult"]
    off = {**form.model_dump(mode="json"), "active": False}
    app.store.run(lambda tx: tx.put("forms", form.id, off))

    assert http.get(URL).status_code == 404
    assert http.get(URL + "/embed.js").status_code == 404


@pytest.mark.parametrize(("lang", "title"), [("ru", "Эта форма закрыта"), ("en", "is closed")])
def test_browser_is_told_in_its_language_that_no_form_is_here(
    http: FlaskClient, lang: str, title: str
) -> None:
    headers = {"accept": "text/html,*/*;q=0.8", "accept-language": lang}
    opened = http.get("/ingest/form/none", headers=headers)
    sent = http.post("/ingest/form/none", headers=headers, data={"phone": "+79165550104"})

    for answer in (opened, sent):
        assert (answer.status_code, answer.headers["content-language"]) == (404, lang)
        assert title in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert http.get("/ingest/form/none/embed.js", headers=headers).is_json


def test_every_input_has_a_label(http: FlaskClient) -> None:
    text = http.get(URL).text
    ids = [part.split('"')[0] for part in text.split(' id="')[1:]]

    assert ids == ["f-name", "f-phone", "f-email", "f-message", "f-kt_website", "f-consent"]
    assert all(f'<label for="{name}">' in text for name in ids)


def test_script_is_small_and_safe_for_a_strict_policy(http: FlaskClient) -> None:
    answer = http.get(URL + "/embed.js")

    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert len(answer.data) <= 15_000
    assert not any(word in answer.text for word in ("innerHTML", "eval(", ".style."))
    assert "/* config */" not in answer.text


def test_preflight_of_another_site_is_granted(http: FlaskClient) -> None:
    answer = http.options(URL, headers={"origin": "https://site.example"})

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "content-type"


@pytest.mark.parametrize("body", [{"phone": "+79165550104"}, {}])
def test_answer_to_a_post_is_readable_by_another_site(
    http: FlaskClient, body: dict[str, str]
) -> None:
    answer = http.post(URL, json=body, headers={"origin": "https://site.example"})

    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        *("/ingest/form/none", "/ingest/form/consult/x", "/ingest/form", "/ingest/nope/x"),
        *("/ingest", "/ingest/form/__none__", "/ingest/form/a%00b", "/ingest/form/" + "x" * 2000),
    ],
)
def test_address_nobody_serves_is_not_found(http: FlaskClient, path: str) -> None:
    assert http.get(path).status_code == 404
    assert http.post(path, data=b"{}").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_what_is_allowed(http: FlaskClient, app: App, method: str) -> None:
    account = app.desk.settings().accounts[0]
    for path in (URL, f"/ingest/{account.channel}/{account.id}"):
        answer = http.open(path, method=method)

        assert answer.status_code == 405
        assert "POST" in answer.headers["allow"]


def test_operator_can_look_whether_an_address_lives(http: FlaskClient, app: App) -> None:
    account = app.desk.settings().accounts[0]

    answer = http.get(f"/ingest/{account.channel}/{account.id}")

    assert answer.get_json() == {"ok": True, "channel": account.channel}


def posted(http: FlaskClient, count: int, headers: dict[str, str]) -> list[int]:
    bodies = [{"phone": f"+7916555010{n}"} for n in range(count)]
    return [http.post(URL, json=body, headers=headers).status_code for body in bodies]


def test_limit_of_posts_counts_the_caller_that_our_proxy_names(http: FlaskClient, app: App) -> None:
    limited = App(Settings(form_posts_per_minute=2), app.clock, lambda _: app.store)
    vars(limited)["tasks"] = app.tasks
    install(limited)

    mine = posted(http, 4, {"x-forwarded-for": "8.8.4.4, 8.8.8.8"})
    others = posted(http, 2, {"x-forwarded-for": "8.8.8.8, 8.8.4.4"})
    machine = posted(http, 4, {})

    assert (mine, others, machine) == ([200, 200, 429, 429], [200] * 2, [200] * 4)


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("8.8.8.8", "1.1.1.1", "8.8.8.8"),
        ("169.254.1.1", "forged, 1.1.1.1", "1.1.1.1"),
        ("::1", "10.0.0.1", ""),
        ("", "nonsense", ""),
    ],
)
def test_caller_is_the_peer_or_who_our_own_proxy_saw(
    remote: str, forwarded: str, expected: str
) -> None:
    call = Call("POST", (), headers={"x-forwarded-for": forwarded}, remote=remote)

    assert caller(call) == expected


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ("en", "ru", "en"),
        ("", "de,en;q=0.5,ru;q=0.8", "ru"),
        ("xx", "en-US", "en"),
        ("", "", "ru"),
        ("", ";q=;,,=", "ru"),
        ("", "en;q=nonsense,ru", "ru"),
    ],
)
def test_language_is_the_first_wanted_that_we_speak(query: str, header: str, expected: str) -> None:
    call = Call("GET", (), headers={"accept-language": header}, query=(("lang", query),))

    assert language(call, "ru") == expected


def test_words_of_the_page_can_be_read_on_their_ground() -> None:
    style = files("ingest").joinpath("templates", "form.css").read_text("utf-8")
    colours = dict(re.findall(r"--(ink|soft|accent|wrong): (#[0-9a-f]{6})", style))

    assert sorted(colours) == ["accent", "ink", "soft", "wrong"]
    assert all(contrast(colour) >= READABLE for colour in colours.values())
