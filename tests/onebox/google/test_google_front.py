"""The front door: identity, addresses, bodies, faults, counters."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from onebox.google.app import Google, GoogleOptions, build_google
from onebox.google.wire import Answer, Request

OPEN = {"authorization": "Bearer stand-in:Anna@Example.ru"}
ABOUT = Request("GET", "drive/v3/about", [("fields", "user")], OPEN)


def asked(google: Google, request: Request) -> tuple[int, Any]:
    answer = google.front.answer(request)
    return answer.status, json.loads(answer.body)


def test_open_token_is_the_named_user(google: Google) -> None:
    status, body = asked(google, ABOUT)

    assert (status, body["user"]["emailAddress"]) == (200, "anna@example.ru")


def test_issued_token_is_its_user(google: Google) -> None:
    token = google.auth.issue("anna@example.ru")

    status, body = asked(
        google, Request("GET", ABOUT.path, ABOUT.query, {"authorization": f"Bearer {token}"})
    )

    assert (status, body["user"]["emailAddress"]) == (200, "anna@example.ru")


def test_unknown_token_is_unauthenticated(google: Google) -> None:
    header = {"authorization": "Bearer ya29.unknown"}
    status, body = asked(google, Request("GET", "v1/people/me", [], header))

    assert (status, body["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert body["error"]["details"][0]["reason"] == "ACCESS_TOKEN_TYPE_UNSUPPORTED"
    assert "errors" not in body["error"]


def test_caller_without_a_token_is_told_that_nobody_is_known(google: Google) -> None:
    status, body = asked(google, Request("GET", "v1/people/me"))

    assert (status, body["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert body["error"]["message"].startswith("Method doesn't allow unregistered callers")


@pytest.mark.parametrize("path", ["drive/v3/files", "calendar/v3/users/me/calendarList"])
def test_unknown_token_is_told_in_older_words_too_where_services_are_older(
    google: Google, path: str
) -> None:
    header = {"authorization": "Bearer ya29.unknown"}
    _, body = asked(google, Request("GET", path, [], header))

    assert body["error"]["errors"] == [
        {
            "message": "Invalid Credentials",
            "domain": "global",
            "reason": "authError",
            "location": "Authorization",
            "locationType": "header",
        }
    ]


def test_closed_stand_in_takes_issued_tokens_only(tmp_path: Any, office_clock: Any) -> None:
    closed = build_google(tmp_path / "g", office_clock, GoogleOptions(open_tokens=False))
    fault = closed.front.answer(Request("GET", "_faults"))
    status, _ = asked(closed, ABOUT)
    closed.close()

    assert status == 401
    assert fault.status == 404


def test_token_without_the_scope_is_forbidden(google: Google) -> None:
    token = google.auth.issue("a@x.ru", ["https://www.googleapis.com/auth/contacts"])
    header = {"authorization": f"Bearer {token}"}

    status, body = asked(google, Request("GET", ABOUT.path, ABOUT.query, header))
    allowed = google.front.answer(Request("GET", "v1/contactGroups", [], header))

    assert (status, allowed.status) == (403, 200)
    assert list(body["error"]) == ["code", "message", "errors", "status", "details"]
    assert body["error"]["errors"][0]["reason"] == "insufficientPermissions"
    assert body["error"]["details"][0]["metadata"] == {
        "method": "google.apps.drive.v3.DriveAbout.Get",
        "service": "drive.googleapis.com",
    }


@pytest.mark.parametrize("path", ["v9/nothing", "v1/people/a/b/c", "", "drive/v3/files/a/b/c"])
def test_unknown_address_is_a_page_as_google_shows_it(google: Google, path: str) -> None:
    answer = google.front.answer(Request("GET", path, [], OPEN))

    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_address_is_escaped_in_the_page(google: Google) -> None:
    answer = google.front.answer(Request("GET", "<script>", [], OPEN))

    assert b"<script>" not in answer.body


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"a": NaN}', b"\xff", b"[" * 100_000])
def test_unreadable_json_is_refused(google: Google, raw: bytes) -> None:
    status, body = asked(google, Request("POST", "v1/people:createContact", [], OPEN, raw))

    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_clients_that_ask_for_alt_json_get_the_older_error_list(google: Google) -> None:
    request = Request("GET", "v1/people/c1", [("personFields", "names"), ("alt", "json")], OPEN)
    _, body = asked(google, request)

    assert body["error"]["errors"][0]["reason"] == "notFound"


def test_too_long_get_comes_as_a_form(google: Google) -> None:
    form = urlencode([("resourceNames", f"people/c{n}") for n in range(150)])
    headers = {
        **OPEN,
        "x-http-method-override": "GET",
        "content-type": "application/x-www-form-urlencoded",
    }
    raw = f"{form}&personFields=names".encode()
    status, body = asked(google, Request("POST", "v1/people:batchGet", [], headers, raw))

    assert (status, len(body["responses"])) == (200, 150)


def test_calls_are_counted_by_method(google: Google) -> None:
    asked(google, ABOUT)
    asked(google, Request("GET", "v1/contactGroups", [], OPEN))

    assert google.calls.by_method() == {"drive.about.get": 1, "people.contactGroups.list": 1}
    assert (google.calls.total(), google.calls.total("people.")) == (2, 1)


def create_contact() -> Request:
    return Request("POST", "v1/people:createContact", [], OPEN, b"{}")


def contacts(google: Google) -> int:
    return google.people.account("anna@example.ru").count()


@pytest.mark.parametrize("action", ["429", "500", "503"])
def test_ordered_error_meets_the_next_match_and_changes_nothing(
    google: Google, action: Any
) -> None:
    google.faults.push(r"createContact$", action, retry_after=7)

    other = google.front.answer(ABOUT)
    hit = google.front.answer(create_contact())
    after = google.front.answer(create_contact())

    assert [answer.status for answer in (other, hit, after)] == [200, int(action), 200]
    assert hit.headers["retry-after"] == "7"
    assert contacts(google) == 1


def test_ordered_502_is_a_page(google: Google) -> None:
    google.faults.push("people", "502", times=2)
    answers = [google.front.answer(create_contact()) for _ in range(3)]

    assert [answer.status for answer in answers] == [502, 502, 200]
    assert answers[0].headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("action", "fate", "kept"), [("drop", "cut", 0), ("timeout-after-apply", "hold", 1)]
)
def test_lost_answers_differ_in_what_was_done(
    google: Google, action: Any, fate: str, kept: int
) -> None:
    google.faults.push("createContact", action)

    assert google.front.answer(create_contact()).fate == fate
    assert contacts(google) == kept


def test_faults_are_ordered_and_forgotten_over_http(google: Google) -> None:
    order = {"match": "people", "action": "500", "times": 3}
    raw = json.dumps(order).encode()
    ordered = asked(google, Request("POST", "_faults", [], {}, raw))
    forgotten = asked(google, Request("DELETE", "_faults"))

    assert ordered == (200, {"faults": [{**order, "retry_after": None}]})
    assert forgotten == (200, {"faults": []})


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"match": "x", "action": "teapot"},
        {"match": "(", "action": "500"},
        {"match": "x", "action": "500", "times": "many"},
        {"match": "x", "action": "500", "times": -1},
    ],
)
def test_unclear_fault_is_refused(google: Google, order: dict[str, Any]) -> None:
    status, _ = asked(google, Request("POST", "_faults", [], {}, json.dumps(order).encode()))

    assert status == 400
    assert google.faults.waiting() == []


def batch(google: Google, *parts: str) -> Answer:
    pieces = [
        f"--b\r\nContent-Type: application/http\r\nContent-ID: <x+{number}>\r\n\r\n{part}\r\n"
        for number, part in enumerate(parts)
    ]
    headers = {**OPEN, "content-type": "multipart/mixed; boundary=b"}
    raw = ("".join(pieces) + "--b--").encode()
    return google.front.answer(Request("POST", "batch", [], headers, raw))


def test_batch_answers_each_part_in_order(google: Google) -> None:
    answer = batch(
        google,
        "GET /google/drive/v3/about?fields=user HTTP/1.1\r\n\r\n",
        'POST /v1/contactGroups HTTP/1.1\r\n\r\n{"contactGroup": {"name": "К"}}',
        "GET /v1/contactGroups/none HTTP/1.1\r\n\r\n",
    )

    text = answer.body.decode()
    assert [text.index(f"<response-x+{n}>") for n in range(3)] == sorted(
        text.index(f"<response-x+{n}>") for n in range(3)
    )
    assert text.count("HTTP/1.1 200 OK") == 2
    assert "HTTP/1.1 404 Not Found" in text


def test_body_that_is_no_batch_is_refused(google: Google) -> None:
    answer = google.front.answer(Request("POST", "batch/people/v1", [], OPEN, b"hello"))

    assert answer.status == 400


def test_uploaded_file_comes_back_as_it_was(google: Google) -> None:
    content = bytes(range(256))
    raw = (
        b'--b\r\nContent-Type: application/json\r\n\r\n{"name": "a.bin"}\r\n'
        b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + content
        + b"\r\n--b--"
    )
    headers = {**OPEN, "content-type": "multipart/related; boundary=b"}
    query = [("uploadType", "multipart"), ("fields", "id,size,mimeType")]
    status, body = asked(google, Request("POST", "upload/drive/v3/files", query, headers, raw))
    got = google.front.answer(
        Request("GET", f"drive/v3/files/{body['id']}", [("alt", "media")], OPEN)
    )

    assert (status, body["size"], body["mimeType"]) == (200, "256", "image/png")
    assert (got.body, got.headers["content-type"]) == (content, "image/png")


def test_replaced_content_has_another_checksum(google: Google) -> None:
    media = [("uploadType", "media"), ("fields", "id,md5Checksum")]
    head = {**OPEN, "content-type": "text/plain"}
    _, first = asked(google, Request("POST", "upload/drive/v3/files", media, head, b"1"))
    path = f"upload/drive/v3/files/{first['id']}"
    _, second = asked(google, Request("PATCH", path, media, head, b"2"))

    assert first["id"] == second["id"]
    assert first["md5Checksum"] != second["md5Checksum"]


def test_resumable_upload_is_refused_with_what_to_do(google: Google) -> None:
    query = [("uploadType", "resumable")]
    status, body = asked(google, Request("POST", "upload/drive/v3/files", query, OPEN, b""))

    assert status == 400
    assert "not resumable" in body["error"]["message"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ([], b'{\n  "kind": "drive#fileList",\n  "files": []\n}\n'),
        ([("prettyPrint", "false")], b'{"kind":"drive#fileList","files":[]}\n'),
        ([("$prettyPrint", "0")], b'{"kind":"drive#fileList","files":[]}\n'),
    ],
)
def test_answers_are_laid_out_in_lines_unless_one_is_asked_for(
    google: Google, query: list[tuple[str, str]], text: bytes
) -> None:
    asked_for = [("fields", "kind,files(id)"), ("q", "name = 'нет'"), *query]
    assert google.front.answer(Request("GET", "drive/v3/files", asked_for, OPEN)).body == text
