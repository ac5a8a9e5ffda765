"""What a visitor of our page is asked to correct: no more and nothing else than what is wrong."""

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from kartoteka.domain.change import SYSTEM
from kartoteka.services.commands import execute
from kartoteka.services.registry import COMMANDS
from kartoteka.wiring import App

URL = "/ingest/form/visit"
BROWSER = {"accept": "text/html", "accept-language": "ru"}
AGREED = {"kt_page": "page", "kt_consent": "yes"}
AGAIN = "Файлы нужно выбрать ещё раз"


@pytest.fixture
def form(app: App) -> None:
    given: dict[str, Any] = {
        "form": "visit",
        "title": "Визит",
        "fields": [
            {"id": "phone", "label": "Телефон", "label_en": "P", "type": "tel", "required": True},
            {"id": "email", "label": "Почта", "label_en": "M", "type": "email"},
            {"id": "scan", "label": "Скан", "label_en": "S", "type": "file"},
        ],
        "consent": "Да",
        "consent_version": "1",
    }
    execute(COMMANDS, app.desk, SYSTEM, "form.add", given=given, cause="test")


@pytest.mark.usefixtures("form")
def test_required_phone_left_empty_does_not_ask_for_a_mail_instead(http: FlaskClient) -> None:
    answer = http.post(URL, json=AGREED | {"phone": "", "email": ""})

    assert answer.get_json()["error"]["fields"] == {"phone": "Заполните это поле."}


@pytest.mark.usefixtures("form")
def test_impossible_mail_beside_an_empty_required_phone_is_named(http: FlaskClient) -> None:
    answer = http.post(URL, json=AGREED | {"phone": "", "email": "нет"})

    assert list(answer.get_json()["error"]["fields"]) == ["phone", "email"]


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("name", ["", "скан.pdf"])
def test_file_is_asked_for_again_only_when_one_was_chosen(http: FlaskClient, name: str) -> None:
    sent = AGREED | {"phone": "12", "scan": (BytesIO(b"%PDF-1" if name else b""), name)}

    answer = http.post(URL, data=sent, headers=BROWSER, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert (AGAIN in answer.text) == bool(name)
