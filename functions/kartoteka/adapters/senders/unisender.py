"""Letters through Unisender Go.

Source: django-anymail, `backends/unisender_go.py`, and the reference that it names (email/send).
An account lives on go1 or go2. Its own headers of unsubscribing are Unisender's unless it allows
ours. Opened letters are told by its reports; ours carry no pixel of our own.
"""

from typing import Any

from kartoteka.adapters.messengers.calls import Calls
from kartoteka.adapters.senders.answers import given, no_key, refused, sent_id
from kartoteka.adapters.senders.letter import unsubscribing
from kartoteka.domain.errors import ConfigError, RateLimited
from kartoteka.domain.mail_merge import header
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import Posting

_URL = "https://{}.unisender.ru/ru/transactional/api/v1/email/send.json"
_HOSTS = ("go1", "go2")
_CLOSED = {401, 402, 403}
_OK = 200
_DEAD = {"invalid", "permanent_unavailable"}
_NOT_WANTED = {"unsubscribed", "complained"}


class Unisender:
    """Unisender Go as a sender."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, posting: Posting) -> str:
        """Return `job:address`, as Unisender's reports name the letter."""
        host = account.api.get("host", _HOSTS[0])
        if host not in _HOSTS:
            raise ConfigError("unisender: host is go1 or go2", code="posting_no_key")
        headers = {"X-API-KEY": given(account, "api_key")}
        body = {"message": _message(account, posting)}
        answer = self._calls.ask("POST", _URL.format(host), json=body, headers=headers)
        if answer.status in _CLOSED:
            raise no_key("unisender")
        failed = answer.part("failed_emails")
        why = str(next(iter(failed.values()), ""))
        if why == "temporary_unavailable":
            raise RateLimited("unisender does not send there now")
        if why and why != "duplicate":
            raise refused(dead=why in _DEAD, unwanted=why in _NOT_WANTED)
        if answer.status != _OK:
            raise refused()
        return f"{sent_id(answer.body.get('job_id'))}:{posting.to.lower()}"


def _message(account: Account, posting: Posting) -> dict[str, Any]:
    body = {"plaintext": posting.text}
    if posting.html:
        body["html"] = posting.html
    return {
        "recipients": [{"email": posting.to}],
        "subject": header(posting.subject),
        "from_email": given(account, "from"),
        "from_name": header(posting.name),
        "body": body,
        "headers": unsubscribing(posting),
        "track_read": 1,
        "track_links": 0,
    }
