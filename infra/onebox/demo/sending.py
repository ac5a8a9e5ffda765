"""Acts become requests to the public addresses, signed as the providers sign them."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any

import httpx

from ingest.channels import call as call_channel
from ingest.channels import telegram as telegram_channel
from kartoteka.domain.errors import ConfigError
from kartoteka.domain.office import Account, Settings
from onebox.demo.acts import Broken, Form, Ring, Update

_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 2.0
_NUMBERS_A_DAY = 1_000


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that was made.

    `key` is the same for deliveries of the same event; `at` is monotonic seconds before the
    request. `right` says whether the answer was the one the act asks for; `stored` whether the
    box took the event.
    """

    key: str
    at: float
    status: int
    right: bool
    stored: bool


@dataclass(frozen=True)
class Sender:
    """Plays the site's visitors, the telephone exchange and Telegram.

    `day` makes ids of events unique over several plays in the same folder; a request is repeated
    up to `attempts` times while the box does not answer.
    """

    base_url: str
    client: httpx.Client
    settings: Settings
    day: str
    now: Callable[[], datetime]
    attempts: int = 8

    def send(self, act: Form | Ring | Update | Broken) -> list[Sent]:
        """Make the requests of one act, in their order; return what became of each."""
        match act:
            case Form():
                return self._form(act)
            case Ring():
                return [self._ring(act, event) for event in act.events]
            case Update():
                return [self._update(act) for _ in range(act.times)]
            case Broken():
                return [self._call(act.body, f"call:{_body_id(act.body)}")]

    def _form(self, act: Form) -> list[Sent]:
        url = f"{self.base_url}/ingest/form/{self.settings.forms[0].id}"
        request = self._filled(act, url)
        key = f"form:{next((v for k, v in act.fields.items() if k in _TEXTS), '')}"
        with ThreadPoolExecutor(act.times) as clicks:
            posts = [clicks.submit(self._post, request, key, act.status) for _ in range(act.times)]
            return [post.result() for post in posts]

    def _filled(self, act: Form, url: str) -> Callable[[], httpx.Response]:
        if act.how == "json":
            return lambda: self.client.post(url, json=dict(act.fields))
        if act.how == "multipart":
            parts = {name: (None, value) for name, value in act.fields.items()}
            return lambda: self.client.post(url, files=parts)
        hidden = _hidden_inputs(self.client.get(url).raise_for_status().text)
        fields = {**hidden, **act.fields, "kt_consent": "yes"}
        accept = {"accept": "text/html,*/*"}
        return lambda: self.client.post(url, data=fields, headers=accept)

    def _ring(self, act: Ring, event: str) -> Sent:
        ended = self.now()
        answered = ended - timedelta(seconds=act.talked_s) if act.talked_s else None
        started = (answered or ended) - timedelta(seconds=act.rang_s)
        over = event in {"ended", "missed"}
        call_id = f"{self.day}-{act.call}"
        body = {
            "id": call_id,
            "event": event,
            "direction": act.direction,
            "client": act.client,
            "line": "+74950000100",
            "staff": act.staff,
            "started_at": started.isoformat(),
            "answered_at": answered.isoformat() if answered and event != "ringing" else None,
            "ended_at": ended.isoformat() if over else None,
            "recording_url": None,
        }
        raw = json.dumps(body).encode()
        secret = secrets.token_urlsafe(16) if act.forged else None
        return self._call(raw, f"call:{call_id}:{event}", act.status, secret)

    def _call(self, raw: bytes, key: str, status: int = 0, secret: str | None = None) -> Sent:
        account = self._account("call")
        signed = call_channel.sign(raw, secret or account.secrets[0])
        return self._event(account, raw, signed, key=key, status=status)

    def _update(self, act: Update) -> Sent:
        account = self._account("telegram")
        number = int(self.day) * _NUMBERS_A_DAY + act.number
        body = json.dumps(_update(act, number, self.now()), ensure_ascii=False).encode()
        signed = telegram_channel.sign(body, account.secrets[0])
        known = act.kind == "callback_query" or act.chat is not None
        key = str(number) if known else _body_id(body)
        return self._event(account, body, signed, key=f"telegram:{key}")

    def _event(
        self,
        account: Account,
        body: bytes,
        signed: Mapping[str, str],
        *,
        key: str,
        status: int = 0,
    ) -> Sent:
        url = f"{self.base_url}/ingest/{account.channel}/{account.id}"
        headers = {"content-type": "application/json", **signed}
        return self._post(lambda: self.client.post(url, content=body, headers=headers), key, status)

    def _post(self, request: Callable[[], httpx.Response], key: str, status: int) -> Sent:
        """Make a request, again while the box is away or asks for patience, as providers do."""
        at = time.monotonic()
        answer = 0
        for attempt in range(self.attempts):
            try:
                answer = request().status_code
            except httpx.TransportError:
                answer = 0
            if answer and answer < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
            time.sleep(min(_LONGEST_PAUSE_S, _PAUSE_S * (attempt + 1)))
        stored = HTTPStatus.OK <= answer < HTTPStatus.BAD_REQUEST
        return Sent(key, at, answer, right=answer == status if status else stored, stored=stored)

    def _account(self, channel: str) -> Account:
        for account in self.settings.accounts:
            if account.channel == channel and account.active:
                return account
        raise ConfigError(f"the office has no account of the channel {channel!r}")


_TEXTS = {"message", "Комментарий"}


def _body_id(body: bytes) -> str:
    return "body:" + hashlib.sha256(body).hexdigest()


def _update(act: Update, number: int, now: datetime) -> dict[str, Any]:
    if act.chat is None:
        return {"update_id": number, **act.content}
    person = {
        "id": act.chat.id,
        "is_bot": False,
        "first_name": act.chat.first_name,
        "last_name": act.chat.last_name,
    }
    if act.kind == "callback_query":
        return {"update_id": number, act.kind: {"from": person, **act.content}}
    message: dict[str, Any] = {
        "message_id": act.number,
        "date": int(now.timestamp()),
        "chat": {"id": act.chat.id, "type": "private"},
        "from": person,
    }
    if act.text:
        message["text"] = act.text
    return {"update_id": number, act.kind: message | dict(act.content)}


def _hidden_inputs(page: str) -> dict[str, str]:
    reader = _HiddenInputs()
    reader.feed(page)
    return reader.found


class _HiddenInputs(HTMLParser):
    """Collects what a browser would send along with the visitor's own words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("type") == "hidden" and told.get("name"):
            self.found[str(told["name"])] = told.get("value") or ""
