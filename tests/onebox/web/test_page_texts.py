"""The texts of the pages: complete in both languages."""

import re
import string
from pathlib import Path

import pytest

import onebox
from onebox.texts import LOCALES, say, texts

SOURCES = Path(onebox.__file__).parent


def placeholders(pattern):
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


def test_both_languages_have_the_same_codes_and_facts():
    russian, english = (texts(locale) for locale in LOCALES)

    assert russian.keys() == english.keys()
    assert [
        code for code in russian if placeholders(russian[code]) != placeholders(english[code])
    ] == []


def test_every_code_named_in_the_pages_has_a_text():
    named = set()
    for path in [*(SOURCES / "web").glob("*.py"), SOURCES / "taskpage.py"]:
        named |= set(re.findall(r'say\(\s*"([a-z0-9_]+)"', path.read_text("utf-8")))

    assert named
    assert named <= texts("ru").keys()


def test_unknown_code_is_an_error():
    with pytest.raises(KeyError):
        say("no_such_text", "ru")
