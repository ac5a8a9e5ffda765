"""The page of queued calls: paths and states only, never what the calls carry."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from onebox.tasks.page import Row
from onebox.texts import say

_STYLE = """
body{margin:0;background:#f6f7f9;color:#1d2939;font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:32px auto;padding:0 20px}
h1{font-size:22px;font-weight:650;margin:0 0 4px} p{margin:0 0 20px;color:#667085}
.wrap{overflow-x:auto;background:#fff;border:1px solid #e4e7ec;border-radius:12px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{font-weight:600;font-size:13px;color:#667085;text-align:left;background:#fafbfc}
th,td{padding:9px 16px;border-bottom:1px solid #eef0f3;white-space:nowrap}
tr:last-child td{border-bottom:0} a{color:#1f5fbf}
.s{border-radius:99px;padding:2px 10px;font-size:13px;background:#eef2f7}
.failed .s{background:#fde8e6;color:#9b2c1f}.retrying .s{background:#fff1d6;color:#7a4b00}
.running .s{background:#e0f2e6;color:#1d6b3a}
"""
_COLUMNS = ("queue", "due", "path", "attempts", "state", "last")


def as_json(row: Row) -> dict[str, object]:
    """Return one queued call for programs."""
    return {
        "queue": row.queue,
        "name": row.name,
        "path": row.path,
        "due": row.due.isoformat(),
        "attempts": row.attempts,
        "last": row.last,
        "state": row.state.value,
    }


def render(rows: Sequence[Row], now: datetime, zone: str, locale: str) -> str:
    """Return the page; times in the office's zone."""
    local = ZoneInfo(zone)
    head = "".join(f"<th>{escape(say(f'tasks_{name}', locale))}" for name in _COLUMNS)
    lines = "".join(_line(row, local, locale) for row in rows)
    empty = f'<tr><td colspan="{len(_COLUMNS)}">{escape(say("tasks_none", locale))}'
    title = escape(say("tasks_title", locale))
    when = escape(say("tasks_now", locale, now=f"{now.astimezone(local):%d.%m.%Y %H:%M:%S}"))
    return (
        f'<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="refresh" content="5"><style>{_STYLE}</style>'
        f'<main><h1>{title}</h1><p>{when} · <a href="/">{escape(say("tasks_back", locale))}</a></p>'
        f'<div class="wrap"><table><thead><tr>{head}</thead><tbody>{lines or empty}'
        "</tbody></table></div></main></html>"
    )


def _line(row: Row, zone: ZoneInfo, locale: str) -> str:
    state = escape(say(f"tasks_{row.state.value}", locale))
    cells = (
        escape(row.queue),
        f"{row.due.astimezone(zone):%d.%m %H:%M:%S}",
        escape(row.path),
        str(row.attempts),
        f'<span class="s">{state}</span>',
        escape(row.last),
    )
    return f'<tr class="{row.state.value}">' + "".join(f"<td>{cell}" for cell in cells)
