"""The workbook in the page: tabs, the grid, typing into cells."""

from nicegui import events, run, ui
from nicegui.elements.aggrid import AgGrid

from kartoteka.domain.errors import KartotekaError
from onebox.edits import Edit
from onebox.texts import say
from onebox.web import board
from onebox.web.book import (
    Row,
    Tab,
    columns,
    difference,
    grid_options,
    new_notes,
    same_columns,
)
from onebox.web.hub import Book, Hub, Wanted

_TYPED = ["colId", "newValue", "oldValue", "rowId"]
_NOTE_MS = 9000


class SheetPane:
    """Shows one tab at a time; `user` is the e-mail of the person who types."""

    def __init__(self, hub: Hub, locale: str) -> None:
        self.user = ""
        self.seen = -1  # the change after which the shown book was looked at
        self._hub = hub
        self._locale = locale
        self._book: Book | None = None
        self._chosen = 0
        self._chosen_book = ""
        self._rows: tuple[Row, ...] = ()
        self._columns: tuple[Row, ...] | None = None
        self._grid: AgGrid | None = None
        self._board: board.Drawn | None = None
        self._typed_at: set[tuple[int, str]] = set()

    def build(self) -> None:
        """Draw the empty card."""
        with ui.element("section").classes("kt-card kt-book"):
            self._head = ui.element("div").classes("kt-book-head").props('role="tablist"')
            self._holder = ui.element("div").classes("kt-grid-holder")
            self._hint = ui.label().classes("kt-hint")
        self._head.set_visibility(False)
        self._hint.set_visibility(False)
        with self._holder:
            self._blank()

    async def look(self) -> None:
        """Bring the card up to date with the workbook."""
        wanted = Wanted(self.user, self._chosen_book, self._chosen)
        taken = await run.io_bound(self._hub.look, wanted)
        if taken is None:
            return
        self.seen = taken.seen
        self._show(taken.book)

    def _show(self, book: Book | None) -> None:
        self._book = book
        tab = self._tab()
        if book is None or tab is None:
            self._empty()
            return
        self._show_tabs(book, tab)
        if tab.board is not None:
            self._show_board(tab.board)
            return
        self._board = None
        if self._grid is None or not same_columns(self._columns, tab.columns):
            self._draw(tab)
        else:
            self._rename(tab)
            self._update(tab)
        self._show_hint(tab)

    def _show_board(self, drawn: board.Drawn) -> None:
        """Draw a tab with charts, anew only when something on it changed."""
        if drawn == self._board:
            return
        self._grid, self._columns, self._rows, self._board = None, None, (), drawn
        self._hint.set_visibility(False)
        self._holder.clear()
        with self._holder, ui.element("div").classes("kt-board"):
            ui.html(board.table(drawn), sanitize=False)
            for chart in drawn["charts"]:
                if "basicChart" in chart["spec"]:
                    lies = board.place(drawn, chart)
                    ui.echart(board.options(drawn, chart, self._locale)).classes("kt-chart").style(
                        lies
                    )

    def _empty(self) -> None:
        """Show that there is no book for this person, or none yet."""
        if self._grid is not None or self._board is not None:
            self._grid, self._columns, self._rows, self._board = None, None, (), None
            self._head.set_visibility(False)
            self._hint.set_visibility(False)
            self._holder.clear()
            with self._holder:
                self._blank()

    def _blank(self) -> None:
        with ui.element("div").classes("kt-blank"):
            if self._hub.machine.google is None:
                ui.label(self._say("google_real")).classes("kt-blank-text")
                for book in self._hub.real_books():
                    ui.link(str(book["title"]), str(book["url"]), new_tab=True)
                return
            ui.label(self._say("book_empty_title")).classes("kt-blank-title")
            ui.label(self._say("book_empty")).classes("kt-blank-text")

    def _tab(self) -> Tab | None:
        if self._book is None:
            return None
        shown = self._book.shown
        return next((tab for tab in self._book.tabs if tab.sheet_id == shown), None)

    def _show_tabs(self, book: Book, shown: Tab) -> None:
        self._head.set_visibility(True)
        self._head.clear()
        with self._head:
            if len(book.others) > 1:
                choice = ui.select(book.others, value=book.id, on_change=self._open)
                choice.props("outlined dense options-dense").classes("kt-books")
            for tab in book.tabs:
                active = tab.sheet_id == shown.sheet_id
                button = ui.element("button").classes(f"kt-tab {'kt-on' if active else ''}")
                button.props(f'role="tab" aria-selected="{str(active).lower()}"')
                button.on("click", lambda _event, chosen=tab.sheet_id: self._choose(chosen))
                with button:
                    ui.label(tab.title)
                    if active and tab.board is None:
                        ui.label(str(tab.total)).classes("kt-count")

    async def _open(self, event: events.ValueChangeEventArguments[str]) -> None:
        self._chosen_book = str(event.value)
        await self._choose(0)

    async def become(self, user: str) -> None:
        """Show the books of another person, who types from now on."""
        self.user, self._chosen_book = user, ""
        await self._choose(0)

    async def _choose(self, sheet_id: int) -> None:
        self._chosen = sheet_id
        self._columns = self._board = None
        await self.look()

    def _draw(self, tab: Tab) -> None:
        self._holder.clear()
        with self._holder:
            options = grid_options(tab, nothing=tab.about or self._say("rows_none"))
            self._grid = ui.aggrid(options, auto_size_columns=False, theme="quartz")
        self._grid.classes("kt-grid").on("cellValueChanged", self._typed, args=_TYPED)
        self._columns, self._rows = tab.columns, tab.rows

    def _rename(self, tab: Tab) -> None:
        """Show other headings, such as counters, without touching what is being typed."""
        if self._grid is not None and tab.columns != self._columns:
            self._columns = tab.columns
            self._grid.run_grid_method("setGridOption", "columnDefs", columns(tab))

    def _update(self, tab: Tab) -> None:
        changes = difference(self._rows, tab.rows)
        if self._grid is None or not changes:
            return
        self._tell_refusals(tab)
        self._rows = tab.rows
        transaction = {"add": changes.add, "update": changes.update, "remove": changes.remove}
        self._grid.run_grid_method("applyTransaction", transaction)
        # A note or a colour changes without the text: visible cells are drawn again.
        self._grid.run_grid_method("refreshCells", {"force": True, "suppressFlash": True})

    def _tell_refusals(self, tab: Tab) -> None:
        """Say why, when a cell that this page typed into was given back with a note."""
        for place, note in new_notes(self._rows, tab.rows):
            if place in self._typed_at:
                self._typed_at.discard(place)
                message = say("edit_returned", self._locale, why=note)
                _toast(message, "undo")

    def _show_hint(self, tab: Tab) -> None:
        self._hint.set_visibility(True)
        hint = self._say("hint_edit")
        if tab.total > len(tab.rows):
            hint = say("rows_cut", self._locale, shown=len(tab.rows), total=tab.total)
        self._hint.set_text(hint)

    async def _typed(self, event: events.GenericEventArguments) -> None:
        """Type into the spreadsheet what was typed into the grid."""
        editor, tab = self._hub.editor, self._tab()
        field, row = str(event.args["colId"]), int(event.args["rowId"])
        value = event.args.get("newValue")
        if editor is None or tab is None or self._book is None:
            return
        edit = Edit(
            workbook=self._book.id,
            sheet_id=tab.sheet_id,
            row=row,
            column=int(field.removeprefix("c")),
            value="" if value is None else str(value),
            user=self.user,
        )
        self._typed_at.add((row, field))
        try:
            await run.io_bound(editor.type, edit)
        except KartotekaError as exc:
            self._typed_at.discard((row, field))
            _toast(say("typed_refused", self._locale, why=str(exc)), "block")
        self._forget(row)

    def _forget(self, number: int) -> None:
        """Take a row as unseen, so that the next look shows it as the sheet has it."""
        self._rows = tuple(
            {**row, "typed": True} if row["row"] == number else row for row in self._rows
        )
        self._hub.look_again()

    def _say(self, code: str) -> str:
        return say(code, self._locale)


def _toast(message: str, icon: str) -> None:
    ui.notify(
        message,
        icon=icon,
        color="dark",
        classes="kt-toast",
        timeout=_NOTE_MS,
        position="bottom-left",
        multi_line=True,
    )
