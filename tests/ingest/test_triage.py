"""What nobody understood waits for a person, or for a channel that understands it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.channels.samples import call_of
from tests.ingest.channels.test_contract import account

from ingest import replay as replaying
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from ingest.replay import replay
from kartoteka.domain.change import SYSTEM, Actor
from kartoteka.domain.errors import Conflict, Invalid, KartotekaError, NotAllowed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Client, Lead
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.wiring import App
from onebox.samples import at_address

UNREAD = b'{"strange": "\\u041f\\u043e\\u0437\\u043e\\u0432\\u0438\\u0442\\u0435"}'
FORM = "/ingest/form/consult"
Do = Callable[..., Any]


def records(app: App, kind: type[Any]) -> list[Any]:
    return [kind.model_validate(row.doc) for row in app.store.query(Query(kind.collection))]


def waiting(http: FlaskClient, app: App, channel: str = "marquiz", body: bytes = UNREAD) -> Inbound:
    """Return an event of a channel that waits for a person."""
    token = account(app, channel)
    http.post(f"/ingest/{channel}/{token.id}/{token.secrets[0]}", data=body)
    kept: list[Inbound] = [one for one in records(app, Inbound) if one.state == "unknown"]
    return kept[0]


@pytest.fixture
def do(app: App) -> Do:
    def run(command: str, by: Actor = SYSTEM, **given: Any) -> Any:
        return execute(COMMANDS, app.desk, by, command, given=given, cause="test")

    return run


def test_accepted_event_becomes_a_request_with_what_came_and_what_was_typed(
    http: FlaskClient, app: App, do: Do
) -> None:
    event = waiting(http, app)

    settled = do("inbound.accept", inbound=event.id, phone="8 916 555-01-04", name="Ия")
    [lead], [activity] = records(app, Lead), records(app, Activity)
    [kept] = records(app, Inbound)

    assert (settled.lead_id, lead.name, lead.first_touch.name) == (lead.id, "Ия", "marquiz")
    assert activity.text == UNREAD.decode()
    assert (kept.id, kept.state, kept.why, kept.lead_id) == (event.id, "done", "", lead.id)
    assert app.store.get("keys", "phone:+79165550104") == {"client_id": lead.client_id}


def test_event_without_a_contact_is_not_accepted_until_somebody_types_one(
    http: FlaskClient, app: App, do: Do
) -> None:
    event = waiting(http, app)

    with pytest.raises(Invalid) as refused:
        do("inbound.accept", inbound=event.id)

    assert refused.value.code == "contact_needed"
    assert records(app, Inbound)[0].state == "unknown"


def test_ignored_robot_that_was_a_person_is_accepted_with_its_own_contact(
    http: FlaskClient, app: App, do: Do
) -> None:
    http.post(FORM, json={"phone": "+79165550104", "kt_website": "x"})
    [event] = records(app, Inbound)

    do("inbound.accept", inbound=event.id)

    assert [lead.first_touch.form for lead in records(app, Lead)] == ["consult"]


def test_rejected_event_keeps_the_reason_and_can_still_be_accepted(
    http: FlaskClient, app: App, do: Do
) -> None:
    event = waiting(http, app)

    do("inbound.reject", inbound=event.id, reason=" реклама ")
    [kept] = records(app, Inbound)
    do("inbound.accept", inbound=event.id, email="a@example.ru")

    assert (kept.state, kept.why) == ("rejected", "реклама")
    assert len(records(app, Lead)) == 1


def test_rejection_without_a_reason_is_refused(http: FlaskClient, app: App, do: Do) -> None:
    event = waiting(http, app)

    with pytest.raises(Invalid) as refused:
        do("inbound.reject", inbound=event.id, reason="  ")

    assert list(refused.value.fields) == ["reason"]


@pytest.mark.parametrize("by", ["client", "lead"])
def test_linked_event_is_history_of_the_client_and_makes_no_request(
    http: FlaskClient, app: App, do: Do, by: str
) -> None:
    http.post(FORM, json={"phone": "+79165550104"})
    [lead] = records(app, Lead)
    event = waiting(http, app)
    target = {"client": lead.client_id, "lead": lead.id}[by]

    settled = do("inbound.link", inbound=event.id, **{by: target})

    assert (settled.client_id, settled.lead_id) == (lead.client_id, lead.id)
    assert len(records(app, Lead)) == 1
    told = [one for one in records(app, Activity) if one.inbound_id == event.id]
    assert [(one.client_id, one.lead_id, one.text) for one in told] == [
        (lead.client_id, lead.id, UNREAD.decode())
    ]


def test_linked_event_gives_the_client_its_free_contacts_and_asks_about_taken_ones(
    http: FlaskClient, app: App, do: Do
) -> None:
    http.post(FORM, json={"phone": "+79165550104"})
    [first] = records(app, Client)
    http.post(FORM, json={"phone": "+79165550105"})
    body = {"phone": "+79165550105", "email": "new@example.ru", "kt_website": "x"}
    http.post(FORM, json=body)
    [event] = [one for one in records(app, Inbound) if one.state == "ignored"]

    do("inbound.link", inbound=event.id, client=first.id)

    assert app.store.get("keys", "mail:new@example.ru") == {"client_id": first.id}
    assert app.store.count(Query("pairs")) == 1


@pytest.mark.parametrize("given", [{}, {"client": "cl_1", "lead": "ld_1"}])
def test_link_names_a_client_or_a_request(
    http: FlaskClient, app: App, do: Do, given: dict[str, str]
) -> None:
    event = waiting(http, app)

    with pytest.raises(Invalid) as refused:
        do("inbound.link", inbound=event.id, **given)

    assert refused.value.code == "inbound_whom"


def test_event_that_was_dealt_with_is_not_dealt_with_again(
    http: FlaskClient, app: App, do: Do
) -> None:
    event = waiting(http, app)
    do("inbound.accept", inbound=event.id, phone="+79165550104")

    for command, given in (
        ("inbound.accept", {"phone": "+79165550105"}),
        ("inbound.reject", {"reason": "x"}),
        ("inbound.link", {"client": records(app, Client)[0].id}),
    ):
        with pytest.raises(Conflict):
            do(command, inbound=event.id, **given)
    assert len(records(app, Lead)) == 1


def test_manager_does_not_sort_events(http: FlaskClient, app: App, do: Do) -> None:
    event = waiting(http, app)
    [manager] = [p for p in app.desk.settings().staff if p.role == "manager"][:1]
    by = actor_by_email(app.desk.settings(), manager.email)

    with pytest.raises(NotAllowed):
        do("inbound.reject", by, inbound=event.id, reason="x")


def unreadable(http: FlaskClient, app: App, event: Inbound, body: str) -> None:
    """Leave in the store what an older version made of this body: it did not understand it."""
    doc = {**event.model_dump(mode="json"), "raw": body, "why": "unknown_event"}
    app.store.run(lambda tx: tx.put("inbounds", event.id, doc))


def test_body_that_a_newer_channel_understands_becomes_a_request_once(
    http: FlaskClient, app: App, clock: FixedClock
) -> None:
    event = waiting(http, app)
    lead = {"id": "q1", "contacts": {"phone": "+79165550104"}, "answers": [{"q": "a", "a": "b"}]}
    unreadable(http, app, event, json.dumps(lead))
    clock.advance(timedelta(days=3))

    first, second = list(replay(app.desk)), list(replay(app.desk))
    [request] = records(app, Lead)
    kept = {one.id: one for one in records(app, Inbound)}

    assert [(one.id, one.outcome, one.lead_id) for one in first] == [
        (event.id, "understood", request.id)
    ]
    assert second == []
    assert (kept[event.id].state, kept[event.id].why) == ("done", "replayed")
    assert kept[event.id].lead_id == request.id
    assert records(app, Activity)[0].at == event.received_at


def test_provider_that_repeats_after_the_replay_makes_nothing_more(
    http: FlaskClient, app: App
) -> None:
    event = waiting(http, app)
    body = json.dumps({"id": "q1", "contacts": {"phone": "+79165550104"}, "answers": []})
    unreadable(http, app, event, body)
    list(replay(app.desk))
    token = account(app, "marquiz")

    http.post(f"/ingest/marquiz/{token.id}/{token.secrets[0]}", data=body.encode())

    assert (len(records(app, Lead)), len(records(app, Activity))) == (1, 1)


def test_form_whose_fields_were_named_since_is_read_under_its_own_record(
    http: FlaskClient, app: App, do: Do
) -> None:
    event = waiting(http, app, "elementor", b'{"Contact 5": "916 555 01 04", "x": "y"}')
    left = [one.outcome for one in replay(app.desk)]
    do("mapping.set", of=event.account, field="contact-5", to="phone")

    [read] = replay(app.desk)
    [kept], [lead] = records(app, Inbound), records(app, Lead)

    assert left == ["left"]
    assert (read.outcome, read.id, kept.id) == ("understood", event.id, event.id)
    assert (kept.state, kept.raw, lead.extra) == ("done", event.raw, {"x": "y"})


def test_what_is_still_not_understood_stays_as_it_was(http: FlaskClient, app: App) -> None:
    event = waiting(http, app)
    before = app.store.log_head("changes")

    assert [one.outcome for one in replay(app.desk)] == ["left"]
    assert records(app, Inbound) == [event]
    assert app.store.log_head("changes") == before


def test_call_of_a_hidden_number_stays_until_the_number_is_known_as_a_colleagues(
    http: FlaskClient, app: App, do: Do
) -> None:
    token = account(app, "call")
    told = {
        "id": "9",
        "event": "missed",
        "direction": "in",
        "client": "777",
        "line": "",
        "staff": "",
    }
    body = json.dumps(told | {"started_at": "2026-11-23T09:00:00+03:00"}).encode()
    sent = as_sent(
        CHANNELS["call"], at_address(call_of(body), ("call", token.id)), token.secrets[0]
    )
    http.post(sent.target, data=body, headers=dict(sent.headers))
    before = app.store.log_head("changes")

    assert [one.outcome for one in replay(app.desk)] == ["left"]
    assert app.store.log_head("changes") == before

    do("staff.edit", staff="st_anna", phones=["777"])
    assert [one.outcome for one in replay(app.desk)] == ["understood"]
    assert [one.why for one in records(app, Inbound)] == ["own_number"]


def test_replay_of_one_channel_leaves_the_others(http: FlaskClient, app: App) -> None:
    waiting(http, app)

    assert list(replay(app.desk, "tilda")) == []


def test_event_of_an_account_that_is_gone_stays(http: FlaskClient, app: App) -> None:
    event = waiting(http, app)
    app.store.run(lambda tx: tx.delete("accounts", event.account))
    vars(app).pop("desk")

    assert [one.outcome for one in replay(app.desk)] == ["left"]


def test_broken_off_replay_leaves_everything_or_nothing(
    http: FlaskClient, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = waiting(http, app)
    body = json.dumps({"id": "q1", "contacts": {"phone": "+79165550104"}, "answers": []})
    unreadable(http, app, event, body)

    def broken(*_: object) -> None:
        raise KartotekaError("the machine died")

    monkeypatch.setattr(replaying, "settle", broken)
    with pytest.raises(KartotekaError):
        list(replay(app.desk))

    assert (records(app, Lead), records(app, Inbound)[0].state) == ([], "unknown")
    monkeypatch.undo()
    assert [one.outcome for one in replay(app.desk)] == ["understood"]
