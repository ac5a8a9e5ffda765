"""A rule of time that is new or was changed looks at the records there are: theirs run too."""

from collections.abc import Iterable, Iterator, Sequence

from automation.office_rules import moments
from kartoteka.domain.change import Change
from kartoteka.domain.ids import derived
from kartoteka.domain.model import Timer
from kartoteka.domain.rules.model import DateField, Rule, Since
from kartoteka.ports import QueuedTask
from kartoteka.services import firings
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.rule_facts import Around, Stored
from kartoteka.services.rule_firing import Decider
from kartoteka.services.rule_slots import open_records
from kartoteka.services.rule_table import rules_in_force

PATH = "/automation/task/sweep"
PAGE = 100


def ask(desk: Desk, changes: Iterable[Change]) -> None:
    """Hand a task over for each change of the table that brings rules or changes them.

    Raises:
        Transient: the queue does not answer; the drain is repeated.
    """
    for change in changes:
        office = (part for part in change.parts if part.entity == "office")
        names = [name for part in office for name in _new(part.before, part.after)]
        if names:
            payload = {"rules": ",".join(names)}
            desk.tasks.enqueue(
                QueuedTask(firings.QUEUE, derived("sweep", change.id), PATH, payload)
            )


def pages(desk: Desk, names: Sequence[str]) -> Iterator[list[Timer]]:
    """Yield the timers that these rules need for the records there are, some at a time."""
    settings = read_settings(desk.store)
    force = rules_in_force(settings)
    rules = [it for name in names if (it := force.by_id.get(name)) is not None]
    page: list[Timer] = []
    for kind, wanted in _by_kind(rules).items():
        for doc in open_records(desk.store, kind):
            decider = Decider(Stored(desk.store), settings, force, desk.now())
            around = Around(decider.records, kind, doc)
            for rule in wanted:
                page += moments.of_record(decider, rule, around)
            if len(page) >= PAGE:
                yield page
                page = []
    yield page


def _by_kind(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        if isinstance(rule.trigger, Since | DateField):
            found.setdefault(rule.trigger.entity, []).append(rule)
    return found


def _new(before: object, after: object) -> Iterator[str]:
    """Yield the ids of rules that are on and were not, or not in these words."""
    known = {str(it["id"]): it for it in _rows(before)}
    for row in _rows(after):
        was = known.get(str(row["id"]))
        same = was is not None and was.get("on") and was.get("version") == row.get("version")
        if row.get("on") and not same:
            yield str(row["id"])


def _rows(side: object) -> list[dict[str, object]]:
    found = side.get("rules") if isinstance(side, dict) else None
    return [it for it in found if isinstance(it, dict)] if isinstance(found, list) else []
