"""What can be exported: records, columns and formats; and the trace each export leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Client, Entity, Lead, Task

CSV, XLSX, VCARD = "csv", "xlsx", "vcf"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of records as a table: its columns are fields, a dot goes into one."""

    model: type[Entity]
    fields: tuple[str, ...]
    formats: tuple[str, ...] = (CSV, XLSX)

    @property
    def kind(self) -> str:
        """Return the kind of its records."""
        return self.model.kind


SHEETS: Mapping[str, Sheet] = {
    "clients": Sheet(
        Client,
        (
            *("name", "company", "phones", "emails", "owner_id", "segment", "tags"),
            *("messengers", "last_touch.at", "created_at", "updated_at", "id"),
        ),
        (CSV, XLSX, VCARD),
    ),
    "leads": Sheet(
        Lead,
        (
            *("name", "pipeline", "stage", "state", "owner_id", "next_action.what", "next_at"),
            *("first_touch.name", "region", "note", "reason", "touched_at", "created_at"),
            *("client_id", "deal_id", "id"),
        ),
    ),
    "deals": Sheet(
        Deal,
        (
            *("name", "pipeline", "stage", "state", "owner_id", "amount_minor", "currency"),
            *("paid_minor", "cost_minor", "contractor", "contractor_cost_minor", "probability"),
            *("expected_close", "next_action.what", "next_at", "tags", "note", "reason"),
            *("created_at", "won_at", "client_id", "company_id", "id"),
        ),
    ),
    "tasks": Sheet(
        Task,
        (
            *("title", "what", "assignee_id", "due_at", "state", "priority", "text", "result"),
            *("created_at", "done_at", "client_id", "lead_id", "deal_id", "id"),
        ),
    ),
}


class ExportRun(Entity):
    """One export: who took which records, by which filter, how many."""

    kind: ClassVar[str] = "export"
    collection: ClassVar[str] = "exports"
    id: str
    actor: Actor
    what: str
    format: str
    only: dict[str, str] = Field(default_factory=dict)
    count: int = 0
    state: str = "running"  # running, done
    at: Instant
    done_at: Instant | None = None
