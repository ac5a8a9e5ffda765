"""Visits of people we know: joined after a chat or form, one activity per visit, few writes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.chat.visitors import SITE, Visitor, open_site

from kartoteka.domain.model import Activity, Client, Lead
from kartoteka.ports import Query
from kartoteka.wiring import App

VISIT = "0123456789abcdef"
FIRST = {
    "page": "https://a.ru/?utm_source=ya&yclid=77",
    "referrer": "https://yandex.ru/",
    "tags": {"utm_source": "ya", "yclid": "77", "_ym_uid": "1699"},
}
PRICES = {"page": "https://a.ru/prices", "title": "Цены"}
TEAM = {"page": "https://a.ru/team", "title": "<b>Команда</b>"}


def trail(*pages: dict[str, str], visit: str = VISIT, **more: Any) -> dict[str, Any]:
    last = {"page": "https://a.ru/", "referrer": "", "tags": {}}
    return {"visit": visit, "first": FIRST, "last": last, "pages": list(pages), **more}


@pytest.fixture
def visitor(http: FlaskClient, app: App) -> Visitor:
    open_site(app, beacon=True)
    return Visitor(http).hello()


def visits(app: App) -> list[Activity]:
    rows = (Activity.model_validate(row.doc) for row in app.store.query(Query("activities")))
    return [row for row in rows if row.what == "page_view"]


def lead_of(app: App) -> Lead:
    [found] = app.store.query(Query("leads"))
    return Lead.model_validate(found.doc)


def seen(visitor: Visitor, *pages: dict[str, str], visit: str = VISIT) -> str:
    answer = visitor.post(f"/ingest/beacon/{SITE}/visit", {"trail": trail(*pages, visit=visit)})
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["done"])


def test_stranger_leaves_nothing(app: App, visitor: Visitor) -> None:
    before = len(list(app.store.query(Query("changes"))))

    assert seen(visitor, PRICES) == "unknown"
    assert visits(app) == []
    assert len(list(app.store.query(Query("changes")))) == before


def test_first_message_brings_the_visit_and_the_first_touch(app: App, visitor: Visitor) -> None:
    visitor.say(
        "Алло", page="https://a.ru/team", tags={"utm_source": "vk"}, trail=trail(PRICES, TEAM)
    )
    [visit] = visits(app)
    lead = lead_of(app)

    assert visit.text.split("\n") == [
        "Смотрел страницу: 2",
        "Цены https://a.ru/prices",
        "<b>Команда</b> https://a.ru/team",
    ]
    assert visit.client_id == lead.client_id
    assert (lead.first_touch.utm, lead.first_touch.referrer) == (
        FIRST["tags"],
        "https://yandex.ru/",
    )
    assert (lead.last_touch.utm, lead.last_touch.page) == (
        {"utm_source": "vk"},
        "https://a.ru/team",
    )


def test_many_looks_are_one_activity_and_at_most_one_write_a_minute(
    app: App, clock: FixedClock, visitor: Visitor
) -> None:
    visitor.say("Алло", trail=trail(PRICES))
    done = []
    for pages in ((PRICES, TEAM), (PRICES, TEAM), (PRICES, TEAM)):
        done.append(seen(visitor, *pages))
        clock.advance(timedelta(seconds=45))

    assert done == ["later", "later", "kept"]
    assert len(visits(app)) == 1
    assert seen(visitor, PRICES, TEAM) == "full"


def test_visit_holds_thirty_pages(app: App, clock: FixedClock, visitor: Visitor) -> None:
    visitor.say("Алло", trail=trail(PRICES))
    for start in (0, 25, 50):
        clock.advance(timedelta(minutes=2))
        seen(visitor, *({"page": f"https://a.ru/{n}"} for n in range(start, start + 25)))
    [visit] = visits(app)

    assert len(visit.text.split("\n")) == 31


def test_next_visit_is_an_activity_of_its_own(app: App, visitor: Visitor) -> None:
    visitor.say("Алло", trail=trail(PRICES))

    assert seen(visitor, TEAM, visit="f" * 16) == "kept"
    assert len(visits(app)) == 2


@pytest.mark.parametrize("header", ["dnt", "sec-gpc"])
def test_browser_that_wants_privacy_is_not_watched(app: App, visitor: Visitor, header: str) -> None:
    visitor.headers[header] = "1"
    visitor.say("Алло", trail=trail(PRICES))

    assert seen(visitor, PRICES) == "private"
    assert visits(app) == []
    assert lead_of(app).first_touch.utm == {}


def test_beacon_is_off_until_the_office_switches_it_on(http: FlaskClient, app: App) -> None:
    open_site(app)
    visitor = Visitor(http).hello()
    visitor.say("Алло", trail=trail(PRICES))
    answers = [
        visitor.post(f"/ingest/beacon/{SITE}/visit", {"trail": trail(PRICES)}),
        http.get(f"/ingest/beacon/{SITE}/embed.js"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert visits(app) == []


def form_event(http: FlaskClient) -> str:
    body = {"name": "Ирина", "phone": "+7 916 000-11-22", "utm_source": "vk"}
    answer = http.post(
        "/ingest/form/consult", data=json.dumps(body), content_type="application/json"
    )
    return str(answer.get_json()["id"])


def joined(visitor: Visitor, event: str) -> str:
    body = {"event": event, "trail": trail(PRICES)}
    answer = visitor.post(f"/ingest/beacon/{SITE}/join", body)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["done"])


def test_form_joins_its_visitor_with_the_client(
    http: FlaskClient, app: App, visitor: Visitor
) -> None:
    done = joined(visitor, form_event(http))
    [client] = [Client.model_validate(row.doc) for row in app.store.query(Query("clients"))]
    visitor.say("Это снова я")
    [same] = app.store.query(Query("clients"))

    assert done == "kept"
    assert client.messengers == (f"site:{SITE}:{visitor.told['visitor']}",)
    assert lead_of(app).first_touch.utm == FIRST["tags"]
    assert same.id == client.id
    assert len(visits(app)) == 1


def test_visitor_of_one_client_is_not_joined_with_another(
    http: FlaskClient, app: App, visitor: Visitor
) -> None:
    visitor.say("Алло")

    assert joined(visitor, form_event(http)) == "unknown"
    assert visits(app) == []


@pytest.mark.parametrize("event", ["", "in_nothing", "a/b", "x" * 2_000])
def test_event_that_is_none_joins_nobody(app: App, visitor: Visitor, event: str) -> None:
    answer = visitor.post(f"/ingest/beacon/{SITE}/join", {"event": event, "trail": trail()})

    assert answer.status_code in {200, 404, 422}
    assert list(app.store.query(Query("clients"))) == []


def test_form_of_long_ago_joins_nobody(
    http: FlaskClient, clock: FixedClock, visitor: Visitor
) -> None:
    event = form_event(http)
    clock.advance(timedelta(minutes=11))

    assert joined(visitor, event) == "unknown"


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"visit": "../x"},
        trail(visit="X" * 16),
        trail(pages=[{}] * 31),
        trail(first=1),
    ],
)
def test_trail_that_is_none_is_refused_and_never_stops_a_message(
    app: App, visitor: Visitor, told: object
) -> None:
    refused = visitor.post(f"/ingest/beacon/{SITE}/visit", {"trail": told})

    assert refused.status_code == 400
    assert visitor.say("Алло", trail=told).status_code == 200
    assert len(list(app.store.query(Query("leads")))) == 1
    assert visits(app) == []


def test_script_is_small_and_says_nothing_of_other_texts(http: FlaskClient, app: App) -> None:
    open_site(app, beacon=True)
    answer = http.get(f"/ingest/beacon/{SITE}/embed.js")

    assert answer.status_code == 200
    assert len(answer.data) < 6_000
    assert "globalPrivacyControl" in answer.text
