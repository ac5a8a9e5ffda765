"""What a visitor answered besides name, contact and message: people of the office read it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Lead
from kartoteka.domain.office import Account
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.registry import COMMANDS
from kartoteka.wiring import App

URL = "/ingest/form/order"
PERSON = {"name": "Ирина", "phone": "8 (916) 555-01-04"}


@pytest.fixture
def form(app: App) -> None:
    what = {"id": "what", "label": "Услуга:", "label_en": "Service", "type": "select",
            "options": ["Суд", "Договор"]}  # fmt: skip
    phone = {"id": "phone", "label": "Телефон", "label_en": "Phone", "type": "tel"}
    given: dict[str, Any] = {
        "form": "order",
        "title": "Заказ",
        "fields": [phone, what],
        "consent": "Да",
        "consent_version": "1",
    }
    execute(COMMANDS, app.desk, SYSTEM, "form.add", given=given, cause="test")


def only(app: App, kind: type[Any]) -> Any:
    [row] = app.store.query(Query(kind.collection))
    return kind.model_validate(row.doc)


@pytest.mark.usefixtures("form")
def test_answers_of_a_form_stand_in_the_history_below_the_message(
    http: FlaskClient, app: App
) -> None:
    long = "а" * 900
    sent = PERSON | {"message": "Жду", "what": "Суд", "Город": "Тула", "x": long}

    http.post(URL, json=sent | {"kt_page": "embed", "kt_consent": "yes"})

    first, *lines = only(app, Activity).text.split("\n")
    assert first == "Жду"
    assert sorted(lines) == sorted(["Услуга: Суд", "Город: Тула", "x: " + "а" * 500 + "…"])
    assert only(app, Lead).extra["x"] == long
    assert only(app, Inbound).text == "Жду"


@pytest.mark.usefixtures("form")
def test_many_answers_are_cut_in_the_history_and_whole_in_the_request(
    http: FlaskClient, app: App
) -> None:
    http.post(URL, json=PERSON | {f"q{n}": "ответ " * 10 for n in range(200)})

    assert len(only(app, Activity).text) == 4_001
    assert len(only(app, Lead).extra) == 200


def test_answers_of_a_quiz_stand_in_the_history_and_who_it_is_is_its_name(
    http: FlaskClient, app: App
) -> None:
    made = Account(id="t1", channel="cf7", title="Квиз", source="Квиз", secrets=("s",))
    app.store.run(lambda tx: tx.put("accounts", "t1", made.model_dump(mode="json")))
    answers = {
        "Как к вам обращаться?": "Зоя",
        "Телефон": "+79165550179",
        "Площадь, м²": "40",
        "Что важно?": "Срок",
    }

    assert http.post("/ingest/cf7/t1/s", json=answers).status_code == 200
    assert only(app, Lead).name == "Зоя"
    assert only(app, Activity).text == "Площадь, м²: 40\nЧто важно? Срок"
