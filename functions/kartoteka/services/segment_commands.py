"""Commands on segments: make and change them, say who is a good buyer, count now."""

from typing import Literal

from pydantic import Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import derived
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office
from kartoteka.domain.segment import LONGEST_CONDITION, Rfm, Segment
from kartoteka.domain.segment_ready import READY, segments_of
from kartoteka.i18n import LOCALES
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.segment_language import called, check_question, segment_of
from kartoteka.services.segment_view import SegmentSeen, known_segment, seen
from kartoteka.services.segments import SEGMENTS, count_anew, drain
from kartoteka.services.settings_edit import Saved, Versioned, save_office

_AT_ONCE = 2_000  # changes and clients that a person waits for
_ID_LETTERS = 12


class SetSegment(Versioned):
    """Make a segment, or change one; what is not given stays.

    A ready one is only renamed or switched off and on.
    """

    segment: str = Field(default="", max_length=200, description="id or name; empty: a new one")
    name: str | None = Field(default=None, min_length=1, max_length=200)
    name_en: str | None = Field(default=None, max_length=200)
    kind: Literal["dynamic", "static"] | None = None
    condition: str | None = Field(default=None, max_length=LONGEST_CONDITION)
    on: bool | None = None


class OneSegment(Versioned):
    """Take a segment away; a ready one becomes as it was."""

    segment: str = Field(min_length=1, max_length=200, description="id or name")


class SetScores(Versioned, Rfm):
    """Say from when on a buyer is a good one: four limits each, for the scores 2 to 5."""


class Recount(Value):
    """Count a segment now: what changed since, or, with `whole`, everybody anew."""

    segment: str = Field(min_length=1, max_length=200, description="id or name")
    whole: bool = False


def save(desk: Desk, actor: Actor, form: SetSegment, cause: str) -> Saved:
    """Return what was saved; everybody is counted soon, and nobody is told of that.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: the condition is not understood, the name is taken, or a ready one was to change.
    """
    settings = desk.settings()
    made = _wanted(settings.office, form)
    check_setup(actor, Office, settings, field="segments")
    check_question(settings, made)

    def change(office: Office) -> Office:
        _check_free(office, made)
        rows = {row.id: row for row in office.segments}
        if made in segments_of(office):
            return office
        return office.model_copy(update={"segments": tuple({**rows, made.id: made}.values())})

    saved = save_office(desk, actor, change, cause=cause, name=made.id, expected=form.expected)
    desk.waker.ask(SEGMENTS)
    return saved


def remove(desk: Desk, actor: Actor, form: OneSegment, cause: str) -> Saved:
    """Return what was saved: the office without the segment; its clients leave without a word.

    Raises:
        NotAllowed: the actor does not set the office up. Invalid: there is none.
    """

    def change(office: Office) -> Office:
        gone = segment_of(office, form.segment).id
        left = tuple(row for row in office.segments if row.id != gone)
        return office.model_copy(update={"segments": left})

    return save_office(desk, actor, change, cause=cause, name=form.segment, expected=form.expected)


def scores(desk: Desk, actor: Actor, form: SetScores, cause: str) -> Saved:
    """Return what was saved: the limits of the scores; everybody is counted anew.

    Raises:
        NotAllowed: the actor does not set the office up. Invalid: limits do not grow.
    """
    rfm = Rfm.model_validate(form.model_dump(exclude={"expected"}))
    for name, limits in rfm.model_dump().items():
        if sorted(set(limits)) != list(limits) or limits[0] < 1:
            raise Invalid(
                f"{name}: four limits, each larger than the one before",
                fields={name: "segment_limits"},
                code="segment_limits",
                field=name,
            )
    return save_office(
        desk,
        actor,
        lambda office: office.model_copy(update={"rfm": rfm}),
        cause=cause,
        name="rfm",
        expected=form.expected,
    )


def recount(desk: Desk, actor: Actor, form: Recount, _cause: str) -> SegmentSeen:
    """Return the segment as it is now; `counting` while the rest is done behind.

    Raises:
        NotAllowed: the segment is closed to the actor. Invalid: there is none.
    """
    row = known_segment(actor, desk.settings(), form.segment)
    if form.whole:
        check_setup(actor, Office, desk.settings(), field="segments")
        count_anew(desk)
    drain(desk, most=_AT_ONCE)
    return seen(desk, actor, row)


def _wanted(office: Office, form: SetSegment) -> Segment:
    """Return the row as the form wants it."""
    given = form.model_dump(exclude={"segment", "expected"}, exclude_none=True)
    if not form.segment:
        name = form.name or ""
        if not name.strip():
            raise Invalid("a segment has a name", fields={"name": "required"}, code="field_empty")
        fresh = derived("sg", name.strip().casefold())[: _ID_LETTERS + 3]
        return Segment.model_validate({"id": fresh, "name": name, **given})
    known = segment_of(office, form.segment)
    if known.name == known.id and given.get("name") in {called(known, it) for it in LOCALES}:
        del given["name"]
    if known.kind == "ready" and (form.condition is not None or form.kind is not None):
        raise Invalid(
            f"{known.id} is a ready segment: only its name and whether it is on can change",
            fields={"condition": "segment_ready_fixed"},
            code="segment_ready_fixed",
        )
    return Segment.model_validate({**known.model_dump(), **given})


def _check_free(office: Office, made: Segment) -> None:
    """Refuse a name that another segment has."""
    taken = {row.name.casefold() for row in segments_of(office) if row.id != made.id}
    if made.name.casefold() in taken - set(READY):
        raise Invalid(
            f"there is a segment {made.name!r} already",
            fields={"name": "settings_taken"},
            code="settings_taken",
            what=made.name,
        )


SEGMENT_COMMANDS: Registry = {
    "segment.recount": Command("count a segment now", Recount, recount),
    "segment.remove": Command("take a segment away", OneSegment, remove),
    "segment.scores": Command("say who is a good buyer", SetScores, scores),
    "segment.set": Command("make or change a segment", SetSegment, save),
}
