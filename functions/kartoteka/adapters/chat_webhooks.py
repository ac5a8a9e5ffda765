"""Spaces of Google Chat, by incoming webhooks.

Source: developers.google.com/workspace/chat/quickstart/webhooks (a POST of `{"text": ...}` to the
webhook's address, which holds its key and token) and .../format-messages (`<users/all>` mentions
everybody, `<address|words>` is a link, * _ ~ ` format). A webhook takes one message a second.
"""

import logging
from pathlib import Path

import httpx

from kartoteka.adapters.messengers.all import ECHO_FILE
from kartoteka.adapters.messengers.calls import TIMEOUT_S, Calls, check_host, refused
from kartoteka.adapters.messengers.chat_space import HOSTS, plain
from kartoteka.adapters.messengers.echo import Echo
from kartoteka.chat_ports import Spaces

_LONGEST = 4_000
_REFUSED = 400


class GoogleChat:
    """The Spaces port over HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self._calls = Calls(client)

    def say(self, webhook: str, words: str) -> None:
        """Say plain words in a space."""
        check_host(webhook, HOSTS)
        answer = self._calls.ask("POST", webhook, json={"text": plain(words)[:_LONGEST]})
        if answer.status >= _REFUSED:
            raise refused()


def build(echo_in: Path | None = None) -> Spaces:
    """Return the spaces; with a folder, what is said is only written down there."""
    if echo_in is not None:
        return Echo(echo_in / ECHO_FILE)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes addresses, these hold keys
    return GoogleChat(httpx.Client(timeout=TIMEOUT_S, follow_redirects=False))
