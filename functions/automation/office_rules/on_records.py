"""Actions on the record itself: given to somebody, moved, filled in, tagged."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from automation.office_rules.job import DONE, NOTHING, About, Job
from automation.office_rules.receivers import owner_of, people
from kartoteka.domain.deal import Deal
from kartoteka.domain.instant import spell
from kartoteka.domain.ladder import Move
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.pipeline import Pipeline
from kartoteka.domain.rules.fields_table import Kind
from kartoteka.domain.rules.model import ArgValue, Relative
from kartoteka.domain.tasks_rules import deadline
from kartoteka.services import deal_edit, deal_moves, leads
from kartoteka.services.deal_forms import AssignDeal, EditDeal, MoveDeal, TransferDeal
from kartoteka.services.record_edit import EditClient, EditLead, edit_client, edit_lead
from kartoteka.services.rule_table import rules_in_force


def assign(job: Job) -> str:
    """Give the lead or deal to whom the rule names; of several, who has not got it already."""
    record = job.record()
    found = people(job.settings, record, job.word("who"))
    if not found:
        return "rule_nobody"
    if owner_of(record) in {it.id for it in found}:
        return NOTHING
    chosen = found[job.desk.turns.next(f"rule:{job.word('who')}") % len(found)]
    noting = job.noting()
    if isinstance(record, Lead):
        leads.assign(noting.desk, job.actor, record.id, chosen.id, cause=job.cause)
        return DONE
    if isinstance(record, Deal):
        form = AssignDeal(deal=record.id, owner=chosen.id)
        deal_edit.assign(noting.desk, job.actor, form, cause=job.cause)
        return DONE
    return "rule_wrong_record"


def move(job: Job) -> str:
    """Take the record to a stage, or to another pipeline; forward only unless the rule says so."""
    record = job.record()
    if isinstance(record, Lead):
        return _move_lead(job, record)
    if isinstance(record, Deal):
        return _move_deal(job, record)
    return "rule_wrong_record"


def set_field(job: Job) -> str:
    """Write a value into a field of the record, or of its client."""
    kind, _, field = job.word("field").partition(".")
    record = job.client() if kind == Client.kind else job.record()
    if record is None or record.kind != kind:
        return "rule_wrong_record"
    return _edit(job, record, {field: _stored(job, job.args.get("value"))})


def tag(job: Job) -> str:
    """Put a tag on the deal, or on the client of a lead."""
    return _tag(job, lambda tags, one: (*tags, one) if one not in tags else tags)


def untag(job: Job) -> str:
    """Take a tag off the deal, or off the client of a lead."""
    return _tag(job, lambda tags, one: tuple(it for it in tags if it != one))


def _move_lead(job: Job, lead: Lead) -> str:
    line = job.settings.office.pipeline(lead.pipeline)
    there = line.by_name(job.word("stage")).id
    if lead.stage == there:
        return NOTHING
    if not _is_forward(job, line, lead.stage, there):
        return "rule_backward"
    noting, wish = job.noting(moves=lead.id), Move(to=there, reason=job.word("reason"))
    leads.move(noting.desk, job.actor, lead.id, wish, cause=job.cause)
    return DONE


def _move_deal(job: Job, deal: Deal) -> str:
    office, wanted = job.settings.office, job.word("pipeline")
    line = office.pipeline(wanted or deal.pipeline)
    there = line.by_name(job.word("stage")).id if job.word("stage") else ""
    if line.id != deal.pipeline:
        transfer = TransferDeal(deal=deal.id, pipeline=line.id, stage=there)
        noting = job.noting(moves=deal.id)
        deal_moves.transfer(noting.desk, job.actor, transfer, cause=job.cause)
        return DONE
    if there in {"", deal.stage}:
        return NOTHING
    if not _is_forward(job, line, deal.stage, there):
        return "rule_backward"
    form = MoveDeal(deal=deal.id, stage=there, reason=job.word("reason"))
    deal_moves.move(job.noting(moves=deal.id).desk, job.actor, form, cause=job.cause)
    return DONE


def _is_forward(job: Job, line: Pipeline, here: str, there: str) -> bool:
    """Return whether a stage comes later, or the rule may go back; what is closed stays closed."""
    order = [stage.id for stage in line.stages]
    if job.args.get("back"):
        return True
    return line.stage(here).state in {"open", "ongoing"} and order.index(there) > order.index(here)


def _edit(job: Job, record: About, given: dict[str, JsonValue]) -> str:
    own = {name.partition(".")[2]: it for name, it in given.items() if name.startswith("fields.")}
    plain = {name: it for name, it in given.items() if not name.startswith("fields.")}
    filled: dict[str, JsonValue] = {**plain, "fields": dict(own)} if own else dict(plain)
    if _is_so(record, filled):
        return NOTHING
    desk = job.noting().desk
    if isinstance(record, Deal):
        deal = EditDeal.model_validate({"deal": record.id, **filled})
        deal_edit.edit(desk, job.actor, deal, cause=job.cause)
    elif isinstance(record, Lead):
        lead = EditLead.model_validate({"lead": record.id, **filled})
        edit_lead(desk, job.actor, lead, cause=job.cause)
    elif isinstance(record, Client):
        client = EditClient.model_validate({"client": record.id, **filled})
        edit_client(desk, job.actor, client, cause=job.cause)
    else:
        return "rule_wrong_record"
    return DONE


def _is_so(record: About, filled: dict[str, JsonValue]) -> bool:
    """Return whether every field has its value already."""
    doc = record.model_dump(mode="json")
    own = filled.get("fields")
    held = doc.get("fields") or {}
    same_own = (
        all(held.get(name) == it for name, it in own.items()) if isinstance(own, dict) else True
    )
    return same_own and all(doc.get(name) == it for name, it in filled.items() if name != "fields")


def _stored(job: Job, value: ArgValue | None) -> JsonValue:
    """Return a value as a form takes it."""
    if isinstance(value, Relative):
        at = moment(job, value)
        value = at.astimezone(ZoneInfo(job.settings.office.work.zone)).date() if value.day else at
    if isinstance(value, date):
        return _dated(job, value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int | bool) else None


def _dated(job: Job, value: date) -> str:
    """Return a day for a field of days, else an instant: of a day alone, when its work ends."""
    work, field = job.settings.office.work, job.word("field")
    known = rules_in_force(job.settings).vocabulary.fields.get(field)
    if known is not None and known.kind is Kind.DATE:
        day = value.astimezone(ZoneInfo(work.zone)).date() if isinstance(value, datetime) else value
        return day.isoformat()
    return spell(value if isinstance(value, datetime) else deadline(value, work))


def moment(job: Job, value: Relative) -> datetime:
    """Return the instant that is meant by a moment counted from now."""
    now, work = job.desk.now(), job.settings.office.work
    return value.span.before(now, work) if value.back else value.span.after(now, work)


def _tag(job: Job, change: Callable[[tuple[str, ...], str], tuple[str, ...]]) -> str:
    record = job.record()
    held = record if isinstance(record, Deal | Client) else job.client()
    wanted = job.word("tag").strip()
    if held is None or not wanted:
        return "rule_wrong_record"
    tags = change(held.tags, wanted)
    return NOTHING if tags == held.tags else _edit(job, held, {"tags": list(tags)})
