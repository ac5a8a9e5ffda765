"""What a client sent besides words, told in words: people of the office read it in the history."""

from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.i18n import text

# What messengers call it, in the order in which it is told. Marks for programs are not among them.
_TOLD = (
    *("forwarded", "wall", "place", "location", "poll", "checklist", "form", "goods", "item"),
    *("template", "web_app", "gift", "dice", "call", "file", "link", "story", "post", "market"),
    *("sticker", "voice", "unsupported"),
)
# Other names of the same: messengers have one for each kind of their publications.
_ALSO = {
    "link": ("share", "fallback", "article"),
    "story": ("story_mention",),
    "post": ("ig_post", "ig_reel", "reel", "clip", "video", "audio", "wall_reply"),
}
_HEARD = {Kind.MESSAGE, Kind.CONTACT, Kind.EDIT}


def with_words(inbound: Inbound, locale: str) -> Inbound:
    """Return the event of a messenger whose text says all that was sent but files.

    A contact, a place on the map or a poll are words now, below those that were typed; each in the
    office's language with the client's own words inside.
    """
    lines = _lines(inbound, locale) if inbound.what in _HEARD else []
    if not lines:
        return inbound
    typed = [inbound.text] if inbound.text else []
    return inbound.model_copy(update={"text": "\n".join((*typed, *lines))})


def _lines(inbound: Inbound, locale: str) -> list[str]:
    fields = inbound.fields
    contact = [fields.get("contact_name", ""), fields.get("contact_phone", "")]
    if inbound.what is Kind.CONTACT:
        contact = [*inbound.sender.phones]
    said = [("contact", ", ".join(filter(None, contact)))]
    said += [
        (name, fields.get(kind, "")) for name in _TOLD for kind in (name, *_ALSO.get(name, ()))
    ]
    return [text(f"beside_{name}", locale, what=what) for name, what in said if what]
