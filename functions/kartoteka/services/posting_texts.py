"""Which text a recipient gets, who sends it, and how it reads for this one client."""

from dataclasses import dataclass

from kartoteka.domain.ids import derived
from kartoteka.domain.mail_merge import Filled, fill, names_of
from kartoteka.domain.mailing import GMAIL, RUNNING, Campaign, Recipient, Series, Words
from kartoteka.domain.model import Client
from kartoteka.domain.office import Account, Settings
from kartoteka.i18n import text
from kartoteka.outgoing_ports import Posting
from kartoteka.services.mailing_values import UNSUBSCRIBE, values_for
from kartoteka.services.unit import Unit

_NOWHERE = "kartoteka.invalid"


@dataclass(frozen=True, slots=True)
class Source:
    """What is sent and in whose name."""

    words: Words
    author_id: str = ""  # nobody's: a rule writes to one client


def source_of(unit: Unit, recipient: Recipient, *, whatever: bool = False) -> Source | None:
    """Return what a recipient gets; None while its campaign or series does not run.

    `whatever`: also of one that was stopped, to look for what was sent already.
    """
    if recipient.words is not None:
        return Source(recipient.words)
    if recipient.source == "campaign":
        campaign = unit.find(Campaign, recipient.campaign_id)
        runs = campaign is not None and campaign.state in RUNNING
        return (
            Source(campaign.words, campaign.author_id) if campaign and (runs or whatever) else None
        )
    series = unit.find(Series, recipient.campaign_id)
    if series is None or recipient.step >= len(series.steps) or not (series.on or whatever):
        return None
    return Source(series.steps[recipient.step].words, series.author_id)


def account_of(settings: Settings, words: Words) -> Account:
    """Return the account that sends; the office's own mailbox has no record.

    Raises:
        NotFound: the account is gone or switched off.
    """
    if not words.sender:
        return Account(id="", channel=GMAIL, title="", source="")
    channel = next((it.channel for it in settings.accounts if it.id == words.sender), "")
    return settings.account(channel, words.sender)


@dataclass(frozen=True, slots=True)
class Place:
    """Where answers and reports come: the public address of what comes in, the mailbox.

    `token` is the end of the address at which this one reader unsubscribes.
    """

    base_url: str
    mailbox: str
    token: str


def unsubscribe_url(base_url: str, token: str) -> str:
    """Return the address at which this reader unsubscribes."""
    return f"{base_url.rstrip('/')}/ingest/u/{token}"


def filled(words: Words, values: dict[str, str], locale: str) -> Filled:
    """Return the text for one person; a letter always tells how to unsubscribe."""
    plain, page = words.text, words.html
    if words.medium == "mail":
        place = "{{" + UNSUBSCRIBE + "}}"
        line = text("mailing_unsubscribe_line", locale, url=place)
        plain = plain if _says(plain) else f"{plain.rstrip()}\n\n-- \n{line}\n"
        page = page if not page or _says(page) else f"{page}\n<p>{line}</p>"
    return fill((words.subject, plain, page), values)


def posting_for(
    settings: Settings,
    recipient: Recipient,
    client: Client,
    *,
    words: Words,
    place: Place,
) -> tuple[Posting, Filled]:
    """Return what the sender gets, and the text with its gaps."""
    address = unsubscribe_url(place.base_url, place.token)
    values = values_for(client, settings, unsubscribe=address)
    found = filled(words, values, settings.office.locale)
    token = reply_token(recipient.id)
    posting = Posting(
        tag=recipient.id,
        to=recipient.address,
        subject=found.subject,
        text=found.text,
        html=found.html,
        name=settings.office.name,
        message_id=f"{token}.{recipient.id}@{place.mailbox.rpartition('@')[2] or _NOWHERE}",
        reply_token=token,
        unsubscribe=address,
        reports=place.base_url,
        at=recipient.sending_at or recipient.due_at,
    )
    return posting, found


def reply_token(recipient_id: str) -> str:
    """Return what stands in the address of answers: sixteen signs, the same for one id."""
    digits = derived("t", "reply", recipient_id).removeprefix("t_")
    return digits[:16]


def _says(pattern: str) -> bool:
    return bool({"отписка", UNSUBSCRIBE} & set(names_of(pattern)))
