"""What a call of the open API with an `Idempotency-Key` was answered, sealed for the caller."""

from typing import ClassVar

from pydantic import Field

from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity


class ApiAnswer(Entity):
    """The answer of an act that may be asked for again.

    Attributes:
        print: hash of what was asked: the same key may not ask for something else.
        sealed: the answer, readable only with what the caller showed: the office itself cannot
            open it, so it holds nobody's data and no secret that was told once.
        going_on: the act has further steps to take, which the same command takes.
    """

    kind: ClassVar[str] = "api_answer"
    collection: ClassVar[str] = "api_answers"
    print: str
    sealed: str = Field(repr=False)
    going_on: bool = False
    at: Instant
