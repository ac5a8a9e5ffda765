"""An error of ours in one event: the event waits for an upgrade, and nothing waits behind it.

Whoever is answered with a 500 repeats the same event, many a provider before all newer ones. So an
event that we fail at is kept as unknown, with its body; `kartoteka replay --unknown` reads it anew.
"""

from collections.abc import Callable
from typing import TypeVar

from kartoteka.domain.errors import KartotekaError
from kartoteka.log import log, place_of

_Done = TypeVar("_Done")
_Else = TypeVar("_Else")


def guarded(work: Callable[[], _Done], instead: Callable[[Exception], _Else]) -> _Done | _Else:
    """Return what the work gives; what is given instead, when we fail at it.

    Raises:
        KartotekaError: the work itself refused, or is to be repeated.
    """
    try:
        return work()
    except KartotekaError:
        raise
    except Exception as exc:  # noqa: BLE001 - one event must not hold up those behind it
        return instead(exc)


def tell(event: str, about: str, error: Exception) -> None:
    """Log an error of ours: what it is and where, nothing of what somebody sent."""
    kind, where = type(error).__name__, place_of(error)
    log("critical", event=event, about=about, error=kind, where=where)
