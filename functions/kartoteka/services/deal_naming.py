"""A deal as people name it: its id, the number of its order, or its client's phone or e-mail."""

from kartoteka.domain import identity
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.guards import is_open
from kartoteka.domain.ids import DealId
from kartoteka.domain.order import Order
from kartoteka.ports import Query, Store, Where

_DEAL = "dl_"
_MOST = 2  # of one name: two are one too many
_MOST_DEALS = 200  # of one client


def deal_named(store: Store, said: str, region: str) -> DealId:
    """Return the id of the one deal that is meant; of a client's deals only open ones are.

    Nothing is told of the deal: who may do what with it is judged where it is used.

    Raises:
        Invalid: none is called so, or several are.
    """
    name = said.strip()
    if name.startswith(_DEAL):
        return DealId(name)
    found = _by_order(store, name) or _by_contact(store, name, region)
    if len(found) != 1:
        code = "deal_named_many" if found else "deal_named_none"
        raise Invalid(f"{len(found)} deals are called {name!r}", fields={"deal": code}, code=code)
    return found[0]


def _by_order(store: Store, number: str) -> list[DealId]:
    query = Query(Order.collection, (Where("number", "==", number),), limit=_MOST)
    return list(dict.fromkeys(Order.model_validate(hit.doc).deal_id for hit in store.query(query)))


def _by_contact(store: Store, said: str, region: str) -> list[DealId]:
    phone, email = identity.phone(said, region), identity.email(said)
    keys = identity.keys((phone,) if phone else (), (email,) if email else (), ())
    clients = [str(doc["client_id"]) for key in keys if (doc := store.get("keys", key))]
    where = (Where("client_id", "==", next(iter(clients), "")),)
    hits = store.query(Query(Deal.collection, where, limit=_MOST_DEALS)) if clients else ()
    deals = (Deal.model_validate(hit.doc) for hit in hits)
    return [DealId(deal.id) for deal in deals if is_open(deal)]
