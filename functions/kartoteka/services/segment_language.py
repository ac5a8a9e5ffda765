"""What the segments of an office are called, and what their questions mean.

Names of ready segments and of facts are texts in both languages, so a rule and a cell may name
them in either.
"""

from collections.abc import Iterator

from kartoteka.domain.errors import Invalid
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.segment import Segment
from kartoteka.domain.segment_asking import Asking
from kartoteka.domain.segment_ready import READY, segments_of
from kartoteka.i18n import LOCALES, text


def asking_of(settings: Settings) -> Asking:
    """Return what this office asks of its clients."""
    return Asking(settings.office)


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
    known = ", ".join(called(row, office.locale) for row in rows.values())
    raise Invalid(
        f"there is no segment {said!r}; there are: {known}",
        fields={"segment": "segment_unknown"},
        code="segment_unknown",
        what=said,
        known=known,
    )


def check_question(row: Segment) -> None:
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
