"""The numbers that the ledger foretells."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Notes:
    """Counts that only grow.

    Attributes:
        made: tasks by kind.
        done: of them, those that a call or a move has settled.
        firings: of the office's rules, by rule.
        told: notices by code; of kinds that follow from the rules of requests and wins.
        digests: morning plans and evening summaries by code, then by person.
        refused: edits that the sheet took back.
        shut_out: calls of nobody that were refused at the door.
        won_minor: won in the month, minor units.
    """

    made: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    firings: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    digests: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    refused: int = 0
    shut_out: int = 0
    won_minor: int = 0
