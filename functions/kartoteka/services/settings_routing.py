"""The table of routing: who gets a new request; B1."""

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.settings_edit import Versioned, edit_office

_MOST_RULES = 200


class SetRouting(Versioned):
    """The whole table, in the order in which its rows are asked; an empty one leaves the queue."""

    rules: tuple[RoutingRule, ...] = Field(max_length=_MOST_RULES)
    default_team: str | None = Field(
        default=None, description="of unknown regions; empty: the queue; not given: as it is"
    )


class ShowRouting(Value):
    """Show the table; there is nothing to choose."""


class RoutingTable(Value):
    """The table as it is in force."""

    rules: tuple[RoutingRule, ...]
    default_team: str = ""  # gets what a region is asked of and nobody can tell it
    version: AwareDatetime | None = None  # what the next change names as `expected`


def shown(desk: Desk, actor: Actor, form: ShowRouting, cause: str) -> RoutingTable:
    """Return the table in force, as `set_rules` takes it.

    Raises:
        NotAllowed: the actor does not set the office up.
    """
    del form, cause  # nothing to choose, nothing is written
    around = read_settings(desk.store)
    check_setup(actor, Office, around, field="pipelines")
    return _table(around.office)


def set_rules(desk: Desk, actor: Actor, form: SetRouting, cause: str) -> RoutingTable:
    """Return the table in force from the next request on.

    Raises:
        NotAllowed: the actor does not set the office up.
        Invalid: a row names a pipeline, stage, team or person there is not, or an id stands
            twice; `fields` names row and field: `routing.<id>.stage`.
    """
    around = read_settings(desk.store)

    def change(office: Office) -> Office:
        _check_here(around, form)
        team = office.default_team if form.default_team is None else form.default_team
        return office.model_copy(update={"routing": form.rules, "default_team": team})

    return _table(edit_office(desk, actor, change, cause=cause, expected=form.expected))


def _table(office: Office) -> RoutingTable:
    return RoutingTable(
        rules=office.routing, default_team=office.default_team, version=office.updated_at
    )


def _check_here(settings: Settings, form: SetRouting) -> None:
    """Refuse to give new requests to somebody who has left."""
    left = {person.id for person in settings.staff if not person.active}
    for rule in form.rules:
        gone = next((name for name in rule.assign_to if name in left), None)
        if gone is not None:
            where, code = f"routing.{rule.id}.assign_to", "settings_reference"
            raise Invalid(
                f"{gone} has left", fields={where: code}, code=code, where=where, what=gone
            )
