"""A Gmail box of the office: what is new in it, one letter, sending.

Source: Gmail API v1 reference (users.history.list, users.messages, users.watch, users.getProfile)
and its push guide: a history id lives about a week, then history.list answers 404; a letter is
sent into its thread with `threadId`, fitting References and the same subject.
"""

import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from kartoteka.adapters.google_account import GoogleAccount
from kartoteka.adapters.google_errors import translated
from kartoteka.adapters.google_service import service_of
from kartoteka.domain.errors import NotFound
from kartoteka.mail_ports import Mail, MailboxForgot, MailNews, SentMail
from kartoteka.ports import Doc

_PAGE = 500
_MOST_PAGES = 20
_Json = dict[str, Any]


def build(account: GoogleAccount, email: str = "") -> Mail:
    """Return the box of one account of the office, at Google or at its stand-in."""
    return GmailBox(account, email)


class GmailBox:
    """The Mail port over googleapiclient; one HTTP connection per thread."""

    def __init__(self, account: GoogleAccount, email: str = "") -> None:
        self._account = account
        self._email = email
        self._local = threading.local()

    @property
    def _users(self) -> Any:
        service = getattr(self._local, "service", None)
        if service is None:
            service = service_of(self._account, "gmail", "v1", self._email)
            self._local.service = service
        return service.users()

    def position(self) -> str:
        """Return where the history of the box is now."""
        return str(_run(self._users.getProfile(userId="me"))["historyId"])

    def news(self, since: str) -> MailNews:
        """Return the letters that came behind a position; `MailboxForgot` when it is too old."""
        found: list[str] = []
        position, page = since, None
        for _ in range(_MOST_PAGES):
            answer = self._history(since, page)
            for record in answer.get("history", []):
                added = record.get("messagesAdded", [])
                found += [str(item["message"]["id"]) for item in added]
            position, page = str(answer.get("historyId", position)), answer.get("nextPageToken")
            if page is None:
                break
        return MailNews(tuple(dict.fromkeys(found)), position)

    def since(self, moment: datetime) -> tuple[str, ...]:
        """Return the letters in the box that came at this moment or later, the oldest first."""
        query = f"after:{int(moment.timestamp())} -in:sent -in:drafts -in:chats"
        return tuple(reversed(list(self._listed(query))))

    def letter(self, letter_id: str) -> Doc | None:
        """Return Gmail's record of a letter with `raw` in base64url, None when it is gone."""
        request = self._users.messages().get(userId="me", id=letter_id, format="raw")
        try:
            found: _Json = _run(request)
        except NotFound:
            return None
        return found

    def watch(self, topic: str) -> datetime:
        """Have Google tell the topic of news; return until when."""
        body = {"topicName": topic, "labelIds": ["INBOX"], "labelFilterBehavior": "include"}
        answer = _run(self._users.watch(userId="me", body=body))
        return datetime.fromtimestamp(int(answer["expiration"]) / 1000, UTC)

    def send(self, source: bytes, thread: str = "") -> SentMail:
        """Send a letter, into a thread when one is named."""
        body = {"raw": urlsafe_b64encode(source).decode()}
        if thread:
            body["threadId"] = thread
        answer = _run(self._users.messages().send(userId="me", body=body))
        return SentMail(str(answer["id"]), str(answer.get("threadId", "")))

    def sent(self, message_id: str) -> SentMail | None:
        """Return the letter with this Message-ID if it was sent already."""
        request = self._users.messages().list(
            userId="me", q=f"rfc822msgid:{message_id} in:sent", maxResults=1
        )
        found: list[_Json] = _run(request).get("messages", [])
        return SentMail(str(found[0]["id"]), str(found[0]["threadId"])) if found else None

    def _history(self, since: str, page: str | None) -> _Json:
        given = {"pageToken": page} if page else {}
        request = self._users.history().list(
            userId="me",
            startHistoryId=since,
            historyTypes="messageAdded",
            maxResults=_PAGE,
            **given,
        )
        try:
            answer: _Json = _run(request)
        except NotFound as exc:
            raise MailboxForgot from exc
        return answer

    def _listed(self, query: str) -> Iterator[str]:
        page: str | None = None
        for _ in range(_MOST_PAGES):
            given = {"pageToken": page} if page else {}
            request = self._users.messages().list(userId="me", q=query, maxResults=_PAGE, **given)
            answer = _run(request)
            yield from (str(item["id"]) for item in answer.get("messages", []))
            page = answer.get("nextPageToken")
            if page is None:
                return


def _run(request: Any) -> _Json:
    with translated():
        answer: _Json = request.execute(num_retries=0)
    return answer
