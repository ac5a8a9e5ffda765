"""How much a sender may still send: so many a minute and so many a day, whoever asks; J8."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain.ids import derived
from kartoteka.domain.mailing import Allowance, Limit
from kartoteka.domain.office import Account, Settings
from kartoteka.services.unit import Unit


def take(unit: Unit, settings: Settings, account: Account) -> bool:
    """Return whether this sender may send one more now; it is counted as sent."""
    limit, used = _limit(settings, account), _used(unit, account)
    minute, day = _minute(unit.now), _day(unit.now, settings)
    in_minute = used.in_minute if used.minute == minute else 0
    in_day = used.in_day if used.day == day else 0
    if in_minute >= limit.per_minute or in_day >= limit.per_day:
        return False
    counted = {"in_minute": in_minute + 1, "in_day": in_day + 1}
    unit.keep(used.model_copy(update={"minute": minute, "day": day, **counted}))
    return True


def next_chance(unit: Unit, settings: Settings, account: Account) -> datetime:
    """Return when the sender may send again: now, the next minute, or the office's next day."""
    limit, used = _limit(settings, account), _used(unit, account)
    zone = ZoneInfo(settings.office.work.zone)
    if used.day == _day(unit.now, settings) and used.in_day >= limit.per_day:
        tomorrow = unit.now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), zone).astimezone(UTC)
    if used.minute == _minute(unit.now) and used.in_minute >= limit.per_minute:
        return unit.now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return unit.now


def _limit(settings: Settings, account: Account) -> Limit:
    return settings.office.mailing.limit(account.channel, account.id)


def _used(unit: Unit, account: Account) -> Allowance:
    name = derived("al", account.channel, account.id)
    return unit.find(Allowance, name) or Allowance(id=name)


def _day(moment: datetime, settings: Settings) -> str:
    return moment.astimezone(ZoneInfo(settings.office.work.zone)).date().isoformat()


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"
