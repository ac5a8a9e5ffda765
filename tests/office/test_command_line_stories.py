"""What is wrong with the command line itself is told in the office's language too."""

import pytest
from tests.office.counter import Counter

from onebox.cli import REFUSED

WHO = ("--as", "viktor@office.example")


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        (("do", "lead.add", *WHO, "--json", "{"), "--json"),
        (("do", "lead.add", *WHO, "--json", "[]"), "--json"),
        (("do", "lead.add", "--as", "x@y.example"), ""),
        (("edit", "client", *WHO, "--set", "[]", "--ids", "IDS"), "--set"),
        (("edit", "client", *WHO, "--set", '{"segment": "x"}', "--ids", "IDS"), "segment"),
        (("edit", "client", *WHO, "--set", '{"name": "x"}', "--ids", "IDS"), "segment"),
        (("history", "lead", "ld_x", "--at", "завтра"), ""),
        (("export", "clients", *WHO, "--out", "x.csv", "--only", "state"), "--only state=open"),
        (("export", "clients", *WHO, "--out", "/absent/x.csv"), "/absent/x.csv"),
        (("export", "leads", *WHO, "--out", "x.vcf"), "csv"),
        (("import",), "kartoteka import FILE --as EMAIL"),
        (("import", "IDS", *WHO, "--map", "Цвет"), "Title=phone"),
        (("import", "absent.csv", *WHO), "absent.csv"),
        (("list", "leads", "--as", "x@y.example"), ""),
        (("show", "deal", "dl_x"), "kartoteka list deals"),
        (("undo", "bt_x", *WHO), ""),
    ],
)
def test_wrong_command_line_is_refused_in_one_language(
    office: Counter, words: tuple[str, ...], shows: str
) -> None:
    ids = office.data.parent / "ids.txt"
    ids.write_text("cl_x\n", "utf-8")
    code, told, wrong = office.run(*(str(ids) if word == "IDS" else word for word in words))

    assert (code, told) == (REFUSED, "")
    assert shows in wrong
    typed = {"завтра", "Цвет"}
    spoken = {word for word in office.cyrillic(wrong) if word not in typed}
    assert bool(spoken) == (office.locale == "ru"), wrong
