"""What a call costs, measured so that neither others at work nor a collection of garbage counts."""

import gc
from collections.abc import Callable
from time import thread_time

_TIMES = 3


def takes_less(most_s: float, act: Callable[..., object], *given: object) -> bool:
    """Return whether a call needs less than so many seconds of processor in one of three turns.

    Garbage is not collected meanwhile: that would walk over all that earlier tests have left.
    """
    gc.disable()
    try:
        return any(_seconds(act, *given) < most_s for _ in range(_TIMES))
    finally:
        gc.enable()


def _seconds(act: Callable[..., object], *given: object) -> float:
    began = thread_time()
    act(*given)
    return thread_time() - began
