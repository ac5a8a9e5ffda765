"""What every office does without a rule of its own, shown in the table beside the others."""

from collections.abc import Iterator, Mapping

from kartoteka.domain.office import Office
from kartoteka.domain.rules.model import RuleRow
from kartoteka.i18n import text

PREFIX = "built_in_"
_CODES = ("route", "first", "missed", "idle")
_WORDS = ("name", "when", "then", "note")


def built_in(office: Office) -> Iterator[RuleRow]:
    """Yield the rules that are part of the product, in the words and with the times of the office.

    Words of these rows are for people: nobody reads them back.
    """
    times: Mapping[str, object] = {
        "first": office.first_answer_minutes,
        "head": office.head_after_minutes,
        "callback": office.callback_minutes,
    }
    for code in _CODES:
        words = {
            name: text(f"rule_{PREFIX}{code}_{name}", office.locale, **times) for name in _WORDS
        }
        yield RuleRow(id=f"{PREFIX}{code}", **words)
