"""The actions of «Неразобранное»: accept, reject, link; A2."""

from collections.abc import Sequence

from pydantic import JsonValue

from sync.actions.offering import Asked, Command, Offer

_IDS = {"cl_": "client", "ld_": "lead"}


def _accept(asked: Asked) -> Command:
    """Return the acceptance; behind the colon the contact that the event lacks."""
    typed = asked.argument
    given: dict[str, JsonValue] = {"email" if "@" in typed else "phone": typed} if typed else {}
    return "inbound.accept", {"inbound": asked.view.id, **given}


def _reject(asked: Asked) -> Command:
    return "inbound.reject", {"inbound": asked.view.id, "reason": asked.argument}


def _link(asked: Asked) -> Command:
    """Return the link to whom the id, the number or the address behind the colon names."""
    field = _IDS.get(asked.argument[:3], "contact")
    return "inbound.link", {"inbound": asked.view.id, field: asked.argument}


TRIAGE_OFFERS: Sequence[Offer] = (
    Offer("take_in", _accept),
    Offer("reject", _reject, needs=True),
    Offer("link", _link, needs=True),
)
