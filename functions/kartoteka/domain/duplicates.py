"""When two records are the same client: keys, keys that many people use, names that look alike.

A key (a number, an address, a messenger user) leads to the client who holds it. People use one
key together when a person of the office said so: they told two clients apart (`distinct`), or
wrote the key into a second client's card. From the third on the key is shared and finds nobody
by itself: only together with the same name.

Names only ever suggest. Two clients look alike when the consonants of their names and companies
agree in any order of words, and the whole spelling is at least 85 % the same.
"""

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from kartoteka.domain.ids import derived

SHARED_FROM = 3
MOST_PEOPLE = 50  # of one key; further ones are not told apart by name
_ALIKE = 0.85
_FULL_NAME = 3  # words that name a person without a company
_WORD = re.compile(r"\w+")
_FORMS = frozenset({"ооо", "оао", "зао", "ао", "пао", "ип", "нко", "llc", "ltd", "inc", "gmbh"})
_SOFT = str.maketrans("", "", "аеёиоуыэюяйьъaeiouy")


@dataclass(frozen=True, slots=True)
class Key:
    """Who uses an identity key; `people` is empty while it is one client's alone."""

    client_id: str
    people: tuple[str, ...] = ()

    @property
    def shared(self) -> bool:
        """Return whether too many people use the key for it to mean one of them."""
        return len(self.people) >= SHARED_FROM

    @property
    def users(self) -> tuple[str, ...]:
        """Return everybody who uses the key, the holder first."""
        return self.people or (self.client_id,)

    @property
    def doc(self) -> dict[str, JsonValue]:
        """Return the stored form."""
        alone: dict[str, JsonValue] = {"client_id": self.client_id}
        return {**alone, "people": list(self.people)} if self.people else alone

    def used_by(self, *clients: str) -> "Key":
        """Return the key with these clients known as different people who use it."""
        return _key((*self.users, *clients))

    def without(self, client: str) -> "Key | None":
        """Return the key after a client gave it up, None when nobody is left."""
        left = [user for user in self.users if user != client]
        return _key(left) if left else None

    def moved(self, loser: str, survivor: str) -> "Key":
        """Return the key after one client became part of another."""
        return _key(survivor if user == loser else user for user in self.users)


def read_key(doc: Mapping[str, object]) -> Key:
    """Return the key behind its stored form."""
    people = doc.get("people")
    found = people if isinstance(people, list) else []
    return Key(str(doc["client_id"]), tuple(str(one) for one in found))


def pair_id(one: str, other: str) -> str:
    """Return the id of the question whether two clients are one, the same in either order."""
    return derived("pr", *sorted((one, other)))


def spelling(text: str) -> str:
    """Return a name for comparing: small letters, ё as е, words in order, no legal forms."""
    words = _WORD.findall(text.casefold().replace("ё", "е"))
    return " ".join(sorted(word for word in words if word not in _FORMS))


def name_key(name: str, company: str) -> str | None:
    """Return the block in which clients that look alike are found.

    None when the name says too little: fewer than three words and no company.
    """
    person, firm = spelling(name), spelling(company)
    if not person or not (firm or len(person.split()) >= _FULL_NAME):
        return None
    sound = "|".join(_sound(part) for part in (person, firm))
    return hashlib.sha256(sound.encode()).hexdigest()[:24]


def alike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Return whether two (name, company) are spelled nearly the same."""
    left, right = (" | ".join(map(spelling, side)) for side in (one, other))
    return difflib.SequenceMatcher(None, left, right, autojunk=False).ratio() >= _ALIKE


def _sound(text: str) -> str:
    """Return the consonants of each word, none twice in a row, words in order."""
    bare = (re.sub(r"(.)\1+", r"\1", word.translate(_SOFT)) or word for word in text.split())
    return " ".join(sorted(bare))


def _key(users: Iterable[str]) -> Key:
    people = tuple(dict.fromkeys(users))
    return Key(people[0], people if len(people) > 1 else ())
