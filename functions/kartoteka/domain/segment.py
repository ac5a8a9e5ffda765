"""Segments: saved questions about clients, and who answers them; J9."""

from typing import ClassVar, Literal

from pydantic import Field

from kartoteka.domain.ids import ClientId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity, Value

LONGEST_CONDITION = 2_000


class Segment(Value):
    """One question of the office; a ready one is only renamed or switched off here.

    A static one has no condition: people put clients into it by hand.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["sleeping_90"])
    name: str = Field(min_length=1, max_length=200)
    name_en: str = Field(default="", max_length=200)
    kind: Literal["ready", "dynamic", "static"] = "dynamic"
    condition: str = Field(default="", max_length=LONGEST_CONDITION)
    on: bool = True


class Rfm(Value):
    """Limits of the scores 1 to 5: how lately, how often and for how much a client bought.

    Four limits each, from the best score down for days, from the lowest up for numbers and sums.
    """

    days: tuple[int, int, int, int] = (30, 90, 180, 365)  # at most so many: 5, 4, 3, 2
    wins: tuple[int, int, int, int] = (2, 3, 5, 10)  # at least so many: 2, 3, 4, 5
    money_minor: tuple[int, int, int, int] = (1_000_000, 5_000_000, 20_000_000, 50_000_000)


class Member(Entity):
    """A client in a segment; in the log it comes with an entry and goes with a leaving.

    `id` is `<segment>:<client>`. A rule on a segment fires on the part of such a record: `before`
    None is an entry, `after` None a leaving. The first count of a question tells of nobody.
    """

    kind: ClassVar[str] = "segment_member"
    collection: ClassVar[str] = "segment_members"
    segment_id: str
    client_id: ClientId
    since: Instant


class Counting(Entity):
    """When the sizes of all segments were last told: behind each count, and once a day."""

    kind: ClassVar[str] = "segment_count"
    collection: ClassVar[str] = "segment_counts"
    at: Instant
    whole: tuple[str, ...]  # the questions counted through


def member_id(segment_id: str, client_id: str) -> str:
    """Return under which id a client is in a segment."""
    return f"{segment_id}:{client_id}"
