"""One Gmail box: its letters in order, what was added when, who is told of it."""

import email
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from email.policy import compat32

from onebox.google.methods import Json
from onebox.google.storage import Vault

HISTORY_LIFE = timedelta(days=7)
_FIRST_HISTORY = 1_000
_STEP = 3  # history ids grow, but not by one
_WIDTH = 16


@dataclass(frozen=True)
class Letter:
    """A letter as it is kept.

    Attributes:
        id: 16 hex digits, as Gmail's; `thread` is the id of the first letter of its thread.
        history: id of the change that added it.
        at: milliseconds since 1970 when it came.
        message_id, subject: of its headers, for searching and threading.
    """

    id: str
    thread: str
    history: int
    at: int
    labels: tuple[str, ...]
    raw: str
    message_id: str
    subject: str
    references: tuple[str, ...] = ()
    words: str = field(default="", repr=False)


class Box:
    """The letters of one address; an address has a box as soon as somebody asks for it."""

    def __init__(self, address: str, vault: Vault, now: Callable[[], datetime]) -> None:
        self.address = address
        self.lock = threading.RLock()
        self._vault = vault
        self._now = now
        self._kind = f"gmail:{address}"

    @property
    def history(self) -> int:
        """Id of the newest change."""
        return int(self._state().get("history", _FIRST_HISTORY))

    @property
    def expired(self) -> int:
        """Id of the newest change that Gmail has forgotten."""
        limit = (self._now() - HISTORY_LIFE).timestamp() * 1000
        old = (letter.history for letter in self.letters() if letter.at < limit)
        return max([int(self._state().get("forgotten", 0)), *old])

    def forget_history(self) -> None:
        """Forget every change until now, as Gmail does in rare circumstances within hours."""
        self._vault.put("gmail-box", self.address, {**self._state(), "forgotten": self.history + 1})

    def letters(self) -> Iterator[Letter]:
        """Yield the letters in the order in which they came."""
        for _, document in self._vault.list(self._kind):
            yield _revived(document)

    def find(self, letter_id: str) -> Letter | None:
        """Return a letter by its id."""
        return next((letter for letter in self.letters() if letter.id == letter_id), None)

    def add(self, raw: bytes, labels: Iterable[str], thread: str = "") -> Letter:
        """Keep a letter; it joins the thread named, or one that its headers fit."""
        parsed = email.message_from_bytes(raw, policy=compat32)
        with self.lock, self._vault.transaction():
            history = self.history + _STEP
            number = f"{0x18C000000000 + history:0{_WIDTH}x}"
            references = tuple(_ids(parsed, "References")) + tuple(_ids(parsed, "In-Reply-To"))
            letter = Letter(
                id=number,
                thread=thread or self._thread_of(references, _subject(parsed)) or number,
                history=history,
                at=int(self._now().timestamp() * 1000),
                labels=tuple(labels),
                raw=raw.decode("latin-1"),
                message_id=next(_ids(parsed, "Message-ID"), ""),
                subject=_subject(parsed),
                references=references,
                words=" ".join(str(parsed.get(name, "")) for name in ("From", "To", "Subject")),
            )
            self._vault.put(self._kind, f"{history:0{_WIDTH}d}", dict(vars(letter)))
            self._vault.put("gmail-box", self.address, {**self._state(), "history": history})
        return letter

    def watched(self, topic: str) -> None:
        """Remember which topic is told of news, "" for none."""
        self._vault.put("gmail-box", self.address, {**self._state(), "topic": topic})

    @property
    def topic(self) -> str:
        """The topic that is told of news, "" when none is."""
        return str(self._state().get("topic", ""))

    def _thread_of(self, references: tuple[str, ...], subject: str) -> str:
        known = (letter for letter in self.letters() if letter.message_id in references)
        return next((letter.thread for letter in known if letter.subject == subject), "")

    def _state(self) -> Json:
        return self._vault.get("gmail-box", self.address) or {}


def bare_subject(subject: str) -> str:
    """Return a subject without what answers put in front of it."""
    text = subject.strip()
    while text.lower().startswith(("re:", "fw:", "fwd:")):
        text = text.partition(":")[2].strip()
    return text


def _subject(parsed: Message) -> str:
    return bare_subject(" ".join(str(parsed.get("Subject", "")).split()))


def _ids(parsed: Message, name: str) -> Iterator[str]:
    for word in str(parsed.get(name, "")).split():
        if word.startswith("<") and word.endswith(">"):
            yield word[1:-1]


def _revived(document: Json) -> Letter:
    tuples = {name: tuple(document[name]) for name in ("labels", "references")}
    return Letter(**{**document, **tuples})
