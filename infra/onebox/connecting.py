"""What an operator needs to connect a channel: steps of its page, and a trial of the whole way."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import files

from ingest.channel import Context
from ingest.channels import CHANNELS
from ingest.intake import BODY_LIMIT
from ingest.provider import address_of
from kartoteka.domain.errors import KartotekaError, NotFound, Rejected
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.http import Call
from kartoteka.services.connections import has_passed, mark_trial
from kartoteka.services.office import Desk
from onebox.delivery import addressed
from onebox.samples import read_sample, sample_files

_HEADINGS = {"ru": "## Подключение", "en": "## Setting up"}
_STEP = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
_LOOK_S = 0.2
_REFUSED = 400
_SAYS_NOTHING = {Kind.SERVICE, Kind.UNKNOWN}
_NOBODYS = {Kind.PAYMENT, Kind.RECEIPT, Kind.TEAM}  # no client need be behind these
# Names of samples in which a stranger asks for something, or which the provider sends most.
_USUAL = (
    "consult", "request", "lead", "response", "plain", "message", "incoming", "missed", "lost",
    "dial_no_answer", "new", "parsed", "created", "order_new", "confirmed", "succeeded", "paid",
    "pay", "session", "answer", "delivered",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tried:
    """How far a sample came: what the box answered, what it made, whether it is in the sheet."""

    channel: str
    address: str
    sample: str
    status: int
    events: tuple[Inbound, ...] = ()
    passed: bool = False

    @property
    def ok(self) -> bool:
        """Return whether the sample went the whole way."""
        return self.passed and any(one.client_id or one.what in _NOBODYS for one in self.events)


def steps(channel: str, locale: str) -> list[str]:
    """Return what to click at the provider, from the channel's page."""
    page = files("ingest").joinpath("channels", f"{channel}.md").read_text("utf-8")
    part = page.partition(_HEADINGS.get(locale, _HEADINGS["en"]))[2].partition("\n## ")[0]
    return _STEP.findall(part)


def try_out(
    desk: Desk,
    place: tuple[str, str],
    base: str,
    *,
    send: Callable[[Call], int],
    patience_s: float = 20.0,
) -> Tried:
    """Return how far a sample came through the running box; it is marked as a trial.

    Args:
        desk: of the office.
        place: the channel, and the account's token or the form's id; empty: the first.
        base: where the office is served.
        send: makes the call and returns the status of the answer.
        patience_s: how long the sheet may take, seconds.

    Raises:
        NotFound: the channel has no sample that says something.
        ConfigError: nobody answers.
    """
    channel, name = place
    settings = desk.settings()
    for sample, call in _samples(channel):
        sent = addressed(replace(call, base_url=base), channel, settings, name, now=desk.now())
        ids = [event.id for event in _events(desk, channel, name, sent)]
        if ids:
            status = send(sent)
            blank = Tried(channel, sent.target, sample, status)
            return _followed(desk, blank, ids, patience_s) if status < _REFUSED else blank
    raise NotFound(f"there is no sample of {channel!r} that says something")


def mark(desk: Desk, channel: str, call: Call) -> None:
    """Keep in mind that the events of this call are samples: they prove nothing of a provider."""
    with suppress(KartotekaError, Rejected):  # nobody understands it, so it proves nothing anyway
        events = CHANNELS[channel].parse(call, _context(desk, channel, ""))
        mark_trial(desk, [one.id for one in events])


def _samples(channel: str) -> Iterator[tuple[str, Call]]:
    """Yield the samples of a channel, the usual ones first."""
    stems = [file.name.partition(".")[0] for file in sample_files(channel)]
    for stem in sorted(stems, key=_unusual):
        yield stem, read_sample(channel, stem)


def _unusual(stem: str) -> int:
    return _USUAL.index(stem) if stem in _USUAL else len(_USUAL)


def _events(desk: Desk, channel: str, name: str, call: Call) -> list[Inbound]:
    """Return what the call says, if it says who a client is or needs none."""
    try:
        found = CHANNELS[channel].parse(call, _context(desk, channel, name))
    except (KartotekaError, Rejected):
        return []
    told = [one for one in found if one.what not in _SAYS_NOTHING and one.state == "new"]
    return told if any(_says_who(one) or one.what in _NOBODYS for one in told) else []


def _says_who(one: Inbound) -> bool:
    return bool(one.sender.phones or one.sender.emails or one.sender.messengers)


def _context(desk: Desk, channel: str, name: str) -> Context:
    settings = desk.settings()
    if channel != "form":
        token = name or next(one.id for one in settings.accounts if one.channel == channel)
        return address_of(desk, CHANNELS[channel], token, BODY_LIMIT).context
    form = settings.form(name or settings.forms[0].id)
    return Context(form.id, form.source, settings.office.region, desk.now(), form)


def _followed(desk: Desk, blank: Tried, ids: Sequence[str], patience_s: float) -> Tried:
    until = time.monotonic() + patience_s
    events = mark_trial(desk, ids)
    while events:
        if all(has_passed(desk, one) for one in events):
            return replace(blank, events=tuple(events), passed=True)
        if time.monotonic() > until:
            break
        time.sleep(_LOOK_S)
    return replace(blank, events=tuple(events))
