"""What may be deleted by right, and what stays: money that came, and what others said.

A deletion takes a record out of everything that is shown and counted; the change log keeps it
whole, and for 30 days it can come back. What reports count as money never goes: neither a won
sale nor a deal that was paid, not even in part.
"""

from collections.abc import Collection, Iterable

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Activity
from kartoteka.domain.shortening import one_line

LONGEST_REASON = 1_000
_SHOWN = 10  # deals that a refusal names
_LONGEST_NAME = 80


def checked_reason(reason: str) -> str:
    """Return why something is deleted, without outer spaces.

    Raises:
        Invalid: it is empty.
    """
    if not reason.strip():
        raise Invalid("say why", fields={"reason": "required"}, code="reason_required")
    return reason.strip()


def counts_as_money(deal: Deal, processes: Collection[str]) -> bool:
    """Return whether reports count money of the deal.

    A won process, such as hiring, is none: `processes` are the pipelines of that kind.
    """
    if deal.paid_minor or deal.payments:
        return True
    return deal.state == "won" and deal.pipeline not in processes


def check_no_money(deals: Iterable[Deal], processes: Collection[str], code: str) -> None:
    """Refuse to delete what reports count money of; `code` is the text of the refusal.

    Raises:
        NotAllowed: names the deals that stand in the way.
    """
    kept = [deal for deal in deals if counts_as_money(deal, processes)]
    if kept:
        ids = ", ".join(deal.id for deal in kept[:_SHOWN])
        raise NotAllowed(
            f"money was made: {ids}",
            code=code,
            deals="; ".join(map(named, kept[:_SHOWN])),
            count=len(kept),
        )


def check_own_note(activity: Activity, person: str) -> None:
    """Refuse to delete what happened, such as a call or a message, or what a colleague wrote.

    Raises:
        NotAllowed: it is not a note, or not the person's own.
    """
    if activity.what != "note":
        raise NotAllowed(f"activity {activity.id} happened", code="delete_fact")
    if activity.staff_id != person:
        raise NotAllowed(f"note {activity.id} is a colleague's", code="delete_foreign_note")


def named(deal: Deal) -> str:
    """Return a deal as a refusal names it: what it is called, shortened, and its id."""
    return f"«{one_line(deal.name, _LONGEST_NAME)}» ({deal.id})"
