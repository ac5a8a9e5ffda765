"""Texts to many between their portions: what was lost is asked for again, series walk on."""

from collections.abc import Sequence

from kartoteka.domain.change import Change
from kartoteka.services import (
    campaign_running,
    consents,
    mailing_following,
    series_walking,
    single_postings,
)
from kartoteka.services.office import Desk


def hear(desk: Desk, changes: Sequence[Change]) -> None:
    """Keep what clients did after a text to many: answers, refusals, deals."""
    mailing_following.follow(desk, changes)


def tick(desk: Desk) -> int:
    """Return how many steps of series were taken, and lost tasks asked for again."""
    lost = campaign_running.heal(desk) + single_postings.hand_over_late(desk)
    return lost + series_walking.walk(desk)


def nightly(desk: Desk) -> int:
    """Return how many forms were looked at for consents to be written to."""
    return consents.collect(desk)
