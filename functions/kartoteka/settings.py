"""The installation's settings, read once from the environment (prefix KARTOTEKA_).

Plain dataclasses: pydantic takes half of a bare function's cold start, and a visitor who opens a
form needs nothing else of it. `docs/settings.md` says what each setting means.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kartoteka.domain.errors import ConfigError

PREFIX = "KARTOTEKA_"
_CHOICES = {
    "store": ("sqlite", "firestore"),
    "books": ("auto", "team"),
    "messengers": ("providers", "echo"),
    "captcha_down": ("open", "closed"),
}
_SHARDS = range(1, 31)
_CAPTCHAS = ("", "smartcaptcha", "turnstile")
_OWN_MACHINE = "http://127.0.0.1:"  # whoever answers for the providers' keys can sign for them


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that does not show itself."""

    _text: str = field(default="", repr=False)

    def get_secret_value(self) -> str:
        """Return the text."""
        return self._text


@dataclass(frozen=True)
class Settings:
    """Where this installation keeps its truth and whom it talks to.

    Raises:
        ConfigError: a value is impossible; names the variable.
    """

    store: str = "sqlite"  # where the truth is kept: sqlite, firestore
    data: Path = Path("var/office")  # folder of the one box's files
    project: str = "onebox"  # Google Cloud project id
    database: str = "(default)"  # Firestore database
    location: str = "local"  # region of the Cloud Tasks queues
    base_url: str = "http://127.0.0.1:8080"  # public address of all functions
    urls: dict[str, str] = field(default_factory=dict)  # per function, when they have no common one
    tasks_endpoint: str = ""  # host:port of a local task runner; empty: Google Cloud Tasks
    tasks_email: str = "tasks@onebox.local"  # account that calls internal addresses
    google_endpoint: str = ""  # address of the Google stand-in; empty: Google itself
    keys_endpoint: str = ""  # where a box keeps the key that stands in for providers'; empty: none
    google_token: Secret = Secret()  # OAuth token of the office's Google account, JSON
    gmail_topic: str = ""  # Pub/Sub topic that Gmail tells of new letters; empty: by the minute
    google_account: str = "office@office.example"  # the office's Google account
    google_people: Secret = Secret()  # tokens of employees' own accounts by e-mail, JSON
    addon_audience: str = ""  # OAuth client id of the sheets add-on
    messengers: str = "providers"  # echo: what goes to accounts without keys is only written down
    secret: Secret = Secret()  # of internal tokens on one box; empty: Google's tokens only
    books: str = "auto"  # auto: those that people's rights ask for; team: one for everybody
    settings_ttl_s: float = 10.0  # how long the office's settings may be kept, seconds
    form_posts_per_minute: int = 10  # from one address, per process; 0: any number
    api_calls_per_minute: int = 300  # with one key, per process; 0: any number
    captcha: str = ""  # of forms that ask for one: smartcaptcha, turnstile; empty: none
    captcha_key: str = ""  # its public key
    captcha_secret: Secret = Secret()  # its secret key
    captcha_down: str = "open"  # when it does not answer: open takes forms, closed refuses them
    backup_passphrase: Secret = Secret()  # seals and opens backups; empty: they are not sealed
    backup_bucket: str = ""  # Cloud Storage bucket of the nightly exports; empty on one box
    log_shards: int = 1  # shards of the change log index

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise _impossible(name, f"use one of {', '.join(choices)}")
        if self.captcha not in _CAPTCHAS:
            raise _impossible("captcha", "use smartcaptcha, turnstile or nothing")
        if self.keys_endpoint and not self.keys_endpoint.startswith(_OWN_MACHINE):
            raise _impossible("keys_endpoint", "leave it empty: only a box stands in for providers")
        if self.form_posts_per_minute < 0:
            raise _impossible("form_posts_per_minute", "use 0 or more")
        if self.api_calls_per_minute < 0:
            raise _impossible("api_calls_per_minute", "use 0 or more")
        if self.log_shards not in _SHARDS:
            raise _impossible("log_shards", f"use {_SHARDS[0]} to {_SHARDS[-1]}")


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def read() -> Settings:
    """Return the settings of this process.

    Raises:
        ConfigError: a value is impossible; names the variable.
    """
    given: dict[str, Any] = {}
    for item in fields(Settings):
        text = os.environ.get(variable(item.name))  # noqa: TID251 - the one place that reads it
        if text is not None:
            given[item.name] = _value(item.name, text, item.type)
    return Settings(**given)


def _value(name: str, text: str, kind: Any) -> object:
    try:
        return _READERS.get(kind, kind)(text)
    except ValueError as exc:
        raise _impossible(name, str(exc)) from exc


def _addresses(text: str) -> dict[str, str]:
    found = json.loads(text)
    urls = found if isinstance(found, dict) else {}
    if urls != found or not all(isinstance(url, str) for url in urls.values()):
        raise ValueError('use a JSON object such as {"sync": "https://sync.example"}')
    return urls


_READERS: Mapping[Any, Callable[[str], object]] = {dict[str, str]: _addresses}


def _impossible(name: str, advice: str) -> ConfigError:
    return ConfigError(f"{variable(name)}: {advice}")
