"""Rows of a table of clients, and what each says: a client, or what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from kartoteka.domain import company_numbers, identity, table_phones
from kartoteka.domain.errors import Invalid
from kartoteka.domain.fields import filled
from kartoteka.domain.headers import CUSTOM, Columns
from kartoteka.domain.ids import StaffId
from kartoteka.domain.office import Settings

LONGEST_NAME = 500
LONGEST_NOTE = 45_000
LONGEST_TAG = 100
MOST_TAGS = 100
MOST_CONTACTS = 50
_SHOWN = 60  # characters of a wrong value that a message repeats
_YES = frozenset({"да", "yes", "y", "true", "истина", "1", "+", "x", "х", "v", "✓", "есть"})
_NO = frozenset({"", "нет", "no", "n", "false", "ложь", "0", "-", "–", "—"})
_LIST = re.compile(r"\s*(?::::|[,;|\n\r])\s*")
_GAPS = re.compile(r"\s+")
_OF_GOOGLE = frozenset({"mycontacts", "my contacts", "starred"})
_NAME_PARTS = ("last_name", "first_name", "middle_name")
_NO_YEAR = re.compile(r"--(\d\d)-?(\d\d)")  # of a birthday: RFC 6350, and Google's tables
_WESTERN = ("first_name", "middle_name", "last_name")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a file holds it; `number` is the one a spreadsheet shows, from 1.

    `fault` is the code of why the file's own format could not be read here.
    """

    number: int
    cells: tuple[str, ...]
    fault: str = ""

    @property
    def is_blank(self) -> bool:
        """Return whether nothing is written in it."""
        return not self.fault and not any(map(str.strip, self.cells))


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows that can be read again from the start.

    `fingerprint` is the same for the same bytes; `estimate` is about how many rows there are.
    """

    name: str
    fingerprint: str
    estimate: int
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a person must change in a row: its text is `code` in i18n with column and facts."""

    code: str
    column: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says about a client; `request` is the words of an open request, None: none."""

    number: int
    name: str = ""
    company: str = ""
    inn: str = ""
    kpp: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    owner_id: StaffId | None = None
    segment: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    request: str | None = None
    source: str = ""
    fields: Mapping[str, JsonValue] = field(default_factory=dict)
    remarks: tuple[Fault, ...] = ()  # what of the office's own fields was left out, and why

    @property
    def keys(self) -> list[str]:
        """Return the identity keys of the row, strongest first."""
        return identity.keys(self.phones, self.emails, ())

    @property
    def called(self) -> str:
        """Return the name, or what stands in for one."""
        return self.name or self.company or next(iter((*self.phones, *self.emails)), "")


class Reading:
    """Reads the rows of one table by the office's settings."""

    def __init__(self, columns: Columns, settings: Settings, segments: Mapping[str, str]) -> None:
        """Prepare for a table.

        Args:
            columns: what each column means.
            settings: the office's: region, people, fields of its own.
            segments: id of a type of clients by what people call it, in small letters.
        """
        self.columns = columns
        self.settings = settings
        self.segments = segments
        self.own_numbers = settings.own_numbers()
        self.people = _people(settings)
        self.order = _WESTERN if settings.office.locale == "en" else _NAME_PARTS

    def entry(self, row: Row) -> Entry | list[Fault]:
        """Return what the row says, or everything that a person must change in it."""
        if row.fault:
            return [Fault(row.fault)]
        if any(map(str.strip, row.cells[self.columns.width :])):
            return [Fault("import_shifted", facts={"count": self.columns.width})]
        draft = _Draft(self, row)
        entry = draft.entry(row.number)
        if not (entry.phones or entry.emails or draft.faults):
            draft.faults.append(Fault("import_no_identity"))
        return draft.faults or entry


class _Draft:
    """One row while it is read: its cells by field, and what is wrong with them so far.

    What cannot be read of the office's own fields is a remark: the client comes in without it.
    """

    def __init__(self, reading: Reading, row: Row) -> None:
        self.faults: list[Fault] = []
        self.remarks: list[Fault] = []
        self._reading = reading
        self._aside: list[str] = []  # days without a year: no date, but nothing to lose
        self._said: dict[str, list[tuple[str, str]]] = {}
        for column in reading.columns.read:
            cell = row.cells[column.place].strip() if column.place < len(row.cells) else ""
            if cell:
                text = cell.replace("\0", "")
                self._said.setdefault(column.field, []).append((column.title, text))

    def entry(self, number: int) -> Entry:
        """Return what the row says; what cannot be read is in `faults`."""
        office = self._reading.settings.office
        fields = self._custom()
        return Entry(
            number=number,
            name=self._name(),
            company=self._text("company", LONGEST_NAME),
            inn=self._checked("inn", company_numbers.inn),
            kpp=self._checked("kpp", company_numbers.kpp),
            phones=self._contacts("phone", lambda cell: table_phones.phones(cell, office.region)),
            emails=self._contacts("email", table_phones.emails),
            owner_id=self._owner(),
            segment=self._segment(),
            tags=self._tags(),
            note=self._note(),
            request=self._request(),
            source=self._text("source", LONGEST_NAME),
            fields=fields,
            remarks=tuple(self.remarks),
        )

    def _cells(self, field_name: str) -> list[tuple[str, str]]:
        return self._said.get(field_name, [])

    def _fault(self, code: str, column: str, **facts: object) -> None:
        self.faults.append(Fault(code, column, facts))

    def _text(self, field_name: str, longest: int) -> str:
        for title, text in self._cells(field_name)[:1]:
            if len(text) > longest:
                self._fault("import_too_long", title, count=longest)
            return _GAPS.sub(" ", text)
        return ""

    def _name(self) -> str:
        """Return the name; who has none is called as friends call them."""
        full = self._text("name", LONGEST_NAME) or self._joined_name()
        return full or self._text("nickname", LONGEST_NAME)

    def _joined_name(self) -> str:
        parts = (self._text(part, LONGEST_NAME) for part in self._reading.order)
        return " ".join(part for part in parts if part)

    def _checked(self, field_name: str, read: Callable[[str], str]) -> str:
        for title, text in self._cells(field_name)[:1]:
            try:
                return read(text)
            except Invalid as exc:
                self._fault(exc.code, title, value=text[:_SHOWN])
        return ""

    def _contacts(
        self, field_name: str, read: Callable[[str], tuple[tuple[str, ...], str]]
    ) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for title, text in self._cells(field_name):
            values, wrong = read(text)
            if wrong and table_phones.is_rounded(text):
                self._fault("import_rounded", title, value=text[:_SHOWN])
            elif wrong:
                self._fault(f"import_{field_name}", title, value=wrong[:_SHOWN])
            own = self._reading.own_numbers.intersection(values)
            if own:
                self._fault("import_own_number", title, value=min(own))
            found.update(dict.fromkeys(values))
        if len(found) > MOST_CONTACTS:
            self._fault("import_too_many", self._cells(field_name)[0][0], count=MOST_CONTACTS)
        return tuple(found)

    def _owner(self) -> StaffId | None:
        for title, text in self._cells("owner")[:1]:
            found = self._reading.people.get(text.casefold())
            if found is None:
                names = ", ".join(p.name for p in self._reading.settings.staff if p.active)
                self._fault("import_owner", title, value=text[:_SHOWN], names=names)
            return found
        return None

    def _segment(self) -> str:
        for title, text in self._cells("segment")[:1]:
            found = self._reading.segments.get(text.casefold(), "")
            if not found:
                names = ", ".join(self._reading.segments)
                self._fault("import_segment", title, value=text[:_SHOWN], names=names)
            return found
        return ""

    def _tags(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for title, text in self._cells("tags"):
            marks = [mark.lstrip("* ").strip() for mark in _LIST.split(text)]
            kept = [mark for mark in marks if mark and mark.casefold() not in _OF_GOOGLE]
            if len(kept) > MOST_TAGS or any(len(mark) > LONGEST_TAG for mark in kept):
                self._fault("import_too_long", title, count=LONGEST_TAG)
            found.update(dict.fromkeys(kept))
        return tuple(found)

    def _note(self) -> str:
        said = (*(text for _, text in self._cells("note")), *self._aside)
        note = "\n".join(said)
        if len(note) > LONGEST_NOTE:
            title = next((title for title, _ in self._cells("note")), "")
            self._fault("import_too_long", title, count=LONGEST_NOTE)
        return note

    def _request(self) -> str | None:
        for title, text in self._cells("request")[:1]:
            if len(text) > LONGEST_NOTE:
                self._fault("import_too_long", title, count=LONGEST_NOTE)
            word = text.casefold()
            return None if word in _NO else "" if word in _YES else text
        return None

    def _custom(self) -> dict[str, JsonValue]:
        kept: dict[str, JsonValue] = {}
        for name, cells in self._said.items():
            if not name.startswith(CUSTOM):
                continue
            title, text = cells[0]
            given = {name.removeprefix(CUSTOM): text}
            try:
                kept = filled(self._reading.settings.office.fields, "client", kept, given)
            except Invalid as exc:
                self._left_out(exc, title, text)
        return kept

    def _left_out(self, why: Invalid, title: str, text: str) -> None:
        """Tell of a value that its field refuses; a day without a year goes into the note."""
        day = _NO_YEAR.fullmatch(text)
        if day is not None and why.code == "field_date":
            self._aside.append(f"{title}: {day[2]}.{day[1]}")
            self.remarks.append(Fault("import_no_year", title, {"value": f"{day[2]}.{day[1]}"}))
        else:
            self.remarks.append(Fault("import_left_out", title, {"value": text[:_SHOWN]}))
            self.remarks.append(Fault(why.code, title, why.facts))


def _people(settings: Settings) -> dict[str, StaffId]:
    """Return the active people by address and by name; a name that two of them have is nobody's."""
    active = [person for person in settings.staff if person.active]
    names = [person.name.casefold() for person in active]
    named = {p.name.casefold(): p.id for p in active if names.count(p.name.casefold()) == 1}
    return named | {person.email: person.id for person in active}
