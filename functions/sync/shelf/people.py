"""Columns of clients, of pairs of clients, of what nobody understood, of colleagues."""

from kartoteka.domain.model import Client
from kartoteka.i18n import channel, outline
from kartoteka.ports import CellValue
from sync.columns import Column, Frame, Kind, View
from sync.merge import Winner
from sync.shelf.cards import card_of

_LONGEST = 500  # characters of what came in
_SEGMENTS = ("new", "in_work", "client", "returned", "wholesale", "partner", "blacklist")


def _name(view: View, _frame: Frame) -> CellValue:
    return view.client.name if view.client is not None else ""


def _phones(view: View, _frame: Frame) -> CellValue:
    return ", ".join(view.client.phones) if view.client is not None else ""


def _emails(view: View, _frame: Frame) -> CellValue:
    return ", ".join(view.client.emails) if view.client is not None else ""


def _company(view: View, _frame: Frame) -> CellValue:
    return view.client.company if view.client is not None else ""


def _segment(view: View, frame: Frame) -> CellValue:
    return frame.say(f"segment_{view.client.segment}") if view.client is not None else ""


def _touch(view: View, frame: Frame) -> CellValue:
    touch = view.client.last_touch if view.client is not None else None
    return frame.date(touch.at if touch is not None else None)


def _other_name(view: View, _frame: Frame) -> CellValue:
    return view.other.name if view.other is not None else ""


def _other_reach(view: View, _frame: Frame) -> CellValue:
    return _contacts(view.other)


def _contacts(client: Client | None) -> str:
    return ", ".join((*client.phones, *client.emails)) if client is not None else ""


def _why(view: View, frame: Frame) -> CellValue:
    return frame.say(f"why_{view.pair.why}") if view.pair is not None else ""


def _asked_at(view: View, frame: Frame) -> CellValue:
    return frame.date(view.pair.at if view.pair is not None else None)


def _received_at(view: View, frame: Frame) -> CellValue:
    return frame.date(view.inbound.received_at if view.inbound is not None else None)


def _channel(view: View, frame: Frame) -> CellValue:
    return channel(view.inbound.channel, frame.locale) if view.inbound is not None else ""


def _sender(view: View, _frame: Frame) -> CellValue:
    if view.inbound is None:
        return ""
    sender = view.inbound.sender
    return ", ".join(filter(None, (sender.name, *sender.phones, *sender.emails)))


def _text(view: View, _frame: Frame) -> CellValue:
    said = view.inbound.text or view.inbound.raw if view.inbound is not None else ""
    return " ".join(said.split())[:_LONGEST]


def _unclear(view: View, frame: Frame) -> CellValue:
    """Return in words why nobody understood it, and the place in it."""
    code, apart, place = view.inbound.why.partition(": ") if view.inbound is not None else ("",) * 3
    return f"{outline(code, frame.locale)}{apart}{place}"


def _colleague(view: View, frame: Frame) -> CellValue:
    return frame.person(view.staff.id) if view.staff is not None else ""


def _count(name: str) -> Column:
    def shown(view: View, _frame: Frame) -> CellValue:
        return view.counts.get(name, 0) if view.counts is not None else ""

    return Column(name, name, 120, shown, Kind.NUMBER, reads=("staff.name",))


def segments(frame: Frame) -> list[str]:
    """Return the words for the segments of clients."""
    return [frame.say(f"segment_{code}") for code in _SEGMENTS]


def segment_of(typed: str, frame: Frame) -> str:
    """Return the segment that a person means, or what was typed."""
    wanted = typed.strip().casefold()
    known = {frame.say(f"segment_{code}").casefold(): code for code in _SEGMENTS}
    return known.get(wanted, wanted)


def is_known(view: View, _frame: Frame) -> bool:
    """Return whether the client is a card of its own."""
    client = view.client
    return client is not None and client.merged_into is None and not client.forgotten


def is_mine(view: View, frame: Frame) -> bool:
    """Return whether the client is in the reader's hands or in those of their pair."""
    client = view.client
    return is_known(view, frame) and client is not None and client.owner_id in frame.circle


def is_asked(view: View, _frame: Frame) -> bool:
    """Return whether somebody has to judge the pair, and the reader sees both."""
    pair = view.pair
    both = view.client is not None and view.other is not None
    return pair is not None and pair.state == "open" and both


def is_unclear(view: View, _frame: Frame) -> bool:
    """Return whether nobody understood what came in."""
    return view.inbound is not None and view.inbound.state == "unknown"


def counts(view: View, _frame: Frame) -> bool:
    """Return whether the colleague has work to count."""
    return view.staff is not None and view.staff.active


NAME = Column(
    "name", "name", 200, _name,
    editable=True, winner=Winner.SHEET, reads=("client.name",), link=card_of,
)  # fmt: skip
PHONE = Column("phone", "phone", 150, _phones, reads=("client.phones",))
EMAIL = Column("email", "email", 180, _emails, reads=("client.emails",))
COMPANY = Column(
    "company", "company", 160, _company,
    editable=True, winner=Winner.SHEET, reads=("client.company",),
)  # fmt: skip
SEGMENT = Column(
    "segment", "segment", 130, _segment, Kind.CHOICE,
    editable=True, choices=segments, reads=("client.segment",),
)  # fmt: skip
TOUCH = Column("touch", "touch", 130, _touch, Kind.DATE, reads=("client.last_touch",))
LEFT = Column("left", "left", 180, _name, reads=("client.name", "pair.left"))
LEFT_REACH = Column(
    "left_reach", "left_reach", 220, lambda view, _: _contacts(view.client),
    reads=("client.phones", "client.emails"),
)  # fmt: skip
RIGHT = Column("right", "right", 180, _other_name, reads=("client.name", "pair.right"))
RIGHT_REACH = Column(
    "right_reach", "right_reach", 220, _other_reach, reads=("client.phones", "client.emails")
)
WHY = Column("why", "why", 190, _why, reads=("pair.why",))
ASKED_AT = Column("at", "at", 125, _asked_at, Kind.DATE, reads=("pair.at",))
RECEIVED_AT = Column("at", "at", 125, _received_at, Kind.DATE, reads=("inbound.received_at",))
CHANNEL = Column("channel", "channel", 110, _channel, reads=("inbound.channel",))
SENDER = Column("sender", "sender", 200, _sender, reads=("inbound.sender",))
TEXT = Column("text", "text", 420, _text, reads=("inbound.text", "inbound.raw"))
UNCLEAR = Column("why", "why", 190, _unclear, reads=("inbound.why",))
COLLEAGUE = Column("person", "person", 200, _colleague, reads=("staff.name",))
COUNTS = tuple(_count(name) for name in ("today", "overdue", "unplanned"))
