"""The part of Gmail's search that programs use: places, times, ids, words of the headers."""

from onebox.google.gmail.box import Letter

_PLACES = {
    "inbox": "INBOX",
    "sent": "SENT",
    "draft": "DRAFT",
    "drafts": "DRAFT",
    "spam": "SPAM",
    "trash": "TRASH",
    "chats": "CHAT",
}
_HIDDEN = {"SPAM", "TRASH"}


def matches(letter: Letter, query: str) -> bool:
    """Tell whether a letter fits every term; spam and trash are found only when named."""
    terms = query.split()
    named = any(term.lower() in {"in:spam", "in:trash", "in:anywhere"} for term in terms)
    if _HIDDEN & set(letter.labels) and not named:
        return False
    return all(_fits(letter, term) for term in terms)


def _fits(letter: Letter, term: str) -> bool:
    if term.startswith("-"):
        return not _fits(letter, term[1:])
    name, colon, value = term.partition(":")
    match name.lower() if colon else "":
        case "in" | "is" | "label":
            return value.lower() == "anywhere" or _label(value) in letter.labels
        case "after":
            return letter.at >= int(value) * 1000
        case "before":
            return letter.at < int(value) * 1000
        case "rfc822msgid":
            return letter.message_id == value.strip("<>")
    return term.strip('"').casefold() in letter.words.casefold()


def _label(place: str) -> str:
    return _PLACES.get(place.lower(), place.upper())
