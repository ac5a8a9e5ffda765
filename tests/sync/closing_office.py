"""Requests that are closed and deals that are won, as the system does it."""

from tests.sync.books_office import Shelf

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import ClientId, DealId, StaffId
from kartoteka.domain.model import Client, Lead
from kartoteka.services.unit import Unit, transact


def close(shelf: Shelf, lead_id: str, state: str = "lost") -> None:
    """The system closes a request, or opens it again."""

    def work(unit: Unit) -> None:
        lead = unit.need(Lead, lead_id)
        update = {"state": state, "stage_entered_at": unit.now}
        unit.save(lead.model_copy(update=update))

    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(), work=work)


def sold(shelf: Shelf, amount: int) -> str:
    """Anna wins a deal; return it."""
    shelf.made += 1
    name = f"dl_{shelf.made}"

    def work(unit: Unit) -> None:
        client = Client(
            id=ClientId(f"cl_of_{name}"), name="Покупатель", owner_id=StaffId("st_anna"),
            created_at=unit.now, updated_at=unit.now,
        )  # fmt: skip
        line = shelf.app.desk.settings().office.deals
        unit.add(client)
        unit.add(Deal(
            id=DealId(name), client_id=client.id, name=f"Сделка {shelf.made}", pipeline=line.id,
            stage=line.stages[-1].id, state="won", stage_entered_at=unit.now, won_at=unit.now,
            owner_id=StaffId("st_anna"), amount_minor=amount, currency="RUB",
            created_at=unit.now, updated_at=unit.now, last_touch_at=unit.now,
        ))  # fmt: skip

    transact(shelf.app.store, SYSTEM, "test", shelf.clock.now(), work=work)
    return name
