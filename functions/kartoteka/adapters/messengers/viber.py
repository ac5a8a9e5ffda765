"""Viber: messages of a bot. Source: developers.viber.com, REST bot API, send_message."""

from kartoteka.adapters.messengers.calls import (
    Calls,
    key,
    no_files,
    no_key,
    refused,
    sent_id,
    too_many,
)
from kartoteka.chat_ports import FileBytes, Letter
from kartoteka.domain.errors import ProviderDown
from kartoteka.domain.office import Account

_URL = "https://chatapi.viber.com/pa/send_message"
_HOSTS = ("viber.com",)
_LONGEST_NAME = 28
_OK, _BAD_TOKEN, _SLOW_DOWN = 0, 2, 12
_BLOCKED = {5, 6, 7, 8, 14}


class Viber:
    """One bot."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, letter: Letter) -> str:
        """Return the `message_token`; a 200 may carry a refusal."""
        if letter.file is not None:
            raise no_files(account.channel)
        body = {
            "receiver": letter.peer,
            "type": "text",
            "sender": {"name": (account.api.get("name") or account.title)[:_LONGEST_NAME]},
            "text": letter.text,
            "tracking_data": letter.tag,
        }
        headers = {"x-viber-auth-token": key(account)}
        answer = self._calls.ask("POST", _URL, json=body, headers=headers)
        status = answer.number("status")
        if status == _OK:
            return sent_id(answer.body.get("message_token"))
        if status == _BAD_TOKEN:
            raise no_key(account.channel)
        if status == _SLOW_DOWN:
            raise too_many(None)
        if status is None:
            raise ProviderDown("Viber said nothing of the message")
        raise refused(blocked=status in _BLOCKED)

    def fetch(self, _account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file by its address at Viber."""
        return self._calls.file(ref, _HOSTS, largest)
