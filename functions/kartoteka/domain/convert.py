"""What a qualified lead becomes: pure."""

from datetime import datetime

from kartoteka.domain import identity
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import CompanyId, DealId, StaffId, TaskId, derived
from kartoteka.domain.model import Client, Lead, NextAction, Task
from kartoteka.domain.pipeline import Pipeline, Stage
from kartoteka.domain.sales_paper import What

STEPS: dict[What, str] = {"offer": "send_offer", "invoice": "send_invoice"}  # once asked for


def winning(pipeline: Pipeline) -> Stage | None:
    """Return the stage on which a lead of this pipeline is won."""
    return next((stage for stage in pipeline.stages if stage.state == "won"), None)


def strong_keys(client: Client) -> list[str]:
    """Return the identity keys by which two records are the same person."""
    return identity.keys(client.phones, client.emails, client.messengers)


def deal_of(lead: Lead, deal_id: DealId, company_id: CompanyId | None, now: datetime) -> Deal:
    """Return a deal with what the lead knows: client, owner, name and note; on no stage yet.

    The lead's calls, messages and tasks stay where they are: they carry the client, whose
    timeline shows them, and the deal names the lead.
    """
    return Deal(
        id=deal_id,
        client_id=lead.client_id,
        company_id=company_id,
        lead_id=lead.id,
        name=lead.name,
        pipeline="",
        stage="",
        stage_entered_at=now,
        stage_version=0,
        owner_id=lead.owner_id,
        author_id=lead.owner_id,
        note=lead.note,
        last_touch_at=lead.touched_at,
        created_at=now,
        updated_at=now,
    )


def asked_for(deal: Deal, wanted: tuple[str, ...]) -> Deal:
    """Return the deal whose next action is the first of the papers asked for."""
    if not wanted or deal.next_action is None:
        return deal
    action = NextAction(what=wanted[0], due_at=deal.next_action.due_at)
    return deal.model_copy(update={"next_action": action})


def further_tasks(deal: Deal, wanted: tuple[str, ...], titles: dict[str, str]) -> list[Task]:
    """Return a task for each paper beyond the first, due when the first one is."""
    if deal.next_at is None:
        return []
    return [
        Task(
            id=TaskId(derived("tk", "convert", deal.id, what)),
            what=what,
            title=titles[what],
            client_id=deal.client_id,
            deal_id=deal.id,
            assignee_id=StaffId(deal.owner_id) if deal.owner_id else None,
            due_at=deal.next_at,
            created_at=deal.created_at,
        )
        for what in wanted[1:]
    ]
