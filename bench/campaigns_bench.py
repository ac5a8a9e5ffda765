"""Campaigns: planning 50,000 recipients of a segment, and sending, each in a process of its own.

`python -m bench.campaigns_bench --one CLIENTS FOLDER` prints one JSON object. The segment is a
real one by its members; the sender answers at once, so what is measured is ours.
"""

import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from bench.alone import alone
from bench.core_base import NOW, Work, opened, phone
from bench.memory import peak_mib
from bench.report import Row, at_least, at_most, told
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.ids import ClientId
from kartoteka.domain.instant import spell
from kartoteka.domain.mailing import AddressWish, Campaign, Limit, Recipient, wish_id
from kartoteka.domain.model import Client
from kartoteka.domain.office import Account, Office
from kartoteka.domain.segment import Member, member_id
from kartoteka.outgoing_ports import Posting
from kartoteka.ports import Query, Tx, Where
from kartoteka.services import campaign_planning, campaign_running, campaigns
from kartoteka.services.campaign_forms import CreateCampaign, StartCampaign
from kartoteka.services.office import SettingsCache
from kartoteka.services.people import actor
from kartoteka.services.postings import Outlet

_SMALL, _LARGE = 5_000, 50_000
_PER_SECOND, _GROWTH_MIB = 2_000, 20
_SENT, _CHUNK = 1_000, 500
_SEGMENT = "sleeping_90"


class InstantSenders:
    """A sender that takes everything at once."""

    def send(self, account: Account, posting: Posting) -> str:
        """Return an id made of the tag."""
        return f"{account.channel}:{posting.tag}"

    def knows_repeats(self, channel: str) -> bool:
        """Return that nothing can be looked up."""
        return channel == ""

    def found(self, account: Account, posting: Posting) -> str | None:
        """Return that nothing was sent before."""
        del account, posting
        return None


def mailings(folder: Path) -> list[Row]:
    """Measure the planning of 50,000 recipients, its memory, and the sending of a portion."""
    few, many = (_measured(folder, clients) for clients in (_SMALL, _LARGE))
    return [
        at_least(f"recipients planned of {_LARGE:,}", many["planned_per_s"], _PER_SECOND, "a s"),
        told(f"memory growth at {_SMALL:,}", few["memory_growth_mib"], "MiB"),
        at_most(f"memory growth at {_LARGE:,}", many["memory_growth_mib"], _GROWTH_MIB, "MiB"),
        told("sent one by one, to a sender that answers at once", many["sent_per_s"], "a s"),
    ]


def run(clients: int, folder: Path) -> dict[str, object]:
    """Return what one campaign took, in this process."""
    store = SqliteStore(folder / "office.sqlite3", mapped_bytes=0)
    office = opened(store)
    _fill(office, clients)
    campaign = _started(office)
    before, started = peak_mib(), time.perf_counter()
    planned = campaign_planning.plan(office.desk, campaign, most=clients + 1).planned
    seconds, grown = time.perf_counter() - started, peak_mib() - before
    sent, sending = _portion(office, campaign)
    store.close()
    if (planned, sent) != (clients, min(_SENT, clients)):
        raise AssertionError(f"{planned} recipients were planned, {sent} letters sent")
    return {
        "planned_per_s": round(clients / seconds),
        "memory_growth_mib": round(grown, 1),
        "sent_per_s": round(sent / sending),
    }


def _started(office: Work) -> Campaign:
    settings = office.desk.settings()
    director = next(person for person in settings.staff if person.role == "director")
    olga = actor(director, settings)
    form = CreateCampaign(name="x", subject="x", text="{{name}}", segment=_SEGMENT)
    name = campaigns.create(office.desk, olga, form, "bench").id
    campaigns.start(office.desk, olga, StartCampaign(campaign=name), "bench")
    return Campaign.model_validate(office.desk.store.get(Campaign.collection, name))


def _portion(office: Work, campaign: Campaign) -> tuple[int, float]:
    """Return how many letters went out, and in how many seconds."""
    started = time.perf_counter()
    outlet = Outlet(InstantSenders(), "https://crm.example")
    campaign_running.portion(office.desk, outlet, campaign.id)
    seconds = time.perf_counter() - started
    where = (Where("campaign_id", "==", campaign.id), Where("state", "==", "sent"))
    return office.desk.store.count(Query(Recipient.collection, where)), seconds


def _measured(folder: Path, clients: int) -> dict[str, Any]:
    place = folder / str(clients)
    place.mkdir()
    return alone("bench.campaigns_bench", "--one", clients, place)


def _fill(office: Work, clients: int) -> None:
    store = office.desk.store
    for start in range(0, clients, _CHUNK):
        store.run(partial(_write, people=range(start, min(start + _CHUNK, clients))))
    settings = office.desk.settings().office
    limit = Limit(per_minute=_SENT, per_day=clients)
    rules = settings.mailing.model_copy(update={"limits": {"gmail": limit}})
    doc = settings.model_copy(update={"mailing": rules}).model_dump(mode="json")
    store.run(lambda tx: tx.put(Office.collection, "office", doc))
    if isinstance(office.desk.settings, SettingsCache):
        office.desk.settings.forget()


def _write(tx: Tx, *, people: range) -> None:
    for person in people:
        name, mail = f"cl{person:08}", f"person{person}@mail.example"
        client = Client(
            id=ClientId(name),
            name=f"Клиент {person}",
            phones=(phone(person),),
            emails=(mail,),
            created_at=NOW,
            updated_at=NOW,
        )
        wish = AddressWish(id=wish_id("mail", mail), consent_at=NOW, evidence="bench")
        place = member_id(_SEGMENT, name)
        member = {"id": place, "segment_id": _SEGMENT, "client_id": name, "since": spell(NOW)}
        tx.put(Client.collection, name, client.model_dump(mode="json"))
        tx.put(AddressWish.collection, wish.id, wish.model_dump(mode="json"))
        tx.put(Member.collection, place, member)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--one"]:
        sys.exit("use: python -m bench mailings")
    print(json.dumps(run(int(sys.argv[2]), Path(sys.argv[3]))))
