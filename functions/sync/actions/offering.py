"""What an action of a row is: its name, its arguments, and the command that it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pydantic import JsonValue

from kartoteka.domain.instant import spell
from sync.actions.moments import moment
from sync.columns import Frame, View


@dataclass(frozen=True, slots=True)
class Asked:
    """An action on its way: of which row, with which argument, when."""

    view: View
    argument: str
    frame: Frame
    now: datetime

    @property
    def when(self) -> str:
        """Return the argument as an instant."""
        return spell(moment(self.argument, self.frame, self.now))


Command: TypeAlias = tuple[str, Mapping[str, JsonValue]]  # name and fields


@dataclass(frozen=True, slots=True)
class Offer:
    """One action: its name is the text `act_<code>`.

    `options` are the arguments offered; `needs` says that it cannot be without one. `answer` says
    in words what the command found; without it that it was done. `lacking` is the refusal that an
    argument answers: without one, the text `act_<code>_more` says it and how to write it.
    """

    code: str
    make: Callable[[Asked], Command]
    options: Callable[[Frame], list[str]] | None = None
    needs: bool = False
    joint: str = ": "
    answer: Callable[[object, Frame], str] | None = None
    lacking: str = ""

    def name(self, frame: Frame) -> str:
        """Return how the action is called."""
        return frame.say(f"act_{self.code}")

    def choices(self, frame: Frame) -> list[str]:
        """Return what the dropdown offers."""
        name = self.name(frame)
        if self.options is None:
            return [f"{name}: "] if self.needs else [name]
        return [f"{name}{self.joint}{option}" for option in self.options(frame)]
