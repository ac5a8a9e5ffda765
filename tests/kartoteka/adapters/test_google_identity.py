"""Who calls in the cloud: Google's tokens, checked with a key and a transport of our own."""

import json
import time
from dataclasses import dataclass, field
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.auth.exceptions import TransportError
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.adapters.certificates import LONGEST_S, SHORTEST_S, KeptCertificates, lifetime_s
from kartoteka.adapters.tokens import GoogleIdentity
from kartoteka.domain.errors import NotAuthentic, ProviderDown

BASE = "https://crm.example"
ADDON = "42.apps.googleusercontent.com"
EMAIL = "anna@office.example"


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(name: str) -> str:
    public = key(name).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass
class Answer:
    data: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Cache-Control": "max-age=3600"})


class Google:
    """Publishes one certificate and counts who asks for it."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = Answer(json.dumps({"k1": pem("google")}).encode())

    def __call__(self, url: str, **_: object) -> Answer:
        assert url.startswith("https://www.googleapis.com/")
        self.asked += 1
        return self.answer


def token(signer: str = "google", kid: str = "k1", **changed: object) -> str:
    now = int(time.time())  # noqa: TID251 - google-auth compares with the machine's clock
    claims = {
        "iss": "https://accounts.google.com",
        "aud": BASE,
        "iat": now,
        "exp": now + 600,
        "email": EMAIL,
        "email_verified": True,
    }
    wanted = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode(wanted, key(signer), algorithm="RS256", headers={"kid": kid})


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def identity(google: Google) -> GoogleIdentity:
    return GoogleIdentity([BASE, ADDON], KeptCertificates(google))


@pytest.mark.parametrize("audience", [BASE, ADDON])
def test_a_token_for_this_installation_tells_the_email(identity, audience):
    assert identity.email(token(aud=audience)) == EMAIL


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": BASE + "/sync"},
        {"aud": None},
        {"iss": "https://accounts.example"},
        {"iss": None},
        {"exp": 1_600_000_000},
        {"iat": 4_000_000_000, "exp": 4_000_000_600},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email": None},
        {"signer": "thief"},
        {"kid": "k2"},
    ],
    ids=str,
)
def test_a_token_wrong_in_one_thing_is_refused(identity, wrong):
    with pytest.raises(NotAuthentic):
        identity.email(token(**wrong))


def test_a_token_without_its_signature_is_refused(identity):
    header, claims, _ = token().split(".")
    stripped = f"{header}.{claims}.SIGNATURE_REMOVED_BY_GOOGLE"

    with pytest.raises(NotAuthentic):
        identity.email(stripped)
    with pytest.raises(NotAuthentic):
        identity.email(jwt.encode({"aud": BASE}, "", algorithm="none", headers={"kid": "k1"}))


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_garbage_is_refused_and_nothing_else(garbage):
    identity = GoogleIdentity([BASE], KeptCertificates(Google()))

    with pytest.raises(NotAuthentic):
        identity.email(garbage)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_garbage_in_the_shape_of_a_token_is_refused(content):
    part = jwt.utils.base64url_encode(json.dumps(content).encode()).decode()
    identity = GoogleIdentity([BASE], KeptCertificates(Google()))

    with pytest.raises(NotAuthentic):
        identity.email(f"{part}.{part}.{part}")


def test_without_an_audience_nobody_is_let_in(google):
    with pytest.raises(NotAuthentic):
        GoogleIdentity(["", ""], KeptCertificates(google)).email(token())


def test_certificates_are_fetched_once_for_many_tokens(identity, google):
    for _ in range(5):
        identity.email(token())
    with pytest.raises(NotAuthentic):
        identity.email(token(kid="forged"))

    assert google.asked == 1


def test_certificates_are_fetched_again_when_their_time_is_over(google):
    now = [0.0]
    identity = GoogleIdentity([BASE], KeptCertificates(google, lambda: now[0]))
    identity.email(token())
    google.answer = Answer(json.dumps({"k2": pem("next")}).encode())

    now[0] = 3599.0
    identity.email(token())
    now[0] = 3600.0

    assert identity.email(token("next", "k2")) == EMAIL
    assert google.asked == 2


def test_an_outage_of_the_certificates_is_ours_to_repeat_not_the_callers_fault(google):
    google.answer.status = 503
    identity = GoogleIdentity([BASE], KeptCertificates(google))
    with pytest.raises(ProviderDown):
        identity.email(token())

    google.answer.status = 200

    assert identity.email(token()) == EMAIL


def test_an_unreachable_google_is_ours_to_repeat():
    def unreachable(_: str, **__: object) -> Answer:
        raise TransportError("no route")

    with pytest.raises(ProviderDown):
        GoogleIdentity([BASE], KeptCertificates(unreachable)).email(token())


@given(st.dictionaries(st.sampled_from(["Cache-Control", "cache-control"]), st.text()))
def test_an_answer_is_kept_neither_for_ever_nor_not_at_all(headers):
    assert SHORTEST_S <= lifetime_s(headers) <= LONGEST_S


def test_the_header_decides_how_long():
    assert lifetime_s({"Cache-Control": "public, max-age=19845, must-revalidate"}) == 19845
