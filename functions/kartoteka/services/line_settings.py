"""The numbers that people dial to reach the office: none of them is ever a client's."""

from pydantic import Field

from kartoteka.domain import identity
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.office import Office
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office

_MOST_LINES = 100
_LONGEST = 40  # characters of a number as people spell it


class SetLines(Versioned):
    """All numbers of the office, as people spell them; an empty list forgets them."""

    numbers: tuple[str, ...] = Field(max_length=_MOST_LINES)


def set_lines(desk: Desk, actor: Actor, form: SetLines, cause: str) -> Saved:
    """Return what was saved; within a minute a call from such a number is no client's.

    Raises:
        NotAllowed: the actor does not set the office up. Conflict: somebody changed it meanwhile.
        Invalid: one of them is no full number.
    """

    def change(office: Office) -> Office:
        numbers = (_number(told, office.region) for told in form.numbers if told.strip())
        return office.model_copy(update={"lines": tuple(dict.fromkeys(numbers))})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name="lines")


def _number(told: str, region: str) -> str:
    found = identity.phone(told, region)
    if found is None:
        raise Invalid(
            "not a full number",
            fields={"numbers": "own_line"},
            code="line_unreadable",
            number=told.strip()[:_LONGEST],
        )
    return found


LINE_COMMANDS: Registry = {
    "lines.set": Command("list the office's own telephone numbers", SetLines, set_lines),
}
