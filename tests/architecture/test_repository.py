"""What git keeps can be published: no traces of a machine, no large binaries, no secrets."""

import re

import pytest
from tests.architecture.sources import ROOT, here, tracked

LARGEST_BINARY = 300_000
PLACES = re.compile(r"(?<![\w.~}/])/(?:work|root|home|Users)/[\w.]")
REGISTRIES = re.compile(
    r"https?://[\w.:-]*(?:pypi|pythonhosted|npmjs|artifactory|nexus)|--(?:extra-)?index-url[ =]"
)
SECRETS = re.compile(r"AIza[\w-]{30}|ya29\.[\w-]{20}|GOCSPX-[\w-]{10}|-----BEGIN [A-Z ]*PRIVATE")


def texts():
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            yield path, content.decode("utf-8", errors="replace")


def found(pattern):
    return [
        f"{here(path)}: {match[0]}"
        for path, text in texts()
        for match in [pattern.search(text)]
        if match
    ]


def test_no_file_names_a_place_of_somebodys_machine():
    assert found(PLACES) == []


def test_no_file_names_the_address_of_a_package_registry():
    assert found(REGISTRIES) == []


def test_no_file_holds_a_secret():
    assert found(SECRETS) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (PLACES, "open('/" + "home/me/x')"),
        (PLACES, "/" + "root/.cache"),
        (REGISTRIES, "https://" + "pypi.org/simple"),
        (REGISTRIES, "--index" + "-url https://x"),
        (SECRETS, "-----BEGIN RSA " + "PRIVATE KEY-----"),
    ],
)
def test_what_must_not_be_there_would_be_noticed(pattern, text):
    assert pattern.search(text)


def test_no_binary_is_large():
    binaries = [path for path in tracked() if b"\0" in path.read_bytes()[:8000]]

    assert [here(path) for path in binaries if path.stat().st_size > LARGEST_BINARY] == []


def test_lock_of_the_tests_holds_all_that_the_products_does():
    """`make dev` installs from it alone."""
    product, tests = (
        set(re.findall(r"^[^\s]+==[^\s]+", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )

    assert product
    assert product - tests == set()


def test_pins_carry_hashes():
    for name in ("requirements.lock", "requirements-dev.lock"):
        pins = re.split(r"\n(?! )", (ROOT / name).read_text(encoding="utf-8").strip())

        assert pins
        assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
