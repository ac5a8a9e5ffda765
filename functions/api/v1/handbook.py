"""The page for people who write programs: what the API has, nothing fetched from elsewhere."""

from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

from api.v1.reading import ENTITIES, MOST
from kartoteka.i18n import text
from kartoteka.services.registry import COMMANDS
from kartoteka.services.searching import shapes

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{font:14px/1.5 ui-monospace,monospace;background:#8881;padding:.1em .3em;"
    "overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "border-top:1px solid #8885;padding:.4rem .6rem .4rem 0}"
    ":root{color-scheme:light dark}"
)


@cache
def page(locale: str) -> str:
    """Return the page in ru or en."""
    parts = "".join((*_records(locale), *_commands(locale)))
    title = text("api_page_title", locale)
    intro = "".join(
        f"<p>{_said(code, locale, most=MOST)}</p>"
        for code in ("api_page_key", "api_page_pages", "api_page_once", "api_page_errors")
    )
    return (
        f'<!doctype html><html lang="{locale}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{intro}"
        f'<p><a href="/api/openapi.json">/api/openapi.json</a></p>{parts}</html>'
    )


def _records(locale: str) -> Iterator[str]:
    yield f"<h2>{_said('api_page_records', locale)}</h2><table>"
    for name in ENTITIES:
        filters = "<br>".join(f"<code>{escape(str(one))}</code>" for one in shapes(name))
        yield f"<tr><td><code>GET /api/v1/{name}</code></td><td>{filters}</td></tr>"
    yield "</table>"


def _commands(locale: str) -> Iterator[str]:
    yield f"<h2>{_said('api_page_commands', locale)}</h2><table>"
    for name, command in sorted(COMMANDS.items()):
        schema = command.form.model_json_schema()
        fields = " ".join(_fields(schema))
        what = f"<code>{escape(name)}</code><br>{escape(command.what)}"
        yield f'<tr id="{escape(name)}"><td>{what}</td><td>{fields}</td></tr>'
    yield "</table>"


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    needed = schema.get("required", [])
    for name in schema.get("properties", {}):
        shown = f"<code>{escape(name)}</code>"
        yield f"<b>{shown}</b>" if name in needed else shown


def _said(code: str, locale: str, **facts: object) -> str:
    return escape(text(code, locale, **facts))
