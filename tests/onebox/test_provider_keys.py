"""The key with which a box stands in for providers: believed by that box, by nobody else."""

import json
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from tests.ingest.channels.samples import SHELF

from kartoteka.adapters.certificates import BOX_KEY, KeptCertificates, at_box
from kartoteka.adapters.sns import SnsTopics
from kartoteka.adapters.tokens import BoxOrGoogle, GoogleIdentity
from kartoteka.domain.errors import ConfigError, NotAuthentic, ProviderDown
from kartoteka.http import Call
from kartoteka.settings import Settings
from onebox.office import settings
from onebox.provider_keys import FILE, ProviderKeys

CERTS = "https://www.googleapis.com/oauth2/v1/certs"
CHAT = Call("POST", ("google_chat", "a", "s"), base_url="http://127.0.0.1:1", target="/ingest/x")
SES = Call("POST", ("ses", "a"), body=(SHELF / "ses" / "new.json").read_bytes())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ProviderKeys:
    return ProviderKeys(tmp_path_factory.mktemp("box"))


class At:
    """A web in which only these keys are published, each at its provider's address."""

    def __init__(self, keys: ProviderKeys) -> None:
        self.keys = keys
        self.headers: dict[str, str] = {}

    def __call__(self, url: str, **_: object) -> "At":
        self.data = self.keys.published(at_box(url, "k").removeprefix("k/")) or b""
        self.status = 200 if self.data else 404
        return self

    def fetch(self, url: str) -> tuple[int, bytes]:
        found = self(url)
        return found.status, found.data


def identity(keys: ProviderKeys) -> GoogleIdentity:
    return GoogleIdentity(["http://127.0.0.1:1/ingest/x"], KeptCertificates(At(keys)))


def bearer(keys: ProviderKeys) -> str:
    return keys.proven(CHAT).headers["authorization"].removeprefix("Bearer ")


class Nobody:
    """A judge who believes nobody."""

    def email(self, _bearer: str) -> str:
        raise NotAuthentic("not mine")


def test_key_is_made_once_and_read_by_its_owner_only(keys: ProviderKeys) -> None:
    first = keys.published(CERTS.removeprefix("https://"))

    assert ProviderKeys(keys.data).published(CERTS.removeprefix("https://")) == first
    assert (keys.data / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in keys.data.iterdir()] == [FILE]


def test_damaged_key_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("nothing")

    with pytest.raises(ConfigError, match="delete it"):
        ProviderKeys(tmp_path).proven(SES)


def test_letter_signed_by_the_box_passes_where_its_key_is_known(keys: ProviderKeys) -> None:
    told = json.loads(keys.proven(SES).body)

    SnsTopics(At(keys).fetch).check(told)
    with pytest.raises(NotAuthentic):
        SnsTopics(At(keys).fetch).check({**told, "Message": "other"})
    with pytest.raises(ProviderDown):  # Amazon has no such certificate
        SnsTopics(lambda _: (404, b"")).check(told)


@pytest.mark.parametrize("body", [b"", b"[]", b"not json"])
def test_call_that_is_no_letter_stays_as_it_is(keys: ProviderKeys, body: bytes) -> None:
    call = Call("POST", ("ses", "a"), body=body)

    assert keys.proven(call) is call


def test_call_of_another_channel_stays_as_it_is(keys: ProviderKeys) -> None:
    call = Call("POST", ("mango", "a"))

    assert keys.proven(call) is call


def test_saying_signed_by_the_box_passes_at_its_address_alone(keys: ProviderKeys) -> None:
    elsewhere = GoogleIdentity(["http://127.0.0.1:1/ingest/y"], KeptCertificates(At(keys)))

    assert identity(keys).email(bearer(keys)) == "chat@system.gserviceaccount.com"
    with pytest.raises(NotAuthentic):
        elsewhere.email(bearer(keys))


def test_each_signer_is_checked_with_its_own_keys(keys: ProviderKeys) -> None:
    token = bearer(keys)
    forged = jwt.encode({"email": "x"}, "k" * 32, algorithm="HS256", headers={"kid": BOX_KEY})

    assert BoxOrGoogle(Nobody(), identity(keys)).email(token).startswith("chat@")
    for judge, shown in (
        (BoxOrGoogle(identity(keys), Nobody()), token),
        (BoxOrGoogle(Nobody(), identity(keys)), forged),
        (BoxOrGoogle(Nobody(), identity(keys)), "garbage"),
    ):
        with pytest.raises(NotAuthentic):
            judge.email(shown)


def test_nothing_else_is_published(keys: ProviderKeys) -> None:
    topics = "sns.eu-west-1.amazonaws.com/SimpleNotificationService"
    certificate = keys.published(f"{topics}-{BOX_KEY}.pem")

    assert x509.load_pem_x509_certificate(certificate or b"").issuer
    assert keys.published("") is None
    assert keys.published(FILE) is None
    assert keys.published(f"{topics}-1.pem") is None


def test_office_in_earnest_knows_no_key_of_a_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KARTOTEKA_GOOGLE_TOKEN", "{}")

    assert settings(tmp_path, "http://127.0.0.1:1").keys_endpoint.startswith("http://127.0.0.1:1/")
    assert settings(tmp_path, "http://127.0.0.1:1", google="real").keys_endpoint == ""


@pytest.mark.parametrize("address", ["https://keys.example", "http://10.0.0.1:80", "file:///x"])
def test_key_of_another_machine_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="KARTOTEKA_KEYS_ENDPOINT"):
        Settings(keys_endpoint=address)
