"""Requests about data sources: no token of the stand-in may read BigQuery, so none is ever added.

Source: the reference of AddDataSourceRequest, which asks for the scope `bigquery.readonly`.
"""

from typing import Any

from onebox.google.errors import forbidden, invalid
from onebox.google.sheets.draft import Draft, Handler

_GONE = {
    "state": "FAILED",
    "errorCode": "OBJECT_NOT_FOUND",
    "errorMessage": "The data source object doesn't exist.",
}


def add(_draft: Draft, _asked: dict[str, Any]) -> None:
    """Refuse as Google refuses a token without BigQuery's scope."""
    raise forbidden("Request had insufficient authentication scopes.")


def update(_draft: Draft, asked: dict[str, Any]) -> None:
    """Refuse: there is no data source."""
    raise _missing(asked.get("dataSource", {}))


def delete(_draft: Draft, asked: dict[str, Any]) -> None:
    """Refuse: there is no data source."""
    raise _missing(asked)


def cancel(_draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Answer that nothing is stopped when all of no data sources are named."""
    if asked.get("isAll"):
        return {}
    raise _missing(asked)


def refresh(_draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Answer that nothing is refreshed; a data source that is named failed, the request did not."""
    return {} if asked.get("isAll") else {"statuses": [{"dataExecutionStatus": _GONE}]}


def _missing(asked: dict[str, Any]) -> Exception:
    return invalid(f"The data source ID doesn't exist: {asked.get('dataSourceId', '')}")


REQUESTS: dict[str, Handler] = {
    "addDataSource": add,
    "cancelDataSourceRefresh": cancel,
    "deleteDataSource": delete,
    "refreshDataSource": refresh,
    "updateDataSource": update,
}
