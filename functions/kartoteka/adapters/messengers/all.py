"""Every messenger behind the two ports; accounts without keys can go to an echo instead."""

import logging
from pathlib import Path
from typing import Protocol

import httpx

from kartoteka.adapters.messengers.avito import Avito
from kartoteka.adapters.messengers.calls import TIMEOUT_S, Calls, no_key
from kartoteka.adapters.messengers.chat_space import ChatSpace
from kartoteka.adapters.messengers.echo import Echo
from kartoteka.adapters.messengers.max import Max
from kartoteka.adapters.messengers.meta import Messenger, WhatsApp
from kartoteka.adapters.messengers.site import Site
from kartoteka.adapters.messengers.telegram import Telegram
from kartoteka.adapters.messengers.viber import Viber
from kartoteka.adapters.messengers.vk import Vk
from kartoteka.chat_ports import FileBytes, Letter, RoomWords
from kartoteka.domain.office import Account

_KNOW_REPEATS = {"site", "vk"}
_SPACE = "google_chat"  # the team's only: no client writes there
_OURS = {"site"}  # needs no keys of anybody
ECHO_FILE = "messengers.jsonl"


class Provider(Protocol):
    """One messenger."""

    def send(self, account: Account, letter: Letter, /) -> str: ...
    def fetch(self, account: Account, ref: str, largest: int, /) -> FileBytes: ...


class AllMessengers:
    """The messengers by the channel of the account."""

    def __init__(self, client: httpx.Client, echo: Echo | None = None) -> None:
        calls = Calls(client)
        self._max = Max(calls)
        self._telegram = Telegram(calls)
        self._space = ChatSpace(calls)
        self._echo = echo
        self._providers: dict[str, Provider] = {
            "avito": Avito(calls),
            "max": self._max,
            "messenger": Messenger(calls),
            "site": Site(),
            "telegram": self._telegram,
            "viber": Viber(calls),
            "vk": Vk(calls),
            "whatsapp": WhatsApp(calls),
        }

    def send(self, account: Account, letter: Letter) -> str:
        """Return the provider's id of the message."""
        return self._of(account).send(account, letter)

    def fetch(self, account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file of a client, or of the team."""
        if account.channel == _SPACE and account.api:
            return self._space.fetch(account, ref, largest)
        return self._of(account).fetch(account, ref, largest)

    def knows_repeats(self, channel: str) -> bool:
        """Return whether a message sent twice with one tag arrives once."""
        return channel in _KNOW_REPEATS

    def listen(self, account: Account, url: str) -> bool:
        """Return whether the provider had to be told our address again; most never forget it."""
        return account.channel == "max" and bool(account.api) and self._max.listen(account, url)

    def open_topic(self, account: Account, group: str, title: str) -> str:
        """Return the id of a new topic of the team's group."""
        return self._room(account).open_topic(account, group, title)

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        """Return the id of a post in the team's group."""
        return self._room(account).post(account, place, post)

    def set_open(self, account: Account, place: tuple[str, str], *, is_open: bool) -> None:
        """Open or close a topic of the team's group."""
        self._room(account).set_open(account, place, is_open=is_open)

    def reword(self, account: Account, place: tuple[str, str], post: RoomWords) -> None:
        """Give a post other words and buttons."""
        self._room(account).reword(account, place, post)

    def hear_press(self, account: Account, press: str, words: str) -> None:
        """Show a short answer to whoever pressed a button."""
        self._room(account).hear_press(account, press, words)

    def _of(self, account: Account) -> Provider:
        if self._echo is not None and not account.api and account.channel not in _OURS:
            return self._echo
        found = self._providers.get(account.channel)
        if found is None:
            raise no_key(account.channel)
        return found

    def _room(self, account: Account) -> Telegram | ChatSpace | Echo:
        if self._echo is not None and not account.api:
            return self._echo
        return self._space if account.channel == _SPACE else self._telegram


def build(echo_in: Path | None = None) -> AllMessengers:
    """Return the messengers; with a folder, accounts without keys are echoed into a file there."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes addresses, some hold keys
    client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)
    return AllMessengers(client, Echo(echo_in / ECHO_FILE) if echo_in is not None else None)
