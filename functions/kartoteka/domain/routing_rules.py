"""The office's own table of who gets what: the first row that fits decides; B1-B8."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Value
from kartoteka.domain.region import Place

_WORDS = re.compile(r"\w+")
_AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d{1,2}))?")
_NOT_AMOUNT = re.compile(r"[\s\u00a0\u202f]|руб(?:лей|\.)?|р\.?$|rub|₽", re.IGNORECASE)


class RoutingRule(Value):
    """One row: conditions (an empty one is not asked) and what follows.

    Texts are compared whole and in any case; a region fits when its words are among the words of
    the client's region.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", examples=["big_deals"])
    name: str = ""
    client_type: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    source: tuple[str, ...] = ()  # the office's name of the source, or the id of a form
    channel: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    amount_from_minor: int | None = Field(default=None, ge=0)
    returning: bool | None = None
    hours: Literal["", "working", "closed"] = ""
    pipeline: str = ""  # empty: where leads start
    stage: str = ""  # empty: the first of the pipeline
    assign_to: tuple[StaffId, ...] = ()  # a person, or a pair that takes turns
    team: str = ""  # takes turns
    pool: bool = False  # nobody: whoever takes it
    priority: int | None = Field(default=None, ge=0, le=3)

    @model_validator(mode="after")
    def _one_receiver(self) -> Self:
        if bool(self.assign_to) + bool(self.team) + self.pool > 1:
            raise PydanticCustomError(
                "given_one_receiver", "choose one of assign_to, team and pool"
            )
        return self


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a request when it comes; `place` is found only if a rule asks."""

    source: tuple[str, ...]  # name of the source and id of the form
    channel: str
    returning: bool
    working: bool  # whether the office is open
    place: Callable[[], Place]
    client_type: str = ""
    category: str = ""
    amount_minor: int | None = None


def first_match(rules: Iterable[RoutingRule], facts: Facts) -> RoutingRule | None:
    """Return the first rule whose every condition fits, in the order of the table."""
    return next((rule for rule in rules if matches(rule, facts)), None)


def matches(rule: RoutingRule, facts: Facts) -> bool:
    """Return whether every condition of the rule fits; the region is asked last."""
    plain = (
        _is_one_of(rule.client_type, (facts.client_type,)),
        _is_one_of(rule.source, facts.source),
        _is_one_of(rule.channel, (facts.channel,)),
        _is_one_of(rule.category, (facts.category,)),
        _is_enough(rule.amount_from_minor, facts.amount_minor),
        rule.returning in {None, facts.returning},
        rule.hours in {"", "working" if facts.working else "closed"},
    )
    return all(plain) and (not rule.region or _is_there(rule.region, facts.place()))


def asks_region(rules: Iterable[RoutingRule]) -> bool:
    """Return whether any rule looks at the region."""
    return any(rule.region for rule in rules)


def crossed(
    rules: Iterable[RoutingRule], before_minor: int, after_minor: int
) -> RoutingRule | None:
    """Return the rule whose threshold the amount has just reached, the highest of several."""
    found = [
        rule
        for rule in rules
        if rule.amount_from_minor is not None
        and before_minor < rule.amount_from_minor <= after_minor
    ]
    return max(found, key=lambda rule: rule.amount_from_minor or 0, default=None)


def read_amount(text: str) -> int | None:
    """Return the amount a client typed, in minor units; None when it is not one number.

    Spaces, a comma or point before the last one or two digits and the rouble's names are read.
    """
    found = _AMOUNT.fullmatch(_NOT_AMOUNT.sub("", text))
    if found is None:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _is_one_of(wanted: tuple[str, ...], given: tuple[str, ...]) -> bool:
    if not wanted:
        return True
    known = {text.strip().casefold() for text in given}
    return any(text.strip().casefold() in known for text in wanted)


def _is_enough(threshold: int | None, amount: int | None) -> bool:
    return threshold is None or (amount is not None and amount >= threshold)


def _is_there(wanted: tuple[str, ...], place: Place) -> bool:
    known = [_words(name) for name in place.names]
    return any(_words(text) and any(_words(text) <= name for name in known) for text in wanted)


def _words(text: str) -> set[str]:
    return {word.replace("ё", "е") for word in _WORDS.findall(text.casefold())}
