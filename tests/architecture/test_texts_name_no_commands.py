"""Texts that people see say where to press; commands are named to administrators alone."""

import json
import re

import pytest
from tests.architecture.sources import FUNCTIONS

from kartoteka.i18n import LOCALES
from kartoteka.services.registry import COMMANDS

NAME = re.compile(r"(?<![\w.@/-])[a-z]+\.[a-z_]+(?![\w@/-])")
# Read by whoever sets the office up, at the terminal: for these there is no cell to type into.
ADMINISTRATORS = {
    "api_page_key": {"apikey.make"},
    "campaign_sender": {"account.add", "account.connect"},
    "health_phone_full": {"phones.set"},
    "health_phone_limited": {"phones.set"},
    "mail_list_full": {"mail.include"},
    "notice_no_bot": {"account.add"},
    "order_no_key": {"account.connect"},
    "payment_no_key": {"account.connect"},
    "phone_unconnected": {"phone.connect"},
    "pipeline_takes_no_deals": {"pipeline.switch"},
    "posting_no_key": {"account.connect"},
    "rule_no_secret": {"rule.secret"},
    "rule_no_sms": {"account.add", "account.connect"},
    "send_no_key": {"account.connect"},
    "setting_no_form": {"form.add"},
    "site_account": {"account.add"},
}


@pytest.mark.parametrize("locale", LOCALES)
def test_text_for_everybody_says_where_to_press_instead_of_a_command(locale):
    texts = json.loads((FUNCTIONS / "kartoteka/i18n" / f"{locale}.json").read_text("utf-8"))
    named = {code: set(NAME.findall(said)) & set(COMMANDS) for code, said in texts.items()}
    wrong = {code: it for code, it in named.items() if it - ADMINISTRATORS.get(code, set())}

    assert wrong == {}


def test_name_of_a_command_is_found_in_a_sentence():
    said = "Спросите снова: payment.check. Не адрес name@payment.check, не узел payment.check-ru."

    assert NAME.findall(said) == ["payment.check"]
