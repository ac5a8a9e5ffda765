"""The interpreter's collector of cycles, asked less often while a round holds many records.

A round makes hundreds of thousands of objects that live until its end and hold no cycles; looking
through them all again and again took a third of its processor's time. What is dropped on the way
goes at once, by its count of references. Whoever else works in this process waits less, too.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_USUAL = gc.get_threshold()
_RARE = (20_000, 50, 100)


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Let cycles wait for the block; of two at once the first to end puts all back."""
    gc.set_threshold(*_RARE)
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)
