"""The client's card as a phone shows it at an incoming call; features §4.9. Never money."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from kartoteka.domain.model import Client, Lead
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Stage
from kartoteka.i18n import text
from kartoteka.ports import ContactCard

LONGEST_FIELD = 1_000  # Google keeps 1,024 characters a field
LONGEST_NOTE = 900
_STARS = 3


def card(client: Client, lead: Lead | None, settings: Settings) -> ContactCard:
    """Return what the phone shows: marker in the name, stage as title and number label.

    `groups` holds label names; the mirror replaces them by resource names.
    """
    locale = settings.office.locale
    stage = _stage(lead, settings)
    title = _title(lead, stage, settings)
    return ContactCard(
        external_id=client.id,
        given_name=_short(client.name),
        suffix=_suffix(client, lead, locale),
        company=_short(client.company),
        title=title,
        phones=tuple((number, title or text("card_phone", locale)) for number in client.phones),
        emails=client.emails,
        note=_note(client, lead, settings),
        groups=(text(f"label_{client.segment}", locale),),
    )


def fingerprint(shown: ContactCard) -> str:
    """Return the hash of what the phone shows: equal cards are not written again."""
    return hashlib.sha256(
        json.dumps(asdict(shown), ensure_ascii=True, sort_keys=True).encode()
    ).hexdigest()[:24]


def stamped(shown: ContactCard, now: datetime, settings: Settings) -> ContactCard:
    """Return the card with its last line: the short id and the time of writing."""
    local = now.astimezone(ZoneInfo(settings.office.work.zone))
    line = f"K:{shown.external_id[-6:]} {local:%d.%m %H:%M}"
    return replace(shown, note=f"{shown.note}\n{line}".lstrip())


def _stage(lead: Lead | None, settings: Settings) -> Stage | None:
    return settings.office.pipeline(lead.pipeline).stage(lead.stage) if lead else None


def _title(lead: Lead | None, stage: Stage | None, settings: Settings) -> str:
    if lead is None or stage is None:
        return ""
    locale = settings.office.locale
    name = stage.name_en if locale == "en" else stage.name
    if lead.next_at is None:
        return name
    return text("card_title", locale, stage=name, day=f"{_local(lead.next_at, settings):%d.%m}")


def _suffix(client: Client, lead: Lead | None, locale: str) -> str:
    stars = "★" * min(_STARS, lead.priority if lead else 0)
    mark = "⛔" if client.segment == "blacklist" else ""
    return f"· {text(f'segment_{client.segment}', locale)}{stars}{mark}"


def _note(client: Client, lead: Lead | None, settings: Settings) -> str:
    lines = [_last_touch(client, settings), _next_action(lead, settings)]
    return "\n".join(line for line in lines if line)[:LONGEST_NOTE]


def _last_touch(client: Client, settings: Settings) -> str:
    touch = client.last_touch
    if touch is None:
        return ""
    locale = settings.office.locale
    person = settings.person(touch.staff_id)
    who = f", {person.name.split()[0]}" if person else ""
    kind = text(f"touch_{touch.kind}", locale)
    way = text(f"way_{touch.direction}", locale)
    when = f"{_local(touch.at, settings):%d.%m %H:%M}"
    return text("card_last", locale, when=when, kind=kind, way=way, who=who)


def _next_action(lead: Lead | None, settings: Settings) -> str:
    if lead is None or lead.next_action is None:
        return ""
    locale = settings.office.locale
    person = settings.person(lead.owner_id)
    return text(
        "card_next",
        locale,
        what=text(f"task_{lead.next_action.what}", locale),
        when=f"{_local(lead.next_action.due_at, settings):%d.%m %H:%M}",
        who=f" ({person.name.split()[0]})" if person else "",
    )


def _local(moment: datetime, settings: Settings) -> datetime:
    return moment.astimezone(ZoneInfo(settings.office.work.zone))


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_FIELD else words[: LONGEST_FIELD - 1] + "…"
