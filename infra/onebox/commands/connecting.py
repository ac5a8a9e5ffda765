"""`kartoteka connect`: is Google connected, and what to mend; makes a new key with --client."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from kartoteka.adapters.google_probe import PROBES, Outcome, Probe, consent, probe, read_key
from kartoteka.domain.errors import ConfigError
from kartoteka.settings import Secret, Settings
from kartoteka.settings import read as read_settings
from onebox.commands.options import json_option
from onebox.commands.output import print_json, print_rows, unwritable

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)
_PEOPLE = tuple(one for one in PROBES if one.api in {"people", "calendar"})
_EXTRA = click.Choice([one.api for one in PROBES if not one.needed])
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Line:
    """One service of one account, as it answered; `fix` is empty when all is well."""

    account: str
    service: str
    ok: bool
    needed: bool
    why: str
    fix: str


@click.command("connect")
@click.option("--token", type=_FILE, help="Key of the office; else KARTOTEKA_GOOGLE_TOKEN.")
@click.option("--people", type=_FILE, help="Keys of colleagues, a JSON object by e-mail.")
@click.option("--account", default="", help="E-mail of the office's account.")
@click.option("--client", type=_FILE, help="OAuth client: agree in the browser, get a new key.")
@click.option("--with", "extra", type=_EXTRA, multiple=True, help="A new key is for this too.")
@click.option("--save", type=_NEW, help="Where the new key goes.")
@click.option("--endpoint", default="", help="Address of the Google stand-in.")
@json_option
def connect_command(
    token: Path | None,
    people: Path | None,
    account: str,
    client: Path | None,
    *,
    extra: tuple[str, ...],
    save: Path | None,
    endpoint: str,
    as_json: bool,
) -> None:
    """Call each Google service once, harmlessly, and say what to mend.

    Nothing is written at Google. Leaves with 1 when something needed does not answer.
    """
    settings = _given(account, token, people, endpoint)
    if client is not None:
        wanted = tuple(one for one in PROBES if one.needed or one.api in extra)
        settings = _agreed(settings, client, save or Path("google-token.json"), wanted)
    lines = list(examine(settings))
    if as_json:
        print_json([asdict(line) for line in lines])
    else:
        _print(settings, lines)
    if any(line.needed and not line.ok for line in lines):
        raise click.exceptions.Exit(1)


def examine(settings: Settings) -> Iterator[Line]:
    """Yield how every service answers the office's account, then those of colleagues."""
    for one in PROBES:
        yield _line(settings, one, settings.google_account)
    for email in _colleagues(settings):
        for one in _PEOPLE:
            yield _line(settings, one, email)


def _line(settings: Settings, one: Probe, email: str) -> Line:
    return line_of(settings, one, probe(settings, one, email), email)


def line_of(settings: Settings, one: Probe, found: Outcome, email: str = "") -> Line:
    """Return what an outcome means for an account, the office's if none is named."""
    wanted, fix = email or settings.google_account, found.fix
    if found.account and found.account.lower() != wanted.lower():
        fix = (
            f"the key is of {found.account}: set KARTOTEKA_GOOGLE_ACCOUNT to it, or get a key"
            f" as {wanted}"
        )
    return Line(wanted, one.called, not fix, one.needed, one.why, fix)


def _colleagues(settings: Settings) -> Sequence[str]:
    """Return whose own accounts have keys.

    Raises:
        ConfigError: the keys are no JSON object by address.
    """
    text = settings.google_people.get_secret_value()
    try:
        found = json.loads(text or "{}")
    except ValueError as exc:
        raise ConfigError("the keys of colleagues are no JSON object by e-mail") from exc
    if not isinstance(found, dict) or any("@" not in str(email) for email in found):
        raise ConfigError("the keys of colleagues must be a JSON object: e-mail to key")
    return sorted(str(email) for email in found)


def _given(account: str, token: Path | None, people: Path | None, endpoint: str) -> Settings:
    settings = read_settings()
    if account:
        settings = replace(settings, google_account=account)
    if token is not None:
        settings = replace(settings, google_token=Secret(read_key(token.read_text("utf-8"))))
    if people is not None:
        settings = replace(settings, google_people=Secret(people.read_text("utf-8")))
    return replace(settings, google_endpoint=endpoint) if endpoint else settings


def _agreed(settings: Settings, client: Path, save: Path, wanted: tuple[Probe, ...]) -> Settings:
    """Return the settings with a new key, kept in a file that nobody else may read."""
    key = consent(client.read_text("utf-8"), wanted)
    try:
        save.touch(mode=_PRIVATE, exist_ok=True)
        save.chmod(_PRIVATE)
        save.write_text(key, "utf-8")
    except OSError as exc:
        raise unwritable(save, exc) from exc
    click.echo(f"The key is in {save}. Put it into KARTOTEKA_GOOGLE_TOKEN; keep it secret.")
    return replace(settings, google_token=Secret(read_key(key)))


def _print(settings: Settings, lines: Sequence[Line]) -> None:
    rows = [{**asdict(line), "": _mark(line)} for line in lines]
    print_rows(rows, ("", "account", "service", "why"), "")
    for line in lines:
        if line.fix:
            click.echo(f"{line.account}, {line.service}: {line.fix}.")
    if all(line.ok for line in lines if line.needed):
        where = "the stand-in" if settings.google_endpoint else "Google"
        click.echo(f"{settings.google_account} is connected to {where}.")


def _mark(line: Line) -> str:
    if line.ok:
        return "ok"
    return "NO" if line.needed else "--"
