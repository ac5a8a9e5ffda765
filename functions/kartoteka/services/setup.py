"""Set an office up from a preset: a file that describes a kind of business."""

import re
import secrets
from dataclasses import dataclass
from datetime import time
from importlib.resources import files

import yaml
from pydantic import ValidationError

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import ConfigError
from kartoteka.domain.ids import fresh
from kartoteka.domain.model import Staff, Value
from kartoteka.domain.office import Account, Form, Office, Settings
from kartoteka.domain.pipeline import Pipeline
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import Clock, Store
from kartoteka.services.office import read_settings
from kartoteka.services.unit import Unit, transact

_PACKAGE = "kartoteka.presets"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SECRET_BYTES = 32


class Hours(Value):
    """When the office of a preset works, local time."""

    opens: time
    closes: time
    days: tuple[int, ...]


class Channel(Value):
    """A connection that every office of this kind gets; its token and secret are made fresh."""

    channel: str
    title: str
    source: str


class Preset(Value):
    """What an office of one kind starts with."""

    name: str
    locale: str
    zone: str
    region: str
    currency: str
    work: Hours
    first_answer_minutes: int
    head_after_minutes: int
    callback_minutes: int
    pipelines: tuple[Pipeline, ...]
    routing: tuple[RoutingRule, ...] = ()
    staff: tuple[Staff, ...]
    forms: tuple[Form, ...]
    accounts: tuple[Channel, ...]

    @property
    def office(self) -> Office:
        """Return the office's own record."""
        hours = WorkTime(
            zone=self.zone, opens=self.work.opens, closes=self.work.closes, days=self.work.days
        )
        return Office(
            name=self.name,
            locale=self.locale,
            region=self.region,
            currency=self.currency,
            work=hours,
            first_answer_minutes=self.first_answer_minutes,
            head_after_minutes=self.head_after_minutes,
            callback_minutes=self.callback_minutes,
            pipelines=self.pipelines,
            routing=self.routing,
        )


@dataclass(frozen=True, slots=True)
class SetUp:
    """An office as it is now; `made` is False when it had been set up before."""

    settings: Settings
    made: bool


def preset_names() -> list[str]:
    """Return the names of the presets there are, sorted."""
    found = (entry.name for entry in files(_PACKAGE).iterdir())
    return sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))


def read_preset(name: str) -> Preset:
    """Return a preset by its name.

    Raises:
        ConfigError: there is none of this name, or its file is damaged; says what to change.
    """
    if not _NAME.fullmatch(name) or name not in preset_names():
        raise ConfigError(f"there is no preset {name!r}; choose one of: {_listed()}")
    try:
        text = files(_PACKAGE).joinpath(f"{name}.yaml").read_text("utf-8")
        return Preset.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as exc:
        raise ConfigError(f"the preset {name} is damaged: {exc}") from exc


def set_up(store: Store, clock: Clock, preset: Preset) -> SetUp:
    """Return the office, made from the preset unless it is there already.

    Tokens and secrets of the accounts are made fresh; they stay out of the change log.
    """
    accounts = tuple(_connected(channel) for channel in preset.accounts)

    def work(unit: Unit) -> bool:
        if unit.find(Office, preset.office.id) is not None:
            return False
        unit.add(preset.office)
        for person in preset.staff:
            unit.add(person)
        for form in preset.forms:
            unit.add(form)
        for account in accounts:
            unit.keep(account, shown=("channel", "title", "source"))
        return True

    made = transact(store, SYSTEM, "command:init", clock.now(), work=work)
    return SetUp(read_settings(store), made)


def _connected(channel: Channel) -> Account:
    return Account(
        id=fresh(channel.channel),
        channel=channel.channel,
        title=channel.title,
        source=channel.source,
        secrets=(secrets.token_urlsafe(_SECRET_BYTES),),
    )


def _listed() -> str:
    return ", ".join(preset_names())
