"""The files of the repository as the architecture tests read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
ONEBOX = ROOT / "infra" / "onebox"
_CODE = (FUNCTIONS, ROOT / "infra", ROOT / "tests", ROOT / "bench", ROOT / "sheets_addon")


def code_files(*endings: str) -> list[Path]:
    """Every code file with one of the endings; packages of Node are not ours."""
    return sorted(
        path
        for folder in _CODE
        for path in folder.rglob("*")
        if path.suffix in endings and "node_modules" not in path.parts
    )


def product_files() -> list[Path]:
    """The Python modules of the functions and of the one box."""
    return sorted((*FUNCTIONS.rglob("*.py"), *ONEBOX.rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called: `text`, `NotFound`, `log`."""
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def here(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tracked() -> tuple[Path, ...]:
    """The files that git keeps; a copy without git cannot be judged."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout: what would be published was NOT judged")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(path for path in paths if path.is_file())
