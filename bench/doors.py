"""Channels with a door of their own: what their events cost beside a call in our own JSON.

Amazon's topic and Google Chat prove each call with a signature of RSA, Gmail only tells that there
is something to fetch, and the site's chat has its visitors' tokens.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bench.exchanges import connected, missed
from bench.front import Makes, compared
from bench.report import Row, told
from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.adapters.certificates import KeptCertificates
from kartoteka.adapters.sns import SnsTopics
from kartoteka.adapters.tokens import GoogleIdentity, SharedSecret
from kartoteka.http import Call
from kartoteka.mail_ports import MailNews
from kartoteka.ports import Doc, Query
from kartoteka.wiring import App
from onebox.provider_keys import ProviderKeys
from onebox.samples import at_address, read_sample
from onebox.tasks.internal_token import InternalTokens

_PROOF = "key:salt"
_SECRET = "s" * 32
_STRIDE = 8
_FIRST = 1_000_000_000
_PUSH = "gmail's push"
_REQUESTS = ("call", "gmail", _PUSH, "ses", "site")
_HOST = "http://localhost"


@dataclass(frozen=True)
class _Published:
    """What the providers publish of their keys, as an answer of the web."""

    data: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Box:
    """A mailbox to which one letter comes before each look."""

    letters: list[Doc] = field(default_factory=list)

    def position(self) -> str:
        return str(len(self.letters))

    def news(self, since: str) -> MailNews:
        ids = tuple(str(letter["id"]) for letter in self.letters[int(since) :])
        return MailNews(ids, self.position())

    def since(self, _moment: datetime) -> tuple[str, ...]:
        return self.news("0").ids

    def letter(self, letter_id: str) -> Doc | None:
        return next(it for it in reversed(self.letters) if it["id"] == letter_id)


class _Doors:
    """Makes the call of each channel, of another person each time."""

    def __init__(self, data: Path) -> None:
        self.box = _Box()
        self.app = connected(data, ("call", "gmail", "google_chat", "ses", "site"))
        self._keys = ProviderKeys(data)
        self._open(self.app)
        self.made_by: Mapping[str, Makes] = {
            "call": lambda person: missed("call", person),
            "gmail": self._posted,
            _PUSH: self._pushed,
            "google_chat": self._heard,
            "ses": lambda person: self._told("ses", "new", ("maria.orlova", "c1f0a7d2"), person),
            "site": self._said,
        }

    def _open(self, app: App) -> None:
        """Have the app find keys and mailbox here, as it would in the web."""

        def fetch(url: str, **_: object) -> _Published:
            return _Published(self._keys.published(url.removeprefix("https://")) or b"")

        kept = KeptCertificates(fetch)
        app.__dict__["topics"] = SnsTopics(lambda url: (200, fetch(url).data))
        app.__dict__["callers_of"] = lambda address: GoogleIdentity([address], kept)
        app.__dict__["verifier"] = SharedSecret(_SECRET, app.settings.base_url)
        app.__dict__["mail"] = lambda _email: self.box

    def _told(self, channel: str, sample: str, named: tuple[str, ...], person: int) -> Call:
        """Return a sample of somebody else, with its provider's own signature."""
        call = at_address(read_sample(channel, sample), (channel, f"{channel}_b"))
        text = call.body.decode()
        for place, old in enumerate(named):
            text = text.replace(old, f"{_FIRST + person * _STRIDE + place}")
        whole = replace(call, body=text.encode(), base_url=self.app.settings.base_url)
        return self._keys.proven(as_sent(CHANNELS[channel], whole, _PROOF))

    def _heard(self, person: int) -> Call:
        return self._told("google_chat", "answer", ("M1.M1",), person)

    def _said(self, person: int) -> Call:
        """Return the first words of a new visitor of the site."""
        call = at_address(read_sample("site", "message"), ("chat", "site_b", "say"))
        body = json.loads(call.body) | {"visitor": f"v_{_FIRST + person:016d}"}
        said = replace(call, body=json.dumps(body).encode(), base_url=_HOST)
        return as_sent(CHANNELS["site"], said, _PROOF)

    def _posted(self, person: int) -> Call:
        """Return a letter as a script of the office hands it over."""
        call = at_address(read_sample("gmail", "new"), ("gmail", "gmail_b"))
        posted = replace(call, body=json.dumps(self._letter(person)).encode(), base_url=_HOST)
        return as_sent(CHANNELS["gmail"], posted, _PROOF)

    def _letter(self, person: int) -> Doc:
        letter = json.loads(read_sample("gmail", "new").body)
        source = base64.urlsafe_b64decode(letter["raw"] + "==").decode()
        for place, old in enumerate(("maria.orlova", "c1f0a7d2")):
            source = source.replace(old, f"{_FIRST + person * _STRIDE + place}")
        raw = base64.urlsafe_b64encode(source.encode()).decode()
        return {**letter, "id": f"m{person}", "raw": raw}

    def _pushed(self, person: int) -> Call:
        """Return Pub/Sub's word that a letter came, and have it lie in the box."""
        self.box.letters.append(self._letter(person))
        settings = self.app.settings
        token = InternalTokens(_SECRET).sign(settings.tasks_email, settings.base_url)
        return Call(
            "POST",
            ("gmail", "gmail_b", "push"),
            body=json.dumps({"message": {"data": "e30=", "messageId": str(person)}}).encode(),
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
        )


def doors(folder: Path) -> list[Row]:
    """Compare what callers at each door wait for an answer with a missed call in our own JSON."""
    made = _Doors(folder / "doors")
    found = compared(made.app, made.made_by)
    requests, events = (made.app.store.count(Query(what)) for what in ("leads", "inbounds"))
    made.app.store.close()
    if (requests, events) != (len(_REQUESTS) * found.each, found.events):
        raise AssertionError(f"{found.events} events left {events} and made {requests} requests")
    ratios = dict(found.ratios)
    pushed = ratios.pop(_PUSH)
    rows = replace(found, ratios=ratios).rows("event")
    return [*rows, told("gmail's push, letter fetched and place kept : own JSON", pushed)]
