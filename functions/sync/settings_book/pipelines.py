"""Tabs of the pipelines: stages, reasons, and the office's own fields."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.fields import FieldSpec
from kartoteka.ports import CellValue, Store
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Kind, Setting
from sync.settings_book import naming, shades, spans
from sync.settings_book.asking import (
    Edited,
    Given,
    New,
    Page,
    asked_for,
    expected,
    named_id,
    setting,
    shown,
    typed,
    yes_no,
)
from sync.settings_book.readers import (
    Readers,
    filled,
    many,
    number,
    one,
    plain,
    said,
    several,
    unless_blank,
)
from sync.settings_book.typed import flag, is_flag, joined, whole


def moved(order: list[str], name: str, to: int) -> list[str]:
    """Return the ids with one of them at another place, counted from 1."""
    left = [other for other in order if other != name]
    left.insert(max(0, to - 1), name)
    return left


def _stages(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    lines, states = naming.pipelines(frame), naming.words("state", naming.STATES, frame)
    for line in office.pipelines:
        for place, stage in enumerate(line.stages, start=1):
            cells: dict[str, CellValue] = {
                "line": lines.shown(line.id),
                "order": place,
                "name": stage.name,
                "name_en": stage.name_en,
                "state": states.shown(stage.state),
                "colour": shades.shown(stage.colour, frame),
                "span": spans.shown(stage.due, frame),
                "idle_days": stage.idle_days,
                "probability": stage.probability,
            }
            key = (line.id, stage.id)
            yield setting(f"stage:{line.id}:{stage.id}", key, cells, office)


def _change_stage(edit: Edited) -> Command:
    line, stage = edit.setting.key
    place: Given = {"pipeline": line, "stage": stage, **edit.expected}
    match edit.column:
        case "name":
            return "stage.rename", {**place, "name": edit.typed.strip()}
        case "name_en":
            name = str(edit.setting.cells["name"])
            return "stage.rename", {**place, "name": name, "name_en": edit.typed.strip()}
        case "span":
            return "stage.limit", {**place, "due": _span(edit.typed, edit.frame)}
        case "colour":
            return "stage.colour", {**place, "colour": shades.read(edit.typed, edit.frame)}
        case "order":
            stages = edit.frame.settings.office.pipeline(line).stages
            order = moved([it.id for it in stages], stage, whole(edit.typed))
            return "stage.reorder", {"pipeline": line, "order": [*order], **edit.expected}
    return "stage.limit", {**place, edit.column: whole(edit.typed)}


def _span(cell: str, frame: Frame) -> JsonValue:
    """Return when the step of a stage is due; one that has a term keeps one."""
    return spans.read(cell or "-", frame)


def _add_stage(cells: Mapping[str, str], frame: Frame) -> New:
    """Return the new stage, behind the one whose place it takes, else before the closed ones."""
    office = frame.settings.office
    line = office.pipeline(naming.pipelines(frame).read(cells["line"]))
    name = named_id("s", line.id, cells["name"])
    states = naming.words("state", naming.STATES, frame)
    open_ones = [it.id for it in line.stages if it.state in {"open", "ongoing"}]
    at = whole(cells["order"])
    behind = line.stages[min(at, len(line.stages) + 1) - 2].id if at > 1 else open_ones[-1]
    given: Given = {
        "pipeline": line.id,
        "stage": name,
        "name": cells["name"],
        "name_en": cells["name_en"],
        "after": behind,
        "state": states.read(cells["state"]) if cells["state"] else "ongoing",
        "colour": shades.read(cells["colour"], frame),
        "idle_days": whole(cells["idle_days"]),
        "probability": whole(cells["probability"]),
        "due": spans.read(cells["span"], frame),
    }
    return New(("stage.add", given), f"stage:{line.id}:{name}")


def _drop_stage(asked: Asked) -> Command:
    """Return the removal; its records move to the stage named behind the colon."""
    row = asked_for(asked)
    line, stage = row.key
    there = naming.stages(asked.frame, asked.frame.settings.office.pipeline(line))
    given = {"pipeline": line, "stage": stage, "move_to": there.read(asked.argument)}
    return "stage.delete", {**given, **expected(row)}


def stage_choices(frame: Frame) -> list[str]:
    """Return the names of all stages."""
    return list(naming.stages(frame).by_id.values())


def _states(frame: Frame) -> list[str]:
    return list(naming.words("state", naming.STATES, frame).by_id.values())


def line_choices(frame: Frame) -> list[str]:
    """Return the names of all pipelines."""
    return list(naming.pipelines(frame).by_id.values())


STAGES = Page(
    code="stages",
    columns=(
        shown("line", 150, choices=line_choices),
        typed("order", 50, kind=Kind.NUMBER),
        typed("name", 220, header="title"),
        typed("name_en", 180),
        shown("state", 110, header="stage_state", choices=_states),
        typed("colour", 130, choices=shades.choices),
        typed("span", 130, header="due_span"),
        typed("idle_days", 110, kind=Kind.NUMBER),
        typed("probability", 110, kind=Kind.NUMBER),
    ),
    rows=_stages,
    change=_change_stage,
    add=_add_stage,
    drop=_drop_stage,
    drops_to=stage_choices,
)


def _reasons(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    lines = naming.pipelines(frame)
    for line in office.pipelines:
        names = naming.stages(frame, line)
        for stage in line.stages:
            for reason in stage.reasons:
                cells: dict[str, CellValue] = {
                    "line": lines.shown(line.id),
                    "place": names.shown(stage.id),
                    "name": reason,
                    "needs_note": flag(reason in stage.note_reasons, frame),
                }
                row = named_id("reason", line.id, stage.id, reason)
                yield setting(row, (line.id, stage.id, reason), cells, office)


def _add_reason(cells: Mapping[str, str], frame: Frame) -> New:
    line = frame.settings.office.pipeline(naming.pipelines(frame).read(cells["line"]))
    stage = naming.stages(frame, line).read(cells["place"])
    given: Given = {
        "pipeline": line.id,
        "stage": stage,
        "reason": cells["name"],
        "note": is_flag(cells["needs_note"], frame),
    }
    return New(("reason.add", given), named_id("reason", line.id, stage, cells["name"]))


def _drop_reason(asked: Asked) -> Command:
    row = asked_for(asked)
    line, stage, reason = row.key
    given = {"pipeline": line, "stage": stage, "reason": reason}
    return "reason.remove", {**given, **expected(row)}


REASONS = Page(
    code="reasons",
    columns=(
        shown("line", 150, choices=line_choices),
        shown("place", 200, header="stage", choices=stage_choices),
        shown("name", 240, header="reason"),
        shown("needs_note", 150, choices=yes_no),
    ),
    rows=_reasons,
    add=_add_reason,
    drop=_drop_reason,
)


def _fields(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    for spec in office.fields:
        row = f"field:{spec.entity}:{spec.id}"
        yield Setting(
            row,
            (spec.entity, spec.id),
            _cells_of(spec, frame),
            office.updated_at,
            office.updated_by,
        )


def _cells_of(spec: FieldSpec, frame: Frame) -> dict[str, CellValue]:
    roles = naming.roles(frame)
    return {
        "entity": naming.words("of", naming.ENTITIES, frame).shown(spec.entity),
        "order": spec.order,
        "name": spec.name,
        "name_en": spec.name_en,
        "type": naming.words("type", naming.TYPES, frame).shown(spec.type),
        "values": joined(spec.values),
        "required_from": naming.stages(frame).shown(spec.required_from or None),
        "read_roles": roles.listed(spec.read_roles),
        "edit_roles": roles.listed(spec.edit_roles),
    }


_FIELD: Readers = {
    "order": ("order", number),
    "name": ("name", plain),
    "name_en": ("name_en", plain),
    "values": ("values", several),
    "required_from": ("required_from", unless_blank(one(naming.stages))),
    "read_roles": ("read_roles", many(naming.roles)),
    "edit_roles": ("edit_roles", many(naming.roles)),
}


def _change_field(edit: Edited) -> Command:
    entity, name = edit.setting.key
    wish = said(_FIELD, edit.column, edit.typed, edit.frame)
    return "field.edit", {"entity": entity, "id": name, **wish, **edit.expected}


def _add_field(cells: Mapping[str, str], frame: Frame) -> New:
    if not cells["name"]:
        raise Invalid("a field has a name", code="name_length")
    entity = naming.words("of", naming.ENTITIES, frame).read(cells["entity"])
    kinds = naming.words("type", naming.TYPES, frame)
    name = named_id("f", entity, cells["name"])
    kind = kinds.read(cells["type"]) if cells["type"] else "text"
    wish = filled(_FIELD, cells, frame)
    given: Given = {"entity": entity, "id": name, "type": kind, **wish}
    return New(("field.add", given), f"field:{entity}:{name}")


def _drop_field(asked: Asked) -> Command:
    row = asked_for(asked)
    entity, name = row.key
    return "field.remove", {"entity": entity, "id": name, **expected(row)}


def _entities(frame: Frame) -> list[str]:
    return list(naming.words("of", naming.ENTITIES, frame).by_id.values())


def _types(frame: Frame) -> list[str]:
    return list(naming.words("type", naming.TYPES, frame).by_id.values())


FIELDS = Page(
    code="fields",
    columns=(
        shown("entity", 110, choices=_entities),
        typed("order", 50, kind=Kind.NUMBER),
        typed("name", 200, header="title"),
        typed("name_en", 160),
        shown("type", 100, choices=_types),
        typed("values", 220),
        typed("required_from", 170, choices=stage_choices),
        typed("read_roles", 180),
        typed("edit_roles", 180),
    ),
    rows=_fields,
    change=_change_field,
    add=_add_field,
    drop=_drop_field,
)
