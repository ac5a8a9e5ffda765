"""Pipelines: a deal goes from one to another; processes are no money and take no requests."""

import pytest
from tests.office.counter import Counter

WHY = "Клиент подписал договор прямо в офисе"
PROCESSES = ("hiring", "purchases", "receivables")


@pytest.fixture
def deal(office: Counter) -> str:
    lead = office.do("anna", "lead.add", name="Пётр", phone="8 (916) 000-11-22")["id"]
    return str(office.do("viktor", "lead.convert", lead=lead, deal_type="Суд", reason=WHY)["id"])


def test_deal_goes_to_another_pipeline_and_its_history_keeps_both(
    office: Counter, deal: str
) -> None:
    move = {"deal": deal, "pipeline": "receivables"}
    office.refused("anna", "deal.transfer", "pipeline_takes_no_deals", **move)
    office.refused("anna", "pipeline.switch", "role_forbids", pipeline="receivables", active=True)
    office.do("olga", "pipeline.switch", pipeline="receivables", active=True)

    office.refused("anna", "deal.transfer", "pipeline_unknown", deal=deal, pipeline="нет")
    office.refused("boris", "deal.transfer", "not_yours", **move)
    office.refused("anna", "deal.transfer", "pipeline_same", deal=deal, pipeline="deals_law")
    office.refused("anna", "deal.transfer", "stage_by_head", **move, stage="claim")
    moved = office.do("anna", "deal.transfer", **move)
    assert (moved["pipeline"], moved["stage"]) == ("receivables", "due_soon")
    assert [visit["pipeline"] for visit in moved["stage_log"]] == ["deals_law", "receivables"]

    code, told, _ = office.run("history", "deal", deal, "--json")
    assert code == 0
    assert '"pipeline": "deals_law"' in told
    assert '"pipeline": "receivables"' in told
    back = office.do("anna", "deal.transfer", deal=deal, pipeline="deals_law")
    assert [visit["pipeline"] for visit in back["stage_log"]][-1] == "deals_law"


@pytest.mark.parametrize("pipeline", PROCESSES)
def test_process_is_no_sale_and_takes_no_requests(office: Counter, pipeline: str) -> None:
    client = office.do("anna", "client.add", name="Пётр", phone="8 (916) 000-11-22")["id"]
    given = {"name": "Дело", "client": client, "pipeline": pipeline, "deal_type": "x"}
    office.refused("viktor", "deal.create", "pipeline_takes_no_deals", **given)
    office.do("olga", "pipeline.switch", pipeline=pipeline, active=True)
    made = office.do("viktor", "deal.create", **given)
    assert made["pipeline"] == pipeline

    lines = {line["id"]: line["kind"] for line in office.rows("settings")[0]["pipelines"]}
    assert {name for name, kind in lines.items() if kind == "sale"} == {"deals_law"}
    assert lines[pipeline] == "process"
    lead = office.do("anna", "lead.add", name="Пётр", phone="8 (916) 000-11-22")["id"]
    assert office.row("leads", lead)["client_id"] == client, (
        "a request of theirs is a lead, not part of the process"
    )


def test_pipeline_where_requests_start_stays_on(office: Counter) -> None:
    office.refused(
        "olga", "pipeline.switch", "settings_leads_start", pipeline="leads_law", active=False
    )
    office.do("olga", "pipeline.switch", pipeline="deals_law", active=False)
    lead = office.do("anna", "lead.add", phone="8 (916) 000-11-22")["id"]
    office.refused("viktor", "lead.convert", "pipeline_unknown", lead=lead, reason=WHY)
