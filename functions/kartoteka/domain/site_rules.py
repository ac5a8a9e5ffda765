"""What an office wants of the chat on one of its sites; A9, A10."""

import re
from collections.abc import Iterator

from pydantic import Field

from kartoteka.domain.colour import bears_white
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_LONGEST_TITLE = 80
_LONGEST_CONSENT = 2_000
_MOST_HOSTS = 60


class SiteRules(Value):
    """The chat of a site: its looks, where it may stand, what it watches."""

    title: str = Field(default="", max_length=_LONGEST_TITLE, description="empty: the office")
    title_en: str = Field(default="", max_length=_LONGEST_TITLE)
    accent: str = Field(default="", max_length=7, description="#rrggbb; white must be readable")
    consent: str = Field(default="", max_length=_LONGEST_CONSENT, description="your own words")
    consent_en: str = Field(default="", max_length=_LONGEST_CONSENT)
    consent_version: str = Field(default="1", min_length=1, max_length=100)
    hosts: tuple[str, ...] = Field(default=(), max_length=_MOST_HOSTS, description="none: any")
    beacon: bool = Field(default=False, description="keep which pages known visitors look at")


def check_site(rules: SiteRules) -> None:
    """Refuse rules that visitors could not use.

    Raises:
        Invalid: names the setting, and what to change in the code of its text.
    """
    for setting, code, what in _problems(rules):
        raise Invalid(f"{setting}: {code} {what}", fields={setting: code}, code=code, what=what)


def _problems(rules: SiteRules) -> Iterator[tuple[str, str, str]]:
    if rules.accent and not bears_white(rules.accent):
        yield "accent", "formset_accent", rules.accent
    for host in rules.hosts:
        if not _HOST.fullmatch(host):
            yield "hosts", "formset_host", host
