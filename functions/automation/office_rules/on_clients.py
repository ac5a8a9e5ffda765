"""Actions that reach the client: letters and messages made of the office's templates."""

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import BaseModel

from automation.office_rules.job import DONE, NOTHING, Job
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.mail_merge import Filled, fill
from kartoteka.domain.mailing import Series, SeriesMember
from kartoteka.domain.model import Client, Lead
from kartoteka.domain.quiet_hours import next_open, zone_of
from kartoteka.domain.rules.vocabulary import Choices
from kartoteka.domain.template import Template
from kartoteka.ports import Query, Where
from kartoteka.services import chat_commands, mail_send, series, single_postings
from kartoteka.services.campaign_forms import ClientInSeries
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.mail_send import SendMail
from kartoteka.services.mailing_values import values_for
from kartoteka.services.office import Desk
from kartoteka.services.template_settings import templates


def opens_at(job: Job) -> datetime:
    """Return when the client may be written to: now, or the end of their night."""
    client, office = job.client(), job.settings.office
    zone = zone_of(client.phones if client else (), office.work.zone)
    return next_open(job.desk.now(), zone, (office.mailing.quiet_from, office.mailing.quiet_to))


def message(job: Job) -> str:
    """Write to the client by the template that the rule names: a letter, or in their chat."""
    client = job.client()
    if client is None:
        return "rule_no_client"
    template = _template(job)
    texts = (template.subject, template.body, "")
    filled = fill(texts, values_for(client, job.settings))
    if filled.missing:
        missing = ", ".join(filled.missing)
        raise Invalid(f"nothing fills {missing}", code="rule_text_missing", missing=missing)
    return _SENT[template.medium](job, client, filled)


def _template(job: Job) -> Template:
    known = {it.id: it for it in templates(job.desk.store)}
    name = _called(job.word("template"), {key: it.name for key, it in known.items()})
    template = known.get(name)
    if template is None:
        raise Invalid(
            "there is no such template", code="rule_no_template", what=job.word("template")
        )
    return template


def series_start(job: Job) -> str:
    """Put the client into a series of letters."""
    return _in_series(job, series.start)


def series_stop(job: Job) -> str:
    """Take the client out of a series, or of all they are in."""
    if job.word("series"):
        return _in_series(job, series.stop)
    where = (Where("client_id", "==", job.firing.client_id), Where("state", "==", "active"))
    query = Query(SeriesMember.collection, where)
    members = [SeriesMember.model_validate(hit.doc) for hit in job.desk.store.query(query)]
    for member in members:
        form = ClientInSeries(series=member.series_id, client=member.client_id)
        series.stop(job.desk, job.actor, form, job.cause)
    return DONE if members else NOTHING


def _in_series(job: Job, act: Callable[[Desk, Actor, ClientInSeries, str], BaseModel]) -> str:
    if job.firing.client_id is None:
        return "rule_no_client"
    form = ClientInSeries(series=_series(job), client=job.firing.client_id)
    act(job.noting().desk, job.actor, form, job.cause)
    return DONE


def _called(said: str, names: Mapping[str, str]) -> str:
    """Return the id of what is called so, in any form that a rule may be written in; else ""."""
    return Choices({key: (name, name) for key, name in names.items()}).read(said) or ""


def _series(job: Job) -> str:
    docs = (hit.doc for hit in job.desk.store.query(Query(Series.collection)))
    found = (Series.model_validate(doc) for doc in docs)
    name = _called(job.word("series"), {it.id: it.name for it in found})
    if not name:
        raise Invalid("there is no such series", code="rule_no_series", what=job.word("series"))
    return name


def _letter(job: Job, client: Client, filled: Filled) -> str:
    if not client.emails:
        return "rule_no_address"
    form = SendMail(text=filled.text, subject=filled.subject, **_about(job, client))
    mail_send.send(job.noting().desk, job.actor, form, job.cause)
    return DONE


def _chat(job: Job, client: Client, filled: Filled) -> str:
    key = f"{job.firing.id}:{job.number}"
    form = SendMessage(text=filled.text, client=client.id, key=key)
    chat_commands.send(job.noting().desk, job.actor, form, job.cause)
    return DONE


def _sms(job: Job, client: Client, filled: Filled) -> str:
    if not client.phones:
        return "rule_no_address"
    place = (client.id, f"{job.firing.id}:{job.number}")
    single_postings.sms(job.noting().desk, job.actor, place, filled.text, cause=job.cause)
    return DONE


def _about(job: Job, client: Client) -> dict[str, str]:
    """Return the one record that a letter hangs on."""
    record = job.record()
    if isinstance(record, Lead | Deal):
        return {record.kind: record.id}
    return {"client": client.id}


_SENT = {"mail": _letter, "chat": _chat, "sms": _sms}
