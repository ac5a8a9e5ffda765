"""Addresses and secrets that another process made while this one kept older settings."""

from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.samples import call_of

from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.errors import Transient
from kartoteka.domain.office import Account
from kartoteka.ports import Doc, Store
from kartoteka.services.office import SettingsCache
from kartoteka.wiring import App
from onebox.samples import at_address

OLD, NEW = "old secret", "new secret"
BODY = b'{"id": "1", "event": "ringing"}'


@dataclass
class Seconds:
    """A clock of the process that stands until it is moved."""

    passed: float = 0.0

    def __call__(self) -> float:
        return self.passed


class Resting(CountedStore):
    """A store that answers nothing while it rests."""

    rests = False

    def get(self, collection: str, record_id: str) -> Doc | None:
        if self.rests:
            raise Transient("the store rests")
        return super().get(collection, record_id)


@pytest.fixture
def seconds(app: App) -> Seconds:
    """The process has just read its settings, which it keeps for an hour."""
    made = Seconds()
    cache = SettingsCache(app.store, 3600, made)
    cache()
    vars(app)["desk"] = replace(app.desk, settings=cache)
    return made


def keep(store: Store, *secrets: str, name: str = "call_made_since") -> None:
    """Write an account as another process does."""
    made = Account(id=name, channel="call", title="АТС", source="Звонок", secrets=secrets)
    store.run(lambda tx: tx.put(Account.collection, name, made.model_dump(mode="json")))


def ring(http: FlaskClient, secret: str) -> int:
    address = at_address(call_of(BODY), ("call", "call_made_since"))
    call = as_sent(CHANNELS["call"], address, secret)
    return http.post(call.target, data=call.body, headers=dict(call.headers)).status_code


def test_address_and_a_new_secret_made_a_moment_ago_are_valid_at_once(
    app: App, http: FlaskClient, seconds: Seconds
) -> None:
    keep(app.store, OLD)
    seconds.passed = 5
    assert ring(http, OLD) == 200
    keep(app.store, NEW, OLD)
    seconds.passed = 10
    assert [ring(http, secret) for secret in (NEW, OLD)] == [200, 200]


def test_form_made_a_moment_ago_takes_its_first_request(
    app: App, http: FlaskClient, seconds: Seconds
) -> None:
    form = app.desk.settings().form("consult").model_dump(mode="json") | {"id": "fresh"}
    app.store.run(lambda tx: tx.put("forms", "fresh", form))
    seconds.passed = 5
    assert http.get("/form/fresh").status_code == 200
    assert http.post("/form/fresh", data={"phone": "+79165550142"}).status_code == 200


def test_password_of_an_exchange_made_a_moment_ago_opens_it(
    app: App, http: FlaskClient, seconds: Seconds
) -> None:
    made = Account(id="cml", channel="commerceml", title="1С", source="Магазин", secrets=(NEW,))
    app.store.run(lambda tx: tx.put(Account.collection, "cml", made.model_dump(mode="json")))
    seconds.passed = 5
    answer = http.get("/commerceml/cml?type=catalog&mode=checkauth", auth=("1c", NEW))
    assert answer.text.startswith("success")


def test_strangers_make_the_settings_be_read_seldom(
    app: App, http: FlaskClient, seconds: Seconds
) -> None:
    keep(app.store, OLD)
    seconds.passed = 1
    assert ring(http, OLD) == 404
    seconds.passed = 5
    assert [ring(http, "guess") for _ in range(3)] == [401, 401, 401]
    keep(app.store, NEW)
    assert ring(http, NEW) == 401
    seconds.passed = 8
    assert ring(http, NEW) == 200


def test_nobody_is_refused_for_good_while_the_store_does_not_answer(
    app: App, http: FlaskClient, seconds: Seconds
) -> None:
    office = Resting(app.store)
    cache = SettingsCache(office, 3600, seconds)
    cache()
    vars(app)["desk"] = replace(app.desk, settings=cache)
    office.rests, seconds.passed = True, 5
    assert ring(http, OLD) == 503
    office.rests = False
    keep(app.store, OLD)
    assert ring(http, OLD) == 200
