"""The column of actions of «Неразобранное»: what an operator chooses becomes a command."""

import pytest
from flask.testing import FlaskClient
from tests.ingest.test_triage import records, waiting

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Lead
from kartoteka.wiring import App
from sync.actions.running import act
from sync.columns import Frame, View
from sync.commands import Wish
from sync.shelf import tabs


def picks(app: App, event: Inbound, typed: str) -> str:
    """Return what is said beside the action that was chosen in the row of an event."""
    view = View(event.id, inbound=event)
    wish = Wish(actor=SYSTEM, view=view, typed=typed, cause=f"cell:{typed}")
    return act(app.desk, Frame(app.desk.settings()), tabs.INBOX, wish)


@pytest.mark.parametrize("contact", ["8 916 555-01-04", "a@example.ru"])
def test_event_is_taken_in_with_the_contact_behind_the_colon(
    http: FlaskClient, app: App, contact: str
) -> None:
    said = picks(app, waiting(http, app), f"Принять: {contact}")

    assert "✓" in said
    assert [one.state for one in records(app, Inbound)] == ["done"]
    assert len(records(app, Lead)) == 1


def test_event_without_a_contact_says_what_is_missing(http: FlaskClient, app: App) -> None:
    said = picks(app, waiting(http, app), "Принять")

    assert "✗" in said
    assert "телефон" in said.casefold()


def test_rejection_takes_its_reason_along_and_asks_for_one(http: FlaskClient, app: App) -> None:
    event = waiting(http, app)

    empty, given = picks(app, event, "Отклонить: "), picks(app, event, "Отклонить: спам")
    [kept] = records(app, Inbound)

    assert ("✗" in empty, "✓" in given) == (True, True)
    assert (kept.state, kept.why) == ("rejected", "спам")


def test_event_is_linked_by_id_or_by_the_clients_own_number(http: FlaskClient, app: App) -> None:
    http.post("/ingest/form/consult", json={"phone": "+79165550104"})
    [lead] = records(app, Lead)
    event = waiting(http, app)

    stranger = picks(app, event, "Привязать: 8 916 555-01-99")
    known = picks(app, event, "Привязать: 8 (916) 555-01-04")
    [kept] = [one for one in records(app, Inbound) if one.id == event.id]

    assert ("✗" in stranger, "✓" in known) == (True, True)
    assert kept.client_id == lead.client_id


def test_event_is_linked_to_the_client_of_a_request(http: FlaskClient, app: App) -> None:
    http.post("/ingest/form/consult", json={"phone": "+79165550104"})
    [lead] = records(app, Lead)
    event = waiting(http, app)

    assert "✓" in picks(app, event, f"Привязать: {lead.id}")
