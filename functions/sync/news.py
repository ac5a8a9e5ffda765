"""What the log brings: which records changed, what they were before, which books show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Change
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.firing import Firing
from kartoteka.domain.model import Staff
from kartoteka.domain.notice_rules import NoticePost
from kartoteka.domain.office import Account, Form, Office
from kartoteka.domain.plan import Plan
from kartoteka.domain.segment import Counting, Member
from kartoteka.domain.template import Template
from kartoteka.ports import Store
from kartoteka.services.deletion import DELETE
from kartoteka.services.forget import FORGET
from kartoteka.services.forget_deleted import FORGOTTEN
from sync.columns import Frame, Tab
from sync.shelf.editions import TEAM, Edition
from sync.stock import Stock
from sync.views import belonged, former, load, removed, touched

_TOLD = (Counting, Firing, NoticePost)  # bookkeeping that tabs of settings show
_SETTINGS = frozenset(
    kind.kind for kind in (Account, Exchange, Form, Office, Plan, Staff, Template, *_TOLD)
)
# No row of the team's book tells of these.
_UNSHOWN = frozenset(kind.kind for kind in (Member, *_TOLD))


@dataclass(frozen=True, slots=True)
class News:
    """A batch of changes, looked through once for all books.

    Attributes:
        changes: as the log has them, in order.
        ids: the records whose rows may differ now, by kind.
        before: what the changed fields held before, by kind and id.
        gone: ids of the records that are no more.
        is_old: nothing changed, but so long ago were these records closed.
    """

    changes: Sequence[Change]
    ids: Mapping[str, list[str]]
    before: Mapping[tuple[str, str], Mapping[str, JsonValue]]
    gone: frozenset[str]
    is_old: bool = False

    @classmethod
    def of(cls, store: Store, changes: Sequence[Change]) -> "News":
        """Return the news of these changes."""
        return cls(changes, touched(store, changes), former(changes), removed(changes))

    @classmethod
    def aged(cls, ids: Mapping[str, list[str]]) -> "News":
        """Return the news that these records, by kind, were closed long ago by now."""
        return cls((), ids, {}, frozenset(), is_old=True)

    def with_changes(self, store: Store, changes: Sequence[Change]) -> "News":
        """Return the news of changes that waited for a book, beside what is old."""
        later = News.of(store, changes)
        if not self.is_old:
            return later
        kinds = {**later.ids, **self.ids}
        ids = {kind: [*later.ids.get(kind, ()), *self.ids.get(kind, ())] for kind in kinds}
        return replace(later, ids=ids, is_old=True)

    def touches(self, edition: Edition, stock: Stock, frame: Frame) -> bool:
        """Return whether a row of this book came, changed or has to go."""
        if not self.changes and not self.is_old:
            return False
        if edition.journal is not None and self.forgotten:
            return True
        if edition.key == TEAM:
            parts = (part for change in self.changes for part in change.parts)
            return self.is_old or any(part.entity not in _UNSHOWN for part in parts)
        return any(self._in_tab(tab, stock, frame) for tab in edition.tabs)

    def of_tab(self, tab: Tab) -> list[str]:
        """Return the records whose rows in this tab may differ now."""
        return list(self.ids.get(tab.entity, ()))

    @property
    def forgotten(self) -> list[str]:
        """Return the clients whose forgetting ended: nothing of them is left in the log."""
        parts = (part for change in self.changes for part in change.parts)
        ended = (part.after for part in parts if part.entity == Batch.kind and part.after)
        whose = {(FORGET, "done"): "subject", (DELETE, FORGOTTEN): "other"}
        told = ((it, whose.get((str(it.get("what")), str(it.get("state"))))) for it in ended)
        return [str(it[name]) for it, name in told if name]

    @property
    def of_settings(self) -> bool:
        """Return whether anything that tabs of settings show was changed."""
        return any(part.entity in _SETTINGS for change in self.changes for part in change.parts)

    def _in_tab(self, tab: Tab, stock: Stock, frame: Frame) -> bool:
        if tab.lists is not None:
            return self.of_settings
        ids = self.of_tab(tab)
        if not ids:
            return False
        if self.is_old:
            return tab.closed is not None
        if load(stock, tab, ids, frame):
            return True
        known = ((name, self.before.get((tab.entity, name))) for name in ids)
        return any(
            name in self.gone or belonged(stock, tab, name, before=before, frame=frame)
            for name, before in known
            if before is not None
        )
