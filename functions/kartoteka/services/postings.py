"""One text to one person, at most once: taken, sent, and how that ended.

`planned` becomes `sending` in the same transaction that looks once more at consent, unsubscribing,
the campaign and the clock; then the sender is called; then the end is kept. A crash in between
leaves `sending`: a sender that can tell finds what it sent, of any other nobody knows, and nothing
is sent again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import ConfigError, NotFound, RateLimited, Rejected, Transient
from kartoteka.domain.mail_merge import Filled
from kartoteka.domain.mailing import BOUNCED, STOPS, Dispatch, Recipient, dispatch_id
from kartoteka.domain.model import Client
from kartoteka.domain.office import Account, Settings
from kartoteka.log import log
from kartoteka.outgoing_ports import MAYBE_SENT, Posting, Senders
from kartoteka.services import allowances, posting_ends
from kartoteka.services.merge import still_known
from kartoteka.services.office import Desk
from kartoteka.services.posting_checks import Held, Ready, judged
from kartoteka.services.posting_texts import Place, Source, account_of, posting_for, source_of
from kartoteka.services.unit import Unit, transact
from kartoteka.services.unsubscribe_tokens import office_secret, token_of

ACTOR = Actor(kind=ActorKind.SYSTEM, id="mailing")
CAUSE = "campaign:"  # and the id of the recipient
LEASE = timedelta(minutes=10)  # longer than a call of a sender may take
_PAUSE = timedelta(minutes=5)
_MOST_ATTEMPTS = 20
Outcome: TypeAlias = Literal[
    "sent", "failed", "skipped", "unknown", "later", "pause", "stopped", "done", "busy", "closed"
]


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who sends, and the public address at which readers unsubscribe."""

    senders: Senders
    base_url: str
    mailbox: str = ""  # of the office


@dataclass(frozen=True, slots=True)
class Job:
    """A posting that was taken and waits for its sender."""

    recipient: Recipient
    account: Account
    posting: Posting
    again: bool  # an earlier attempt may have arrived
    only_look: bool = False  # it was broken off: if it did not arrive, it is asked for anew


def deliver(desk: Desk, outlet: Outlet, recipient_id: str) -> Outcome:
    """Return how far this recipient is now; repeating it never sends twice.

    `later`: not before its time. `pause`: the sender's limit is reached, or it asks to wait.
    `closed`: the sender is not connected, so nobody can be sent to by it. `busy`: somebody is
    at it.
    """

    def take(unit: Unit) -> Job | Outcome:
        return _taken(unit, desk.settings(), outlet, recipient_id)

    job = transact(desk.store, ACTOR, CAUSE + recipient_id, desk.now(), work=take)
    if isinstance(job, Job):
        return _sent_by(desk, outlet, job)
    if job == "sent":
        desk.waker.after_commit()
    return job


def _taken(unit: Unit, settings: Settings, outlet: Outlet, recipient_id: str) -> Job | Outcome:
    recipient = unit.find(Recipient, recipient_id)
    if recipient is None or recipient.state not in {"planned", "sending"}:
        return "done"
    source = source_of(unit, recipient)
    if recipient.state == "sending":
        return _left_behind(unit, settings, outlet, recipient)
    if source is None:
        return "stopped"
    if recipient.due_at > unit.now:
        return "later"
    found = judged(unit, settings, recipient, source)
    if isinstance(found, Held):
        return _held(unit, recipient, found)
    return _ready(unit, settings, outlet, (recipient, source, found))


def _left_behind(
    unit: Unit, settings: Settings, outlet: Outlet, recipient: Recipient
) -> Job | Outcome:
    """Return what to do with one whose sending was broken off: look for it, never guess."""
    if recipient.sending_at is not None and unit.now - recipient.sending_at < LEASE:
        return "busy"
    source = source_of(unit, recipient, whatever=True)
    client = unit.find(Client, recipient.client_id)
    account = _account(settings, source)
    knows = account is not None and outlet.senders.knows_repeats(account.channel)
    if source is None or client is None or account is None or not knows:
        unit.keep(recipient.model_copy(update={"state": "unknown", "why": "posting_unsure"}))
        return "unknown"
    taken = _sending(unit, recipient)
    unit.keep(taken)
    posting, _ = _posting(unit, settings, outlet, (taken, client, source))
    return Job(taken, account, posting, again=True, only_look=True)


def _ready(
    unit: Unit, settings: Settings, outlet: Outlet, given: tuple[Recipient, Source, Ready]
) -> Job | Outcome:
    recipient, source, ready = given
    account = _account(settings, source)
    known = {"address": ready.address, "client_id": ready.client.id}
    if recipient.source == "series":
        del known["client_id"]  # a series knows its members by the card that they came with
    taken = _sending(unit, recipient).model_copy(update=known)
    posting, text = _posting(unit, settings, outlet, (taken, ready.client, source))
    if text.missing:
        return _held(unit, recipient, Held("missing_fields"))
    if ready.chat is None and account is None:
        return "closed"
    if account is not None and not allowances.take(unit, settings, account):
        return "pause"
    unit.subject = ready.client.id
    unit.keep(Dispatch(id=dispatch_id(recipient, ready.address), recipient_id=recipient.id))
    if ready.chat is not None or account is None:
        posting_ends.into_chat(unit, taken, ready, text.text)
        return "sent"
    unit.keep(taken)
    if recipient.medium == "mail":
        posting_ends.tie(unit, taken, posting)
    return Job(taken, account, posting, again=recipient.attempts > 0)


def _posting(
    unit: Unit, settings: Settings, outlet: Outlet, given: tuple[Recipient, Client, Source]
) -> tuple[Posting, Filled]:
    taken, client, source = given
    token = token_of(office_secret(unit), taken.id)
    place = Place(outlet.base_url, outlet.mailbox, token)
    return posting_for(settings, taken, client, words=source.words, place=place)


def _sending(unit: Unit, recipient: Recipient) -> Recipient:
    attempts = recipient.attempts + 1
    update = {"state": "sending", "sending_at": unit.now, "attempts": attempts, "why": ""}
    return recipient.model_copy(update=update)


def _account(settings: Settings, source: Source | None) -> Account | None:
    if source is None or source.words.medium == "chat":
        return None
    try:
        return account_of(settings, source.words)
    except NotFound:
        return None


def _whose(unit: Unit, recipient: Recipient) -> str:
    """Return whose history it belongs to: of a merged client the one that lives on."""
    client = still_known(unit, recipient.client_id)
    return client.id if client is not None else recipient.client_id


def _held(unit: Unit, recipient: Recipient, held: Held) -> Outcome:
    if held.until is not None:
        unit.keep(recipient.model_copy(update={"due_at": held.until, "why": held.why}))
        return "later"
    unit.keep(recipient.model_copy(update={"state": "skipped", "why": held.why}))
    if recipient.source == "series" and held.why in STOPS:
        posting_ends.leave_series(unit, recipient, held.why)
    return "skipped"


def _sent_by(desk: Desk, outlet: Outlet, job: Job) -> Outcome:
    """Return how the sender's answer was kept."""
    senders, account = outlet.senders, job.account
    try:
        known = senders.found(account, job.posting) if job.again else None
        if known is None and job.only_look:
            return _kept(desk, job, "later")
        external = known or senders.send(account, job.posting)
    except Rejected as exc:
        return _kept(desk, job, "failed", why=exc.code or "posting_refused")
    except ConfigError as exc:
        log("warning", event="posting", outcome="closed", recipient=job.recipient.id)
        return _kept(desk, job, "closed", why=exc.code or "posting_no_key")
    except Transient as exc:
        lost = exc.code == MAYBE_SENT and not senders.knows_repeats(account.channel)
        slowed = isinstance(exc, RateLimited)  # however often: nothing was tried
        if lost or (job.recipient.attempts >= _MOST_ATTEMPTS and not slowed):
            why = "posting_unsure" if lost else "posting_gave_up"
            return _kept(desk, job, "unknown" if lost else "failed", why=why)
        return _kept(desk, job, "pause", until=desk.now() + (exc.retry_after or _PAUSE))
    return _kept(desk, job, "sent", external=external)


def _kept(
    desk: Desk,
    job: Job,
    outcome: Outcome,
    *,
    why: str = "",
    external: str = "",
    until: datetime | None = None,
) -> Outcome:
    def work(unit: Unit) -> None:
        now = unit.need(Recipient, job.recipient.id)
        early = now.why == BOUNCED and now.sent_at is None  # came back before this
        if now.state != "sending" and not (early and outcome == "sent"):
            return
        unit.subject = _whose(unit, now)
        if outcome == "sent":
            locale = desk.settings().office.locale
            posting_ends.sent(unit, now, job.account, (external, job.posting), locale=locale)
        elif outcome == "failed":
            posting_ends.failed(unit, now, why)
        elif outcome == "unknown":
            unit.keep(now.model_copy(update={"state": "unknown", "why": why}))
        else:
            update = {"state": "planned", "due_at": until or unit.now, "why": why}
            unit.keep(now.model_copy(update=update))

    cause = CAUSE + job.recipient.id
    transact(desk.store, ACTOR, cause, desk.now(), work=work)
    if outcome in {"sent", "failed"}:
        desk.waker.after_commit()
    return outcome
