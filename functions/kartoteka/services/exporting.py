"""Export of records by right: columns a person may not read are absent, and each export is told.

The log has an entry before the first record leaves and another behind the last one: there is no
export without a trace, even when the process dies on the way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from kartoteka.domain import instant
from kartoteka.domain.access import Level, Operation, can, check, level
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.domain.headers import CUSTOM
from kartoteka.domain.ids import fresh
from kartoteka.domain.model import Client, Entity
from kartoteka.domain.office import Settings
from kartoteka.domain.table_export import SHEETS, VCARD, ExportRun, Sheet
from kartoteka.domain.visibility import Shown, visible
from kartoteka.i18n import text
from kartoteka.ports import Query
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

Cell: TypeAlias = str | int | Decimal | datetime | None
_SHOWN = ("actor", "what", "format", "only", "count", "state", "at", "done_at")
_PEOPLE = frozenset({"owner_id", "assignee_id"})
_WORDS = {"segment": "segment", "next_action.what": "task", "what": "task"}
_STATES = {"lead": "setting_state", "deal": "setting_state", "task": "state"}
_KOPECKS = 100


@dataclass(frozen=True, slots=True)
class Export:
    """An export that this person may make: its columns are only those they may read."""

    sheet: Sheet
    actor: Actor
    settings: Settings
    fields: tuple[str, ...]
    run: ExportRun

    @property
    def titles(self) -> list[str]:
        """Return the headers in the office's language."""
        office = self.settings.office
        own = {f"{CUSTOM}{spec.id}": spec for spec in office.fields}
        kind = self.sheet.kind
        return [
            (own[name].name_en if office.locale == "en" else "") or own[name].name
            if name in own
            else text(f"column_{kind}_{name.replace('.', '_')}", office.locale)
            for name in self.fields
        ]


def prepare(
    desk: Desk,
    actor: Actor,
    what: str,
    file_format: str,
    *,
    only: Mapping[str, str] | None = None,
) -> Export:
    """Return the export, before anything is read.

    Args:
        desk: the ports and settings of the office.
        actor: who takes the records along.
        what: clients, leads, deals or tasks.
        file_format: csv, xlsx or, for clients, vcf.
        only: values that columns must have, by field: `{"state": "open"}`.

    Raises:
        NotAllowed: this person may not export such records.
        NotFound: there is no such export. Invalid: it has no such format or column.
    """
    sheet = SHEETS.get(what)
    if sheet is None:
        names = ", ".join(SHEETS)
        raise NotFound(f"there is no export {what!r}: {names}", code="export_unknown", names=names)
    settings = desk.settings()
    check(actor, Operation.EXPORT, sheet.model, within=settings)
    if file_format not in sheet.formats:
        names = ", ".join(sheet.formats)
        raise Invalid(
            f"{what} are exported as {names}",
            fields={"format": "export_format"},
            code="export_format",
            names=names,
        )
    fields = _fields(sheet, actor, settings)
    _check_columns(only or {}, fields)
    run = ExportRun(
        id=fresh("ex"),
        actor=actor,
        what=what,
        format=file_format,
        only=dict(only or {}),
        at=desk.now(),
    )
    return Export(sheet, actor, settings, fields, run)


def rows(desk: Desk, export: Export) -> Iterator[list[Cell]]:
    """Yield one list of cells per record, in the order of the columns; memory stays flat."""
    for shown in _told(desk, export):
        yield [_cell(export, shown, name) for name in export.fields]


def contacts(desk: Desk, export: Export) -> Iterator[Mapping[str, Sequence[str]]]:
    """Yield clients as contacts: name, company, phones, emails and tags, as far as they are seen.

    Raises:
        Invalid: the export is not one of vCards.
    """
    if export.run.format != VCARD:
        raise Invalid(
            "only an export of vCards has contacts",
            fields={"format": "export_format"},
            code="export_format",
            names=VCARD,
        )
    for shown in _told(desk, export):
        single = {name: [str(shown[name])] for name in ("name", "company") if shown.get(name)}
        lists = {name: _texts(shown.get(name)) for name in ("phones", "emails", "tags")}
        yield {"name": [str(shown["id"])], **single, **lists}


def _told(desk: Desk, export: Export) -> Iterator[Shown]:
    tell(desk, export.run)
    count = 0
    for shown in _seen(desk, export):
        count += 1
        yield shown
    done = {"count": count, "state": "done", "done_at": desk.now()}
    tell(desk, export.run.model_copy(update=done))


def tell(desk: Desk, run: ExportRun) -> None:
    """Keep how far an export is, and tell it in the log."""

    def work(unit: Unit) -> None:
        unit.subject = run.id
        unit.keep(run, shown=_SHOWN)

    transact(desk.store, run.actor, f"export:{run.id}", desk.now(), work=work)
    desk.waker.after_commit()


def _seen(desk: Desk, export: Export) -> Iterator[Shown]:
    """Yield the records of this person's reach that pass the filter, as they may see them."""
    model, within, now = export.sheet.model, export.settings, desk.now()
    for found in desk.store.query(Query(model.collection)):
        record = model.model_validate(found.doc)
        if _is_gone(record):
            continue
        if not can(export.actor, Operation.EXPORT, record, within=within, now=now):
            continue
        shown = visible(export.actor, record, within=within, now=now)
        if all(_has(_value(shown, name), want) for name, want in export.run.only.items()):
            yield shown


def _fields(sheet: Sheet, actor: Actor, settings: Settings) -> tuple[str, ...]:
    own = [spec for spec in settings.office.fields if spec.entity == sheet.kind]
    custom = (f"{CUSTOM}{spec.id}" for spec in sorted(own, key=lambda spec: (spec.order, spec.id)))
    return tuple(
        name
        for name in (*sheet.fields, *custom)
        if level(actor, sheet.model, name, within=settings) >= Level.READ
    )


def _check_columns(only: Mapping[str, str], fields: Sequence[str]) -> None:
    for name in only:
        if name not in fields:
            listed = ", ".join(fields)
            raise Invalid(
                f"--only: there is no column {name!r}: {listed}",
                fields={"only": "export_column"},
                code="export_column",
                name=name,
                names=listed,
            )


def _is_gone(record: Entity) -> bool:
    """Return whether the client lives on in another record."""
    return isinstance(record, Client) and record.merged_into is not None


def _value(shown: Shown, path: str) -> JsonValue:
    value: JsonValue = shown
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _has(value: JsonValue, wanted: str) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(str("" if item is None else item).casefold() == wanted.casefold() for item in values)


def _texts(value: JsonValue) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _cell(export: Export, shown: Shown, path: str) -> Cell:
    value = _value(shown, path)
    if value is None or value == "":
        return None
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, int) and _is_money(export, path):
        return Decimal(value) / _KOPECKS
    if isinstance(value, str):
        return _word(export, shown, path, value)
    return int(value) if isinstance(value, int) else Decimal(str(value))


def _is_money(export: Export, path: str) -> bool:
    own = (f"{CUSTOM}{spec.id}" for spec in export.settings.office.fields if spec.is_money)
    return path.endswith("_minor") or path in own


def _word(export: Export, shown: Shown, path: str, value: str) -> Cell:
    office = export.settings.office
    if path.endswith("_at") or path in {"last_touch.at", "expected_close"}:
        return instant.read(value).astimezone(ZoneInfo(office.work.zone)).replace(tzinfo=None)
    if path in _PEOPLE:
        person = export.settings.person(value)
        return person.name if person else value
    if path in {"pipeline", "stage"}:
        return _named(export.settings, shown, path, value)
    words = _STATES.get(export.sheet.kind, "") if path == "state" else _WORDS.get(path, "")
    if words:
        code = f"{words}_{value}"
        said = text(code, office.locale)
        return value if said == code else said
    return value


def _named(settings: Settings, shown: Shown, path: str, value: str) -> str:
    """Return what the office calls a pipeline or stage, its id when it was dropped since."""
    english = settings.office.locale == "en"
    for line in settings.office.pipelines:
        if line.id == shown.get("pipeline"):
            named = [line] if path == "pipeline" else [s for s in line.stages if s.id == value]
            return next(((one.name_en if english else "") or one.name for one in named), value)
    return value
