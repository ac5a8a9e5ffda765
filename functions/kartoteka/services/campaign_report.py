"""What became of a campaign: how many were reached, answered, left, and the deals after it."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound
from kartoteka.domain.mailing import Campaign, Recipient
from kartoteka.domain.model import Activity, Value
from kartoteka.ports import Query, Where
from kartoteka.services.campaign_forms import OneCampaign
from kartoteka.services.campaigns import CampaignShown, check_mailing, shown
from kartoteka.services.office import Desk
from kartoteka.services.posting_ends import activity_id

_PAGE = 400
_MOST_UNSURE = 100
_REACHED = frozenset({"delivered", "read"})


class CampaignReport(Value):
    """How a campaign went; `opened` only where the provider tells it, no letter spies itself."""

    id: str
    campaign: CampaignShown
    waiting: int = 0
    sent: int = 0
    delivered: int = 0
    opened: int = 0
    answered: int = 0
    unsubscribed: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0  # nobody knows whether it went out; not sent again
    reasons: dict[str, int]  # why some were skipped or failed, by code
    unsure: tuple[str, ...] = ()  # clients among the unknown
    deals: int = 0  # made by those who got it, within 30 days
    won: int = 0
    won_minor: int | None = None  # None: the reader does not see amounts


def report(desk: Desk, actor: Actor, form: OneCampaign, cause: str) -> CampaignReport:
    """Return how a campaign went up to now; memory stays flat whatever its size.

    Raises:
        NotAllowed: the actor does not write to many. NotFound: there is no such campaign.
    """
    del cause  # nothing is written
    settings = desk.settings()
    check_mailing(actor, settings)
    doc = desk.store.get(Campaign.collection, form.campaign)
    if doc is None:
        raise NotFound(f"there is no campaign {form.campaign!r}", code="record_unknown")
    campaign = Campaign.model_validate(doc)
    counts, reasons, unsure = Counter[str](), Counter[str](), list[str]()
    for portion in _portions(desk, campaign):
        for recipient in portion:
            counts.update(_counted(recipient))
            if recipient.state in {"skipped", "failed", "unknown"}:
                reasons[recipient.why] += 1
            if recipient.state == "unknown" and len(unsure) < _MOST_UNSURE:
                unsure.append(recipient.client_id)
        counts.update(_sales(desk, portion))
        if campaign.words.medium == "chat":
            counts.update(_in_chats(desk, portion))
    money = can(actor, Operation.READ, Deal, field="amount_minor", within=settings)
    won = counts.pop("won_minor", 0)
    told = {name: counts[name] for name in CampaignReport.model_fields if name in counts}
    return CampaignReport(
        id=campaign.id,
        campaign=shown(campaign),
        reasons=dict(sorted(reasons.items())),
        unsure=tuple(unsure),
        won_minor=won if money else None,
        **told,
    )


def _portions(desk: Desk, campaign: Campaign) -> Iterator[list[Recipient]]:
    where = (Where("campaign_id", "==", campaign.id),)
    found = desk.store.query(Query(Recipient.collection, where))
    all_of_them = (Recipient.model_validate(hit.doc) for hit in found)
    while portion := list(islice(all_of_them, _PAGE)):
        yield portion


def _counted(recipient: Recipient) -> Iterator[str]:
    waits = recipient.state in {"planned", "sending"}
    yield "waiting" if waits else recipient.state
    for name in ("delivered", "opened", "answered", "unsubscribed"):
        if getattr(recipient, f"{name}_at") is not None:
            yield name


def _sales(desk: Desk, portion: list[Recipient]) -> Counter[str]:
    """Return the deals that followed, and what was won of them."""
    ids = [it.deal_id for it in portion if it.deal_id]
    docs = desk.store.get_many(Deal.collection, ids) if ids else {}
    deals = [Deal.model_validate(doc) for doc in docs.values()]
    won = [deal for deal in deals if deal.state == "won"]
    money = sum(deal.amount_minor or 0 for deal in won)
    return Counter({"deals": len(deals), "won": len(won), "won_minor": money})


def _in_chats(desk: Desk, portion: list[Recipient]) -> Counter[str]:
    """Return how far messages in chats got, as their providers told the chats."""
    ids = [activity_id(it.id) for it in portion if it.state == "sent"]
    docs = desk.store.get_many(Activity.collection, ids) if ids else {}
    found = (Activity.model_validate(doc).message for doc in docs.values())
    states = [message.state for message in found if message is not None]
    counted = Counter({"delivered": sum(state in _REACHED for state in states)})
    counted["opened"] = states.count("read")
    lost = states.count("failed")
    counted["failed"], counted["sent"] = lost, -lost
    unsure = states.count("unsure")
    counted["unknown"] = unsure
    counted["sent"] -= unsure
    return counted
