"""What every store accepts, so that a document that fits one store fits the other.

A document is a plain JSON object: text, whole numbers of 64 bits, finite floats, true, false,
null, lists and objects. Instants are stored by their spelling (`domain.instant`), money as whole
minor units.

Source: the stricter limits of the two stores; Firestore's are 1 MiB per document, 20 levels,
no list directly inside a list, names that are not empty and not `__like_this__`.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.ports import Doc

MAX_BYTES = 1_048_576
MAX_DEPTH = 20
MAX_ID_BYTES = 1_500
_INT64 = range(-(2**63), 2**63)
_COLLECTION = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_MAP_OVERHEAD = 32  # bytes that Firestore counts per document and per object in it


def checked_collection(name: str) -> str:
    """Return the name of a collection, which is also a table's."""
    if not _COLLECTION.fullmatch(name):
        raise ConfigError(f"collection {name!r}: use a-z, 0-9 and _, a letter first")
    return name


def checked_id(record_id: str) -> str:
    """Return a record id: any text of 1 to 1,500 bytes."""
    if not 1 <= _text_bytes(record_id, "the record id") <= MAX_ID_BYTES:
        raise Invalid(
            f"a record id has {len(record_id)} characters: use 1 to {MAX_ID_BYTES} bytes,"
            " derive a short id from long text",
            code="record_impossible",
        )
    return record_id


def storable(doc: Doc, searched: frozenset[str] = frozenset()) -> Mapping[str, Any]:
    """Return the document as plain dicts, lists and scalars, checked.

    An ordinary one is returned itself, not a copy: leave it alone until it is written.

    Args:
        doc: the document.
        searched: its fields that queries compare, which must be scalars.

    Raises:
        Invalid: a value no store keeps, with its path; or the document is over 1 MiB.
    """
    _check_searched(doc, searched)
    if _is_ordinary(doc):
        return doc
    walk = _Walk()
    plain = walk.objects(doc, "", 1)
    if walk.bytes > MAX_BYTES:
        raise Invalid(
            f"the document takes {walk.bytes:,} bytes, the limit is {MAX_BYTES:,}:"
            " keep large text and files in the file store",
            code="record_too_large",
        )
    return plain


def _check_searched(doc: Doc, searched: frozenset[str]) -> None:
    for name in searched:
        value = doc.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            if "\0" in value:
                raise Invalid(
                    f"field {name!r} is searched by: remove the character U+0000",
                    code="value_impossible",
                )
        elif isinstance(value, Mapping | list | tuple):
            raise Invalid(
                f"field {name!r} is searched by: store one value in it, not a list",
                code="value_impossible",
            )


def _text_bytes(text: str, what: str) -> int:
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError as exc:
        raise Invalid(
            f"{what} holds half a surrogate pair: repair the text first", code="value_impossible"
        ) from exc


def _is_ordinary(doc: Doc) -> bool:
    """Return whether a document is plain as it stands; False for one to be looked at closely.

    Most of what is written is ordinary: this takes a fraction of the walk's time, and no copy.
    """
    try:
        return _most_of_object(doc, 1) <= MAX_BYTES
    except (_Doubt, UnicodeEncodeError):  # the latter of half a surrogate pair
        return False


class _Doubt(Exception):
    """Something that the careful walk must look at."""


def _most_of_object(value: Mapping[str, Any], depth: int) -> int:
    """Return a number of bytes that the object surely does not exceed."""
    if depth > MAX_DEPTH or type(value) is not dict:
        raise _Doubt
    most = _MAP_OVERHEAD + _most_of_names(value)
    for item in value.values():
        kind = type(item)
        if kind is str:  # the commonest, without a call
            most += len(item) + 1 if item.isascii() else len(item.encode()) + 1
        elif item is None or kind is bool:
            most += 8
        elif kind is dict:
            most += _most_of_object(item, depth + 1)
        elif kind is list:
            most += _most_of_list(item, depth + 1)
        else:
            most += _most_of_scalar(item)
    return most


def _most_of_names(value: dict[str, Any]) -> int:
    try:
        joined = "".join(value)
    except TypeError as exc:
        raise _Doubt from exc
    if not joined.isascii() or "__" in joined or "" in value:
        raise _Doubt
    return len(joined) + len(value)


def _most_of_list(items: list[Any], depth: int) -> int:
    if depth > MAX_DEPTH:
        raise _Doubt
    most = 0
    for item in items:
        kind = type(item)
        if kind is str:
            most += len(item) + 1 if item.isascii() else len(item.encode()) + 1
        elif kind is dict:
            most += _most_of_object(item, depth + 1)
        else:
            most += _most_of_scalar(item)
    return most


def _most_of_scalar(item: Any) -> int:
    if item is None or type(item) is bool or (type(item) is int and item in _INT64):
        return 8
    raise _Doubt


class _Walk:
    """Copies a document into plain values and adds up the bytes that Firestore counts."""

    def __init__(self) -> None:
        self.bytes = 0

    def objects(self, value: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise Invalid(
                f"field {path!r} is more than {MAX_DEPTH} levels deep: flatten it",
                code="value_impossible",
            )
        self.bytes += _MAP_OVERHEAD
        return {
            self._name(name, path): self._value(item, f"{path}.{name}" if path else name, depth)
            for name, item in value.items()
        }

    def _name(self, name: object, path: str) -> str:
        if not isinstance(name, str) or not name or _RESERVED.fullmatch(name):
            raise Invalid(
                f"{name!r} in {path!r} cannot name a field: use text, not __reserved__",
                code="value_impossible",
            )
        self.bytes += _text_bytes(name, "a field name") + 1
        return str(name)

    def _value(self, value: object, path: str, depth: int) -> Any:
        if isinstance(value, str):
            self.bytes += _text_bytes(value, f"field {path!r}") + 1
            return value if type(value) is str else str(value)
        if value is None or isinstance(value, bool):
            self.bytes += 1
            return value
        if isinstance(value, int | float):
            return self._number(value, path)
        if isinstance(value, Mapping):
            return self.objects(value, path, depth + 1)
        if isinstance(value, list | tuple):
            return self._list(value, path, depth + 1)
        raise Invalid(
            f"field {path!r} is a {type(value).__name__}: store text, numbers or lists",
            code="value_impossible",
        )

    def _number(self, value: float, path: str) -> int | float:
        self.bytes += 8
        if isinstance(value, float):
            if math.isfinite(value):
                return float(value)
        elif value in _INT64:
            return int(value)
        raise Invalid(
            f"field {path!r} is out of range: use a finite number of 64 bits",
            code="value_impossible",
        )

    def _list(self, items: list[Any] | tuple[Any, ...], path: str, depth: int) -> list[Any]:
        if depth > MAX_DEPTH:
            raise Invalid(
                f"field {path!r} is more than {MAX_DEPTH} levels deep: flatten it",
                code="value_impossible",
            )
        if any(isinstance(item, list | tuple) for item in items):
            raise Invalid(
                f"field {path!r} holds a list in a list: wrap the inner one in an object",
                code="value_impossible",
            )
        return [self._value(item, f"{path}[{at}]", depth) for at, item in enumerate(items)]
