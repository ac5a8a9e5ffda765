"""«Импорт»: where a person pastes a list of clients; rows and answers are of `sync.pasting`."""

from kartoteka.ports import CellValue
from sync.columns import PASTED, Column, Frame, Tab, View

# What a list says of a client: the columns of the template, under their usual names.
TEMPLATE = (
    *("name", "company", "inn", "phones", "emails"),
    *("owner_id", "segment", "tags", "note", "request", "source"),
)


def _typed(_view: View, _frame: Frame) -> CellValue:
    return ""  # people paste it; no record is shown here


IMPORT = Tab(
    key="import",
    title="tab_import",
    sheet_id=1011,
    columns=tuple(Column(name, "pasted", 130, _typed) for name in TEMPLATE),
    two_way=False,
    entity=PASTED,
)
