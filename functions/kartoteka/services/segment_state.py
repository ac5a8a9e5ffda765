"""How far the segments are counted: one small document."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from kartoteka.ports import Doc, Store

STATE = "segment_state"
STATE_ID = "all"


@dataclass(frozen=True, slots=True)
class Counted:
    """One segment: by which question, how many are in it, since when; or not through yet."""

    print: str
    size: int = 0
    whole: bool = False
    at: str = ""  # when everybody was counted, as stored


@dataclass(frozen=True, slots=True)
class State:
    """What is counted, and how far the counting of everybody is.

    Attributes:
        counted: each segment by its id.
        cursor: behind which page it is, "" at the beginning, None when nobody is being counted.
        phase: whether clients are looked at, or members whose client may be gone.
        repairs: whether the members follow.
        begun: whether the log was read from somewhere on.
    """

    counted: Mapping[str, Counted] = field(default_factory=dict)
    cursor: str | None = None
    phase: Literal["clients", "members"] = "clients"
    repairs: bool = False
    begun: bool = False

    @property
    def unfinished(self) -> frozenset[str]:
        """Return the segments that were not counted through yet: nothing is told of them."""
        return frozenset(name for name, it in self.counted.items() if not it.whole)

    def doc(self) -> dict[str, JsonValue]:
        """Return the stored form."""
        return asdict(self)

    def all_anew(self) -> "State":
        """Return the state in which everybody is to be counted."""
        fresh = {name: replace(it, whole=False) for name, it in self.counted.items()}
        return replace(self, counted=fresh, cursor="", phase="clients")

    def asked(self, prints: Mapping[str, str], held: Iterable[str]) -> "State":
        """Return the state in which what is asked anew waits to be counted."""
        unasked = set(held)
        known = {name: it.print for name, it in self.counted.items()}
        new = {name: it for name, it in prints.items() if known.get(name) != it}
        if not new:
            return self
        counted = dict(self.counted)
        for name, print_ in new.items():
            size = counted[name].size if name in counted else 0
            counted[name] = Counted(print_, size, whole=name in unasked)
        if set(new) <= unasked:
            return replace(self, counted=counted)
        return replace(self, counted=counted, cursor="", phase="clients")

    def grown(self, by: Counter[str]) -> "State":
        """Return the state with the segments so much larger or smaller."""
        sizes = dict(self.counted)
        for name, number in by.items():
            if number:
                known = sizes.get(name) or Counted("")  # its question was not read yet
                sizes[name] = replace(known, size=known.size + number)
        return replace(self, counted=sizes)

    def moved(self, cursor: str | None, at: str) -> "State":
        """Return the state behind a page; None: it was the last, at this moment as stored."""
        if cursor is not None:
            return replace(self, cursor=cursor)
        if self.phase == "clients" and self.repairs:
            return replace(self, cursor="", phase="members")
        counted = {name: replace(it, whole=True, at=at) for name, it in self.counted.items()}
        return replace(self, counted=counted, cursor=None, phase="clients", repairs=False)

    def without(self, segment_id: str) -> "State":
        """Return the state without a segment."""
        left = {name: it for name, it in self.counted.items() if name != segment_id}
        return replace(self, counted=left)


_READ = TypeAdapter(State)


def read_state(doc: Doc | None) -> State:
    """Return the state behind its stored form; None: nothing was counted yet."""
    return State() if doc is None else _READ.validate_python(doc)


def counted(store: Store) -> Mapping[str, Counted]:
    """Return what is known of the size of each segment, by its id."""
    return read_state(store.get(STATE, STATE_ID)).counted
