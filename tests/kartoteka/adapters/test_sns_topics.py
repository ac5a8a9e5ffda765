"""Messages of Amazon's topics: real signatures of a key of our own, and everything that is none."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from kartoteka.adapters.sns import SnsTopics, signed_text
from kartoteka.domain.errors import NotAuthentic, ProviderDown

URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-01.pem"
QUESTION = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=a&Token=b"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(signer: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=400))
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


class Amazon:
    """Answers fetches; remembers them."""

    def __init__(self, content: bytes = b"", status: int = 200) -> None:
        self.content = content or certificate(key())
        self.status = status
        self.asked: list[str] = []

    def __call__(self, url: str) -> tuple[int, bytes]:
        self.asked.append(url)
        return self.status, self.content


def envelope(version: str = "1", **more: Any) -> dict[str, object]:
    told: dict[str, object] = {
        "Type": "Notification",
        "MessageId": "m1",
        "TopicArn": "arn:aws:sns:eu-west-1:1:office",
        "Subject": "Amazon SES Email Receipt Notification",
        "Message": '{"notificationType":"Received","x":"ю"}',
        "Timestamp": "2026-11-23T08:40:07.000Z",
        "SigningCertURL": URL,
        "SignatureVersion": version,
        **more,
    }
    digest: Any = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 - Amazon's version 1
    signature = key().sign(signed_text(told), padding.PKCS1v15(), digest)
    return told | {"Signature": b64encode(signature).decode()}


@pytest.mark.parametrize("version", ["1", "2"])
def test_message_that_amazon_signed_passes(version: str) -> None:
    SnsTopics(Amazon()).check(envelope(version))


def test_message_without_a_subject_passes() -> None:
    told = envelope()
    del told["Subject"]
    again = envelope(Subject=None)

    with pytest.raises(NotAuthentic):
        SnsTopics(Amazon()).check(told)
    SnsTopics(Amazon()).check(again)


def test_question_is_signed_with_other_fields() -> None:
    asked = envelope(Type="SubscriptionConfirmation", SubscribeURL=QUESTION, Token="b")

    SnsTopics(Amazon()).check(asked)
    with pytest.raises(NotAuthentic):
        SnsTopics(Amazon()).check({**asked, "SubscribeURL": QUESTION + "c"})


@pytest.mark.parametrize("field", ["Message", "MessageId", "Timestamp", "TopicArn", "Subject"])
def test_message_changed_anywhere_is_refused(field: str) -> None:
    with pytest.raises(NotAuthentic):
        SnsTopics(Amazon()).check({**envelope(), field: "other"})


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "é"])
def test_signature_that_is_none_is_refused(signature: str) -> None:
    with pytest.raises(NotAuthentic):
        SnsTopics(Amazon()).check({**envelope(), "Signature": signature})


@pytest.mark.parametrize("version", ["", "3", "one"])
def test_signature_of_an_unknown_version_is_refused(version: str) -> None:
    with pytest.raises(NotAuthentic):
        SnsTopics(Amazon()).check({**envelope(), "SignatureVersion": version})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-01.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-01.pem",
        "https://evil.example/SimpleNotificationService-01.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-01.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-01.pem",
        "https://s3.eu-west-1.amazonaws.com/SimpleNotificationService-01.pem",
        "https://sns.eu-west-1.amazonaws.com/bucket/mine.pem",
        "https://169.254.169.254/SimpleNotificationService-01.pem",
        URL + "?x=1",
        URL + "\n",
    ],
)
def test_certificate_of_another_host_is_not_even_asked_for(url: str) -> None:
    amazon = Amazon()

    with pytest.raises(NotAuthentic):
        SnsTopics(amazon).check({**envelope(), "SigningCertURL": url})
    assert amazon.asked == []


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_certificate_that_is_none_is_refused(content: bytes) -> None:
    amazon = Amazon()
    amazon.content = content

    with pytest.raises(NotAuthentic):
        SnsTopics(amazon).check(envelope())


def test_certificate_of_another_kind_of_key_is_refused() -> None:
    amazon = Amazon(certificate(ec.generate_private_key(ec.SECP256R1())))

    with pytest.raises(NotAuthentic):
        SnsTopics(amazon).check(envelope())


def test_certificate_is_asked_for_once() -> None:
    amazon = Amazon()
    topics = SnsTopics(amazon)

    topics.check(envelope())
    topics.check(envelope("2"))

    assert amazon.asked == [URL]


def test_amazon_that_is_down_is_asked_again_later() -> None:
    amazon = Amazon(status=503)
    topics = SnsTopics(amazon)
    with pytest.raises(ProviderDown):
        topics.check(envelope())
    with pytest.raises(ProviderDown):
        topics.confirm({"SubscribeURL": QUESTION})
    amazon.status = 200

    topics.check(envelope())


def test_question_is_answered_at_amazon() -> None:
    amazon = Amazon()

    SnsTopics(amazon).confirm({"SubscribeURL": QUESTION})

    assert amazon.asked == [QUESTION]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://127.0.0.1:8080/?Action=ConfirmSubscription&Token=b",
        "https://sns.eu-west-1.amazonaws.com/?Action=Publish&Token=b",
        "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription&Token=b",
        QUESTION + "\r\nHost: evil",
    ],
)
def test_question_that_leads_elsewhere_is_not_answered(url: str) -> None:
    amazon = Amazon()

    with pytest.raises(NotAuthentic):
        SnsTopics(amazon).confirm({"SubscribeURL": url})
    assert amazon.asked == []
