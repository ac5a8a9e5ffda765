"""The goods of a deal and the order it came from, in its row: edited, compared, sent; A12."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from pydantic import JsonValue

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Line
from kartoteka.services.order_commands import OrderShown
from sync.actions.offering import Asked, Command, Offer
from sync.actions.sale_offers import goods_typed
from sync.columns import Frame

_THOUSANDTHS = 1000
_NOTHING_LEFT = "—"


def _goods(asked: Asked) -> Command:
    """Return the change of one position: its count, its price, gone with a count of nought, new."""
    typed = goods_typed(asked.argument)
    name = str(typed.pop("letters"))
    given: dict[str, JsonValue] = {"deal": asked.view.id}
    line = _line(asked.view.deal, name)
    if line is None:
        return "deal.line_add", {**given, "letters": name, **typed}
    given["line"] = line.id
    if typed.get("quantity_milli") == 0:
        return "deal.line_remove", given
    if not typed:
        raise Invalid("neither count nor price", code="action_goods")
    return "deal.line_change", {**given, **typed}


def _line(deal: Deal | None, name: str) -> Line | None:
    """Return the position that is meant: called so, or the only one whose name begins so.

    Raises:
        Invalid: several begin so.
    """
    wanted = name.casefold()
    lines = deal.lines if deal is not None else ()
    same = [line for line in lines if line.name.casefold().strip() == wanted]
    found = same or [line for line in lines if line.name.casefold().startswith(wanted)]
    if len(found) > 1:
        raise Invalid("several positions", code="action_goods_several", name=name)
    return found[0] if found else None


def _goods_now(found: object, frame: Frame) -> str:
    """Say what is in the deal by now; never prices: the row may be of who reads none."""
    lines = found.lines if isinstance(found, Deal) else ()
    return frame.say("outcome_goods", goods=_told((it.name, it.quantity_milli) for it in lines))


def _told(goods: Iterable[tuple[object, object]]) -> str:
    said = (f"{name} x {float(str(count)) / _THOUSANDTHS:g}" for name, count in goods)
    return "; ".join(said) or _NOTHING_LEFT


def _show(asked: Asked) -> Command:
    return "order.show", {"deal": asked.view.id}


def _send(asked: Asked) -> Command:
    return "order.send_back", {"deal": asked.view.id}


def _keep(side: str, asked: Asked) -> Command:
    return "order.resolve", {"deal": asked.view.id, "keep": side}


_DEEDS: Mapping[str, Callable[[Asked], Command]] = {
    "order_show": _show,
    "order_send": _send,
    "order_ours": partial(_keep, "ours"),
    "order_theirs": partial(_keep, "theirs"),
}


def _order_choices(frame: Frame) -> list[str]:
    return [frame.say(code) for code in _DEEDS]


def _order(asked: Asked) -> Command:
    said = asked.argument.casefold()
    for code, deed in _DEEDS.items():
        if asked.frame.say(code).casefold() == said:
            return deed(asked)
    choices = ", ".join(_order_choices(asked.frame))
    raise Invalid("no such act on an order", code="action_order", choices=choices)


def _order_now(found: object, frame: Frame) -> str:
    """Say both sides of a shown order; of another act, what is in the deal by now."""
    if not isinstance(found, OrderShown):
        return _goods_now(found, frame) if isinstance(found, Deal) else frame.say("outcome_order")
    ours = _told(_pairs(found.deal.get("lines")))
    theirs = [side for order in found.orders if (side := _told(_pairs(order.get("theirs"))))]
    other = next((side for side in theirs if side != _NOTHING_LEFT), "")
    if not other:
        return frame.say("outcome_order_same", goods=ours)
    return frame.say("outcome_order_differs", ours=ours, theirs=other)


def _pairs(lines: object) -> list[tuple[object, object]]:
    """Return name and count of positions as a person may see them."""
    found = lines if isinstance(lines, list | tuple) else ()
    return [(it.get("name", ""), it.get("quantity_milli", 0)) for it in found]


GOODS = Offer("goods", _goods, needs=True, answer=_goods_now)
ORDER = Offer("order", _order, _order_choices, answer=_order_now)
ORDER_OFFERS: Sequence[Offer] = (GOODS, ORDER)
