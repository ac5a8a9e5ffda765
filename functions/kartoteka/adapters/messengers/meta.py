"""Meta's Graph API: WhatsApp numbers, Facebook pages, Instagram accounts.

Source: developers.facebook.com, Cloud API messages and media, Messenger platform Send API.
"""

import json
from typing import Any

from kartoteka.adapters.messengers.calls import (
    Answer,
    Calls,
    key,
    no_key,
    refused,
    sent_id,
    too_many,
)
from kartoteka.chat_ports import FileBytes, Letter
from kartoteka.domain.errors import NotAllowed, ProviderDown
from kartoteka.domain.office import Account

_GRAPH = "https://graph.facebook.com/v21.0"
_HOSTS = ("fbsbx.com", "fbcdn.net", "facebook.com", "cdninstagram.com", "whatsapp.net")
_KEY_ERRORS = {10, 102, 190, 200}
_SLOW_DOWN = {4, 17, 32, 613, 80007, 130429, 131048, 131056}
_OUTAGES = {1, 2, 131000, 131016}
_WINDOW = {2018278, 131047}
_BLOCKED = {551, 131026, 131050}
_LAST_OK = 299
_LONGEST_PARAMETER = 1_024


class _Graph:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def fetch(self, _account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file by its address at Meta."""
        return self._calls.file(ref, _HOSTS, largest)

    def _call(self, account: Account, method: str, path: str, **given: Any) -> Answer:
        answer = self._calls.ask(method, f"{_GRAPH}/{path}", headers=_bearer(account), **given)
        error = answer.part("error")
        if answer.status <= _LAST_OK and not error:
            return answer
        code = answer.number("code", "error")
        if answer.number("error_subcode", "error") in _WINDOW or code in _WINDOW:
            raise NotAllowed("more than 24 hours since the client wrote", code="chat_window")
        if code in _KEY_ERRORS:
            raise no_key(account.channel)
        if code in _SLOW_DOWN:
            raise too_many(None)
        if code in _OUTAGES:
            raise ProviderDown("Meta has an error of its own")
        raise refused(blocked=code in _BLOCKED)


class WhatsApp(_Graph):
    """One number of the Cloud API."""

    def send(self, account: Account, letter: Letter) -> str:
        """Return the `wamid` of the message."""
        number = key(account, "phone_number_id")
        whom = "recipient" if "." in letter.peer else "to"  # a user without a number has a dot
        body: dict[str, Any] = {"messaging_product": "whatsapp", whom: letter.peer}
        if letter.template is not None:
            body |= {"type": "template", "template": _filled(letter.template, letter.text)}
        elif letter.file is None:
            body |= {"type": "text", "text": {"body": letter.text}}
        else:
            media = {"id": self._uploaded(account, number, letter.file), "caption": letter.text}
            is_image = letter.file.media_type in {"image/jpeg", "image/png"}
            kind = "image" if is_image else "document"
            body |= {"type": kind, kind: media if is_image else media | _named(letter.file)}
        found = self._call(account, "POST", f"{number}/messages", json=body).body.get("messages")
        first = found[0] if isinstance(found, list) and found else {}
        return sent_id(first.get("id") if isinstance(first, dict) else None)

    def fetch(self, account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file by the id of its media."""
        if not ref.isalnum():
            raise NotAllowed("not an id of a media", code="file_place")
        url = str(self._call(account, "GET", ref).body.get("url") or "")
        return self._calls.file(url, _HOSTS, largest, headers=_bearer(account))

    def _uploaded(self, account: Account, number: str, file: FileBytes) -> str:
        part = {"file": (file.name, file.content, file.media_type)}
        data = {"messaging_product": "whatsapp", "type": file.media_type}
        found = self._call(account, "POST", f"{number}/media", data=data, files=part)
        return sent_id(found.body.get("id"))


class Messenger(_Graph):
    """One page, or one Instagram account."""

    def send(self, account: Account, letter: Letter) -> str:
        """Return the `mid` of the message; the tag comes back with its echo."""
        whom = {"id": letter.peer}
        if letter.file is None:
            message = {"text": letter.text, "metadata": letter.tag}
            body = {"recipient": whom, "messaging_type": "RESPONSE", "message": message}
            found = self._call(account, "POST", "me/messages", json=body)
        else:
            kind = "image" if letter.file.media_type.startswith("image/") else "file"
            message_part = {"attachment": {"type": kind, "payload": {}}, "metadata": letter.tag}
            data = {"recipient": json.dumps(whom), "message": json.dumps(message_part)}
            part = {"filedata": (letter.file.name, letter.file.content, letter.file.media_type)}
            found = self._call(account, "POST", "me/messages", data=data, files=part)
        return sent_id(found.body.get("message_id"))


def _bearer(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {key(account)}"}


def _filled(template: tuple[str, str], words: str) -> dict[str, Any]:
    """Return a template with the words in its place; Meta takes them on one line."""
    name, language = template
    said = " ".join(words.split())[:_LONGEST_PARAMETER]
    parameters = [{"type": "text", "text": said}]
    body = {"type": "body", "parameters": parameters}
    return {"name": name, "language": {"code": language}, "components": [body]}


def _named(file: FileBytes) -> dict[str, str]:
    return {"filename": file.name}
