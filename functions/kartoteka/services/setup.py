"""Set an office up from a preset: a file that describes a kind of business."""

import re
import secrets
from dataclasses import dataclass
from datetime import time
from importlib.resources import files
from pathlib import Path

from pydantic import Field

from kartoteka.domain.calendar_rules import CalendarRules
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.consistency import Problem, problems
from kartoteka.domain.country_days import CountryDays
from kartoteka.domain.errors import ConfigError
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.ids import unguessable
from kartoteka.domain.matrix import RoleSpec
from kartoteka.domain.model import Staff, Value
from kartoteka.domain.office import Account, Form, Office, Settings
from kartoteka.domain.phone_rules import PhoneRules
from kartoteka.domain.pipeline import Pipeline
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.domain.rules.model import RuleRow
from kartoteka.domain.template import Template
from kartoteka.domain.worktime import WorkTime
from kartoteka.i18n import text as text_of
from kartoteka.ports import Clock, Store
from kartoteka.services.office import read_settings
from kartoteka.services.settings_days import with_country
from kartoteka.services.settings_edit import stamped
from kartoteka.services.settings_page import parse
from kartoteka.services.unit import Unit, transact

_PACKAGE = "kartoteka.presets"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SECRET_BYTES = 32
_OWN_FILE = (".yaml", ".yml")


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
    country: str = ""  # whose days off the office has; empty: nobody's
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
    default_team: str = ""
    teams: dict[str, str] = Field(default_factory=dict)
    roles: tuple[RoleSpec, ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    sources: tuple[str, ...] = ()
    phones: PhoneRules = PhoneRules()
    calendars: CalendarRules = CalendarRules()
    rules: tuple[RuleRow, ...] = ()
    templates: tuple[Template, ...] = ()

    @property
    def office(self) -> Office:
        """Return the office's own record."""
        hours = WorkTime(
            zone=self.zone,
            opens=self.work.opens,
            closes=self.work.closes,
            days=self.work.days,
            country=CountryDays(country=self.country),
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
            default_team=self.default_team,
            teams=self.teams,
            roles=self.roles,
            fields=self.fields,
            sources=self.sources,
            phones=self.phones,
            calendars=self.calendars,
            rules=self.rules,
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
    """Return a preset by its name, or from a file of the office's own: a path ending in .yaml.

    Raises:
        ConfigError: there is none of this name, or its file is wrong; says where and what to
            change.
    """
    if name.endswith(_OWN_FILE):
        return _checked(_read(Path(name)), name)
    if not _NAME.fullmatch(name) or name not in preset_names():
        raise ConfigError(
            f"there is no preset {name!r}; choose one of: {_listed()}, or a path ending in .yaml"
        )
    text = files(_PACKAGE).joinpath(f"{name}.yaml").read_text("utf-8")
    return _checked(text, f"presets/{name}.yaml")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"the preset {path} cannot be read: {exc}") from exc


def _checked(text: str, source: str) -> Preset:
    """Return the preset, checked line by line and then as a whole office."""
    page = parse(text, source)
    preset = page.fill(Preset)
    whole = Settings(office=preset.office, staff=preset.staff, forms=preset.forms)
    page.check({problem.place: said(problem) for problem in problems(whole)})
    return preset


def said(problem: Problem) -> str:
    """Return a problem of the settings in words."""
    return text_of(problem.code, "en", where=problem.where, what=problem.what)


def set_up(store: Store, clock: Clock, preset: Preset) -> SetUp:
    """Return the office, made from the preset unless it is there already.

    Tokens and secrets of the accounts are made fresh; they stay out of the change log.
    """
    accounts = tuple(_connected(channel) for channel in preset.accounts)

    def work(unit: Unit) -> bool:
        if unit.find(Office, preset.office.id) is not None:
            return False
        unit.add(stamped(unit, with_country(preset.office, unit.now), None))
        for person in preset.staff:
            unit.add(stamped(unit, person, None))
        for form in preset.forms:
            unit.add(stamped(unit, form, None))
        for template in preset.templates:
            unit.add(stamped(unit, template, None))
        for account in accounts:
            unit.keep(stamped(unit, account, None), shown=("channel", "title", "source"))
        return True

    made = transact(store, SYSTEM, "command:init", clock.now(), work=work)
    return SetUp(read_settings(store), made)


def _connected(channel: Channel) -> Account:
    return Account(
        id=unguessable(channel.channel),
        channel=channel.channel,
        title=channel.title,
        source=channel.source,
        secrets=(secrets.token_urlsafe(_SECRET_BYTES),),
    )


def _listed() -> str:
    return ", ".join(preset_names())
