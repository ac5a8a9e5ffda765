"""The office's own keys, with which it proves addresses that it gave out."""

from pydantic import Field

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Entity
from kartoteka.ports import Store
from kartoteka.services import proofs
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


class AddressKey(Entity):
    """What proves the addresses of one kind; never in the log, never shown."""

    secret: str = Field(repr=False)


def secret_of(desk: Desk, kind: type[AddressKey], name: str) -> str:
    """Return the secret of the office's key of this kind and name, which is made if it is new."""
    known = desk.store.get(kind.collection, name)
    if known is not None:
        return str(known["secret"])
    drawn = kind(id=name, secret=proofs.new_secret())

    def work(unit: Unit) -> AddressKey:
        found = unit.find(kind, name)
        if found is None:
            unit.keep(drawn)
        return found or drawn

    return transact(desk.store, SYSTEM, kind.kind, desk.now(), work=work).secret


def is_genuine(store: Store, kind: type[AddressKey], name: str, *, text: str, shown: str) -> bool:
    """Return whether this is the office's proof of the text; without a key it has proved none."""
    key = store.get(kind.collection, name)
    return key is not None and proofs.is_proved(str(key["secret"]), text, shown)
