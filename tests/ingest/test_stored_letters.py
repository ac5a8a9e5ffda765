"""Letters of SES in a bucket: fetched with Amazon's signature, from the office's bucket only."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock

from kartoteka.adapters.buckets import AmazonBuckets, signed
from kartoteka.domain.errors import ConfigError, KartotekaError, NotAllowed, TooLarge
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Account
from kartoteka.ports import Query
from kartoteka.wiring import App

KEYS = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
AT = datetime(2013, 5, 24, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-central-1:1:mail"
API = {
    "access_key_id": KEYS[0], "secret_access_key": KEYS[1],
    "region": "eu-central-1", "bucket": "office-mail",
}  # fmt: skip
LETTER = (
    b"From: Irina <irina@client.example>\r\nTo: info@office.example\r\nSubject: Hi\r\n"
    b"Message-ID: <m1@client.example>\r\n\r\nThe whole text.\r\n"
)
Answer = Callable[[httpx.Request], httpx.Response]


def account(**api: str) -> Account:
    return Account(
        id="ses_1", channel="ses", title="Mail", source="mail", secrets=(TOPIC,), api=api
    )


def buckets(answer: Answer) -> AmazonBuckets:
    client = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=False)
    return AmazonBuckets(client, FixedClock())


def letter(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=LETTER)


@pytest.mark.parametrize(
    ("asked", "more", "query", "proof"),
    [
        (
            ("GET", "examplebucket.s3.amazonaws.com", "/test.txt"), {"range": "bytes=0-9"}, "",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            ("GET", "examplebucket.s3.amazonaws.com", "/"), {}, "lifecycle=",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
    ],
)  # fmt: skip
def test_signature_is_that_of_amazons_examples(
    *, asked: tuple[str, str, str], more: dict[str, str], query: str, proof: str
) -> None:
    headers = signed(asked, more, KEYS, ("us-east-1", AT), query=query)

    assert headers["authorization"].endswith(f"Signature={proof}")


@pytest.mark.parametrize(
    ("bucket", "key", "address"),
    [
        ("office-mail", "in/a b", "https://office-mail.s3.eu-central-1.amazonaws.com/in/a%20b"),
        ("office.mail", "x", "https://s3.eu-central-1.amazonaws.com/office.mail/x"),
    ],
)
def test_object_is_asked_for_at_amazon(bucket: str, key: str, address: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return letter(request)

    assert buckets(answer).content(account(**{**API, "bucket": bucket}), bucket, key, 999) == LETTER
    assert asked == [address]


@pytest.mark.parametrize(
    ("api", "bucket", "answer", "expected"),
    [
        ({}, "office-mail", letter, ConfigError),
        (API, "others-mail", letter, NotAllowed),
        ({**API, "region": "evil.example/"}, "office-mail", letter, NotAllowed),
        (API, "office-mail", lambda _: httpx.Response(403), NotAllowed),
        (API, "office-mail", lambda _: httpx.Response(200, content=b"x" * 2_000), TooLarge),
    ],
)
def test_object_that_is_not_ours_is_refused(
    *, api: dict[str, str], bucket: str, answer: Answer, expected: type[KartotekaError]
) -> None:
    with pytest.raises(expected):
        buckets(answer).content(account(**api), bucket, "k", 1_000)


def told(*, wrapped: bool = True) -> bytes:
    inner: dict[str, Any] = {
        "notificationType": "Received",
        "mail": {
            "messageId": "k1",
            "destination": ["info@office.example"],
            "headers": [
                {"name": "From", "value": "Irina <irina@client.example>"},
                {"name": "Message-ID", "value": "<m1@client.example>"},
            ],
        },
        "receipt": {
            "recipients": ["info@office.example"],
            "action": {"type": "S3", "bucketName": "office-mail", "objectKey": "k1"},
        },
    }
    envelope = {"Type": "Notification", "TopicArn": TOPIC, "Message": json.dumps(inner)}
    return json.dumps(envelope if wrapped else {**inner, "TopicArn": TOPIC}).encode()


@pytest.fixture
def opened(app: App) -> App:
    doc = account(**API).model_dump(mode="json")
    app.store.run(lambda tx: tx.put(Account.collection, "ses_1", doc))
    vars(app).pop("desk", None)
    return app


def kept(app: App) -> list[Inbound]:
    return [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]


@pytest.mark.parametrize("wrapped", [True, False])
def test_letter_in_the_bucket_comes_with_its_text(
    http: FlaskClient, opened: App, wrapped: bool
) -> None:
    vars(opened)["buckets"] = buckets(letter)

    answer = http.post("/ingest/ses/ses_1", data=told(wrapped=wrapped))

    assert answer.status_code == 200
    assert [it.text for it in kept(opened)] == ["The whole text."]


def test_letter_that_amazon_refuses_comes_with_its_headers(http: FlaskClient, opened: App) -> None:
    vars(opened)["buckets"] = buckets(lambda _: httpx.Response(403))

    assert http.post("/ingest/ses/ses_1", data=told()).status_code == 200
    assert [it.sender.emails for it in kept(opened)] == [("irina@client.example",)]


def test_amazon_that_does_not_answer_is_a_503_and_sns_repeats(
    http: FlaskClient, opened: App
) -> None:
    vars(opened)["buckets"] = buckets(lambda _: httpx.Response(503))
    first = http.post("/ingest/ses/ses_1", data=told()).status_code
    vars(opened)["buckets"] = buckets(letter)

    assert (first, http.post("/ingest/ses/ses_1", data=told()).status_code) == (503, 200)
    assert [it.text for it in kept(opened)] == ["The whole text."]
