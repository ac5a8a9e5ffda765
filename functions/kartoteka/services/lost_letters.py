"""A message of ours that did not arrive: the client's history says so beside the message."""

from kartoteka.domain.ids import ActivityId, derived
from kartoteka.domain.model import Activity
from kartoteka.domain.shortening import one_line
from kartoteka.i18n import text
from kartoteka.services.unit import Unit

_LONGEST = 80  # characters of the message by which it is recognised


def tell_of_chat(unit: Unit, message: Activity, locale: str) -> None:
    """Put the note into the history if this message of a chat failed."""
    if message.message is not None and message.message.state == "failed":
        tell(unit, message.id, locale)


def tell(unit: Unit, activity_id: str, locale: str) -> None:
    """Put a note into the history that this message of ours is lost; a second one is not added."""
    lost = unit.find(Activity, activity_id)
    name = ActivityId(derived("ac", "lost", activity_id))
    if lost is None or unit.find(Activity, name) is not None:
        return
    code = "lost_mail" if lost.what == "mail" else "lost_message"
    note = Activity(
        id=name,
        what="note",
        direction="out",
        client_id=lost.client_id,
        lead_id=lost.lead_id,
        deal_id=lost.deal_id,
        at=unit.now,
        text=text(code, locale, words=one_line(lost.text, _LONGEST)),
    )
    unit.add(note)
