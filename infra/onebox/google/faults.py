"""Faults on order: what a test wants Google to do wrong for the next few requests."""

import re
import threading
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from onebox.google.errors import bad_request

Action: TypeAlias = Literal[
    "429", "500", "502", "503", "timeout-after-apply", "drop-after-apply", "drop"
]


@dataclass(frozen=True)
class Fault:
    """One order.

    Attributes:
        match: regular expression searched in the method id (`sheets.spreadsheets.values.update`).
        action: an answer with that status (502 is an HTML page) that changes nothing;
            `timeout-after-apply` does the work and never answers; `drop-after-apply` does the
            work and cuts the connection; `drop` cuts it before any work.
        times: how many matching requests it still meets.
        retry_after: seconds for the Retry-After header, or none.
    """

    match: str
    action: Action
    times: int = 1
    retry_after: int | None = None


class Faults:
    """The orders that wait, first come first met; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def push(
        self, match: str, action: Action, times: int = 1, retry_after: int | None = None
    ) -> None:
        """Order a fault; see Fault for the meaning of each value.

        Raises:
            ValueError: `match` is not a regular expression, the action is unknown or times < 1.
        """
        if action not in get_args(Action):
            raise ValueError(f"action must be one of {', '.join(get_args(Action))}")
        if times < 1:
            raise ValueError("times must be 1 or more")
        try:
            re.compile(match)
        except re.error as broken:
            raise ValueError(f"match is not a regular expression: {broken}") from broken
        with self._lock:
            self._waiting.append(Fault(match, action, times, retry_after))

    def order(self, body: dict[str, Any]) -> None:
        """Order a fault that came as JSON.

        Raises:
            GoogleError: 400, with what to change.
        """
        try:
            self.push(
                str(body["match"]),
                body["action"],
                int(body.get("times") or 1),
                None if body.get("retry_after") is None else int(body["retry_after"]),
            )
        except KeyError as missing:
            raise bad_request([(str(missing), f"{missing} is required")]) from missing
        except (ValueError, TypeError) as wrong:
            raise bad_request([("", str(wrong))]) from wrong

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return the orders that wait."""
        with self._lock:
            return list(self._waiting)

    def take(self, method_id: str) -> Fault | None:
        """Return the fault that this request meets, and use it up by one."""
        with self._lock:
            for position, fault in enumerate(self._waiting):
                if re.search(fault.match, method_id):
                    if fault.times == 1:
                        del self._waiting[position]
                    else:
                        self._waiting[position] = replace(fault, times=fault.times - 1)
                    return fault
        return None
