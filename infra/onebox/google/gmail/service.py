"""The Gmail API of every address: profile, letters, history, sending, watching.

Source: gmail.v1, the methods of users, users.messages, users.history and users.threads.
"""

import base64
import binascii
import email
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.policy import compat32
from email.utils import getaddresses

from onebox.google.errors import canonical, invalid, not_found, precondition
from onebox.google.fields import UnknownFieldsError, answer_fields
from onebox.google.gmail.box import Box, Letter
from onebox.google.gmail.search import matches
from onebox.google.methods import Call, Json
from onebox.google.sheets.masks import project
from onebox.google.storage import Vault

WATCH_LIFE = timedelta(days=7)
_MOST = 500
_USUAL = 100
_FORMATS = ("minimal", "full", "raw", "metadata")
_NO_BASE64 = "Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed"
_NO_RAW = "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
_TWO_TOPICS = (
    "Only one user push notification client allowed per developer (call /stop then try again)"
)


class GmailService:
    """Letters of every address.

    Args:
        vault: where letters are kept.
        now: the office clock, which stamps letters and ages history.
        on_change: called with the address after each change of its box.
    """

    def __init__(
        self, vault: Vault, now: Callable[[], datetime], on_change: Callable[[str], None]
    ) -> None:
        self._vault = vault
        self._now = now
        self._on_change = on_change
        self._lock = threading.Lock()
        self._boxes: dict[str, Box] = {}
        self._methods: dict[str, Callable[[Box, Call], Json | None]] = {
            "users.getProfile": self._profile,
            "users.history.list": _history,
            "users.messages.get": _get,
            "users.messages.import": self._import,
            "users.messages.insert": self._import,
            "users.messages.list": _list,
            "users.messages.send": self._send,
            "users.stop": _stop,
            "users.threads.get": _thread,
            "users.watch": self._watch,
        }

    def box(self, address: str) -> Box:
        """Return the box of an address."""
        key = address.lower()
        with self._lock:
            if key not in self._boxes:
                self._boxes[key] = Box(key, self._vault, self._now)
            return self._boxes[key]

    def deliver(self, address: str, raw: bytes) -> Letter:
        """Put a letter into the inbox of an address, as if it had come by mail."""
        letter = self.box(address).add(raw, ("INBOX", "UNREAD"))
        self._on_change(address.lower())
        return letter

    def handle(self, call: Call) -> Json | None:
        """Return the answer to a recognised request; None is answered 204 without a body.

        Raises:
            GoogleError: the refusal; 501 for methods that the stand-in does not have.
        """
        method = self._methods.get(call.method.name)
        if method is None:
            raise canonical("UNIMPLEMENTED", f"Method {call.method.id} is not in the stand-in.")
        user = call.params["userId"]
        if user not in {"me", call.user}:
            raise canonical("PERMISSION_DENIED", f"Delegation denied for {call.user}")
        answer = method(self.box(call.user), call)
        return None if answer is None else _partial(answer, call)

    def _profile(self, box: Box, _call: Call) -> Json:
        letters = list(box.letters())
        return {
            "emailAddress": box.address,
            "messagesTotal": len(letters),
            "threadsTotal": len({letter.thread for letter in letters}),
            "historyId": str(box.history),
        }

    def _import(self, box: Box, call: Call) -> Json:
        labels = call.body.get("labelIds") or ("INBOX", "UNREAD")
        letter = box.add(_raw(call.body), labels, str(call.body.get("threadId", "")))
        self._on_change(box.address)
        return _short(letter) | {"labelIds": list(letter.labels)}

    def _send(self, box: Box, call: Call) -> Json:
        raw, thread = _raw(call.body), str(call.body.get("threadId", ""))
        parsed = email.message_from_bytes(raw, policy=compat32)
        to = [value for name in ("To", "Cc", "Bcc") for value in parsed.get_all(name, [])]
        recipients = [address for _, address in getaddresses(to) if "@" in address]
        if not recipients:
            raise invalid("Recipient address required")
        if thread and all(letter.thread != thread for letter in box.letters()):
            raise not_found()
        letter = box.add(raw, ("SENT",), thread)
        self._on_change(box.address)
        with self._lock:
            known = [address for address in recipients if address.lower() in self._boxes]
        for address in known:
            self.deliver(address, raw)
        return _short(letter) | {"labelIds": list(letter.labels)}

    def _watch(self, box: Box, call: Call) -> Json:
        topic = str(call.body.get("topicName", ""))
        if not topic.startswith("projects/") or "/topics/" not in topic:
            raise invalid(f"Invalid topicName does not match projects/*/topics/*: {topic}")
        if box.topic not in {"", topic}:
            raise precondition(_TWO_TOPICS)
        box.watched(topic)
        until = (self._now() + WATCH_LIFE).timestamp()
        return {"historyId": str(box.history), "expiration": str(int(until * 1000))}


def _stop(box: Box, _call: Call) -> None:
    box.watched("")


def _get(box: Box, call: Call) -> Json:
    letter = box.find(call.params["id"])
    if letter is None:
        raise not_found()
    shape = call.arg("format", "full").lower()
    if shape not in _FORMATS:
        raise invalid(f"Invalid value at 'format': {shape}")
    return _shaped(letter, shape)


def _list(box: Box, call: Call) -> Json:
    found = [letter for letter in box.letters() if matches(letter, call.arg("q"))]
    wanted = set(call.args("labelIds"))
    found = [letter for letter in reversed(found) if wanted <= set(letter.labels)]
    size, start = _page(call)
    answer: Json = {"resultSizeEstimate": len(found)}
    if found[start : start + size]:
        shown = found[start : start + size]
        answer["messages"] = [{"id": it.id, "threadId": it.thread} for it in shown]
    if start + size < len(found):
        answer["nextPageToken"] = str(start + size)
    return answer


def _history(box: Box, call: Call) -> Json:
    text = call.arg("startHistoryId")
    if not text.isdecimal():
        raise invalid("Missing or invalid startHistoryId")
    if int(text) < box.expired:
        raise not_found()
    added = [letter for letter in box.letters() if letter.history > int(text)]
    kinds = call.args("historyTypes")
    if kinds and "messageAdded" not in kinds:
        added = []
    size, start = _page(call)
    answer: Json = {"historyId": str(box.history)}
    if added[start : start + size]:
        answer["history"] = [_record(letter) for letter in added[start : start + size]]
    if start + size < len(added):
        answer["nextPageToken"] = str(start + size)
    return answer


def _thread(box: Box, call: Call) -> Json:
    found = [letter for letter in box.letters() if letter.thread == call.params["id"]]
    if not found:
        raise not_found()
    messages = [_shaped(letter, "minimal") for letter in found]
    return {"id": found[0].thread, "historyId": str(found[-1].history), "messages": messages}


def _record(letter: Letter) -> Json:
    added = {"message": _short(letter) | {"labelIds": list(letter.labels)}}
    return {"id": str(letter.history), "messages": [_short(letter)], "messagesAdded": [added]}


def _short(letter: Letter) -> Json:
    return {"id": letter.id, "threadId": letter.thread}


def _shaped(letter: Letter, shape: str) -> Json:
    raw = letter.raw.encode("latin-1")
    answer = _short(letter) | {
        "labelIds": list(letter.labels),
        "snippet": "",
        "historyId": str(letter.history),
        "internalDate": str(letter.at),
        "sizeEstimate": len(raw),
    }
    if shape == "raw":
        return answer | {"raw": base64.urlsafe_b64encode(raw).decode()}
    if shape == "minimal":
        return answer
    parsed = email.message_from_bytes(raw, policy=compat32)
    headers = [{"name": name, "value": str(value)} for name, value in parsed.items()]
    return answer | {"payload": {"mimeType": parsed.get_content_type(), "headers": headers}}


def _raw(body: Json) -> bytes:
    text = str(body.get("raw", ""))
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise invalid(_NO_BASE64) from None
    if not raw:
        raise invalid(_NO_RAW)
    return raw


def _page(call: Call) -> tuple[int, int]:
    size = min(max(call.number("maxResults", _USUAL), 1), _MOST)
    token = call.arg("pageToken")
    if token and not token.isdecimal():
        raise invalid("Invalid pageToken")
    return size, int(token or 0)


def _partial(answer: Json, call: Call) -> Json:
    if not call.method.response:
        return answer
    try:
        mask = answer_fields(call.arg("fields"), "gmail", call.method.response)
    except UnknownFieldsError as unknown:
        raise invalid(f"Invalid field selection {unknown.path}") from unknown
    chosen: Json = project(answer, mask)
    return chosen
