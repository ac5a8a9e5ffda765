"""A measurement in a process of its own, so that memory and caches of others do not count."""

import json
import subprocess
import sys
from typing import Any


def alone(module: str, *words: object) -> dict[str, Any]:
    """Return the last line that `python -m MODULE WORD…` prints, read as a JSON object.

    Raises:
        CalledProcessError: the process failed; what it said stands on standard error.
    """
    command = [sys.executable, "-m", module, *map(str, words)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
