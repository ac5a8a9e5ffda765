"""`GET /api/health` as an operator's monitor sees it."""

import json
from datetime import timedelta
from types import SimpleNamespace

from api.health import health
from kartoteka.http import Call
from kartoteka.services.consume import drain
from kartoteka.services.wake import CONSUMERS


def ask(desk, **query):
    reply = health(Call("GET", ("health",), query=tuple(query.items())), SimpleNamespace(desk=desk))
    return reply.status, json.loads(reply.body)


def test_office_that_keeps_up_answers_200_with_words_and_numbers(desk):
    for consumer in CONSUMERS:
        drain(desk, consumer, lambda _changes: None, batch=100, most=1000)

    status, body = ask(desk)

    assert (status, body["ok"]) == (200, True)
    assert body["consumers"]["sheets"] == {"changes": 0, "seconds": 0.0}
    assert body["channels"]["form"] == {"newest_age_s": None}
    assert "Таблицы: всё обработано" in body["words"]


def test_office_that_is_stuck_answers_503(desk, clock):
    clock.advance(timedelta(hours=1))

    status, body = ask(desk)

    assert (status, body["ok"]) == (503, False)
    assert body["consumers"]["sheets"]["seconds"] == 3600.0


def test_words_come_in_the_language_asked_for(desk):
    assert "Calls: no events yet" in ask(desk, lang="en")[1]["words"]
    assert "Звонки: событий ещё не было" in ask(desk, lang="xx")[1]["words"]


def test_answer_holds_no_client_and_no_secret(desk):
    _, body = ask(desk)
    secrets = [s for account in desk.settings().accounts for s in (account.id, *account.secrets)]

    assert not [secret for secret in secrets if secret in json.dumps(body)]
