"""How full the office's books are: Google gives a spreadsheet ten million cells, empty ones too."""

from kartoteka.ports import Query, Store

LIMIT = 10_000_000
_WARNED = 80  # per cent


def filled(store: Store) -> dict[str, int]:
    """Return the books that will be full before long, by key: per cent of their cells in use.

    Source: Google Sheets allows 10 million cells in a spreadsheet. What people added besides, such
    as tabs of their own, is not counted.
    """
    cells = {hit.id: hit.doc.get("cells") for hit in store.query(Query("books"))}
    used = {key: 100 * count // LIMIT for key, count in cells.items() if isinstance(count, int)}
    return {key: share for key, share in sorted(used.items()) if share >= _WARNED}
