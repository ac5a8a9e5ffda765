"""Reading on one connection: records, pages, numbers, logs."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from kartoteka.adapters import sqlite_query
from kartoteka.adapters.queries import Cursor, Prepared, cursor_of
from kartoteka.adapters.sqlite_query import Sql, table
from kartoteka.domain.errors import Invalid
from kartoteka.ports import Doc, Found, LogEntry

PAGE = 200
_IDS_PER_READ = 500
_POSITION_DIGITS = 20
_ONE = "SELECT doc FROM {} WHERE id = ?"
_SOME = "SELECT id, doc FROM {} WHERE id IN ({})"
_LOG = "SELECT seq, id, doc FROM {} WHERE seq > ? ORDER BY seq LIMIT ?"
_NEWEST = "SELECT max(seq) FROM {}"


class SqliteRows:
    """The rows of existing tables as one connection sees them; ids are checked by the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, collection: str, record_id: str) -> Doc | None:
        sql = _ONE.format(table(collection))
        row = self._connection.execute(sql, (record_id,)).fetchone()
        return None if row is None else _doc(row[0])

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        """Return the records that exist, in the order of their ids as given."""
        asked = list(dict.fromkeys(record_ids))
        docs = dict(self._with_ids(collection, asked))
        return {record_id: docs[record_id] for record_id in asked if record_id in docs}

    def page(self, query: Prepared, size: int, after: Cursor | None) -> list[Found]:
        """Return up to `size` records behind the cursor."""
        rows = self._rows(sqlite_query.page(query, size, after))
        docs = ((record_id, _doc(text)) for record_id, text in rows)
        return [Found(name, doc, cursor_of(query.order, name, doc)) for name, doc in docs]

    def number(self, sql: Sql) -> int:
        """Return the one number of a count or sum, 0 for none."""
        return int(self._connection.execute(sql.text, sql.values).fetchone()[0] or 0)

    def log(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        """Return up to `limit` entries behind the position, oldest first."""
        if limit < 1:
            raise Invalid(f"limit {limit}: use a positive number")
        sql = _LOG.format(table(log))
        rows = self._connection.execute(sql, (_sequence(after), limit))
        return [LogEntry(name, _doc(text), _position(seq)) for seq, name, text in rows]

    def log_head(self, log: str) -> str | None:
        """Return the position of the newest entry."""
        sql = _NEWEST.format(table(log))
        newest = self._connection.execute(sql).fetchone()[0]
        return None if newest is None else _position(newest)

    def _with_ids(self, collection: str, asked: list[str]) -> Iterator[tuple[str, Doc]]:
        for start in range(0, len(asked), _IDS_PER_READ):
            part = asked[start : start + _IDS_PER_READ]
            sql = _SOME.format(table(collection), ", ".join("?" * len(part)))
            for record_id, text in self._connection.execute(sql, part):
                yield record_id, _doc(text)

    def _rows(self, sql: Sql) -> list[Any]:
        return self._connection.execute(sql.text, sql.values).fetchall()


def _doc(text: str) -> dict[str, Any]:
    doc: dict[str, Any] = orjson.loads(text)
    return doc


def _position(sequence: int) -> str:
    return f"{sequence:0{_POSITION_DIGITS}}"


def _sequence(position: str | None) -> int:
    if position is None:
        return 0
    if len(position) != _POSITION_DIGITS or not position.isascii() or not position.isdigit():
        raise Invalid("the log position is damaged: use one that read_log returned, or None")
    return int(position)
