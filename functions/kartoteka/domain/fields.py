"""Fields of the office's own: what they are called, what they hold, who sees them (D12)."""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from pydantic import Field, JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.matrix import Level
from kartoteka.domain.model import Role, Value
from kartoteka.domain.pipeline import Pipeline, Stage

LONGEST_TEXT = 10_000
LONGEST_LINK = 2_000
MOST = 10**15  # beyond it a number is not exact in a sheet
_LINK = re.compile(r"https?://[^\s<>\"]+")
_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_GAPS = re.compile(r"[\s\u00a0\u202f]")
_SEEN_BY_ALL = frozenset({Role.ADMIN.value, Role.DIRECTOR.value})

Kind = Literal["text", "number", "file", "list", "date", "money"]


class FieldSpec(Value):
    """One field of the office: `id` and `entity` never change, everything else may.

    Only the roles named see it; admins and directors always do.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["budget_2"])
    entity: Literal["lead", "client", "company", "deal"]
    name: str = Field(min_length=1, max_length=200)
    name_en: str = ""
    type: Kind = "text"
    values: tuple[str, ...] = ()  # of a list
    required_from: str = ""  # stage id: entering it, or a later one, needs a value
    read_roles: tuple[str, ...] = ()
    edit_roles: tuple[str, ...] = ()
    order: int = 0

    @property
    def is_money(self) -> bool:
        """Return whether the narrowest of several roles decides who sees it."""
        return self.type == "money"

    def level(self, role: str) -> Level:
        """Return what a role may do with the field."""
        if role in _SEEN_BY_ALL or role in self.edit_roles:
            return Level.EDIT
        return Level.READ if role in self.read_roles else Level.NONE


def filled(
    specs: Iterable[FieldSpec],
    entity: str,
    stored: Mapping[str, JsonValue],
    given: Mapping[str, JsonValue],
) -> dict[str, JsonValue]:
    """Return the stored values with the given ones, each as its type stores it.

    None or an empty text takes a value away. Stored: text as typed; number; file as a link; list
    as the office spells the choice; date as YYYY-MM-DD; money as whole minor units (a text is
    read as major units, «1 234,50»).

    Raises:
        Invalid: an unknown field, with the nearest name, or a value that its type refuses.
    """
    known = {spec.id: spec for spec in specs if spec.entity == entity}
    kept = dict(stored)
    for name, value in given.items():
        spec = known.get(name)
        if spec is None:
            raise _unknown(name, known)
        if value is None or (isinstance(value, str) and not value.strip()):
            kept.pop(name, None)
        else:
            kept[name] = _READERS[spec.type](spec, value)
    return kept


def check_known(
    specs: Iterable[FieldSpec], entity: str, name: str, told: Callable[[FieldSpec], bool]
) -> None:
    """Refuse a field that the office does not have; only fields that may be `told` are named.

    Raises:
        Invalid: with the nearest name.
    """
    known = {spec.id: spec for spec in specs if spec.entity == entity}
    if name not in known:
        raise _unknown(name, {key: spec for key, spec in known.items() if told(spec)})


def missing(
    specs: Iterable[FieldSpec],
    entity: str,
    stored: Mapping[str, JsonValue],
    way: tuple[Pipeline, Stage],
) -> tuple[FieldSpec, ...]:
    """Return the fields without a value that this stage of the pipeline needs, in their order."""
    pipeline, there = way
    if there.state == "lost":
        return ()
    places = {stage.id: place for place, stage in enumerate(pipeline.stages)}
    return tuple(
        spec
        for spec in sorted(specs, key=lambda spec: (spec.order, spec.id))
        if spec.entity == entity
        and spec.required_from in places
        and places[spec.required_from] <= places[there.id]
        and stored.get(spec.id) in (None, "")
    )


def check_required(
    specs: Iterable[FieldSpec],
    entity: str,
    stored: Mapping[str, JsonValue],
    way: tuple[Pipeline, Stage],
) -> None:
    """Refuse to enter a stage without the office's own fields that it needs.

    Raises:
        Invalid: names the stage and the fields.
    """
    absent = missing(specs, entity, stored, way)
    if absent:
        raise Invalid(
            f"stage {way[1].id} needs {', '.join(spec.id for spec in absent)}",
            fields={f"fields.{spec.id}": "required" for spec in absent},
            code="stage_requires",
            there=way[1],
            missing=absent,
        )


def _unknown(name: str, known: Mapping[str, FieldSpec]) -> Invalid:
    spelled = {spec_id.casefold(): spec_id for spec_id in known}
    spelled |= {spec.name.casefold(): spec.id for spec in known.values()}
    near = difflib.get_close_matches(name.casefold(), spelled, n=1)
    nearest = spelled[near[0]] if near else ", ".join(sorted(known)) or "-"
    return Invalid(
        f"there is no field {name!r}; nearest: {nearest}",
        fields={f"fields.{name}": "unknown"},
        code="field_unknown",
        field=name,
        nearest=nearest,
    )


def _wrong(spec: FieldSpec, code: str, **facts: object) -> Invalid:
    return Invalid(
        f"field {spec.id} is a {spec.type}",
        fields={f"fields.{spec.id}": code},
        code=code,
        field=spec,
        **facts,
    )


def _text(spec: FieldSpec, value: JsonValue) -> JsonValue:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise _wrong(spec, "field_text", count=LONGEST_TEXT)
    return value


def _number(spec: FieldSpec, value: JsonValue) -> JsonValue:
    found = _decimal(value)
    if found is None or abs(found) > MOST:
        raise _wrong(spec, "field_number")
    return int(found) if found == found.to_integral_value() else float(found)


def _money(spec: FieldSpec, value: JsonValue) -> JsonValue:
    major = _decimal(value)
    minor = major * 100 if major is not None and isinstance(value, str) else major
    whole = minor is not None and minor == minor.to_integral_value()
    if minor is None or not whole or not 0 <= minor <= MOST:
        raise _wrong(spec, "field_money")
    return int(minor)


def _decimal(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    try:
        found = Decimal(_GAPS.sub("", str(value)).replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _link(spec: FieldSpec, value: JsonValue) -> JsonValue:
    if not isinstance(value, str) or len(value) > LONGEST_LINK or not _LINK.fullmatch(value):
        raise _wrong(spec, "field_file")
    return value


def _choice(spec: FieldSpec, value: JsonValue) -> JsonValue:
    wanted = value.strip().casefold() if isinstance(value, str) else ""
    found = next((item for item in spec.values if item.casefold() == wanted), None)
    if found is None:
        raise _wrong(spec, "field_list", values=spec.values)
    return found


def _day(spec: FieldSpec, value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        written = _DAY.fullmatch(value.strip())
        spelled = "-".join(written.group(3, 2, 1)) if written else value.strip()
        try:
            return date.fromisoformat(spelled).isoformat()
        except ValueError as exc:
            raise _wrong(spec, "field_date") from exc
    raise _wrong(spec, "field_date")


_READERS: Mapping[str, Callable[[FieldSpec, JsonValue], JsonValue]] = {
    "text": _text,
    "number": _number,
    "file": _link,
    "list": _choice,
    "date": _day,
    "money": _money,
}
