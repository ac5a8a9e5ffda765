"""Modules stay small enough to be read at once."""

from collections import Counter

import pytest
from tests.architecture.sources import FUNCTIONS, ROOT, code_files, here, product_files

LONGEST = 400
LONGEST_MAIN = 30
DEPLOYABLES = ("api", "automation", "ingest", "sync")


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_longer_than_400_lines():
    long = {here(path): lines(path) for path in code_files(".py", ".js") if lines(path) > LONGEST}

    assert long == {}


@pytest.mark.parametrize("name", DEPLOYABLES)
def test_the_main_module_of_a_deployable_fits_one_screen(name):
    assert lines(FUNCTIONS / name / "main.py") <= LONGEST_MAIN


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}

    assert [here(path) for path in code_files(".py", ".js") if path.stem in drawers] == []


def test_names_of_test_files_are_unique_because_pytest_imports_them_by_name():
    named = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))

    assert [name for name, count in named.items() if count > 1] == []


def test_every_package_says_in_one_line_what_it_is():
    packages = [path for path in product_files() if path.name == "__init__.py"]
    silent = [here(p) for p in packages if not p.read_text(encoding="utf-8").startswith('"""')]
    folders = {path.parent for path in product_files()} - {FUNCTIONS}

    assert silent == []
    assert sorted(here(f) for f in folders if not (f / "__init__.py").exists()) == []
