"""What Google computes from what was written: full names, E.164 numbers, readable types."""

import re

import phonenumbers

from onebox.google.methods import Json

_NAME_ORDER = ("honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix")
_ADDRESS_LINES = (
    ("streetAddress",),
    ("extendedAddress",),
    ("poBox",),
    ("city", "region", "postalCode"),
    ("country",),
)
_OUTPUT_ONLY = ("metadata", "formattedType", "formattedProtocol", "canonicalForm")
_KNOWN_TYPES = frozenset(
    (
        *("home", "work", "other", "mobile", "homeFax", "workFax", "otherFax", "pager"),
        *("workMobile", "workPager", "main", "googleVoice", "freeBusy", "anniversary"),
        *("account", "customer", "loginId", "network", "organization", "school"),
        *("blog", "profile", "homePage", "ftp", "reservations", "appInstallPage"),
        *("spouse", "child", "mother", "father", "parent", "brother", "sister", "friend"),
        *("relative", "domesticPartner", "manager", "assistant", "referredBy", "partner"),
    )
)


def completed(field: str, item: Json, phone_region: str) -> Json:
    """Return one value of a person field with the parts that Google fills in.

    Args:
        field: name of the person field, such as `phoneNumbers`.
        item: what the client wrote; output-only parts in it are ignored.
        phone_region: region of numbers written without a country code, such as RU.
    """
    kept = {key: value for key, value in item.items() if key not in _OUTPUT_ONLY}
    if field == "names":
        return _name(kept)
    if field == "phoneNumbers":
        kept |= _canonical(kept.get("value", ""), phone_region)
    if field == "addresses" and not kept.get("formattedValue"):
        kept |= _address(kept)
    if field == "genders" and "value" in kept:
        kept["formattedValue"] = readable(kept["value"])
    if field == "imClients" and "protocol" in kept:
        kept["formattedProtocol"] = readable(kept["protocol"])
    if "type" in kept and field not in ("nicknames", "miscKeywords"):
        kept["formattedType"] = readable(kept["type"])
    return kept


def readable(kind: str) -> str:
    """Return a type as people read it; a custom type stays as it is written."""
    if kind == "ftp":
        return "FTP"
    if kind not in _KNOWN_TYPES and kind not in ("male", "female", "unspecified"):
        return kind
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", kind)
    return words[:1].upper() + words[1:]


def _name(written: Json) -> Json:
    parts = {key: written[key] for key in _NAME_ORDER if written.get(key)}
    if not parts:
        parts = _parts(written.get("unstructuredName", ""))
    full = " ".join(parts[key] for key in _NAME_ORDER if key in parts)
    phonetic = {key: value for key, value in written.items() if key.startswith("phonetic")}
    if not full:
        return phonetic
    return {
        "displayName": full,
        **parts,
        **phonetic,
        "displayNameLastFirst": _last_first(parts),
        "unstructuredName": full,
    }


def _parts(free: str) -> dict[str, str]:
    words = free.split()
    if not words:
        return {}
    parts = {"givenName": words[0]}
    if words[1:]:
        parts["familyName"] = words[-1]
    if words[1:-1]:
        parts["middleName"] = " ".join(words[1:-1])
    return parts


def _last_first(parts: dict[str, str]) -> str:
    rest = " ".join(parts[key] for key in ("givenName", "middleName") if key in parts)
    return ", ".join(part for part in (parts.get("familyName", ""), rest) if part)


def _canonical(value: str, region: str) -> Json:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return {}
    if not phonenumbers.is_possible_number(number):
        return {}
    form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return {"canonicalForm": form}


def _address(written: Json) -> Json:
    lines = [" ".join(written[key] for key in keys if written.get(key)) for keys in _ADDRESS_LINES]
    whole = "\n".join(line for line in lines if line)
    return {"formattedValue": whole} if whole else {}
