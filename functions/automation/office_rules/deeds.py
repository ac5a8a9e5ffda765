"""What each action of a rule does, by the name that the language gives it."""

from collections.abc import Mapping

from automation.office_rules import on_clients, on_people, on_records, outside, papers
from automation.office_rules.job import Deed

DEEDS: Mapping[str, Deed] = {
    "ask": on_people.ask,
    "assign": on_records.assign,
    "attach": papers.attach,
    "document": papers.make,
    "message": on_clients.message,
    "move": on_records.move,
    "notify": on_people.notify,
    "series_start": on_clients.series_start,
    "series_stop": on_clients.series_stop,
    "set": on_records.set_field,
    "tag": on_records.tag,
    "task": on_people.give_task,
    "untag": on_records.untag,
    "webhook": outside.webhook,
}
