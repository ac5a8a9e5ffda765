"""Texts that people see say where to press; commands are named to administrators alone."""

import json
import re

import pytest
from tests.architecture.sources import FUNCTIONS

from kartoteka.i18n import LOCALES
from kartoteka.services.registry import COMMANDS

NAME = re.compile(r"(?<![\w.@/-])[a-z]+\.[a-z_]+(?![\w@/-])")
# Typed at the terminal by whoever sets the office up: for these there is no cell to type into.
ADMINISTRATORS = {
    "account.add",
    "account.connect",
    "apikey.make",
    "form.add",
    "mail.include",
    "phone.connect",
    "phones.set",
    "pipeline.switch",
    "rule.secret",
}


@pytest.mark.parametrize("locale", LOCALES)
def test_text_for_everybody_says_where_to_press_instead_of_a_command(locale):
    texts = json.loads((FUNCTIONS / "kartoteka/i18n" / f"{locale}.json").read_text("utf-8"))
    named = {code: set(NAME.findall(said)) & set(COMMANDS) for code, said in texts.items()}

    assert {code: it for code, it in named.items() if it - ADMINISTRATORS} == {}


def test_name_of_a_command_is_found_in_a_sentence():
    said = "Спросите снова: payment.check. Не адрес name@payment.check, не узел payment.check-ru."

    assert NAME.findall(said) == ["payment.check"]
