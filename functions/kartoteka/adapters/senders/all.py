"""Every sender behind the port; on a box without accounts what would go out is written down."""

import json
import logging
import threading
from pathlib import Path
from typing import Protocol

import httpx

from kartoteka.adapters.messengers.calls import TIMEOUT_S, Calls
from kartoteka.adapters.senders.answers import no_key
from kartoteka.adapters.senders.gmail import OfficeBox
from kartoteka.adapters.senders.smsaero import SmsAero
from kartoteka.adapters.senders.smsc import Smsc
from kartoteka.adapters.senders.smsru import SmsRu
from kartoteka.adapters.senders.smtp import MailServer
from kartoteka.adapters.senders.twilio import Twilio
from kartoteka.adapters.senders.unisender import Unisender
from kartoteka.domain.mailing import GMAIL
from kartoteka.domain.office import Account
from kartoteka.mail_ports import MailOf
from kartoteka.outgoing_ports import Posting

ECHO_FILE = "postings.jsonl"


class Sender(Protocol):
    """One service."""

    def send(self, account: Account, posting: Posting, /) -> str: ...


class Echo:
    """Writes down what would go out; one tag twice is the same message."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()

    def send(self, account: Account, posting: Posting) -> str:
        """Return an id made of the tag."""
        name = f"echo-{posting.tag}"
        told = {"id": name, "account": account.id, "channel": account.channel, "to": posting.to}
        told |= {"subject": posting.subject, "text": posting.text}
        line = json.dumps(told, ensure_ascii=False)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        return name


class AllSenders:
    """The senders by the channel of the account."""

    def __init__(self, client: httpx.Client, box: OfficeBox, echo: Echo | None = None) -> None:
        calls = Calls(client)
        self._box, self._echo = box, echo
        self._senders: dict[str, Sender] = {
            GMAIL: box,
            "smsaero": SmsAero(calls),
            "smsc": Smsc(calls),
            "smsru": SmsRu(calls),
            "smtp": MailServer(),
            "twilio_sms": Twilio(calls),
            "unisender": Unisender(calls),
        }

    def send(self, account: Account, posting: Posting) -> str:
        """Return the provider's id of what was sent."""
        if self._echo is not None and account.channel != GMAIL and not account.api:
            return self._echo.send(account, posting)
        found = self._senders.get(account.channel)
        if found is None:
            raise no_key(account.channel)
        return found.send(account, posting)

    def knows_repeats(self, channel: str) -> bool:
        """Return whether what was sent before can be looked up."""
        return channel == GMAIL

    def found(self, account: Account, posting: Posting) -> str | None:
        """Return the id of this posting if its sender has it already."""
        return self._box.found(account, posting) if account.channel == GMAIL else None


def build(mail: MailOf, address: str, echo_in: Path | None = None) -> AllSenders:
    """Return the senders; with a folder, accounts without keys are echoed into a file there."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes addresses, some hold keys
    client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)
    echo = Echo(echo_in / ECHO_FILE) if echo_in is not None else None
    return AllSenders(client, OfficeBox(mail, address), echo)
