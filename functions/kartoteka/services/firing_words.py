"""What became of a firing, in words for a person."""

from collections.abc import Mapping
from string import Formatter

from kartoteka.domain.firing import Firing
from kartoteka.i18n import Named, catalogue, text

_UNSAID = "…"


def reason(firing: Firing, locale: str) -> str:
    """Return why a firing was skipped, waits or failed; empty when it did what it should."""
    told = (it.said for it in firing.outcomes if it.state == "refused" and it.why == firing.why)
    return next(filter(None, told), "") or said(firing.why, locale)


def said(code: str, locale: str, facts: Mapping[str, object] | None = None) -> str:
    """Return the text of a code with facts of the office alone.

    Stages, fields and numbers are spelled; anything else, which a client may have typed, stays
    out, as does what is not known.
    """
    if not code:
        return ""
    asked = {name for _, name, _, _ in Formatter().parse(catalogue(locale).get(code, "")) if name}
    known = {name: fact for name, fact in (facts or {}).items() if _is_own(fact)}
    return text(code, locale, **dict.fromkeys(asked, _UNSAID) | known)


def _is_own(fact: object) -> bool:
    if isinstance(fact, tuple):
        return all(map(_is_own, fact))
    return isinstance(fact, int | Named)
