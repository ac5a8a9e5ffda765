"""Whether the table of routing names only what the office has."""

from collections.abc import Iterator

from kartoteka.domain.office import Settings
from kartoteka.domain.routing_rules import RoutingRule

_OPEN = frozenset({"open", "ongoing"})


def unknown_names(settings: Settings) -> Iterator[tuple[int, RoutingRule, str, str]]:
    """Yield each name that a row uses and the office has not: row's number, row, field, name.

    A stage must be open, and its records not about to move elsewhere. Who has left the office is
    known still: their rows are passed over until the table changes.
    """
    for number, rule in enumerate(settings.office.routing):
        for field, name in (*_places(settings, rule), *_receivers(settings, rule)):
            yield number, rule, field, name


def _places(settings: Settings, rule: RoutingRule) -> Iterator[tuple[str, str]]:
    office = settings.office
    lines = [line for line in office.pipelines if line.kind == "lead" and line.active]
    wanted = rule.pipeline or office.leads.id
    line = next((line for line in lines if line.id == wanted), None)
    if line is None:
        yield "pipeline", wanted
        return
    open_ones = {it.id for it in line.stages if it.state in _OPEN and not it.moves_to}
    if rule.stage and rule.stage not in open_ones:
        yield "stage", rule.stage


def _receivers(settings: Settings, rule: RoutingRule) -> Iterator[tuple[str, str]]:
    teams = {*settings.office.teams, *(person.team for person in settings.staff)}
    if rule.team and rule.team not in teams:
        yield "team", rule.team
    people = {person.id for person in settings.staff}
    yield from (("assign_to", name) for name in rule.assign_to if name not in people)
