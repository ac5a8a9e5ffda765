"""One life lived by the services, copied under other names: how a bench gets a large base."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from kartoteka.domain.ids import derived
from kartoteka.ports import Tx
from kartoteka.services.unit import LOG

Doc = tuple[str, str, dict[str, Any]]  # collection, id, document
Docs = list[Doc]
_DAY = re.compile(r"\d{4}-\d\d-\d\dT")


@dataclass(frozen=True)
class Life:
    """The records of one life, and the words in them that name the person."""

    size: int
    text: str
    names: tuple[str, ...]
    words: re.Pattern[str]

    def of(self, person: int, told: Mapping[str, str], *, days_ago: int = 0) -> Iterator[Doc]:
        """Yield the records of another person as (collection, id, document).

        Args:
            person: makes the ids.
            told: what the other person has in place of each word.
            days_ago: how much earlier it all was.
        """
        renamed = {**{name: own(name, person) for name in self.names}, **told}

        def other(found: re.Match[str]) -> str:
            return renamed.get(found[0]) or _earlier(found[0], days_ago)

        yield from json.loads(self.words.sub(other, self.text))


def life(docs: Docs, words: Iterable[str]) -> Life:
    """Return the life in these records; `words` name the person beside the ids."""
    names = tuple(name for collection, name, _ in docs if collection != "keys")
    pattern = re.compile("|".join([*map(re.escape, (*names, *words)), _DAY.pattern]))
    return Life(len(docs), json.dumps(docs, ensure_ascii=False), names, pattern)


def own(name: str, person: int) -> str:
    """Return the id under which a person has the record that the pattern calls `name`."""
    return f"{name[:3]}{derived('', name, str(person))[1:17]}"


def write(tx: Tx, docs: Docs) -> None:
    """Write the records; those of the change log are appended to it."""
    for collection, record_id, doc in docs:
        if collection == LOG:
            tx.append(LOG, record_id, doc)
        else:
            tx.put(collection, record_id, doc)


@lru_cache(maxsize=100_000)
def _earlier(day: str, days: int) -> str:
    return f"{date.fromisoformat(day[:-1]) - timedelta(days=days)}T"
