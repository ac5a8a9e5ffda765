"""What the segments of an office are called, and what their questions mean.

Names of ready segments and of facts are texts in both languages, so a rule and a cell may name
them in either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Client
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.rules.fields_table import Kind, Name
from kartoteka.domain.rules.language import parse_condition
from kartoteka.domain.rules.vocabulary import Vocabulary, vocabulary_of
from kartoteka.domain.segment import Segment
from kartoteka.domain.segment_asking import Asking
from kartoteka.domain.segment_conditions import Written
from kartoteka.domain.segment_questions import Question
from kartoteka.domain.segment_ready import READY, segments_of
from kartoteka.i18n import LOCALES, text

_FACTS: Mapping[str, Kind] = {
    **dict.fromkeys(("leads", "open_leads", "deals", "open_deals", "lost_deals"), Kind.NUMBER),
    **dict.fromkeys(("won_count", "recency", "frequency", "money"), Kind.NUMBER),
    **dict.fromkeys(("quiet_since", "last_lead_at", "first_won_at", "last_won_at"), Kind.MOMENT),
    **dict.fromkeys(("sources", "asked_categories", "categories", "products"), Kind.TEXTS),
    **dict.fromkeys(("source", "region"), Kind.TEXT),
    "won_minor": Kind.MONEY,
    "consent": Kind.FLAG,
    **dict.fromkeys(("last_touch.kind", "last_touch.direction"), Kind.CHOICE),
}
_CHOICES = {"last_touch.kind": "activity", "last_touch.direction": "direction"}


def asking_of(settings: Settings) -> Asking:
    """Return what this office asks of its clients."""
    own: dict[str, Question] = {}
    unclear: set[str] = set()
    rows = [row for row in settings.office.segments if row.kind == "dynamic" and row.on]
    known = vocabulary(settings) if rows else None
    for row in rows:
        try:
            own[row.id] = question_of(settings, row.condition, known)
        except Invalid:  # a field or a person that it names is gone; `segment.list` tells
            unclear.add(row.id)
    return Asking(settings.office, own, frozenset(unclear))


def question_of(settings: Settings, text_: str, known: Vocabulary | None = None) -> Question:
    """Return what a condition asks of a client.

    Raises:
        Invalid: it means nothing; says where and what was probably meant.
    """
    condition = parse_condition(text_, known or vocabulary(settings), Client.kind)
    if condition is None:
        raise Invalid("there is no condition", code="segment_no_condition")
    return Written(text_, condition, settings.office.work)


def vocabulary(settings: Settings) -> Vocabulary:
    """Return what a condition on clients may name: the card, and what deals and requests add up."""
    whole = vocabulary_of(settings)
    card = {
        key: name
        for key, name in whole.fields.items()
        if name.entity == Client.kind and name.path != "segments"
    }
    return replace(whole, fields={**card, **{it.canonical: it for it in map(_fact, _FACTS)}})


def _fact(path: str) -> Name:
    code = f"segment_fact_{path.replace('.', '_')}"
    return Name(
        canonical=f"client.{path}",
        entity=Client.kind,
        path=path,
        kind=_FACTS[path],
        name=text(code, "ru"),
        name_en=text(code, "en"),
        choices=_CHOICES.get(path, ""),
    )


def called(row: Segment, locale: str) -> str:
    """Return the name of a segment in a language."""
    if row.id in READY and row.name == row.id:
        return text(f"segment_ready_{row.id}", locale)
    return (row.name_en if locale == "en" else "") or row.name


def named(office: Office) -> Iterator[tuple[str, str]]:
    """Yield each segment's id with its names, one after the other."""
    for row in segments_of(office):
        for name in dict.fromkeys(called(row, locale) for locale in LOCALES):
            yield row.id, name


def names_of(office: Office) -> list[tuple[str, str]]:
    """Return the id of each segment with its name in the office's language, as rules name it."""
    return [(row.id, called(row, office.locale)) for row in segments_of(office)]


def _spoken(row: Segment) -> Segment:
    """Return the row with its names as people say them, for a text in either language."""
    return row.model_copy(update={"name": called(row, "ru"), "name_en": called(row, "en")})


def segment_of(office: Office, said: str) -> Segment:
    """Return the segment with this id or, in any case and either language, this name.

    Raises:
        Invalid: there is none, or several are called so; names those there are.
    """
    rows = {row.id: row for row in segments_of(office)}
    wanted = said.strip().casefold()
    if wanted in rows:
        return rows[wanted]
    found = {key for key, name in named(office) if name.casefold() == wanted}
    if len(found) == 1:
        return rows[found.pop()]
    known = tuple(_spoken(row) for row in rows.values())
    raise Invalid(
        f"there is no segment {said!r}; there are: {', '.join(rows)}",
        fields={"segment": "segment_unknown"},
        code="segment_unknown",
        what=said,
        known=known,
    )


def check_question(settings: Settings, row: Segment) -> None:
    """Refuse a segment whose question cannot be asked.

    Raises:
        Invalid: it has none, has one although people fill it, or is not understood.
    """
    condition = row.condition.strip()
    if row.kind == "dynamic" and not condition:
        code = "segment_no_condition"
        raise Invalid(
            f"{row.id} has no condition", fields={"condition": code}, code="segment_no_condition"
        )
    if row.kind != "dynamic" and condition:
        code = "segment_needs_none"
        raise Invalid(
            f"{row.id} needs no condition", fields={"condition": code}, code="segment_needs_none"
        )
    if row.kind == "dynamic":
        question_of(settings, condition)
