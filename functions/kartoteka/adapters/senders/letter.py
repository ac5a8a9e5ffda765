"""A letter to many as it travels: its headers tell how to unsubscribe with one click.

Source: RFC 2369 (List-Unsubscribe), RFC 8058 (one click; only an https address may promise it).
"""

from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from kartoteka.domain import identity
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.mail_merge import header
from kartoteka.outgoing_ports import Posting

_LONGEST_LOCAL = 64
_AS_IT_IS = "<>:/?=&%@+.,;~-_"
_PLAIN = SMTP.clone(cte_type="7bit")  # every server takes it


def composed(posting: Posting, sender: str, *, answers_with_token: bool) -> bytes:
    """Return the raw letter; `answers_with_token`: the box takes addresses with a plus sign.

    Raises:
        NotAllowed: an address is none that a letter can have.
    """
    local, _, domain = sender.partition("@")
    message = EmailMessage(policy=_PLAIN)
    try:
        message["From"] = Address(header(posting.name), local, domain)
        message["To"] = _address(posting.to)
        message["Subject"] = header(posting.subject)
    except (MessageError, ValueError) as exc:
        raise NotAllowed("not an address of mail", code="posting_refused") from exc
    if answers_with_token:
        short = local[: _LONGEST_LOCAL - 17]
        message["Reply-To"] = f"{short}+{posting.reply_token}@{domain}"
    message["Message-ID"] = f"<{posting.message_id}>"
    if posting.at is not None:
        message["Date"] = posting.at
    message.set_content(posting.text)
    if posting.html:
        message.add_alternative(posting.html, subtype="html")
    return _unfolded(unsubscribing(posting)) + message.as_bytes()


def unsubscribing(posting: Posting) -> dict[str, str]:
    """Return the headers by which a mail program offers to unsubscribe."""
    if not posting.unsubscribe:
        return {}
    found = {"List-Unsubscribe": f"<{posting.unsubscribe}>"}
    if posting.unsubscribe.startswith("https://"):
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def _unfolded(headers: Mapping[str, str]) -> bytes:
    """Return headers as they are: folded by the library, a long address would be encoded whole."""
    lines = (f"{name}: {quote(value, safe=_AS_IT_IS)}\r\n" for name, value in headers.items())
    return "".join(lines).encode("ascii")


def _address(text: str) -> Address:
    known = identity.email(text)
    if known is None:
        raise ValueError("not an address")
    local, _, domain = text.partition("@")
    return Address("", local, domain)
