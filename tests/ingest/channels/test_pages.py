"""The page of each channel: where to click, the address, how to try it, what nobody confirmed."""

import re
from importlib.resources import files

import pytest

from kartoteka.domain.channels import CHANNEL_NAMES
from onebox.connecting import steps

# Protocols of our own, and providers whose every rule we use stands in a document we have.
CERTAIN = {"call", "form", "max", "phone_log", "site", "viber"}
COMMAND = re.compile(r"`kartoteka ([a-z]+(?: [a-z_.]+)?)")
LANGUAGES = {
    "ru": ("## Подключение", re.compile(r"не\s+подтвержд", re.IGNORECASE)),
    "en": ("## Setting up", re.compile(r"unconfirmed|not\s+confirmed", re.IGNORECASE)),
}


def part(channel: str, locale: str) -> str:
    """Return the page in one language, with what it adds to the steps."""
    page = files("ingest").joinpath("channels", f"{channel}.md").read_text("utf-8")
    russian, heading, english = page.partition(LANGUAGES["en"][0])
    return russian if locale == "ru" else heading + english


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNEL_NAMES)
def test_steps_name_the_command_the_address_and_a_trial(channel: str, locale: str) -> None:
    told = steps(channel, locale)
    whole = part(channel, locale)

    assert len(told) >= 3
    assert "`kartoteka" in whole
    assert any(word in whole for word in ("/ingest/", "path", "адрес", "address"))


@pytest.mark.parametrize("channel", CHANNEL_NAMES)
def test_both_languages_have_the_same_steps_and_the_same_commands(channel: str) -> None:
    ru, en = (steps(channel, locale) for locale in LANGUAGES)
    commands = [COMMAND.findall(" ".join(told)) for told in (ru, en)]

    assert len(ru) == len(en)
    assert commands[0] == commands[1]


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("channel", sorted({*CHANNEL_NAMES} - CERTAIN))
def test_page_says_what_nobody_has_confirmed(channel: str, locale: str) -> None:
    assert LANGUAGES[locale][1].search(part(channel, locale)), channel
