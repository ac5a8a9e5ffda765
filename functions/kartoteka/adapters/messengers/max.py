"""MAX: messages of a bot. Source: dev.max.ru, POST /messages and /uploads."""

from typing import Any

from kartoteka.adapters.messengers.calls import (
    Answer,
    Calls,
    check_host,
    key,
    no_key,
    refused,
    sent_id,
    too_many,
)
from kartoteka.chat_ports import FileBytes, Letter
from kartoteka.domain.office import Account

_API = "https://platform-api2.max.ru"
_HOSTS = ("max.ru", "oneme.ru", "okcdn.ru", "mycdn.me")
_UNAUTHORISED, _FORBIDDEN, _LAST_OK = 401, 403, 299
_NOT_READY = "attachment.not.ready"
_UPDATES = (
    "bot_started",
    "message_callback",
    "message_created",
    "message_edited",
    "message_removed",
)


class Max:
    """One bot."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, letter: Letter) -> str:
        """Return the `mid` of the message."""
        body: dict[str, Any] = {"text": letter.text}
        if letter.file is not None:
            body["attachments"] = [self._uploaded(account, letter.file)]
        params = {"chat_id": letter.peer}
        found = self._call(account, "messages", params=params, json=body).part("message")
        inner = found.get("body")
        return sent_id(inner.get("mid") if isinstance(inner, dict) else None)

    def fetch(self, _account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file by its address at MAX."""
        return self._calls.file(ref, _HOSTS, largest)

    def listen(self, account: Account, url: str) -> bool:
        """Return whether MAX had forgotten the address, which it does after 8 silent hours."""
        listed = self._call(account, "subscriptions", method="GET").body.get("subscriptions")
        known = listed if isinstance(listed, list) else []
        if any(isinstance(it, dict) and it.get("url") == url for it in known):
            return False
        secret = next(iter(account.secrets), "")
        body = {"url": url, "update_types": list(_UPDATES), "secret": secret}
        self._call(account, "subscriptions", json=body)
        return True

    def _uploaded(self, account: Account, file: FileBytes) -> dict[str, Any]:
        place = self._call(account, "uploads", params={"type": "file"})
        url = str(place.body.get("url") or "")
        check_host(url, _HOSTS)
        part = {"data": (file.name, file.content, file.media_type)}
        token = self._calls.ask("POST", url, files=part).body.get("token")
        if not isinstance(token, str):
            raise refused()
        return {"type": "file", "payload": {"token": token}}

    def _call(self, account: Account, path: str, *, method: str = "POST", **given: Any) -> Answer:
        headers = {"authorization": key(account)}
        answer = self._calls.ask(method, f"{_API}/{path}", headers=headers, **given)
        if answer.status <= _LAST_OK:
            return answer
        if answer.body.get("code") == _NOT_READY:
            raise too_many(1)
        if answer.status == _UNAUTHORISED:
            raise no_key(account.channel)
        raise refused(blocked=answer.status == _FORBIDDEN)
