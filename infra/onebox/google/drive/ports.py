"""What Drive needs of the service that keeps the cells of spreadsheets."""

from typing import Protocol

from onebox.google.sheets.exporting import Page


class Spreadsheets(Protocol):
    """The content of spreadsheets, by the id of their file."""

    def create(self, spreadsheet_id: str, title: str, user: str) -> None:
        """Make an empty spreadsheet."""

    def copy(self, source_id: str, spreadsheet_id: str, title: str) -> None:
        """Make a spreadsheet with everything of another one."""

    def rename(self, spreadsheet_id: str, title: str) -> None:
        """Change the title."""

    def shown(self, spreadsheet_id: str) -> list[list[str]]:
        """Return the cells of the first sheet as they are shown."""

    def pages(self, spreadsheet_id: str) -> list[Page]:
        """Return every sheet with the values of its cells."""

    def fill(self, spreadsheet_id: str, title: str, rows: list[list[str]]) -> None:
        """Replace all sheets by one of this title with these rows, as if typed in."""

    def delete(self, spreadsheet_id: str) -> None:
        """Forget the cells for good."""
