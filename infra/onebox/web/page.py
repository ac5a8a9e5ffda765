"""The start page of one box: what NiceGUI serves at `/`. Nothing is loaded from elsewhere."""

from importlib.resources import files

from fastapi import FastAPI
from nicegui import ui

from onebox.edits import Editor
from onebox.machine import Machine
from onebox.texts import LOCALES
from onebox.web.desk import Desk
from onebox.web.hub import Hub


def page_app(machine: Machine, editor: Editor | None) -> FastAPI:
    """Return the application that serves the page and its parts."""
    hub = Hub(machine, editor)
    style = files(__package__).joinpath("style.css").read_text("utf-8")
    icon = files(__package__).joinpath("mark.svg").read_text("utf-8")

    @ui.page("/")
    def start(lang: str = "") -> None:
        office = machine.app.desk.settings().office
        locale = lang if lang in LOCALES else office.locale
        ui.add_css(style)
        Desk(hub, locale, icon).build()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ui.run_with(
        app,
        title="Картотека",
        favicon=icon,
        language="ru",
        tailwind=False,
        show_welcome_message=False,
    )
    return app
