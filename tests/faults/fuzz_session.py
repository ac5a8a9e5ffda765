"""One run: which cases are tried, and what is kept of those that find something."""

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.faults.hostile_calls import Case, decoded, seeds, spoilt
from tests.faults.hostile_judge import Judge

from ingest.channels import CHANNELS

_TOLD = 100  # a guided run ends without a word, so it says how far it is while it runs
_WHOLE = 0.25  # share of the cases that the office takes in
_BY_BYTES = 0.2  # share of the changes that know nothing of the body's language
_ANEW = 300  # cases until the office begins anew: what comes is large, and all of it is kept


class Session:
    """The samples that a run starts from, and the faults that it found."""

    def __init__(self, folder: Path, findings: Path, slack: float, channel: str = "") -> None:
        for name in CHANNELS:
            CHANNELS[name]
        self._folder, self._findings, self._slack = folder, findings, slack
        self.seeds = [case for case in seeds() if channel in {"", case.channel}]
        self._judge = self._office(0)
        self.tried = self._taken = 0

    def _office(self, number: int) -> Judge:
        for old in self._folder.glob("office*"):
            shutil.rmtree(old)
        place = self._folder / f"office{number}"
        place.mkdir()
        return Judge(place, self._slack)

    def close(self) -> None:
        """Close the office."""
        self._judge.close()

    def spoilt(self, case: Case, chance: random.Random) -> Case:
        """Return the case with something done to it, once or more often."""
        for _ in range(chance.choice((1, 1, 2, 4))):
            case = spoilt(case, chance, self.seeds)
        return case

    def mutated(
        self, data: bytes, chance: random.Random, by_bytes: Callable[[bytes, int], bytes]
    ) -> bytes:
        """Return the next bytes to try: changed in the body's language, or just anyhow."""
        case = decoded(data) or chance.choice(self.seeds)
        if chance.random() < _BY_BYTES:
            body = by_bytes(case.call.body, len(case.call.body) + 64)
            return Case(case.channel, replace(case.call, body=body)).encoded()
        return self.spoilt(case, chance).encoded()

    def try_bytes(self, data: bytes) -> None:
        """Try what these bytes mean, if anything."""
        case = decoded(data)
        if case is not None and (case.channel in CHANNELS or case.channel.startswith("(")):
            self.try_one(case, random.Random(data).random())

    def try_one(self, case: Case, chance: float) -> None:
        """Try one case; a fault that was not met before is kept."""
        self.tried += 1
        if self.tried % _TOLD == 0:
            (self._findings / "tried").write_text(f"{self.tried} calls, {self._taken} taken in\n")
        whole = chance < _WHOLE
        self._taken += whole
        if self._taken % _ANEW == _ANEW - 1:
            self._judge.close()
            self._judge = self._office(self.tried)
        found = self._judge.finding(case, whole=whole)
        if found is None:
            return
        kept = self._findings / f"{found.name}.case"
        if not kept.exists() or kept.stat().st_size > len(case.encoded()):
            kept.write_bytes(case.encoded())
            told = f"{found.what} at {found.place}: {found.told} ({case.channel})\n"
            kept.with_suffix(".txt").write_text(told, "utf-8", "replace")
