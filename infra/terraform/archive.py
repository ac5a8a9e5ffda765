# ruff: noqa: INP001 - a script beside the Terraform that it feeds, not a package
"""Prepare what Terraform deploys: build/functions (with requirements.txt) and build/indexes.json.

Run with the locked packages installed: `python infra/terraform/archive.py`. The functions get
only the packages that they import, at the versions and hashes of requirements.lock.
"""

import re
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kartoteka.domain.errors import ConfigError
from kartoteka.indexes import firestore_json

ROOT = Path(__file__).resolve().parents[2]

# The machine that runs the functions: markers are judged for it, not for this one.
RUNTIME = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.12.0",
    "python_version": "3.12",
    "sys_platform": "linux",
}


def pins(lock: str) -> dict[str, str]:
    """Return the lock's blocks (version and hashes) by canonical package name."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    found = ((re.match(r"[A-Za-z0-9._-]+", block), block) for block in blocks)
    return {canonicalize_name(name[0]): block.strip() for name, block in found if name}


def closure(wanted: Iterable[str]) -> set[str]:
    """Return the canonical names of the wanted requirements and of all that they need.

    Raises:
        ConfigError: a package is not installed here, so its needs are unknown.
    """
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        if not _applies(requirement, extra):
            continue
        name = canonicalize_name(requirement.name)
        for asked in {"", *requirement.extras}:
            if (name, asked) not in seen:
                seen.add((name, asked))
                waiting += [(Requirement(line), asked) for line in _needs(name)]
    return {name for name, _ in seen}


def _applies(requirement: Requirement, extra: str) -> bool:
    marker = requirement.marker
    return marker is None or marker.evaluate({**RUNTIME, "extra": extra})


def _needs(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError as exc:
        raise ConfigError(f"{name} is not installed: install requirements.lock first") from exc


def requirements(wanted: Iterable[str], locked: Mapping[str, str]) -> str:
    """Return requirements.txt for the wanted packages, each pinned and hashed.

    Raises:
        ConfigError: a needed package has no pin; make the lock again.
    """
    names = sorted(closure(wanted))
    missing = [name for name in names if name not in locked]
    if missing:
        raise ConfigError(f"requirements.lock lacks {', '.join(missing)}: make the lock again")
    return "".join(locked[name] + "\n" for name in names)


def prepare(root: Path, build: Path) -> None:
    """Write the folder that becomes the archive, and the indexes for Terraform, into `build`."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = pins((root / "requirements.lock").read_text(encoding="utf-8"))
    text = requirements(project["dependencies"], locked)
    target = build / "functions"
    shutil.rmtree(target, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info", ".*")
    shutil.copytree(root / "functions", target, ignore=unwanted)
    (target / "requirements.txt").write_text(text, encoding="utf-8")
    (build / "indexes.json").write_text(firestore_json(), encoding="utf-8")


if __name__ == "__main__":
    prepare(ROOT, ROOT / "build")
