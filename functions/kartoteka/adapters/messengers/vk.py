"""VK: messages of a community. Source: dev.vk.com, messages.send, docs.*."""

from collections.abc import Mapping
from typing import Any

from kartoteka.adapters.messengers.calls import (
    Calls,
    check_host,
    key,
    no_key,
    refused,
    sent_id,
    too_many,
)
from kartoteka.chat_ports import FileBytes, Letter
from kartoteka.domain.errors import ProviderDown
from kartoteka.domain.office import Account

_METHODS = "https://api.vk.com/method"
_VERSION = "5.199"
_HOSTS = ("userapi.com", "vk.com", "vk.ru", "vkuser.net", "vk-cdn.net", "vkuserphoto.ru")
_KEY_ERRORS = {5, 15, 27, 28}
_SLOW_DOWN = {6, 9, 29}
_OUTAGES = {1, 10}
_BLOCKED = {7, 900, 901, 902}


class Vk:
    """One community."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, letter: Letter) -> str:
        """Return the id of the message; the tag as `random_id` makes a repeat the same one."""
        given = {"peer_id": letter.peer, "message": letter.text, "random_id": letter.tag}
        if letter.file is not None:
            given["attachment"] = self._uploaded(account, letter.peer, letter.file)
        return sent_id(self._call(account, "messages.send", given))

    def fetch(self, _account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file by its address at VK."""
        return self._calls.file(ref, _HOSTS, largest)

    def _uploaded(self, account: Account, peer: str, file: FileBytes) -> str:
        given = {"type": "doc", "peer_id": peer}
        place = self._call(account, "docs.getMessagesUploadServer", given)
        url = str(place.get("upload_url") or "") if isinstance(place, Mapping) else ""
        check_host(url, _HOSTS)
        part = {"file": (file.name, file.content, file.media_type)}
        loaded = self._calls.ask("POST", url, files=part).body.get("file")
        if not loaded:
            raise refused()
        kept = self._call(account, "docs.save", {"file": loaded, "title": file.name})
        doc = kept.get("doc") if isinstance(kept, Mapping) else None
        if not isinstance(doc, Mapping):
            raise refused()
        return f"doc{doc.get('owner_id')}_{doc.get('id')}"

    def _call(self, account: Account, method: str, given: Mapping[str, Any]) -> Any:
        data = {**given, "access_token": key(account), "v": _VERSION}
        answer = self._calls.ask("POST", f"{_METHODS}/{method}", data=data)
        if "response" in answer.body:
            return answer.body["response"]
        code = answer.number("error_code", "error")
        if code in _KEY_ERRORS:
            raise no_key(account.channel)
        if code in _SLOW_DOWN:
            raise too_many(None)
        if code in _OUTAGES or code is None:
            raise ProviderDown("VK has an error of its own")
        raise refused(blocked=code in _BLOCKED)
