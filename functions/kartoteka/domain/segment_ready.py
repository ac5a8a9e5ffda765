"""The segments that every office has, and how the office's own rows change them.

They are questions in code, so that they mean the same in every office; an office renames them or
switches them off, and makes others of its own. Their names are texts `segment_ready_<id>`.
"""

from collections.abc import Mapping

from kartoteka.domain.office import Office
from kartoteka.domain.segment import Segment
from kartoteka.domain.segment_questions import (
    Between,
    BoughtLastMonth,
    Empty,
    Every,
    Question,
    Since,
)

_MOST_SCORE = 5


def _rfm(recency: tuple[int, int], wins: tuple[int, int], money: int = 1) -> Question:
    """Return a group of buyers: score of recency and of number, from to; least score of money."""
    return Every(
        (
            Between("client.recency", *recency),
            Between("client.frequency", *wins),
            Between("client.money", money, _MOST_SCORE),
        )
    )


READY: Mapping[str, Question] = {
    "new_30": Since("client.created_at", 30),
    "bought_last_month": BoughtLastMonth(),
    "sleeping_90": Since("client.quiet_since", 90, over=True),
    "never_bought": Between("client.won_count", 0, 0),
    "repeat_buyers": Between("client.won_count", 2),
    "in_work": Between("client.open_deals", 1),
    "no_consent": Empty(("client.consent",)),
    "no_contact": Empty(("client.phones", "client.emails", "client.messengers")),
    "rfm_best": _rfm((4, 5), (3, 5), money=4),
    "rfm_loyal": _rfm((3, 5), (3, 5)),
    "rfm_first": _rfm((4, 5), (1, 1)),
    "rfm_leaving": _rfm((1, 2), (2, 5)),
    "rfm_lost": _rfm((1, 1), (1, 1)),
    "rfm_large": _rfm((1, 5), (1, 5), money=5),
}


def segments_of(office: Office) -> tuple[Segment, ...]:
    """Return every segment of the office: the ready ones first, with the office's own changes."""
    rows = {row.id: row for row in office.segments}
    ready = (rows.get(code) or Segment(id=code, name=code, kind="ready") for code in READY)
    own = (row for row in office.segments if row.id not in READY)
    return (*ready, *own)
