"""The entry points the platform loads; each imports only what it needs."""

import importlib
from typing import Any

_HOME = {
    "api": "api.main",
    "automation": "automation.main",
    "ingest": "ingest.main",
    "sync": "sync.main",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"no function is called {name!r}; there are {', '.join(_HOME)}")
    return getattr(importlib.import_module(_HOME[name]), name)
