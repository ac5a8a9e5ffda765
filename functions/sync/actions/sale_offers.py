"""The actions of selling again and of selling while the client is on the line; J11, D17."""

import re
from collections.abc import Sequence

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.repeat import CHOICES
from sync.actions.offering import Asked, Command, Offer
from sync.columns import Frame

_DAYS = re.compile(r"(\d{1,3})\b.*")
_TIMES = re.compile(r"\s+[x×х*]\s+", re.IGNORECASE)  # «договор x 2 x 5000»: goods, count, price
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,3})?")
_THOUSANDTHS, _KOPECKS = 1000, 100
_MOST_PARTS = 3  # goods, count, price


def _choices(frame: Frame) -> list[str]:
    return [frame.say("span_day", count=days) for days in CHOICES]


def _repeat(asked: Asked) -> Command:
    """Return the repeat of the deal, of a client the last one won."""
    found = _DAYS.fullmatch(asked.argument.strip())
    if found is None:
        raise Invalid("no number of days", code="action_days")
    kind = "deal" if asked.view.deal is not None else "client"
    return "deal.repeat", {kind: asked.view.id, "days": int(found[1])}


def _by_call(asked: Asked) -> Command:
    wanted = [part for part in asked.argument.split(";") if part.strip()]
    lines: list[JsonValue] = [goods_typed(part.strip()) for part in wanted]
    return "deal.by_call", {"lines": lines}


def goods_typed(typed: str) -> dict[str, JsonValue]:
    """Return goods by the letters of their name, and the count and price that were typed.

    Raises:
        Invalid: what stands behind the name is no number.
    """
    goods, *numbers = _TIMES.split(typed)
    if len(numbers) >= _MOST_PARTS or not all(map(_NUMBER.fullmatch, numbers)):
        raise Invalid("goods, count, price", code="action_goods")
    fields: dict[str, JsonValue] = {"letters": goods.strip()}
    scales = (("quantity_milli", _THOUSANDTHS), ("price_minor", _KOPECKS))
    for (name, scale), number in zip(scales, numbers, strict=False):
        fields[name] = round(float(number.replace(",", ".")) * scale)
    return fields


REPEAT = Offer("repeat", _repeat, _choices, joint=" ")
BY_CALL = Offer("deal_by_call", _by_call)
SALE_OFFERS: Sequence[Offer] = (REPEAT, BY_CALL)
