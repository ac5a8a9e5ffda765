"""What is known so far of a call that an exchange tells in pieces: its legs and its recording.

A leg is one way from the exchange to one telephone of ours: a group call has several, a transfer
adds one. Pieces come in any order and any number of times; what is known only grows.
"""

from datetime import datetime
from typing import ClassVar

from kartoteka.domain.inbound import Call
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import CallFact, Entity, Value

LEG, RECORDING, WHOLE = "leg", "recording", "whole"
_MOST_LEGS = 100  # of one call; a queue that rings on for hours has no more telephones than that


class Leg(Value):
    """How far one leg got."""

    name: str = ""  # as the exchange names it; of a call with one leg it may be empty
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    staff: str = ""


class CallState(Entity):
    """The pieces of one call together; it says nothing of a person."""

    kind: ClassVar[str] = "call_state"
    collection: ClassVar[str] = "call_states"
    started_at: Instant
    legs: tuple[Leg, ...] = ()
    recording_url: str = ""
    number_in: str = ""  # the event that named the client's number: a later one may not

    def with_piece(self, call: Call, event_id: str) -> "CallState":
        """Return the state with what this piece adds."""
        fact = call.fact
        known = self.number_in or not fact.client_number
        return self.model_copy(
            update={
                "started_at": min(self.started_at, fact.started_at),
                "legs": self._legs(call) if call.piece == LEG else self.legs,
                "recording_url": self.recording_url or fact.recording_url,
                "number_in": self.number_in if known else event_id,
            }
        )

    def _legs(self, call: Call) -> tuple[Leg, ...]:
        others = tuple(leg for leg in self.legs if leg.name != call.leg)
        if len(others) >= _MOST_LEGS:
            return self.legs
        before = next((leg for leg in self.legs if leg.name == call.leg), Leg())
        leg = Leg(
            name=call.leg,
            answered_at=_first(before.answered_at, call.fact.answered_at),
            ended_at=_first(before.ended_at, call.fact.ended_at),
            staff=before.staff or call.staff,
        )
        return (*others, leg)

    @property
    def talks(self) -> list[Leg]:
        """Return the legs that were answered: those of a person first, then by time."""
        found = [
            (not leg.staff, leg.answered_at, at)
            for at, leg in enumerate(self.legs)
            if leg.answered_at
        ]
        return [self.legs[at] for _, _, at in sorted(found)]

    @property
    def spoke_last(self) -> str:
        """Return who of us the client spoke with at the end, as the exchange names them."""
        found = [
            (leg.ended_at or leg.answered_at, leg.answered_at, at)
            for at, leg in enumerate(self.legs)
            if leg.answered_at and leg.staff
        ]
        return self.legs[max(found)[2]].staff if found else ""

    def told(self, call: Call) -> Call:
        """Return the piece as the whole call that it ends: times and person over all legs.

        Where legs were told, they say whether a person answered; the whole may have been taken by
        a machine.
        """
        talks = self.talks
        first = talks[0] if talks else None
        answered_at = first.answered_at if first else None
        if not self.legs:
            answered_at = call.fact.answered_at
        ends = [leg.ended_at for leg in talks or self.legs if leg.ended_at is not None]
        fact: CallFact = call.fact.model_copy(
            update={
                "started_at": self.started_at,
                "answered_at": answered_at,
                "ended_at": max([*ends, call.fact.ended_at or self.started_at]),
                "recording_url": self.recording_url,
            }
        )
        taken_by = first.staff if first and first.staff else call.staff
        last = self.spoke_last or call.passed_to
        passed_to = last if last != taken_by else ""
        return call.model_copy(update={"fact": fact, "staff": taken_by, "passed_to": passed_to})


def _first(known: datetime | None, told: datetime | None) -> datetime | None:
    return min(known, told) if known is not None and told is not None else known or told
