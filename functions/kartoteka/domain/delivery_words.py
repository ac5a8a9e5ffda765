"""What a provider says of a message beside how far it got, in whichever words of its own."""

from kartoteka.domain.mailing import BOUNCED, COMPLAINT, UNSUBSCRIBED

_COMPLAINTS = ("spam", "complaint")
_BOUNCES = ("hard_bounce", "hard_bounced", "hard_bounces")
_GRAVER = ("", BOUNCED, UNSUBSCRIBED, COMPLAINT)  # the last is the gravest


def meaning(said: str) -> str:
    """Return what these words mean for the address: complaint, unsubscribed, bounced or nothing."""
    word = said.partition(" ")[0].lower()
    if word.startswith(_COMPLAINTS):
        return COMPLAINT
    if word.startswith("unsub"):
        return UNSUBSCRIBED
    return BOUNCED if word in _BOUNCES else ""


def graver(known: str, said: str) -> str:
    """Return the words of two reports that count; of equally grave ones the later, if any."""
    later = _GRAVER.index(meaning(said)) >= _GRAVER.index(meaning(known))
    return said if said and later else known
