"""Requests about data sources: no token of the stand-in may read BigQuery, so none is ever added.

Source: the reference of AddDataSourceRequest, which asks for the scope `bigquery.readonly`.
"""

from typing import Any

from onebox.google.errors import forbidden, invalid
from onebox.google.sheets.draft import Draft, Handler


def add(_draft: Draft, _asked: dict[str, Any]) -> None:
    """Refuse as Google refuses a token without BigQuery's scope."""
    raise forbidden("Request had insufficient authentication scopes.")


def update(_draft: Draft, asked: dict[str, Any]) -> None:
    """Refuse: there is no data source."""
    raise _missing(asked.get("dataSource", {}))


def delete(_draft: Draft, asked: dict[str, Any]) -> None:
    """Refuse: there is no data source."""
    raise _missing(asked)


def refresh(_draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Answer that nothing is refreshed, or stopped, when all of no data sources are named."""
    if asked.get("isAll"):
        return {}
    raise _missing(asked)


def _missing(asked: dict[str, Any]) -> Exception:
    return invalid(f"No data source with id: {asked.get('dataSourceId', '')}")


REQUESTS: dict[str, Handler] = {
    "addDataSource": add,
    "cancelDataSourceRefresh": refresh,
    "deleteDataSource": delete,
    "refreshDataSource": refresh,
    "updateDataSource": update,
}
