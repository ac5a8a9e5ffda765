"""Which person fields exist, and the masks that choose among them.

Source: people.v1, the valid values of personFields and updatePersonFields.
"""

from onebox.google.errors import GoogleError, invalid

READ_ONLY = ("ageRanges", "coverPhotos", "metadata", "photos")
WRITABLE = (
    "addresses",
    "biographies",
    "birthdays",
    "calendarUrls",
    "clientData",
    "emailAddresses",
    "events",
    "externalIds",
    "genders",
    "imClients",
    "interests",
    "locales",
    "locations",
    "memberships",
    "miscKeywords",
    "names",
    "nicknames",
    "occupations",
    "organizations",
    "phoneNumbers",
    "relations",
    "sipAddresses",
    "urls",
    "userDefined",
)
READABLE = tuple(sorted((*READ_ONLY, *WRITABLE, "skills")))
SINGLETONS = ("biographies", "birthdays", "genders", "names")
GROUP_FIELDS = ("clientData", "groupType", "memberCount", "metadata", "name")

_GUIDE = "Valid paths are documented at https://developers.google.com/people/api/rest/v1/people/"
# The page that a refusal names; of the other parameters it was seen to be that of `get`.
_PAGES = {"updatePersonFields": "updateContact"}


def required(mask: str, parameter: str) -> tuple[str, ...]:
    """Return the fields of a read mask that must be there.

    Args:
        mask: comma-separated names; a leading `person.` of each is allowed.
        parameter: how the sentence names it, `personFields` or `readMask`.

    Raises:
        GoogleError: 400 when the mask is empty or names an unknown field.
    """
    if not mask.strip():
        name = f"{parameter} mask" if parameter != "readMask" else parameter
        raise invalid(
            f"{name} is required. Please specify one or more valid paths. {_guide(parameter)}"
        )
    return _known(mask, parameter, READABLE)


def optional(mask: str, parameter: str) -> tuple[str, ...]:
    """Return the fields of a read mask; every field when it is empty."""
    return _known(mask, parameter, READABLE) if mask.strip() else READABLE


def to_update(mask: str, parameter: str) -> tuple[str, ...]:
    """Return the fields of an update mask.

    Raises:
        GoogleError: 400 when the mask is empty or names a field that cannot be written.
    """
    if not mask.strip():
        guide = _guide(parameter)
        raise invalid(
            f"{parameter} mask is required. Please specify one or more valid paths. {guide}"
        )
    return _known(mask, parameter, WRITABLE)


def of_group(mask: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the group fields of a mask; the default when it is empty."""
    if not mask.strip():
        return default
    return _known(mask, "groupFields", GROUP_FIELDS)


def _known(mask: str, parameter: str, valid: tuple[str, ...]) -> tuple[str, ...]:
    names = [part.strip().removeprefix("person.") for part in mask.split(",") if part.strip()]
    for name in names:
        if name not in valid:
            raise _unknown(name, parameter)
    return tuple(dict.fromkeys(names))


def _unknown(name: str, parameter: str) -> GoogleError:
    return invalid(f'Invalid {parameter} mask path: "{name}". {_guide(parameter)}')


def _guide(parameter: str) -> str:
    return f"{_GUIDE}{_PAGES.get(parameter, 'get')}."
