"""A run of the fuzzer: guided by coverage where atheris is installed, by chance alone elsewhere.

`python -m tests.faults.fuzz_run --seconds 300 --findings DIR` leaves a file per fault: the case,
and beside it what went wrong; `tried` says how many cases there were.
"""

import argparse
import random
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_SLACK = 6.0  # instrumented code is slower; what looks slow is measured again without it
_LONGEST = 200_000


def main() -> None:
    """Run for as long as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--findings", type=Path, required=True)
    parser.add_argument("--channel", default="", help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--blind", action="store_true", help="not guided, even if it could be")
    asked = parser.parse_args()
    asked.findings.mkdir(parents=True, exist_ok=True)
    guided = find_spec("atheris") is not None and not asked.blind
    with TemporaryDirectory() as folder:
        _guided(asked, Path(folder)) if guided else _blind(asked, Path(folder))


def _session(folder: Path, asked: argparse.Namespace, slack: float) -> Any:
    """Return a run; what it tries is imported now, so that atheris can watch it."""
    made = import_module("tests.faults.fuzz_session").Session
    return made(folder, asked.findings, slack, asked.channel)


def _blind(asked: argparse.Namespace, folder: Path) -> None:
    session = _session(folder, asked, 1.0)
    chance, until = random.Random(asked.seed), time.monotonic() + asked.seconds
    while time.monotonic() < until:
        session.try_one(session.spoilt(chance.choice(session.seeds), chance), chance.random())
    session.close()


def _guided(asked: argparse.Namespace, folder: Path) -> None:
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["ingest", "kartoteka.domain", "kartoteka.services"]):
        session = _session(folder, asked, _SLACK)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, case in enumerate(session.seeds):
        (corpus / f"{number:04}").write_bytes(case.encoded())

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        changed: bytes = session.mutated(data, random.Random(seed), atheris.Mutate)
        return changed[:most]

    def one(data: bytes) -> None:
        session.try_bytes(data)

    limits = (f"-max_total_time={asked.seconds}", f"-seed={asked.seed}", f"-max_len={_LONGEST}")
    quiet = (
        "-timeout=60",
        "-rss_limit_mb=3000",
        "-verbosity=0",
        f"-artifact_prefix={asked.findings}/",
    )
    atheris.Setup([sys.argv[0], *limits, *quiet, str(corpus)], one, custom_mutator=mutate)
    try:
        atheris.Fuzz()
    finally:
        session.close()


if __name__ == "__main__":
    main()
