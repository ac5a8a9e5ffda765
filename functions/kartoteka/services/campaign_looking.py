"""A campaign looked at before it goes: for real people, and as a letter to oneself."""

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import ConfigError, Invalid, Rejected
from kartoteka.domain.ids import ClientId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.mailing import Campaign, Recipient, recipient_id
from kartoteka.domain.model import Client, Staff, Value
from kartoteka.domain.office import Settings
from kartoteka.log import log
from kartoteka.ports import QueuedTask
from kartoteka.services.campaign_forms import OneCampaign, PreviewCampaign
from kartoteka.services.campaign_planning import page
from kartoteka.services.campaign_running import QUEUE
from kartoteka.services.campaigns import check_mailing
from kartoteka.services.mailing_values import values_for, veiled
from kartoteka.services.office import Desk
from kartoteka.services.posting_checks import Held, judged
from kartoteka.services.posting_texts import (
    Place,
    Source,
    account_of,
    filled,
    posting_for,
    unsubscribe_url,
)
from kartoteka.services.postings import Outlet
from kartoteka.services.unit import Unit, transact

_TEST = "/automation/task/campaign_test"
_SHOWN_AS = "test"  # stands for the recipient in the address that unsubscribes


class Sample(Value):
    """The text as one client would get it; what the reader may not see is `[named]`."""

    client_id: str
    address: str = ""  # empty when the reader does not see addresses
    subject: str
    text: str
    html: str = ""
    missing: tuple[str, ...] = ()  # places that nothing fills: nothing is sent then
    held: str = ""  # a code: why nothing would be sent at this moment


class Preview(Value):
    """Samples of a campaign."""

    id: str
    samples: tuple[Sample, ...]


class TestAsked(Value):
    """A letter to oneself is on its way; `to` is where."""

    id: str
    to: str


def preview(desk: Desk, actor: Actor, form: PreviewCampaign, cause: str) -> Preview:
    """Return the text for the first people of the audience, and who of them is left out.

    Raises:
        NotAllowed: the actor does not write to many.
    """
    settings = desk.settings()
    check_mailing(actor, settings)

    def work(unit: Unit) -> Preview:
        campaign = unit.need(Campaign, form.campaign)
        fresh = campaign.model_copy(update={"cursor": ""})
        ids, _ = page(desk, fresh, form.count)
        clients = unit.find_many(Client, ids[: form.count]).values()
        shown = (_sample(desk, unit, campaign, client) for client in clients)
        return Preview(id=campaign.id, samples=tuple(shown))

    return transact(desk.store, actor, cause, desk.now(), work=work)


def ask_test(desk: Desk, actor: Actor, form: OneCampaign, cause: str) -> TestAsked:
    """Return where the letter to oneself goes; nobody else gets anything.

    Raises:
        NotAllowed: the actor does not write to many.
        Invalid: the actor has no such address, or it is a message for chats.
    """
    del cause  # nothing is written
    settings = desk.settings()
    check_mailing(actor, settings)
    doc = desk.store.get(Campaign.collection, form.campaign)
    campaign = Campaign.model_validate(doc) if doc else None
    person = settings.person(actor.id)
    to = _own(campaign, person) if campaign and person else ""
    if campaign is None or person is None or not to:
        code = "campaign_test_address"
        raise Invalid("no address for a test", fields={"campaign": code}, code=code)
    payload = {"campaign": campaign.id, "staff": person.id}
    name = derived("campaign", "test", campaign.id, person.id, spell(desk.now()))
    desk.tasks.enqueue(QueuedTask(QUEUE, name, _TEST, payload))
    return TestAsked(id=campaign.id, to=to)


def send_test(desk: Desk, outlet: Outlet, campaign_id: str, staff_id: str) -> str:
    """Return whether a letter to oneself went: sent or refused.

    Raises:
        Transient: the sender does not answer; the queue repeats.
    """
    settings, doc = desk.settings(), desk.store.get(Campaign.collection, campaign_id)
    campaign = Campaign.model_validate(doc) if doc else None
    person = settings.person(staff_id)
    to = _own(campaign, person) if campaign and person else ""
    if campaign is None or person is None or not to:
        return "refused"
    reader = Client(
        id=ClientId(person.id), name=person.name, created_at=desk.now(), updated_at=desk.now()
    )
    trial = Recipient(
        id=_SHOWN_AS,
        campaign_id=campaign.id,
        client_id=reader.id,
        medium=campaign.words.medium,
        address=to,
        due_at=desk.now(),
    )
    place = Place(outlet.base_url, outlet.mailbox, _SHOWN_AS)
    posting, _ = posting_for(settings, trial, reader, words=campaign.words, place=place)
    try:
        outlet.senders.send(account_of(settings, campaign.words), posting)
    except (Rejected, ConfigError) as exc:
        log("warning", event="campaign_test", campaign=campaign.id, code=exc.code)
        return "refused"
    return "sent"


def _own(campaign: Campaign, person: Staff) -> str:
    """Return the actor's own address of the campaign's medium."""
    if campaign.words.medium == "mail":
        return person.email
    full = (phone for phone in person.phones if phone.startswith("+"))
    return next(full, "") if campaign.words.medium == "sms" else ""


def _sample(desk: Desk, unit: Unit, campaign: Campaign, client: Client) -> Sample:
    settings = desk.settings()
    name = recipient_id(campaign.secret, client.id)
    recipient = Recipient(
        id=name,
        campaign_id=campaign.id,
        client_id=ClientId(client.id),
        medium=campaign.words.medium,
        due_at=unit.now,
    )
    found = judged(unit, settings, recipient, Source(campaign.words, campaign.author_id))
    address = unsubscribe_url(desk.intake_url, _SHOWN_AS)
    whole = values_for(client, settings, unsubscribe=address)
    told = filled(campaign.words, whole, settings.office.locale)
    seen = veiled(whole, client, unit.actor, settings)
    text = filled(campaign.words, seen, settings.office.locale)
    where = "" if isinstance(found, Held) or found.chat is not None else found.address
    return Sample(
        client_id=client.id,
        address=where if _sees_reach(unit.actor, client, settings, campaign) else "",
        subject=text.subject,
        text=text.text,
        html=text.html,
        missing=told.missing,
        held=found.why if isinstance(found, Held) else "",
    )


def _sees_reach(actor: Actor, client: Client, settings: Settings, campaign: Campaign) -> bool:
    field = "emails" if campaign.words.medium == "mail" else "phones"
    return can(actor, Operation.READ, client, field=field, within=settings)
