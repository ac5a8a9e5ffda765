"""Google Chat: the team's room as a space, a thread per chat with a client.

Source: Google Chat API v1, `spaces.messages` (create, patch), `media.download`; RFC 7523 for the
token of a service account; format-messages (`<users/all>` mentions everybody, `<address|words>` is
a link, * _ ~ ` format). An app may upload nothing, and a thread cannot be closed.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.messengers.calls import (
    Answer,
    Calls,
    key,
    no_files,
    no_key,
    refused,
    sent_id,
)
from kartoteka.chat_ports import FileBytes, RoomWords
from kartoteka.domain.errors import NotAllowed, NotFound
from kartoteka.domain.office import Account
from kartoteka.ports import Clock

HOSTS = ("chat.googleapis.com",)
_API = "https://chat.googleapis.com/v1"
_TOKENS = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/chat.bot"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS = timedelta(minutes=50)
_HOUR_S = 3_600
_SPACE = re.compile(r"spaces/[\w-]{1,100}", re.ASCII)
_MESSAGE = re.compile(r"spaces/[\w-]{1,100}/messages/[\w.-]{1,200}", re.ASCII)
_RESOURCE = re.compile(r"[\w=./+-]{1,2000}", re.ASCII)
_NEW: Mapping[str, str] = {}
_ANSWERING = {"messageReplyOption": "REPLY_MESSAGE_OR_FAIL"}
_PLAIN = str.maketrans("<>*_~`", "\u2039\u203a\u2217\uff3f\u223c\u02bc")  # look-alikes
_ADDRESS = re.compile(r"https://[^\s<>|]+")
_OK, _REFUSED, _UNAUTHORISED, _GONE = 200, 400, 401, 404


def plain(words: str) -> str:
    """Return words that Google Chat shows as they stand; addresses stay as they are."""
    lines = words.splitlines()
    return "\n".join(it if _ADDRESS.fullmatch(it) else it.translate(_PLAIN) for it in lines)


class ChatSpace:
    """The room in a space; a token of the app is kept while it is good."""

    def __init__(self, calls: Calls, clock: Clock | None = None) -> None:
        self._calls = calls
        self._clock = clock or SystemClock()
        self._tokens: dict[str, tuple[str, float]] = {}

    def open_topic(self, account: Account, group: str, title: str) -> str:
        """Return the name of a new thread, begun with its title."""
        found = self._said(account, group, {"text": f"*{plain(title)}*"})
        return sent_id(found.part("thread").get("name"))

    def post(self, account: Account, place: tuple[str, str], post: RoomWords) -> str:
        """Return the name of a post in (space, thread).

        Raises:
            NotAllowed: with a file: an app may upload none.
        """
        if post.file is not None:
            raise no_files(account.channel)
        group, thread = place
        given: dict[str, Any] = {"text": plain(post.text)}
        if thread:
            given["thread"] = {"name": thread}
        found = self._said(account, group, given, _ANSWERING if thread else _NEW)
        return sent_id(found.body.get("name"))

    def reword(self, account: Account, place: tuple[str, str], post: RoomWords) -> None:
        """Give the post (space, name of the post) other words; gone is no error."""
        message = place[1]
        if not _MESSAGE.fullmatch(message):
            raise refused()
        asked = {"json": {"text": plain(post.text)}, "params": {"updateMask": "text"}}
        answer = self._ask(account, "PATCH", message, **asked)
        if answer.status >= _REFUSED and answer.status != _GONE:
            raise refused()

    def hear_press(self, account: Account, press: str, words: str) -> None:
        """Do nothing: a press in a space is answered by nothing but a post."""

    def set_open(self, account: Account, place: tuple[str, str], *, is_open: bool) -> None:
        """Do nothing: threads of a space are always open."""

    def fetch(self, account: Account, ref: str, largest: int) -> FileBytes:
        """Return a file that somebody of the team attached."""
        if not _RESOURCE.fullmatch(ref) or ".." in ref:
            raise NotAllowed("not a file of Google Chat", code="file_place")
        headers = {"authorization": f"Bearer {self._token(account)}"}
        url = f"{_API}/media/{ref}?alt=media"
        return self._calls.file(url, HOSTS, largest, headers=headers)

    def _said(
        self,
        account: Account,
        group: str,
        given: dict[str, Any],
        asked: Mapping[str, str] = _NEW,
    ) -> Answer:
        if not _SPACE.fullmatch(group):
            raise refused()
        answer = self._ask(account, "POST", f"{group}/messages", json=given, params=dict(asked))
        if answer.status == _GONE and asked:
            raise NotFound("the thread is gone", code="topic_gone")
        if answer.status >= _REFUSED:
            raise refused()
        return answer

    def _ask(self, account: Account, method: str, path: str, **given: Any) -> Answer:
        headers = {"authorization": f"Bearer {self._token(account)}"}
        answer = self._calls.ask(method, f"{_API}/{path}", headers=headers, **given)
        if answer.status == _UNAUTHORISED:
            self._tokens.pop(account.id, None)
            raise no_key(account.channel)
        return answer

    def _token(self, account: Account) -> str:
        """Return a token of the app's service account, a new one every fifty minutes."""
        now = self._clock.now().timestamp()
        kept = self._tokens.get(account.id)
        if kept is not None and now < kept[1]:
            return kept[0]
        told = {"grant_type": _GRANT, "assertion": _assertion(account, int(now))}
        answer = self._calls.ask("POST", _TOKENS, data=told)
        token = answer.body.get("access_token")
        if answer.status != _OK or not isinstance(token, str):
            raise no_key(account.channel)
        self._tokens[account.id] = (token, now + _LASTS.total_seconds())
        return token


def _assertion(account: Account, now: int) -> str:
    """Return what the service account signs to get a token."""
    import jwt

    email = key(account, "client_email")
    claims = {"iss": email, "scope": _SCOPE, "aud": _TOKENS, "iat": now, "exp": now + _HOUR_S}
    secret = key(account, "private_key").replace("\\n", "\n")
    try:
        return jwt.encode(claims, secret, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError) as exc:
        raise no_key(account.channel) from exc
