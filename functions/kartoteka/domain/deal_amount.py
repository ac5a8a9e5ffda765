"""Lines of a deal and the amount they make; pure."""

from datetime import datetime

from kartoteka.domain.catalogue import Product
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.domain.model import Line

MOST_LINES = 200
MOST_TOTAL = 10**15  # minor units; exact in a sheet's numbers


def with_lines(deal: Deal, lines: tuple[Line, ...], now: datetime) -> Deal:
    """Return the deal with these lines; its amount follows unless a person set it.

    Raises:
        Invalid: too many lines, or a sum that no sheet could show.
    """
    total = _total(lines)
    amount = deal.amount_minor if deal.amount_by_hand else total
    return deal.model_copy(update={"lines": lines, "amount_minor": amount, "updated_at": now})


def as_told(deal: Deal, lines: tuple[Line, ...], amount: int | None, now: datetime) -> Deal:
    """Return the deal with the lines and the amount that its other side names; None: their sum.

    An amount that is not their sum counts as set by hand.

    Raises:
        Invalid: as `with_lines` says.
    """
    told, by_hand = amount_told(lines, amount)
    update = {"lines": lines, "amount_minor": told, "amount_by_hand": by_hand}
    return deal.model_copy(update={**update, "updated_at": now})


def with_told(deal: Deal, amount: int | None, now: datetime) -> Deal:
    """Return the deal with the amount that its other side names for the goods it has.

    A discount that is no line, such as a fee below nought, is in that amount alone.
    """
    same = amount in {None, deal.amount_minor}
    return deal if same else as_told(deal, deal.lines, amount, now)


def amount_told(lines: tuple[Line, ...], amount: int | None) -> tuple[int, bool]:
    """Return the amount of `as_told`, and whether it counts as set by hand."""
    total = _total(lines)
    told = total if amount is None else amount
    return told, told != total


def _total(lines: tuple[Line, ...]) -> int:
    if len(lines) > MOST_LINES:
        raise Invalid(
            f"a deal has at most {MOST_LINES} lines",
            fields={"lines": "too_many"},
            code="lines_too_many",
            count=MOST_LINES,
        )
    total = sum(line.total_minor for line in lines)
    if total > MOST_TOTAL:
        raise Invalid(
            "the sum of the lines is too large", fields={"lines": "sum"}, code="amount_too_large"
        )
    return total


def with_amount(deal: Deal, amount: int | None, now: datetime) -> Deal:
    """Return the deal with an amount set by hand; None: the sum of its lines again."""
    by_hand = deal.model_copy(update={"amount_by_hand": amount is not None})
    if amount is not None:
        by_hand = by_hand.model_copy(update={"amount_minor": amount})
    return with_lines(by_hand, by_hand.lines, now)


def changed(lines: tuple[Line, ...], line_id: str, update: dict[str, object]) -> tuple[Line, ...]:
    """Return the lines with one of them changed; `NotFound` when it is gone."""
    known(lines, line_id)
    return tuple(
        Line.model_validate(line.model_dump() | update) if line.id == line_id else line
        for line in lines
    )


def without(lines: tuple[Line, ...], line_id: str) -> tuple[Line, ...]:
    """Return the lines without one of them; `NotFound` when it is gone."""
    known(lines, line_id)
    return tuple(line for line in lines if line.id != line_id)


def known(lines: tuple[Line, ...], line_id: str) -> Line:
    """Return the line with this id."""
    for line in lines:
        if line.id == line_id:
            return line
    raise NotFound(f"there is no line {line_id!r}", code="line_unknown")


def of_product(line: Line, product: Product) -> Line:
    """Return the line with what the catalogue knows where the person said nothing."""
    update = {
        "name": line.name or product.name,
        "category": line.category or product.category,
        "cost_minor": product.cost_minor if line.cost_minor is None else line.cost_minor,
    }
    return line.model_copy(update=update)
