"""Identity keys: what makes two contacts the same client.

Source: numbering plans of libphonenumber, through the `phonenumbers` package.
"""

import re

import phonenumbers

_NOT_MAIL = r"@\s\x00-\x1f\x7f\ud800-\udfff\"'<>(),;:"
_EMAIL = re.compile(rf"[^{_NOT_MAIL}]{{1,64}}@[^{_NOT_MAIL}]+\.[^.{_NOT_MAIL}]{{2,63}}", re.ASCII)
_READ_ALREADY = re.compile(r"\+79[0-9]{9}")  # most callers': the library would return the same
_LONGEST_PHONE = 40
_LONGEST_EMAIL = 254
_POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE
_INVISIBLE = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)


def phone(text: str, region: str = "RU") -> str | None:
    """Return the number in E.164, or None when it is not a possible number.

    Extensions are dropped; `region` (ISO 3166) reads numbers without a country code. A number
    that can be dialled in its own town only names nobody.
    """
    if _READ_ALREADY.fullmatch(text):
        return text
    text = text.translate(_INVISIBLE).strip()
    if not text or len(text) > _LONGEST_PHONE:
        return None
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != _POSSIBLE:
        return None
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str | None:
    """Return the address in lower case, or None when it is not one."""
    text = text.translate(_INVISIBLE).strip().lower()
    return text if len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) else None


def keys(
    phones: tuple[str, ...], emails: tuple[str, ...], messengers: tuple[str, ...]
) -> list[str]:
    """Return the identity keys in order of strength: phone, messenger, mail."""
    return [
        *(f"phone:{item}" for item in phones),
        *(f"chat:{item}" for item in messengers),
        *(f"mail:{item}" for item in emails),
    ]
