"""Buttons under a notice: what would always be refused is not offered."""

from datetime import timedelta
from typing import Any

import pytest
from tests.automation.notice_office import ANNA, BORIS, form, notice_of, without_exchange
from tests.kartoteka.services.chat_office import lead_of

from automation.bot.acts import Pressed, command
from kartoteka.domain.channels import EXCHANGES
from kartoteka.domain.ids import StaffId
from kartoteka.domain.instant import read as read_moment
from kartoteka.domain.model import Lead, Line, Notice
from kartoteka.domain.notice_rules import PROPOSED
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.press import read
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.notice_words import words
from kartoteka.services.office import Desk
from kartoteka.services.proposals import Wish, propose
from kartoteka.services.registry import COMMANDS

CONSULT = Line(name="Консультация", price_minor=500_000)


def offered(desk: Desk, lead: Lead, settings: Settings) -> list[str]:
    """Return which buttons Anna has under a notice of her lead, but for «Видел»."""
    anna = settings.person("st_anna")
    assert anna is not None
    notice = Notice(
        id="no_1", staff_id=StaffId("st_anna"), code="notice_lead_given", lead_id=lead.id,
        at=desk.now(),
    )  # fmt: skip
    rows = words(desk, notice, anna, settings).buttons
    found = [read(button.data) for row in rows for button in row]
    return [press.act for press in found if press is not None and press.act != "seen"]


def put(desk: Desk, **update: object) -> Lead:
    """Keep a lead of Anna's as it shall stand."""
    lead = lead_of(desk, form(desk)).model_copy(update=update)
    desk.store.run(lambda tx: tx.put("leads", lead.id, lead.model_dump(mode="json")))
    return lead


@pytest.mark.parametrize(
    ("exchange", "update", "acts"),
    [
        (True, {"stage": "new"}, []),
        (False, {"stage": "new", "lines": (CONSULT,)}, ["called"]),
        (True, {"stage": "c1"}, ["later"]),
        (True, {"stage": "c1", "lines": (CONSULT,)}, ["later", "deal"]),
        (False, {"stage": "c1", "lines": (CONSULT,)}, ["called", "later", "deal"]),
    ],
)
def test_act_that_the_stage_or_the_exchange_refuses_has_no_button(
    desk: Desk, exchange: bool, update: dict[str, Any], acts: list[str]
) -> None:
    if not exchange:
        without_exchange(desk)
    lead = put(desk, state="ongoing", **update)

    assert offered(desk, lead, desk.settings()) == acts


def test_office_without_deals_makes_none_of_a_request(desk: Desk) -> None:
    lead = put(desk, state="ongoing", stage="c1", lines=(CONSULT,))
    settings = desk.settings()
    kept = tuple(it for it in settings.office.pipelines if it.kind != "sale")
    office = settings.office.model_copy(update={"pipelines": kept})

    assert offered(desk, lead, settings.model_copy(update={"office": office})) == ["later"]


def test_any_exchange_tells_of_calls_so_that_nobody_writes_them_down(desk: Desk) -> None:
    without_exchange(desk)
    lead, bare = put(desk), desk.settings()
    connected = {}
    for channel in ("telegram", *sorted(EXCHANGES)):
        account = Account(id="x", channel=channel, title="Станция", source="Звонок")
        settings = bare.model_copy(update={"accounts": (account,)})
        connected[channel] = offered(desk, lead, settings)

    assert connected == {"telegram": ["called"], **{name: [] for name in EXCHANGES}}


def test_proposal_is_told_with_its_buttons_until_somebody_decided(desk: Desk) -> None:
    lead = put(desk, stage="c1", state="ongoing")
    wish = Wish(client=lead.client_id, field="name", value="Ирина <Петрова>")
    propose(desk, BORIS, wish, cause="phone")
    settings, notice = desk.settings(), notice_of(desk, PROPOSED)
    anna = settings.person("st_anna")
    assert anna is not None
    asked = words(desk, notice, anna, settings)
    name, given = command("accept", Pressed(notice, lead, None, settings, desk.now()))
    execute(COMMANDS, desk, ANNA, name, given=given, cause="press")
    decided = words(desk, notice, anna, settings)
    client = desk.store.get("clients", lead.client_id)
    assert client is not None

    assert "Предлагают имя: Ирина <Петрова>" in asked.lines
    assert [button.label for button in asked.buttons[0]] == ["Принять", "Отклонить"]
    assert client["name"] == "Ирина <Петрова>"
    assert "Принять" not in str(decided.buttons)
    assert "Предлагают" not in decided.whole


def test_proposal_that_is_refused_leaves_the_card(desk: Desk) -> None:
    lead = put(desk, stage="c1", state="ongoing")
    propose(desk, BORIS, Wish(client=lead.client_id, field="name", value="Иван"), cause="phone")
    notice = notice_of(desk, PROPOSED)
    name, given = command("refuse", Pressed(notice, lead, None, desk.settings(), desk.now()))
    execute(COMMANDS, desk, ANNA, name, given=given, cause="press")
    [kept] = desk.store.query(Query("proposals"))
    client = desk.store.get("clients", lead.client_id)
    assert client is not None

    assert (kept.doc["state"], client["name"]) == ("refused", "Ирина <b>&")


def test_what_is_due_tomorrow_is_put_off_from_then_and_not_brought_forward(desk: Desk) -> None:
    now, settings = desk.now(), desk.settings()
    moments = []
    for due in (now + timedelta(days=1), now + timedelta(minutes=5), now - timedelta(days=1), None):
        lead = put(desk, stage="c1", next_at=due)
        notice = Notice(id="no_1", staff_id=StaffId("st_anna"), code="notice_wake", at=now)
        _, given = command("later", Pressed(notice, lead, None, settings, now))
        moments.append(read_moment(str(given["due_at"])))

    hour = timedelta(hours=1)
    assert moments == [now + timedelta(days=1) + hour, *[now + hour] * 3]
