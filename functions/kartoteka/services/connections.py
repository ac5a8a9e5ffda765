"""Which channels are connected, and whether a real event has passed each from end to end; A13."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.channels import SENDING_ONLY
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Value
from kartoteka.domain.office import Settings
from kartoteka.ports import Order, Query, Where
from kartoteka.services.health import lag
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_LOOKED_AT = 200  # newest events of a channel; an account that is silent longer shows none
_CONSUMERS = ("automation", "sheets")
_FORM = "form"
_SHOWN = ("channel", "what", "state", "trial")

State = Literal["off", "silent", "unclear", "moving", "green"]


class Connection(Value):
    """One form or account of a channel.

    `off`: switched off. `silent`: no real event yet. `unclear`: the last one waits for a person,
    `why` says what for. `moving`: understood, on its way to the sheet. `green`: a real event has
    passed from the provider to the sheet. `heard_at` is of anything at all, trials included.
    """

    channel: str
    id: str
    title: str
    path: str
    state: State
    last_at: AwareDatetime | None = None
    heard_at: AwareDatetime | None = None
    age_s: int | None = None
    why: str = ""


def connections(desk: Desk) -> list[Connection]:
    """Return every form and account with its state, by channel and title."""
    settings = desk.settings()
    behind = _behind(desk)
    kept: dict[str, list[Inbound]] = {}
    found = []
    for channel, name, title, active in _places(settings):
        events = kept.setdefault(channel, _events(desk, channel))
        heard = [one for one in events if one.account == name]
        last = next((one for one in heard if _is_real(one)), None)
        connection = _connection(desk, (channel, name, title), last, (active, behind))
        newest = heard[0].received_at if heard else None
        found.append(connection.model_copy(update={"heard_at": newest}))
    return sorted(found, key=lambda one: (one.channel, one.title))


def mark_trial(desk: Desk, inbound_ids: Sequence[str]) -> list[Inbound]:
    """Return those of the events that are kept; from now on they prove nothing about a provider."""

    def work(unit: Unit) -> list[Inbound]:
        found = list(unit.find_many(Inbound, inbound_ids).values())
        for inbound in found:
            if not inbound.trial:
                unit.keep(inbound.model_copy(update={"trial": True}), shown=_SHOWN)
        return found

    return transact(desk.store, SYSTEM, "command:channels.test", desk.now(), work=work)


def has_passed(desk: Desk, inbound: Inbound) -> bool:
    """Return whether everybody who follows the log is past this event."""
    behind = _behind(desk)
    return all(oldest is None or oldest > inbound.received_at for oldest in behind.values())


def _places(settings: Settings) -> list[tuple[str, str, str, bool]]:
    forms = [(_FORM, form.id, form.title, form.active) for form in settings.forms]
    heard = (one for one in settings.accounts if one.channel not in SENDING_ONLY)
    return forms + [(one.channel, one.id, one.title, one.active) for one in heard]


def _events(desk: Desk, channel: str) -> list[Inbound]:
    where = (Where("channel", "==", channel),)
    order = (Order("received_at", descending=True),)
    query = Query(Inbound.collection, where, order, limit=_LOOKED_AT)
    return [Inbound.model_validate(row.doc) for row in desk.store.query(query)]


def _is_real(inbound: Inbound) -> bool:
    """Return whether a client is behind it: no trial of ours, no chatter of the provider."""
    return not inbound.trial and inbound.what is not Kind.SERVICE


def _connection(
    desk: Desk,
    place: tuple[str, str, str],
    last: Inbound | None,
    around: tuple[bool, Mapping[str, datetime | None]],
) -> Connection:
    channel, name, title = place
    active, behind = around
    state = _state(last, behind) if active else "off"
    return Connection(
        channel=channel,
        id=name,
        title=title,
        path=f"/ingest/{channel}/{name}",
        state=state,
        last_at=last.received_at if last else None,
        age_s=int((desk.now() - last.received_at).total_seconds()) if last else None,
        why=last.why if last and state == "unclear" else "",
    )


def _state(last: Inbound | None, behind: Mapping[str, datetime | None]) -> State:
    if last is None:
        return "silent"
    if last.state == "unknown":
        return "unclear"
    passed = all(oldest is None or oldest > last.received_at for oldest in behind.values())
    return "green" if passed else "moving"


def _behind(desk: Desk) -> dict[str, datetime | None]:
    """Return the moment of the oldest change that each consumer has not read yet."""
    now = desk.now()
    waits = {name: lag(desk.store, name, now) for name in _CONSUMERS}
    return {
        name: now - timedelta(seconds=one.seconds) if one.changes else None
        for name, one in waits.items()
    }
