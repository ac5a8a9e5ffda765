"""A letter as it was understood, whoever carried it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kartoteka.domain.mail import Relay


class Nature(StrEnum):
    """Who speaks: a person, or which machine."""

    PERSON = "person"
    AUTO = "auto"  # an automatic answer, RFC 3834
    LIST = "list"  # a mailing list or an advertisement
    BOUNCE = "bounce"  # a report on a letter of ours, RFC 3464
    RECEIPT = "receipt"  # somebody opened a letter of ours
    COMPLAINT = "complaint"  # a reader called a letter of ours spam, RFC 5965


@dataclass(frozen=True, slots=True)
class File:
    """An attached file; `name` as the sender gave it, or made from its type."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What a bounce or a complaint says of one address; `status` as in RFC 3463.

    The address is empty when none is named.
    """

    address: str  # the one that was written to
    action: str  # failed, delayed, delivered, relayed, expanded, complained
    status: str
    final: str = ""  # where it led, if that is another address

    @property
    def permanent(self) -> bool:
        """Return whether this letter will not arrive any more."""
        return self.action == "failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter; addresses are valid and in lower case, ids have no brackets."""

    sender: tuple[str, str] = ("", "")  # name, address
    to: tuple[tuple[str, str], ...] = ()  # and Cc, and to whom it was delivered
    subject: str = ""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    at: datetime | None = None
    own: str = ""  # without quotes and signature
    whole: str = ""
    files: tuple[File, ...] = ()
    nature: Nature = Nature.PERSON
    reports: tuple[Report, ...] = ()
    about: tuple[str, ...] = ()  # ids of the letter that is reported on
    relay: Relay | None = None  # who may stand behind the sender
