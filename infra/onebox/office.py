"""The folder of one box: its secrets, its office and where it was last served."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from kartoteka import wiring
from kartoteka.domain.errors import ConfigError
from kartoteka.domain.office import Settings as OfficeSettings
from kartoteka.ports import Clock
from kartoteka.services.setup import read_preset, set_up
from kartoteka.settings import Secret, Settings
from kartoteka.settings import read as read_environment

DEFAULT_DATA = Path("var/office")
DEFAULT_PORT = 8080
DEFAULT_PRESET = "law_firm"
KEYS_FILE = "box.json"
SERVING_FILE = "serving.json"
CLOCK_FILE = "clock.json"
STORE_FILE = "office.sqlite3"
_SECRET_BYTES = 48
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one box: of its internal tokens, and of whoever may move its clock."""

    secret: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Serving:
    """Where the box was served last."""

    base_url: str
    pid: int


def keys(data: Path) -> Keys:
    """Return the secrets of the box, made at the first call and readable by their owner only.

    Raises:
        ConfigError: the file is damaged, or the folder cannot be written.
    """
    path = data / KEYS_FILE
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write(path, asdict(Keys(_random(), _random())))
        found = json.loads(path.read_text("utf-8"))
        return Keys(str(found["secret"]), str(found["token"]))
    except OSError as exc:
        raise ConfigError(f"the data folder {data} cannot be used: {exc.strerror}") from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigError(
            f"{path} is damaged; put it back from a backup, or delete it to make new secrets"
        ) from exc


def settings(data: Path, base_url: str, *, google: str = "stand-in") -> Settings:
    """Return the settings of a box served at `base_url`; `google` is stand-in or real.

    Raises:
        ConfigError: real Google is wanted without KARTOTEKA_GOOGLE_TOKEN.
    """
    around = read_environment()
    real = google == "real"
    if real and not around.google_token.get_secret_value():
        raise ConfigError(
            "--google real needs the OAuth token of the office's account (JSON) in the"
            " environment variable KARTOTEKA_GOOGLE_TOKEN"
        )
    return replace(
        around,
        store="sqlite",
        data=data,
        base_url=base_url,
        urls={},
        tasks_endpoint=base_url.partition("://")[2],
        google_endpoint="" if real else f"{base_url}/google",
        keys_endpoint="" if real else f"{base_url}/onebox/keys",
        messengers=around.messengers if real else "echo",
        secret=Secret(keys(data).secret),
    )


def open_app(data: Path, clock: Clock | None = None) -> wiring.App:
    """Return the ports of an existing office, for reading and for commands.

    Raises:
        ConfigError: there is no office in this folder.
    """
    if not (data / STORE_FILE).exists():
        raise ConfigError(
            f"there is no office in {data}; run `kartoteka init --data {data}` first"
            " or name another folder with --data"
        )
    place = serving(data)
    return wiring.build(settings(data, place.base_url if place else address(DEFAULT_PORT)), clock)


def make_office(app: wiring.App, preset: str, language: str = "") -> OfficeSettings:
    """Return the office of the app's store, made from the preset if it was not there.

    A new office speaks `language`, if one is given, else that of its preset.
    """
    found = read_preset(preset)
    spoken = found.model_copy(update={"locale": language or found.locale})
    return set_up(app.store, app.clock, spoken).settings


def address(port: int) -> str:
    """Return where a box on this port is reached from its own machine."""
    return f"http://127.0.0.1:{port}"


def remember(data: Path, base_url: str) -> None:
    """Note where the box is served, for the commands that talk to it."""
    _write(data / SERVING_FILE, asdict(Serving(base_url, os.getpid())))


def serving(data: Path) -> Serving | None:
    """Return where the box was served last, None if it never was."""
    try:
        found = json.loads((data / SERVING_FILE).read_text("utf-8"))
        return Serving(str(found["base_url"]), int(found["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _random() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _write(path: Path, content: dict[str, object]) -> None:
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
