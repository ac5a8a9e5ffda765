"""What a contact says, field by field: compared by hashes, so that a link keeps no words."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kartoteka.domain import identity
from kartoteka.ports import ContactCard
from sync.card import SEPARATOR, STAMP

_DASHES = str.maketrans("—–−", "---")
_LENGTH = 16
Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Note:
    """A note in its parts: our lines, the words of a person, and whether our frame is whole."""

    body: str
    words: str
    whole: bool


def read_note(note: str) -> Note:
    """Return the parts of a note; words behind our last line count without the line `---` too."""
    lines = note.splitlines()
    stamp = next((at for at, line in enumerate(lines) if STAMP.fullmatch(line.strip())), None)
    line = next((at for at, line in enumerate(lines) if _is_separator(line)), None)
    ends = stamp if stamp is not None else line
    if ends is None:
        return Note(note.strip(), "", whole=False)
    rest = lines[ends + 1 :] if stamp is not None else lines[ends:]
    whole = stamp is not None and bool(rest) and _is_separator(rest[0])
    if rest and _is_separator(rest[0]):
        rest = rest[1:]
    return Note("\n".join(lines[:ends]).strip(), "\n".join(rest).strip(), whole)


def full_name(card: ContactCard) -> str:
    """Return the name however the phone divides it."""
    return " ".join(f"{card.given_name} {card.family_name}".split())


def number(typed: str, region: str) -> str:
    """Return a number in E.164, as typed when it is none."""
    return identity.phone(typed, region) or typed.strip()


def address(typed: str) -> str:
    """Return an e-mail address in lower case, as typed when it is none."""
    return identity.email(typed) or typed.strip()


def named(card: ContactCard, labels: Mapping[str, str]) -> ContactCard:
    """Return a contact with the names of our labels; `labels` maps name to resource name."""
    names = {resource: name for name, resource in labels.items()}
    return replace(card, groups=tuple(names[it] for it in card.groups if it in names))


def digests(card: ContactCard, region: str) -> dict[str, str]:
    """Return a hash per field; labels of the card are names (`named`).

    Spaces, the order of numbers and the spelling of a number do not count. Neither do the line
    with the time and the words of a person: they are no part of what we show.
    """
    note = read_note(card.note)
    phones = sorted(f"{number(value, region)}|{_flat(label)}" for value, label in card.phones)
    fields = {
        "name": full_name(card),
        "company": _flat(card.company),
        "title": _flat(card.title),
        "suffix": _flat(card.suffix),
        "phones": "\n".join(phones),
        "emails": "\n".join(sorted(map(address, card.emails))),
        "note": "\n".join(map(_flat, note.body.splitlines())) + ("" if note.whole else "\0"),
        "groups": "\n".join(sorted(card.groups)),
    }
    return {name: digest(said) for name, said in fields.items()}


def contacts_of(card: ContactCard, region: str) -> dict[str, str]:
    """Return each number and address as typed, by its hash."""
    phones = {digest(number(value, region)): value for value, _ in card.phones if value.strip()}
    return phones | {digest(address(value)): value for value in card.emails if value.strip()}


def fingerprint(card: ContactCard, region: str) -> str:
    """Return one hash of all that is shown: equal cards are not written again."""
    return together(digests(card, region))


def together(found: Digests) -> str:
    """Return one hash of the hashes of all fields."""
    return digest("".join(f"{name}:{found[name]};" for name in sorted(found)))


def lines_beside(note: Note, shown: Note) -> str:
    """Return the lines of a note that are not among ours."""
    ours = set(_flat_lines(shown.body))
    return "\n".join(line for line in _flat_lines(note.body) if line not in ours)


def digest(said: str) -> str:
    """Return a short hash."""
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def _is_separator(line: str) -> bool:
    """Return whether it is our line; phones make one long dash of two short ones."""
    return line.strip().translate(_DASHES) in {SEPARATOR, SEPARATOR[:2]}


def _flat(words: str) -> str:
    return " ".join(words.split())


def _flat_lines(text: str) -> Iterable[str]:
    return (flat for flat in map(_flat, text.splitlines()) if flat)
