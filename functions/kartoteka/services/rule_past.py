"""Records as they were while the log is read again: some are held, others are looked up."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from pydantic import JsonValue

from kartoteka.domain.change import Change, Part
from kartoteka.domain.errors import NotFound
from kartoteka.ports import Doc, Store
from kartoteka.services.history import history
from kartoteka.services.rule_facts import KINDS, Stored

_State: TypeAlias = dict[str, JsonValue]
_RECORDS = 2_000  # held at once
_TOUCHES = 2_000  # clients whose newest activities are held
_NEWEST = 5  # activities of each
_ACTIVITY = "activity"


class Past:
    """The records of the log as they were behind the last change that was heard."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = Stored(store)
        self._states: OrderedDict[tuple[str, str], _State | None] = OrderedDict()
        self._touches: OrderedDict[str, list[Doc]] = OrderedDict()
        self.at: datetime | None = None

    def hear(self, change: Change) -> None:
        """Bring the records up to a change."""
        self.at = change.at
        for part in change.parts:
            if part.entity == _ACTIVITY:
                self._touch(part)
            elif part.entity in KINDS:
                self._record(part)

    def _record(self, part: Part) -> None:
        key = (part.entity, part.id)
        if part.before is None or part.after is None:
            self._hold(key, None if part.after is None else dict(part.after))
        elif self._states.get(key) is not None:
            self._hold(key, {**(self._states[key] or {}), **part.after})

    def _hold(self, key: tuple[str, str], state: _State | None) -> None:
        self._states[key] = state
        self._states.move_to_end(key)
        if len(self._states) > _RECORDS:
            self._states.popitem(last=False)

    def _touch(self, part: Part) -> None:
        after = part.after
        client = str((after or {}).get("client_id") or "")
        if part.before is not None or after is None or not client:
            return
        self._touches[client] = [after, *self._touches.get(client, [])][:_NEWEST]
        self._touches.move_to_end(client)
        if len(self._touches) > _TOUCHES:
            self._touches.popitem(last=False)

    def record(self, kind: str, record_id: str) -> Doc | None:
        """Return the record as it was; one that is not held is found by the time machine."""
        key = (kind, record_id)
        if key not in self._states:
            self._hold(key, self._found(kind, record_id))
        return self._states[key]

    def _found(self, kind: str, record_id: str) -> _State | None:
        try:
            life = history(self._store, kind, record_id)
        except NotFound:
            return None
        state = None if self.at is None else life.at(self.at)
        return None if state is None else {name: _json(value) for name, value in state.items()}

    def touches(self, client_id: str) -> Sequence[Doc]:
        """Return what was heard of a client, the newest first; nothing older than the reading."""
        return self._touches.get(client_id, ())

    def segments(self, client_id: str) -> tuple[str, ...]:
        """Return the segments that a client is in today: the past ones are not kept."""
        return self._now.segments(client_id)


def _json(value: object) -> JsonValue:
    known: JsonValue = value if isinstance(value, str | int | float | bool | list | dict) else None
    return known
