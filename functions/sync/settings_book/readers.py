"""Readers of cells: what a person typed becomes the field of a command."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from pydantic import JsonValue

from sync.columns import Frame
from sync.settings_book.typed import Names, is_flag, minor, parts, whole

Reader: TypeAlias = Callable[[str, Frame], JsonValue]
Readers: TypeAlias = Mapping[str, tuple[str, Reader]]  # field and reader by column


def plain(typed: str, _frame: Frame) -> JsonValue:
    """Return the text itself."""
    return typed.strip()


def several(typed: str, _frame: Frame) -> JsonValue:
    """Return the texts of a list."""
    return [*parts(typed)]


def number(typed: str, _frame: Frame) -> JsonValue:
    """Return a whole number."""
    return whole(typed)


def sum_of(typed: str, _frame: Frame) -> JsonValue:
    """Return an amount in minor units."""
    return minor(typed)


def switch(typed: str, frame: Frame) -> JsonValue:
    """Return yes or no."""
    return is_flag(typed, frame)


def one(names: Callable[[Frame], Names[str]]) -> Reader:
    """Return the reader of one name, as an id."""
    return lambda typed, frame: names(frame).read(typed)


def many(names: Callable[[Frame], Names[str]]) -> Reader:
    """Return the reader of a list of names, as ids."""
    return lambda typed, frame: [*names(frame).split(typed)]


def unless_blank(read: Reader, none: JsonValue = "") -> Reader:
    """Return a reader to which an empty cell says `none`."""
    return partial(_unless_blank, read, none)


def _unless_blank(read: Reader, none: JsonValue, typed: str, frame: Frame) -> JsonValue:
    return read(typed, frame) if typed.strip() else none


def said(readers: Readers, column: str, typed: str, frame: Frame) -> dict[str, JsonValue]:
    """Return the one field that a cell says."""
    field, read = readers[column]
    return {field: read(typed, frame)}


def filled(readers: Readers, cells: Mapping[str, str], frame: Frame) -> dict[str, JsonValue]:
    """Return the fields of a typed row; a cell that is empty says nothing."""
    given: dict[str, JsonValue] = {}
    for column in readers:
        if cells[column]:
            given |= said(readers, column, cells[column], frame)
    return given
