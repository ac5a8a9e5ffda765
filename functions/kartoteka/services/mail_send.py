"""A letter of ours: written down with the act that wrote it, sent by a task of the queue; A6.

An answer stays in the thread of the letter that it answers. Each letter has a Message-ID that we
choose and a token in the address for answers, so that an answer finds its client.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from kartoteka.domain import identity
from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, Transient
from kartoteka.domain.ids import ActivityId, ClientId, StaffId, derived, fresh
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.mail import (
    DeadAddress,
    Mail,
    MailLink,
    Outgoing,
    dead_address_id,
    letter_link,
    token_link,
)
from kartoteka.domain.model import Activity, Attachment, Client, Lead, Touch, Value
from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Settings
from kartoteka.log import log
from kartoteka.ports import Order, Query, QueuedTask, Where
from kartoteka.services import contact, deal_touch
from kartoteka.services.commands import Command, Registry
from kartoteka.services.merge import follow
from kartoteka.services.next_step import ensure_next
from kartoteka.services.office import Desk
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

QUEUE = "automation"
PATH = "/automation/task/letter"
LARGEST_FILES = 5 * 1024 * 1024  # bytes together; what Gmail takes in one plain call
_LONGEST = 60_000
_LOOK_BACK = 200
_LONGEST_SUBJECT = 250
_NOWHERE = "kartoteka.invalid"  # right of the @ of our ids when the author has no address


class SendMail(Value):
    """Write to a client; name the letter that is answered, or one record."""

    text: str = Field(min_length=1, max_length=_LONGEST)
    subject: str = Field(
        default="", max_length=_LONGEST_SUBJECT, description="of an answer: that of the letter"
    )
    reply_to: Id = Field(default="", description="activity of the letter that is answered")
    lead: Id = ""
    deal: Id = ""
    client: Id = ""
    to: str = Field(default="", max_length=254, description="which of the client's addresses")
    files: tuple[str, ...] = Field(
        default=(), max_length=20, description="refs of files in the client's history"
    )


@dataclass(frozen=True, slots=True)
class _About:
    """Whose a letter is, and which one it answers."""

    client: Client
    lead: Lead | None = None
    deal: Deal | None = None
    answered: Inbound | None = None

    @property
    def mail(self) -> Mail:
        """Return what is known of the letter that is answered."""
        return (self.answered.mail if self.answered else None) or Mail()


def send(desk: Desk, actor: Actor, form: SendMail, cause: str) -> Activity:
    """Return the letter as it stands in the history, on its way to the client.

    Raises:
        Invalid: no record or several, no subject, no address or a dead one, a foreign file.
        NotAllowed: the record is somebody else's.
    """
    name, token = ActivityId(fresh("ac")), fresh("t").removeprefix("t_")

    def work(unit: Unit) -> Activity:
        return _written(unit, desk.settings(), form, (name, token))

    activity = transact(desk.store, actor, cause, desk.now(), work=work)
    try:
        hand_over(desk, activity.id)
    except Transient:
        log("warning", event="letter_waits", activity=activity.id)
    desk.waker.after_commit()
    return activity


def hand_over(desk: Desk, activity_id: str, *, again: datetime | None = None) -> None:
    """Ask the queue to send a letter; asked twice, or twice in the same hour, it is one task."""
    name = derived("letter", activity_id, f"{again:%Y-%m-%d %H}" if again else "")
    desk.tasks.enqueue(QueuedTask(QUEUE, name, PATH, {"letter": activity_id}))


def _written(
    unit: Unit, settings: Settings, form: SendMail, names: tuple[ActivityId, str]
) -> Activity:
    name, token = names
    about = _about(unit, settings, form)
    unit.subject = about.client.id
    files = _files(unit, form, about.client)
    letter = _letter(unit, settings, form, about, names=names).model_copy(update={"files": files})
    unit.keep(letter)
    for link in (letter_link(letter.message_id), token_link(token)):
        unit.keep(_link(link, about, name))
    activity = Activity(
        id=name,
        what="mail",
        direction="out",
        client_id=ClientId(about.client.id),
        lead_id=about.lead.id if about.lead else None,
        deal_id=about.deal.id if about.deal else None,
        staff_id=StaffId(unit.actor.id) if unit.actor.is_person else None,
        at=unit.now,
        text=form.text,
        files=files,
    )
    _moves(unit, settings, about, activity)
    return unit.add(activity)


def _about(unit: Unit, settings: Settings, form: SendMail) -> _About:
    if sum(map(bool, (form.reply_to, form.lead, form.deal, form.client))) != 1:
        raise Invalid("name one record", fields={"lead": "link"}, code="mail_link")
    if form.reply_to:
        return _of_letter(unit, settings, unit.need(Activity, form.reply_to))
    lead = unit.need(Lead, form.lead) if form.lead else None
    deal = unit.need(Deal, form.deal) if form.deal else None
    of_record = lead.client_id if lead else (deal.client_id if deal else None)
    client = follow(unit, form.client or of_record or "")
    check(unit.actor, Operation.CHANGE, lead or deal or client, within=settings)
    return _About(client, lead, deal)


def _of_letter(unit: Unit, settings: Settings, activity: Activity) -> _About:
    if activity.what != "mail" or activity.client_id is None:
        raise Invalid("this is no letter", fields={"reply_to": "mail"}, code="mail_not_letter")
    client = follow(unit, activity.client_id)
    lead = unit.find(Lead, client.open_lead_id or activity.lead_id)
    deal = unit.find(Deal, activity.deal_id)
    check(unit.actor, Operation.CHANGE, deal or lead or client, within=settings)
    return _About(client, lead, deal, unit.find(Inbound, activity.inbound_id))


def _letter(
    unit: Unit,
    settings: Settings,
    form: SendMail,
    about: _About,
    *,
    names: tuple[ActivityId, str],
) -> Outgoing:
    mail = about.mail
    subject = " ".join((form.subject or _reply_subject(mail)).split())
    if not subject:
        raise Invalid("there is no subject", fields={"subject": "missing"}, code="mail_subject")
    name, token = names
    author = settings.person(unit.actor.id)
    domain = author.email.rpartition("@")[2] if author else ""
    earlier = (*reversed(mail.earlier), mail.message_id) if mail.message_id else ()
    return Outgoing(
        id=name,
        client_id=ClientId(about.client.id),
        staff_id=StaffId(unit.actor.id),
        to=_address(unit, form, about),
        subject=subject,
        text=form.text,
        message_id=f"{token}.{name}@{domain or _NOWHERE}",
        token=token,
        earlier=earlier,
        thread=mail.thread if about.answered and not form.subject else "",
        at=unit.now,
    )


def _reply_subject(mail: Mail) -> str:
    if not mail.message_id and not mail.subject:
        return ""
    bare = mail.subject.strip()
    return bare if bare.lower().startswith("re:") else f"Re: {bare}".rstrip()


def _address(unit: Unit, form: SendMail, about: _About) -> str:
    """Return where the letter goes: an address of the client, and of no other."""
    known = about.client.emails
    wrote = about.answered.sender.emails if about.answered else ()
    if form.to and identity.email(form.to) not in known:
        listed = ", ".join(known)
        raise Invalid(
            "not an address of the client", fields={"to": "other"}, code="mail_to", known=listed
        )
    choices = [identity.email(form.to) or "", *(item for item in wrote if item in known), *known]
    address = next((item for item in choices if item), "")
    if not address:
        raise Invalid("the client has no address", fields={"to": "missing"}, code="mail_no_address")
    if unit.find(DeadAddress, dead_address_id(address)) is not None and not form.to:
        raise Invalid(
            "letters do not arrive there", fields={"to": "dead"}, code="mail_dead", to=address
        )
    return address


def _files(unit: Unit, form: SendMail, client: Client) -> tuple[Attachment, ...]:
    """Return the files to send along: of this client's own history, and not too large."""
    if not form.files:
        return ()
    where = (Where("client_id", "==", client.id),)
    query = Query(Activity.collection, where, (Order("at", descending=True),), _LOOK_BACK)
    known = {file.ref: file for item in unit.search(Activity, query) for file in item.files}
    if any(ref not in known for ref in form.files):
        raise Invalid("not a file of the client", fields={"files": "other"}, code="mail_file")
    chosen = tuple(known[ref] for ref in dict.fromkeys(form.files))
    if sum(file.size for file in chosen) > LARGEST_FILES:
        raise Invalid("the files are too large", fields={"files": "large"}, code="mail_files_large")
    return chosen


def _link(name: str, about: _About, activity_id: ActivityId) -> MailLink:
    return MailLink(
        id=name,
        client_id=ClientId(about.client.id),
        lead_id=about.lead.id if about.lead else None,
        deal_id=about.deal.id if about.deal else None,
        activity_id=activity_id,
        direction="out",
    )


def _moves(unit: Unit, settings: Settings, about: _About, activity: Activity) -> None:
    """Do to the records what a letter of ours does: the ladder, the deal, the last touch."""
    if about.deal is not None:
        deal_touch.touch(unit, settings, [about.deal], activity)
    touch = Touch(at=unit.now, kind="mail", direction="out", staff_id=activity.staff_id)
    client = unit.need(Client, about.client.id)
    unit.save(client.model_copy(update={"last_touch": touch, "updated_at": unit.now}))
    if about.lead is not None and is_open(about.lead):
        after = contact.after_letter(unit, settings, about.lead, activity, client=client)
        unit.save(ensure_next(unit, settings, after))


MAIL_COMMANDS: Registry = {
    "mail.send": Command("write to a client, or answer a letter in its thread", SendMail, send),
}
