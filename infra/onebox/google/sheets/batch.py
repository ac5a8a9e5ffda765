"""spreadsheets.batchUpdate: each request of the batch found, named in errors, and answered."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets import (
    on_banding,
    on_blocks,
    on_cells,
    on_charts,
    on_comments,
    on_conditional,
    on_data_sources,
    on_dimensions,
    on_filling,
    on_filters,
    on_grouping,
    on_merging,
    on_metadata,
    on_pasting,
    on_ranges,
    on_sheets,
    on_sorting,
    on_tables,
    on_text,
)
from onebox.google.sheets.draft import Draft, Handler, named

_MODULES: tuple[dict[str, Handler], ...] = (
    on_banding.REQUESTS,
    on_blocks.REQUESTS,
    on_cells.REQUESTS,
    on_charts.REQUESTS,
    on_comments.REQUESTS,
    on_conditional.REQUESTS,
    on_data_sources.REQUESTS,
    on_dimensions.REQUESTS,
    on_filling.REQUESTS,
    on_filters.REQUESTS,
    on_grouping.REQUESTS,
    on_merging.REQUESTS,
    on_metadata.REQUESTS,
    on_pasting.REQUESTS,
    on_ranges.REQUESTS,
    on_sheets.REQUESTS,
    on_sorting.REQUESTS,
    on_tables.REQUESTS,
    on_text.REQUESTS,
)
HANDLERS: dict[str, Handler] = {
    kind: handler for module in _MODULES for kind, handler in module.items()
}


def apply_requests(draft: Draft, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Apply requests in order and return their replies by position, an empty one where none is due.

    Raises:
        GoogleError: the first refusal, with the place of its request; the draft is then spoilt.
    """
    return [_apply(draft, number, request) for number, request in enumerate(requests)]


def _apply(draft: Draft, number: int, request: dict[str, Any]) -> dict[str, Any]:
    kinds = list(request)
    if not kinds:
        raise invalid(f"Invalid requests[{number}]: No request set.")
    kind = kinds[0]
    with named(f"requests[{number}].{kind}"):
        reply = apply_one(draft, kind, request[kind])
    return {} if reply is None else {kind: reply}


def apply_one(draft: Draft, kind: str, asked: dict[str, Any]) -> dict[str, Any] | None:
    """Apply one request of a kind, and return its reply or None when none is due."""
    return HANDLERS[kind](draft, asked)
