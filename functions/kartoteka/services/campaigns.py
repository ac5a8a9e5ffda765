"""Campaigns: one text to many people, prepared, looked at, started and stopped; J8."""

from pydantic import AwareDatetime

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, Transient
from kartoteka.domain.ids import ClientId, StaffId, fresh, unguessable
from kartoteka.domain.mailing import RUNNING, Campaign, Medium
from kartoteka.domain.model import Client, Value
from kartoteka.domain.office import Settings
from kartoteka.log import log
from kartoteka.ports import Order, Query
from kartoteka.services import campaign_running, consents
from kartoteka.services.campaign_forms import (
    ChangeCampaign,
    CreateCampaign,
    ListCampaigns,
    OneCampaign,
    StartCampaign,
)
from kartoteka.services.campaign_planning import PLANNED
from kartoteka.services.mailing_words import words_of
from kartoteka.services.office import Desk
from kartoteka.services.segment_view import known_segment
from kartoteka.services.unit import Unit, transact

SHOWN = ("name", "segment", "state", "author_id")


class CampaignShown(Value):
    """A campaign as people see it."""

    id: str
    name: str
    medium: Medium
    segment: str = ""
    state: str
    why: str = ""
    planned: int = 0
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    next_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None


class Campaigns(Value):
    """Campaigns, the newest first."""

    campaigns: tuple[CampaignShown, ...]


def create(desk: Desk, actor: Actor, form: CreateCampaign, cause: str) -> CampaignShown:
    """Return the campaign as a draft.

    Raises:
        NotAllowed: the actor does not write to many.
        Invalid: no audience or two, no such segment or client; see `mailing_words.words_of`.
    """
    settings = desk.settings()
    name, secret = fresh("cm"), unguessable("cs")

    def work(unit: Unit) -> Campaign:
        check_mailing(actor, settings)
        unit.subject = name
        campaign = Campaign(
            id=name,
            name=form.name,
            words=words_of(unit, settings, form),
            segment=_audience(unit, settings, form),
            clients=tuple(ClientId(it) for it in dict.fromkeys(form.clients)),
            author_id=StaffId(actor.id),
            secret=secret,
            created_at=unit.now,
        )
        unit.keep(campaign, shown=SHOWN)
        return campaign

    return shown(transact(desk.store, actor, cause, desk.now(), work=work))


def change(desk: Desk, actor: Actor, form: ChangeCampaign, cause: str) -> CampaignShown:
    """Return the changed draft; it is judged as a whole, as if it were written anew.

    Raises:
        NotAllowed: the actor does not write to many.
        Invalid: it was started before; what `create` refuses too.
    """
    settings = desk.settings()
    check_mailing(actor, settings)

    def work(unit: Unit) -> Campaign:
        draft = unit.need(Campaign, form.campaign)
        if draft.state != "draft":
            raise _started(draft)
        whole = _merged(draft, form)
        update = {
            "name": whole.name,
            "words": words_of(unit, settings, whole),
            "segment": _audience(unit, settings, whole),
            "clients": tuple(ClientId(it) for it in dict.fromkeys(whole.clients)),
            "author_id": StaffId(actor.id),
        }
        return _kept(unit, draft.model_copy(update=update))

    return shown(transact(desk.store, actor, cause, desk.now(), work=work))


def start(desk: Desk, actor: Actor, form: StartCampaign, cause: str) -> CampaignShown:
    """Return the campaign on its way; one that was stopped goes on with those who wait.

    Raises:
        NotAllowed: the actor does not write to many. Invalid: it runs already, or is done.
    """
    settings = desk.settings()
    check_mailing(actor, settings)
    consents.collect(desk)

    def work(unit: Unit) -> Campaign:
        campaign = unit.need(Campaign, form.campaign)
        if campaign.state not in {"draft", "stopped"}:
            raise _started(campaign)
        state = "running" if campaign.cursor == PLANNED else "planning"
        first = campaign.started_at or unit.now
        begins = max(form.at or unit.now, unit.now)
        update = {"state": state, "why": "", "started_at": first, "next_at": begins}
        return _kept(unit, campaign.model_copy(update=update))

    campaign = transact(desk.store, actor, cause, desk.now(), work=work)
    try:
        campaign_running.hand_over(desk, campaign)
    except Transient:
        log("warning", event="campaign_waits", campaign=campaign.id)
    return shown(campaign)


def stop(desk: Desk, actor: Actor, form: OneCampaign, cause: str) -> CampaignShown:
    """Return the stopped campaign: whoever was not written to is not, from this moment on.

    Raises:
        NotAllowed: the actor does not write to many.
    """
    check_mailing(actor, desk.settings())

    def work(unit: Unit) -> Campaign:
        campaign = unit.need(Campaign, form.campaign)
        if campaign.state not in RUNNING:
            return campaign
        update = {"state": "stopped", "why": "by_hand", "next_at": None}
        return _kept(unit, campaign.model_copy(update=update))

    return shown(transact(desk.store, actor, cause, desk.now(), work=work))


def listed(desk: Desk, actor: Actor, form: ListCampaigns, cause: str) -> Campaigns:
    """Return the newest campaigns.

    Raises:
        NotAllowed: the actor does not write to many.
    """
    del cause  # nothing is written
    check_mailing(actor, desk.settings())
    order = (Order("created_at", descending=True),)
    found = desk.store.query(Query(Campaign.collection, order=order, limit=form.count))
    return Campaigns(campaigns=tuple(shown(Campaign.model_validate(hit.doc)) for hit in found))


def check_mailing(actor: Actor, settings: Settings) -> None:
    """Refuse who may not write to many.

    Raises:
        NotAllowed: `role_forbids`.
    """
    check_setup(actor, Campaign, settings, field="words")


def shown(campaign: Campaign) -> CampaignShown:
    """Return the campaign without its secret and its words."""
    kept = campaign.model_dump(include=set(CampaignShown.model_fields) - {"medium"})
    return CampaignShown(medium=campaign.words.medium, **kept)


def _merged(draft: Campaign, form: ChangeCampaign) -> CreateCampaign:
    """Return the whole campaign as it would be written now."""
    given = form.model_dump(exclude_none=True, exclude={"campaign"})
    if not form.segment and not form.clients:
        given |= {"segment": draft.segment, "clients": draft.clients}
    words = draft.words.model_dump()
    if form.template:  # brings its own
        words |= {"subject": "", "text": "", "html": ""}
    return CreateCampaign.model_validate({"name": draft.name, **words, **given})


def _started(campaign: Campaign) -> Invalid:
    code = "campaign_runs" if campaign.state in RUNNING else "campaign_done"
    return Invalid("it was started before", fields={"campaign": code}, code=code)


def _kept(unit: Unit, campaign: Campaign) -> Campaign:
    unit.subject = campaign.id
    unit.keep(campaign, shown=(*SHOWN, "why"))
    return campaign


def _audience(unit: Unit, settings: Settings, form: CreateCampaign) -> str:
    """Return the id of the segment, "" for clients named one by one.

    Raises:
        Invalid: neither or both, or there is no such segment. NotFound: there is no such client.
    """
    if bool(form.segment) == bool(form.clients):
        code = "campaign_audience"
        raise Invalid("name a segment or clients", fields={"segment": code}, code=code)
    if form.segment:
        return _segment(unit.actor, settings, form.segment)
    known = unit.find_many(Client, form.clients)
    for lost in (it for it in form.clients if it not in known):
        unit.need(Client, lost)
    return ""


def _segment(actor: Actor, settings: Settings, said: str) -> str:
    row = known_segment(actor, settings, said)
    if not row.on:
        raise Invalid(
            f"segment {row.id} is switched off",
            fields={"segment": "segment_off"},
            code="segment_off",
        )
    return row.id
