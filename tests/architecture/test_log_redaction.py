"""The log names ids only: nothing that a client typed, no number, no address, no secret."""

import json
import logging
from functools import cached_property

import functions_framework
import pytest
from tests.architecture.sources import FUNCTIONS
from tests.fakes import FakeTasks, FixedClock

from ingest.channels import CHANNELS
from kartoteka import wiring
from kartoteka.services.office import read_settings
from kartoteka.services.setup import read_preset, set_up
from kartoteka.settings import Secret, Settings

NAME = "Марфа Тайнова-Секретова"
PHONE = "+79161234567"
EMAIL = "marfa.taynova@secret.example"
STORY = "муж Пётр скрыл квартиру на Лесной, 7"
HOSTILE = "<script>alert('xss')</script>=IMPORTXML(1)"
PRIVATE = (NAME, "Марфа", "Тайнова", "9161234567", "916 123-45-67", EMAIL, "taynova", STORY)
PRIVATE += ("Лесной", HOSTILE, "IMPORTXML", "<script>")


class Rehearsal(wiring.App):
    """The product with queues that only remember."""

    @cached_property
    def tasks(self):
        return FakeTasks()


@pytest.fixture
def office(store, tmp_path):
    """An installed office; its settings, with the secrets of its accounts."""
    settings = Settings(data=tmp_path, secret=Secret("s" * 48))
    set_up(store, FixedClock(), read_preset("law_firm"))
    app = Rehearsal(settings, FixedClock(), lambda _: store)
    wiring.install(app)
    return read_settings(store)


@pytest.fixture
def client():
    return functions_framework.create_app("ingest", str(FUNCTIONS / "main.py")).test_client()


def escaped(text):
    return json.dumps(text)[1:-1]


def leaked(output, *secrets):
    wanted = (*PRIVATE, *secrets)
    return [word for word in wanted if word in output or escaped(word) in output]


def posts(office):
    """(path, body, headers) of hostile and of wrong calls on every channel."""
    person = {"name": NAME, "phone": PHONE, "email": EMAIL, "message": STORY + HOSTILE}
    yield "/ingest/form/consult", json.dumps(person), {"content-type": "application/json"}
    yield (
        "/ingest/form/consult",
        json.dumps({"name": NAME, "message": STORY}),
        {"content-type": "application/json"},
    )
    yield f"/ingest/form/{EMAIL}", "phone=" + PHONE, {}
    yield (
        "/ingest/form/consult?email=" + EMAIL,
        f"name={NAME}&tel={PHONE}&x={HOSTILE}",
        {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "text/html",
            "referer": "https://site.example/?q=" + EMAIL,
        },
    )
    for name, sample in (("call", call()), ("telegram", message())):
        account = next(item for item in office.accounts if item.channel == name)
        address = f"/ingest/{name}/{account.id}"
        for body in (sample, json.dumps({"text": STORY, "phone": PHONE}), STORY, "[" * 3000):
            headers = CHANNELS[name].sign(body.encode(), account.secrets[0])
            yield address, body, headers
            yield address, body, {key: value[::-1] for key, value in headers.items()}


def call():
    times = {"started_at": "2026-11-23T09:00:00+03:00", "ended_at": "2026-11-23T09:00:30+03:00"}
    fact = {"id": "c1", "event": "missed", "direction": "in", "client": PHONE, "line": "101"}
    return json.dumps({**fact, **times})


def message():
    person = {"id": 5_000_000_001, "first_name": NAME, "is_bot": False}
    chat = {"id": 5_000_000_001, "type": "private"}
    told = {"message_id": 1, "date": 1_795_000_000, "chat": chat, "from": person, "text": STORY}
    return json.dumps({"update_id": 1, "message": told})


def test_what_clients_send_never_reaches_the_log(office, client, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    statuses = set()
    for path, body, headers in posts(office):
        statuses.add(client.post(path, data=body.encode(), headers=headers).status_code)

    output = "".join(capfd.readouterr()) + caplog.text
    secrets = [item for account in office.accounts for item in (*account.secrets, account.id)]

    assert {200, 303, 401, 404, 422} <= statuses
    assert max(statuses) < 500
    assert '"event": "ingest"' in output
    assert leaked(output, *secrets) == []


def test_a_crash_names_the_place_and_not_the_data(office, client, capfd, caplog):
    def broken(*_):
        raise RuntimeError(f"{NAME} {PHONE} {EMAIL} {STORY}")

    wiring.app().store.run = broken

    answer = client.post("/ingest/form/consult", json={"name": NAME, "phone": PHONE})
    output = "".join(capfd.readouterr()) + caplog.text

    assert answer.status_code == 500
    assert '"error": "RuntimeError"' in output
    assert leaked(output + answer.text) == []


def test_secrets_do_not_show_in_the_settings_or_in_an_account(office):
    settings = Settings(
        secret=Secret("hidden-secret"), google_token=Secret('{"refresh_token": "hidden"}')
    )

    assert "hidden" not in repr(settings)
    assert not [a for a in office.accounts if any(s in repr(a) for s in a.secrets)]
