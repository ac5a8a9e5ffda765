"""What an invitation says to whoever reads only text; source: RFC 5545."""

import re

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(
    r"(SUMMARY|DTSTART|LOCATION|DESCRIPTION)(;[^:\r\n]{0,200})?:([^\r\n]*)", re.IGNORECASE
)
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?")
_ZONE = re.compile(r";TZID=\"?([^\";:]{1,60})", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([nN,;\\])")
_ORDER = ("SUMMARY", "DTSTART", "LOCATION", "DESCRIPTION")
_EVENT = "BEGIN:VEVENT"


def invitation_text(calendar: str) -> str:
    """Return what, when and where of the first event, a line each; empty when there is none."""
    start = calendar.upper().find(_EVENT)
    if start < 0:
        return ""
    found: dict[str, str] = {}
    for line in _FOLD.sub("", calendar[start:]).splitlines()[1:]:
        if line.upper().startswith(("END:VEVENT", "BEGIN:")):
            break
        if match := _LINE.match(line):
            found.setdefault(match[1].upper(), _said(match[1].upper(), match[2] or "", match[3]))
    return "\n".join(filter(None, (found.get(name, "") for name in _ORDER)))


def _said(name: str, about: str, value: str) -> str:
    if name == "DTSTART":
        return _moment(about, value)
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _moment(about: str, value: str) -> str:
    """Return day, hour and zone as people write them; what is no time, as it stands."""
    match = _DAY.match(value)
    if match is None:
        return value.strip()
    year, month, day, hour, minute, utc = match.groups()
    zone = "UTC" if utc else next(iter(_ZONE.findall(about)), "")
    at = f"{hour}:{minute}" if hour else ""
    return " ".join(filter(None, (f"{day}.{month}.{year}", at, zone if at else "")))
