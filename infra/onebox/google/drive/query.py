"""The search language of files.list: `name = 'Сделки' and 'root' in parents and trashed = false`.

Source: "Search for files and folders" and "Search query terms and operators" of the Drive API
guides. Full text is not searched: the stand-in refuses `fullText`.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from onebox.google.drive.refusals import DriveError, invalid_value


@dataclass(frozen=True)
class Facts:
    """What of a file can be asked about; addresses in lower case, times RFC 3339."""

    name: str
    mime_type: str
    modified: str
    created: str
    trashed: bool
    starred: bool
    shared_with_me: bool
    parents: Collection[str]
    owners: Collection[str]
    writers: Collection[str]
    readers: Collection[str]
    properties: dict[str, str]
    app_properties: dict[str, str]


Test: TypeAlias = Callable[[Facts], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<word>[A-Za-z]+)"""
    r"""|(?P<sign><=|>=|!=|[=<>(){}]))\s*"""
)
_TEXTS: dict[str, Callable[[Facts], str]] = {
    "name": lambda facts: facts.name,
    "mimeType": lambda facts: facts.mime_type,
}
_TIMES: dict[str, Callable[[Facts], str]] = {
    "modifiedTime": lambda facts: facts.modified,
    "createdTime": lambda facts: facts.created,
}
_FLAGS: dict[str, Test] = {
    "trashed": lambda facts: facts.trashed,
    "starred": lambda facts: facts.starred,
    "sharedWithMe": lambda facts: facts.shared_with_me,
}
_SETS: dict[str, Callable[[Facts], Collection[str]]] = {
    "parents": lambda facts: facts.parents,
    "owners": lambda facts: facts.owners,
    "writers": lambda facts: facts.writers,
    "readers": lambda facts: facts.readers,
}
_MAPS: dict[str, Callable[[Facts], dict[str, str]]] = {
    "properties": lambda facts: facts.properties,
    "appProperties": lambda facts: facts.app_properties,
}
_ORDERS: dict[str, Callable[[datetime, datetime], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def compiled(query: str) -> Test:
    """Return the test of a query; an empty query is true of every file.

    Raises:
        DriveError: 400 Invalid Value at `q`.
    """
    if not query.strip():
        return lambda _: True
    reader = _Reader(_tokens(query))
    test = reader.any_of()
    if reader.left:
        raise invalid_value("q")
    return test


def _tokens(query: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(query):
        match = _TOKEN.match(query, position)
        if match is None:
            raise invalid_value("q")
        tokens.append(match["text"] or match["word"] or match["sign"])
        position = match.end()
    return tokens


class _Reader:
    """Reads tokens from the left; what is not yet read is `left`."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self._took("or"):
            tests.append(self.all_of())
        return lambda facts: any(test(facts) for test in tests)

    def all_of(self) -> Test:
        tests = [self._one()]
        while self._took("and"):
            tests.append(self._one())
        return lambda facts: all(test(facts) for test in tests)

    def _one(self) -> Test:
        if self._took("not"):
            test = self._one()
            return lambda facts: not test(facts)
        if self._took("("):
            test = self.any_of()
            self._expect(")")
            return test
        return self._term()

    def _term(self) -> Test:
        token = self._next()
        if token[0] in "'\"":
            return self._membership(_unquoted(token))
        if token in _FLAGS:
            return self._flag(_FLAGS[token])
        if token in _TEXTS:
            return self._text(_TEXTS[token])
        if token in _TIMES:
            return self._time(_TIMES[token])
        if token in _MAPS:
            return self._pair(_MAPS[token])
        raise invalid_value("q")

    def _membership(self, value: str) -> Test:
        self._expect("in")
        name = self._next()
        if name not in _SETS:
            raise invalid_value("q")
        chosen = _SETS[name]
        return lambda facts: value in chosen(facts)

    def _flag(self, flag: Test) -> Test:
        if not self.left or self.left[0] not in ("=", "!="):
            return flag
        same = self._next() == "="
        value = self._next()
        if value not in ("true", "false"):
            raise invalid_value("q")
        wanted = (value == "true") == same
        return lambda facts: flag(facts) is wanted

    def _text(self, text: Callable[[Facts], str]) -> Test:
        operator, value = self._next(), self._quoted()
        if operator == "=":
            return lambda facts: text(facts) == value
        if operator == "!=":
            return lambda facts: text(facts) != value
        if operator == "contains":
            return lambda facts: _begins_word(text(facts), value)
        raise invalid_value("q")

    def _time(self, time: Callable[[Facts], str]) -> Test:
        operator, value = self._next(), _moment(self._quoted())
        if operator not in _ORDERS:
            raise invalid_value("q")
        compare = _ORDERS[operator]
        return lambda facts: compare(_moment(time(facts)), value)

    def _pair(self, pairs: Callable[[Facts], dict[str, str]]) -> Test:
        for expected in ("has", "{", "key", "="):
            self._expect(expected)
        key = self._quoted()
        for expected in ("and", "value", "="):
            self._expect(expected)
        value = self._quoted()
        self._expect("}")
        return lambda facts: pairs(facts).get(key) == value

    def _quoted(self) -> str:
        token = self._next()
        if token[0] not in "'\"":
            raise invalid_value("q")
        return _unquoted(token)

    def _next(self) -> str:
        if not self.left:
            raise invalid_value("q")
        token, self.left = self.left[0], self.left[1:]
        return token

    def _took(self, token: str) -> bool:
        if not self.left or self.left[0] != token:
            return False
        self.left = self.left[1:]
        return True

    def _expect(self, token: str) -> None:
        if not self._took(token):
            raise invalid_value("q")


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _begins_word(text: str, part: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}", text, re.IGNORECASE) is not None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _bad_time() from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bad_time() -> DriveError:
    return invalid_value("q")
