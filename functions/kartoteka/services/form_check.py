"""What is wrong with the fields of a command, in words of the office's languages."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kartoteka.domain.errors import Invalid
from kartoteka.i18n import LOCALES, text

_CODES: Mapping[str, str] = {
    "missing": "given_missing",
    "extra_forbidden": "given_unknown",
    "string_type": "given_text",
    "string_unicode": "given_text",
    "string_too_short": "given_short",
    "string_too_long": "given_long",
    "string_pattern_mismatch": "given_pattern",
    "int_from_float": "given_whole",
    "greater_than": "given_more",
    "greater_than_equal": "given_least",
    "less_than": "given_less",
    "less_than_equal": "given_most",
    "timezone_aware": "given_zone",
    "too_short": "given_few",
    "too_long": "given_many",
    "enum": "given_one_of",
    "literal_error": "given_one_of",
}
_FAMILIES: Mapping[str, str] = {
    "int": "given_whole",
    "float": "given_number",
    "finite": "given_number",
    "decimal": "given_number",
    "bool": "given_flag",
    "datetime": "given_moment",
    "date": "given_day",
    "time": "given_clock",
    "tuple": "given_list",
    "list": "given_list",
    "set": "given_list",
    "frozen": "given_list",
    "dict": "given_object",
    "mapping": "given_object",
    "model": "given_object",
}
_NO_MOMENT = "given_year"
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_OWN = "given_"
_FALLBACK = "given_wrong"
_FACTS: Mapping[str, str] = {
    "min_length": "count",
    "max_length": "count",
    "gt": "count",
    "ge": "count",
    "lt": "count",
    "le": "count",
    "pattern": "pattern",
    "expected": "known",
}
_QUOTED = re.compile(r"'([^']*)'")
_BRANCH = re.compile(r"date|datetime|str|int|float|bool|\[key\]|.*\[.*\]")  # of a union or a key


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in both languages, behind the name of its field."""

    name: str
    name_en: str


def refusal(exc: ValidationError, form: type[BaseModel], place: tuple[str, ...] = ()) -> Invalid:
    """Return the refusal of what does not fit a form: `fields` has a text code for each mistake.

    Args:
        exc: what the form found.
        form: its model; an unknown field is told the nearest known one.
        place: where in the command the form stands.
    """
    found = [(_path(error, place), error) for error in _errors(exc)]
    return Invalid(
        "; ".join(f"{path}: {error['msg']}" for path, error in found),
        fields={path: _code(error) for path, error in found},
        code="command_fields",
        listed=tuple(_fault(path, error, form) for path, error in found),
    )


def check_moments(form: BaseModel, place: tuple[str, ...] = ()) -> None:
    """Refuse a date that nobody means and no arithmetic survives: before 1900 or from 2200 on.

    Raises:
        Invalid: names the field.
    """
    for name, value in form:
        path = (*place, name)
        if isinstance(value, BaseModel):
            check_moments(value, path)
        elif isinstance(value, datetime) and not _FIRST_YEAR <= value.year < _LAST_YEAR:
            raise _no_moment(".".join(path))


def _no_moment(path: str) -> Invalid:
    said = {locale: f"{path}: {text(_NO_MOMENT, locale)}" for locale in LOCALES}
    listed = (Fault(said["ru"], said["en"]),)
    return Invalid(said["en"], fields={path: _NO_MOMENT}, code="command_fields", listed=listed)


def _errors(exc: ValidationError) -> Iterable[ErrorDetails]:
    return exc.errors(include_input=False, include_url=False)


def _path(error: ErrorDetails, place: tuple[str, ...]) -> str:
    loc = error["loc"]
    named = loc[:-1] if len(loc) > 1 and _BRANCH.fullmatch(str(loc[-1])) else loc
    return ".".join(map(str, (*place, *named)))


def _code(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind.startswith(_OWN):
        return kind
    return _CODES.get(kind) or _FAMILIES.get(kind.partition("_")[0], _FALLBACK)


def _fault(path: str, error: ErrorDetails, form: type[BaseModel]) -> Fault:
    code, facts = _code(error), _facts(error)
    name = str(error["loc"][0]) if len(error["loc"]) == 1 else ""
    if code == "given_unknown" and (near := difflib.get_close_matches(name, form.model_fields, 1)):
        code, facts = "given_unknown_near", {"near": near[0]}
    if code == "given_pattern" and name and (examples := form.model_fields[name].examples):
        code, facts = "given_like", {"example": examples[0]}
    said = {locale: text(code, locale, **facts) for locale in LOCALES}
    behind = f"{path}: " if path else ""
    return Fault(behind + said["ru"], behind + said["en"])


def _facts(error: ErrorDetails) -> dict[str, object]:
    given = error.get("ctx", {})
    facts = {name: given[key] for key, name in _FACTS.items() if key in given}
    if "known" in facts:
        facts["known"] = ", ".join(_QUOTED.findall(str(facts["known"]))) or facts["known"]
    return facts
