"""The installation's settings, read once from the environment (prefix KARTOTEKA_).

Plain pydantic: its settings package brings an event loop along, a tenth of a cold start.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import from_json

from kartoteka.domain.errors import ConfigError

PREFIX = "KARTOTEKA_"


def _parsed(given: object) -> object:
    return from_json(given) if isinstance(given, str) else given


class Settings(BaseModel):
    """Where this installation keeps its truth and whom it talks to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Literal["sqlite", "firestore"] = Field(
        default="sqlite", description="where the truth is kept"
    )
    data: Path = Field(default=Path("var/office"), description="folder of the one box's files")
    project: str = Field(default="onebox", description="Google Cloud project id")
    database: str = Field(default="(default)", description="Firestore database")
    location: str = Field(default="local", description="region of the Cloud Tasks queues")
    base_url: str = Field(
        default="http://127.0.0.1:8080", description="public address of all functions"
    )
    urls: Annotated[dict[str, str], BeforeValidator(_parsed)] = Field(
        default_factory=dict, description="address per function when they have no common one, JSON"
    )
    tasks_endpoint: str = Field(
        default="", description="host:port of a local task runner; empty: Google Cloud Tasks"
    )
    tasks_email: str = Field(
        default="tasks@onebox.local", description="account that calls internal addresses"
    )
    google_endpoint: str = Field(
        default="", description="address of the Google stand-in; empty: Google itself"
    )
    google_token: SecretStr = Field(
        default=SecretStr(""), description="OAuth token of the office's Google account, JSON"
    )
    google_account: str = Field(
        default="office@office.example", description="the office's Google account"
    )
    addon_audience: str = Field(default="", description="OAuth client id of the sheets add-on")
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="secret of internal tokens on one box; empty: Google's tokens only",
    )
    settings_ttl_s: float = Field(
        default=10.0, description="how long the office's settings may be kept, seconds"
    )
    form_posts_per_minute: int = Field(
        default=0,
        ge=0,
        description="posts of forms a minute from one address, per process; 0: any number",
    )
    log_shards: int = Field(default=1, ge=1, le=30, description="shards of the change log index")


def read() -> Settings:
    """Return the settings of this process.

    Raises:
        ConfigError: a value is impossible; names the variable.
    """
    given = {name: os.environ[PREFIX + name.upper()] for name in _given()}  # noqa: TID251 - here
    try:
        return Settings.model_validate(given)
    except ValidationError as exc:
        first = exc.errors(include_input=False)[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise ConfigError(f"{name}: {first['msg']}") from exc


def _given() -> list[str]:
    known = Settings.model_fields
    return [name for name in known if PREFIX + name.upper() in os.environ]  # noqa: TID251 - here
