"""The director deletes, and looks at what is left; shared by the stories of deletion."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.kartoteka.deals.deal_desk import OLGA, Play

from kartoteka.domain.batch import Batch
from kartoteka.domain.errors import KartotekaError
from kartoteka.ports import Query, Store

RECORDS = (
    "clients", "leads", "deals", "tasks", "activities", "pairs", "keys", "companies", "chats",
    "proposals",
)  # fmt: skip
WHY = "Заведено по ошибке"


def refused(code: str) -> Any:
    return pytest.raises(KartotekaError, check=lambda exc: exc.code == code)


def state(store: Store) -> dict[str, dict[str, Any]]:
    """Every record that a deletion may touch, by collection and id."""
    return {
        name: {found.id: dict(found.doc) for found in store.query(Query(name))} for name in RECORDS
    }


@dataclass
class Office(Play):
    """People at work, and the director who deletes."""

    def delete(self, kind: str, record_id: str | None, **given: Any) -> Batch:
        wish = {kind: record_id, "reason": WHY, **given}
        return self.do(OLGA, f"{kind}.delete", **wish)

    def undo(self, batch: Batch, **given: Any) -> Batch:
        return self.do(OLGA, "batch.undo", batch=batch.id, **given)

    def state(self) -> dict[str, dict[str, Any]]:
        return state(self.desk.store)
