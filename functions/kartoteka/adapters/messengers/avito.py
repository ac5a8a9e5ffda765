"""Avito: messages of an account. Source: developers.avito.ru, OAuth and messenger API."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kartoteka.adapters.messengers.calls import (
    Answer,
    Calls,
    key,
    no_files,
    no_key,
    refused,
    sent_id,
)
from kartoteka.chat_ports import FileBytes, Letter
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.office import Account

_API = "https://api.avito.ru"
_HOSTS = ("avito.st", "avito.ru")
_UNAUTHORISED, _FORBIDDEN, _LAST_OK = 401, 403, 299


class Avito:
    """One account of a seller; its token of a day is kept by the process."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._tokens: dict[str, str] = {}

    def send(self, account: Account, letter: Letter) -> str:
        """Return the id of the message."""
        if letter.file is not None:
            raise no_files(account.channel)
        path = f"{self._mine(account)}/chats/{quote(letter.peer, safe='')}/messages"
        body = {"type": "text", "message": {"text": letter.text}}
        return sent_id(self._call(account, "POST", path, json=body).body.get("id"))

    def fetch(self, account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file by its address at Avito, or a voice by its id."""
        if ref.startswith("https:"):
            return self._calls.file(ref, _HOSTS, largest)
        path = f"{self._mine(account)}/getVoiceFiles"
        urls = self._call(account, "GET", path, params={"voice_ids": ref}).part("voices_urls")
        url = urls.get(ref)
        if not isinstance(url, str):
            raise NotAllowed("Avito does not know this voice", code="file_place")
        return self._calls.file(url, _HOSTS, largest)

    def _mine(self, account: Account) -> str:
        return f"messenger/v1/accounts/{quote(key(account, 'user_id'), safe='')}"

    def _call(self, account: Account, method: str, path: str, **given: Any) -> Answer:
        known = account.id in self._tokens
        answer = self._asked(account, method, path, given)
        if answer.status == _UNAUTHORISED and known:
            self._tokens.pop(account.id, None)
            answer = self._asked(account, method, path, given)
        if answer.status <= _LAST_OK:
            return answer
        self._tokens.pop(account.id, None)
        if answer.status == _UNAUTHORISED:
            raise no_key(account.channel)
        raise refused(blocked=answer.status == _FORBIDDEN)

    def _asked(self, account: Account, method: str, path: str, given: Mapping[str, Any]) -> Answer:
        headers = {"authorization": f"Bearer {self._token(account)}"}
        return self._calls.ask(method, f"{_API}/{path}", headers=headers, **given)

    def _token(self, account: Account) -> str:
        if account.id not in self._tokens:
            data = {
                "grant_type": "client_credentials",
                "client_id": key(account, "client_id"),
                "client_secret": key(account, "client_secret"),
            }
            found = self._calls.ask("POST", f"{_API}/token", data=data).body.get("access_token")
            if not isinstance(found, str):
                raise no_key(account.channel)
            self._tokens[account.id] = found
        return self._tokens[account.id]
