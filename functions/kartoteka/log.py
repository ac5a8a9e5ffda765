"""One JSON line per happening on standard output; ids only, never what a client typed."""

import json
import sys
import threading

_LOCK = threading.Lock()


def log(severity: str, **facts: str | float | bool | None) -> None:
    """Write one line that Cloud Logging reads: severity and named facts."""
    line = json.dumps({"severity": severity.upper(), **facts}, ensure_ascii=False)
    with _LOCK:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
