"""What happened, by the change log: the events that rules may wait for; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from pydantic import JsonValue

from kartoteka.domain.batch import is_undo
from kartoteka.domain.change import Change, Part

_Doc: TypeAlias = Mapping[str, JsonValue]
_VISIT = {"text", "at", "client_id"}  # what looking at more pages changes
Wanted: TypeAlias = Mapping[str, frozenset[str]]
_OF_FIELDS = frozenset({"changed", "filled"})
_RECORDS = frozenset({"lead", "deal", "client", "company", "task", "order"})
_ENDS = frozenset({"won", "lost", "done"})
# Fields that rules and stages keep by themselves; a change of one is no event of its own.
_KEPT = frozenset(
    ("updated_at", "stage_version", "stage_log", "used_calls", "last_call_id", "readers")
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of one record.

    Attributes:
        entity: kind of the record that it is an event of.
        event: its name.
        detail: what narrows it: a stage, a field, a tag, a category, a form, a person.
        part: where the change log tells it.
    """

    entity: str
    event: str
    detail: str
    part: Part


def happenings(change: Change, wanted: Wanted) -> Iterator[Happening]:
    """Yield what happened in a change; what came back by an undo happened before.

    `wanted` names the events that somebody waits for, by kind of record: no others are looked for.
    """
    if is_undo(change.cause):
        return
    form = ""
    for part in change.parts:
        events = wanted.get(part.entity)
        if not events:
            continue
        if part.entity == "activity":
            form = form or next((it for other in change.parts if (it := _form_of(other))), "")
        for event, detail in _events(part, form, events):
            if event in events:
                yield Happening(part.entity, event, detail, part)


def _form_of(part: Part) -> str:
    """Return the form that brought a request, which its activity does not name."""
    touch = (part.after or {}).get("last_touch") if part.entity == "lead" else None
    return str(touch.get("form") or "") if isinstance(touch, dict) else ""


def _events(part: Part, form: str, events: frozenset[str]) -> Iterator[tuple[str, str]]:
    after = part.after
    if part.entity == "activity":
        yield from _of_activity(part, form)
    elif part.entity == "segment_member":
        side = after if after is not None else part.before or {}
        yield "entered" if after is not None else "left", str(side.get("segment_id"))
    elif part.entity in _RECORDS and after is not None:
        yield from _of_record(part, part.before or {}, after)
        if events & _OF_FIELDS:
            yield from _of_fields(part, after)


def _of_record(part: Part, was: _Doc, after: _Doc) -> Iterator[tuple[str, str]]:
    new = part.before is None
    if new:
        yield "created", ""
    yield from _of_flow(was, after, new=new)
    yield from _of_money(was, after)
    for tag in sorted(_texts(after.get("tags")) - _texts(was.get("tags"))):
        yield "tag", tag
    for category in sorted(_categories(after) - _categories(was)):
        yield "product", category


def _of_fields(part: Part, after: _Doc) -> Iterator[tuple[str, str]]:
    """Yield which fields changed, and which have a value now that had none."""
    was: _Doc = part.before or {}
    for name in _changed(was, after) if part.before is not None else _filled(after):
        if part.before is not None:
            yield "changed", f"{part.entity}.{name}"
        if _is_blank(_at(was, name)) and not _is_blank(_at(after, name)):
            yield "filled", f"{part.entity}.{name}"


def _of_flow(was: _Doc, after: _Doc, *, new: bool) -> Iterator[tuple[str, str]]:
    """Yield moves, ends and hands; those that a new record begins with are its beginning."""
    if not new and "stage" in after:
        yield "stage", str(after["stage"])
        yield "left", str(was.get("stage"))
    if not new and "pipeline" in after:
        yield "pipeline", str(after["pipeline"])
    state = after.get("state")
    if isinstance(state, str) and state in _ENDS and state != was.get("state"):
        yield state, ""
    if not new and isinstance(after.get("owner_id"), str):
        yield "owner", str(after["owner_id"])


def _of_money(was: _Doc, after: _Doc) -> Iterator[tuple[str, str]]:
    """Yield payments, and that nothing is left to pay; a new invoice."""
    paid = _number(after.get("paid_minor"))
    if paid > _number(was.get("paid_minor")):
        yield "payment", ""
    if "locked" in after and after["locked"] and paid:
        yield "paid", ""
    if not _is_blank(_at(after, "evidence.invoice")) and _is_blank(_at(was, "evidence.invoice")):
        yield "invoice", ""


def _changed(was: _Doc, after: _Doc) -> Iterator[str]:
    """Yield the names of fields that changed, of the office's own one by one."""
    for name in after:
        if name == "fields":
            held, holds = was.get(name), after[name]
            old = held if isinstance(held, dict) else {}
            new = holds if isinstance(holds, dict) else {}
            yield from (f"fields.{it}" for it in new if new[it] != old.get(it))
        elif name not in _KEPT:
            yield name


def _filled(after: _Doc) -> Iterator[str]:
    yield from (name for name in _changed({}, after) if not _is_blank(_at(after, name)))


def _at(doc: _Doc, name: str) -> JsonValue:
    outer, _, inner = name.partition(".")
    found = doc.get(outer)
    return found.get(inner) if inner and isinstance(found, dict) else None if inner else found


def _is_blank(found: JsonValue) -> bool:
    return found is None or found is False or (not found and not isinstance(found, int))


def _of_activity(part: Part, form: str) -> Iterator[tuple[str, str]]:
    after = part.after
    if after is None:
        return
    yield from (("page_view", path) for path in _pages(part, after))
    if part.before is not None:
        return
    call = after.get("call")
    if isinstance(call, dict):
        yield from ((event, "") for event in _of_call(call, str(after.get("direction"))))
    else:
        yield from _of_words(str(after.get("what")), str(after.get("direction")), form)


def _of_words(what: str, direction: str, form: str) -> Iterator[tuple[str, str]]:
    if what == "message":
        yield f"message_{direction}", ""
        yield f"chat_{direction}", ""
    elif what == "mail":
        yield f"mail_{direction}", ""
        if direction == "in":
            yield "message_in", ""
    elif what == "form":
        yield "form", form
    elif what != "page_view":
        yield what, ""


def _pages(part: Part, after: _Doc) -> Iterator[str]:
    """Yield the paths of pages that a visit has now and had not before; see `domain.visit`."""
    is_visit = after.get("what") == "page_view" if part.before is None else after.keys() <= _VISIT
    if not is_visit:
        return
    known = str((part.before or {}).get("text")).split("\n")
    for line in str(after.get("text")).split("\n")[1:]:
        page = line.rpartition(" ")[2]
        if line not in known and page:
            yield urlsplit(page).path or "/"


def _of_call(call: _Doc, direction: str) -> Iterator[str]:
    yield f"call_{direction}"
    if call.get("answered_at"):
        yield "call_answered"
    elif call.get("status") == "missed" and direction == "in":
        yield "call_missed"


def _texts(found: JsonValue) -> set[str]:
    return {str(it) for it in found} if isinstance(found, list | tuple) else set()


def _categories(doc: _Doc) -> set[str]:
    lines = doc.get("lines")
    items = lines if isinstance(lines, list | tuple) else ()
    return {str(it["category"]) for it in items if isinstance(it, dict) and it.get("category")}


def _number(found: JsonValue) -> int:
    return found if isinstance(found, int) else 0
