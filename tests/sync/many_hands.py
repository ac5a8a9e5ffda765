"""Who acts in several books at once: people's hands, a Google with files out of order, stories."""

from dataclasses import dataclass

from hypothesis import strategies as st
from tests.sync.books_office import ANNA_BOOK, BORIS_BOOK, HEAD_BOOK, Shelf
from tests.sync.fakes_sheets import FakeSheets, Person, Workbook
from tests.sync.sheets_office import ANNA, BORIS, VIKTOR

from sync import trail
from sync.columns import ID, Frame, Tab
from sync.reading import page
from sync.shelf import tabs
from sync.shelf.team import LEADS

TEAM = "team"
OWN = "mine."  # how the books of one person begin
Place = tuple[str, Tab, str]  # book, tab, who types there
ONE_PLACE: tuple[Place, ...] = ((TEAM, LEADS, VIKTOR),)
PLACES: tuple[Place, ...] = (
    *ONE_PLACE,
    (HEAD_BOOK, tabs.REQUESTS, VIKTOR),
    (ANNA_BOOK, tabs.MY_REQUESTS, ANNA),
    (BORIS_BOOK, tabs.MY_REQUESTS, BORIS),
)
FIELDS = ("name", "note")
# What people do to a whole tab, and what they do to one of its rows.
ALONE = ("sort", "shuffle", "drag", "retitle", "jot")
ALSO = ("type", "delete", "insert", "copy", "cut", "lose_id")


class Killed(BaseException):
    """The process died: nothing of it runs any more."""


class Troubled(FakeSheets):
    """A Google in memory of which single workbooks may be out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.down: dict[str, type[Exception]] = {}

    def _book(self, workbook: str) -> Workbook:
        if workbook in self.down:
            raise self.down[workbook]("Google does not answer for this file")
        return super()._book(workbook)


@dataclass
class Hand:
    """Somebody's hand in one tab; columns are found as people find them, by their headers."""

    shelf: Shelf
    key: str
    tab: Tab
    user: str

    @property
    def person(self) -> Person:
        return self.shelf.there(self.key, self.tab)

    def frame(self) -> Frame:
        return Frame(self.shelf.app.desk.settings())

    def place(self, key: str) -> int:
        return page(self.tab, self.person.tab.grid[:1], self.frame()).places[key]

    def ids(self) -> list[str]:
        at = self.place(ID)
        rows = self.person.rows()
        return [str(row[at]) for row in rows if at < len(row) and row[at]]

    def row_of(self, record: str) -> int:
        at = self.place(ID)
        grid = self.person.tab.grid
        return next(i for i, row in enumerate(grid) if i and at < len(row) and row[at] == record)

    def put(self, row: int, key: str, value: str) -> None:
        self.person.tab.put(row, self.place(key), value)
        self.person._changed()

    def report(self, row: int, key: str, record: str, value: str | None) -> None:
        """The add-on tells of one edited cell."""
        self.shelf.made += 1
        place = self.place(key) + 1
        header = str(self.person.tab.cell(0, place - 1))
        told = trail.Report(
            f"ed_{self.shelf.made}", f"2026-11-23T06:{self.shelf.made:06}", self.user,
            self.tab.sheet_id, (record,) if record else (), (place, place), value,
            (row + 1, row + 1), (header,),
        )  # fmt: skip
        doc = told.doc(self.key)
        self.shelf.app.store.run(lambda tx: tx.put(trail.COLLECTION, told.id, doc))


def stories(
    longest: int, places: tuple[Place, ...] = PLACES
) -> st.SearchStrategy[list[tuple[object, ...]]]:
    """Return stories of operations in these places."""
    which, place = st.integers(0, 5), st.integers(0, len(places) - 1)
    flag = st.booleans()
    act = st.just
    ops = st.one_of(
        st.tuples(act("request"), which),
        st.tuples(st.sampled_from(["rename", "remark", "move", "give"]), which),
        st.tuples(act("give"), which),
        st.tuples(act("type"), place, which, st.sampled_from(FIELDS)),
        st.tuples(act("type"), place, which, st.sampled_from(FIELDS)),
        st.tuples(st.sampled_from(["sort", "sort_seen_part", "retitle", "drag", "look_at"]), place),
        st.tuples(act("insert"), place, st.sampled_from([1, 1, 12])),
        st.tuples(st.sampled_from(["delete", "copy", "cut", "lose_id"]), place, which),
        st.tuples(st.sampled_from(["drain", "linger", "look", "wait", "mend"])),
        st.tuples(act("fail"), st.integers(0, 9), flag, flag),
        st.tuples(act("kill"), st.integers(0, 9)),
        st.tuples(act("outage"), place, flag),
        st.tuples(
            act("meanwhile"), st.sampled_from(["read", "structure", "write"]),
            st.sampled_from([*ALONE, *ALSO, "sort", "type", "delete"]), place, which,
        ),
        st.tuples(st.sampled_from(["jot", "shuffle"]), place),
    )  # fmt: skip
    return st.lists(ops, max_size=longest)
