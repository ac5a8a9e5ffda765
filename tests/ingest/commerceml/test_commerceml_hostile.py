"""Whatever is sent as 1C: no word without a password, no way out, nothing that explodes."""

import io
import zipfile

import pytest
from flask.testing import FlaskClient
from tests.ingest.commerceml.one_c import SECRET, OneC, catalogue, connected, item, orders

from ingest.commerceml import unpacking
from ingest.commerceml.names import plain_name
from kartoteka.domain.errors import Invalid
from kartoteka.ports import Query
from kartoteka.wiring import App

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
    "<КоммерческаяИнформация>&c;</КоммерческаяИнформация>"
).encode()
FOREIGN = (
    '<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><КоммерческаяИнформация/>'
).encode()


@pytest.fixture
def one_c(http: FlaskClient, app: App) -> OneC:
    connected(app)
    return OneC(http)


def told(one_c: OneC, content: bytes, name: str = "import.xml", load: str = "") -> list[str]:
    one_c.enter().send(name, content)
    return one_c.load(load or name)


@pytest.mark.parametrize("proof", ["", "Basic", "Basic !!!", "Bearer x", "Basic MWM6d3Jvbmc="])
def test_wrong_password_is_refused_with_the_challenge_and_words(one_c: OneC, proof: str) -> None:
    one_c.cookie = {"authorization": proof} if proof else {}

    answer = one_c.call("checkauth")

    assert answer.status_code == 401
    assert answer.data.startswith(b"failure\n")
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("mode", ["init", "file", "import", "query", "success", "deactivate", "x"])
def test_step_without_a_session_says_that_it_is_over(one_c: OneC, app: App, mode: str) -> None:
    one_c.cookie = {"cookie": "kartoteka=made-up"}

    assert one_c.lines(mode, filename="import.xml")[0] == "failure"
    assert list(app.store.query(Query("exchange_parts"))) == []


def test_session_of_one_account_opens_no_other(one_c: OneC, app: App, http: FlaskClient) -> None:
    one_c.enter()
    app.store.run(
        lambda tx: tx.put(
            "accounts",
            "other",
            {**(tx.get("accounts", "commerceml_1c") or {}), "id": "other"},
        )
    )
    vars(app).pop("desk", None)
    other = OneC(http, token="other", cookie=one_c.cookie)

    assert other.lines("init")[0] == "failure"


@pytest.mark.parametrize(
    "name",
    [
        *("../import.xml", "a/../../b.xml", "/srv/import.xml", "C:\\1c\\import.xml", "..\\x.xml"),
        *("", "import", "shell.php", "import.xml.exe", "a//b.xml", "a\x00.xml", "x" * 400 + ".xml"),
    ],
)
def test_name_that_leads_elsewhere_is_refused(one_c: OneC, name: str) -> None:
    with pytest.raises(Invalid):
        plain_name(name)
    assert one_c.enter().lines("file", b"<a/>", filename=name)[0] == "failure"


@pytest.mark.parametrize(
    "name",
    ["import_files/ab/abc.jpg", "webdata\\000\\import.xml", "a b.xml", "import_files/a/b.docx"],
)
def test_name_as_1c_sends_it_is_taken(one_c: OneC, name: str) -> None:
    assert one_c.enter().lines("file", b"<a/>", filename=name) == ["success"]


def test_pictures_are_taken_and_not_kept(one_c: OneC, app: App) -> None:
    one_c.enter().send("import_files/ab/abc.jpg", b"\xff\xd8" * 1000)

    assert list(app.store.query(Query("exchange_parts"))) == []


@pytest.mark.parametrize("content", [BOMB, FOREIGN])
def test_document_type_is_refused(one_c: OneC, content: bytes) -> None:
    assert told(one_c, content)[0] == "failure"


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"<",
            b"\x00\x01",
            b"<a>",
            b"PK\x03\x04",
            b"<?xml version='1.0' encoding='koi8-r'?><a/>",
        ),
        catalogue(item("g1", "Чайник"))[:-30],
        orders("<Документ>" * 300 + "</Документ>" * 300),
    ],
)
def test_broken_file_is_refused_in_words_and_closed(one_c: OneC, app: App, content: bytes) -> None:
    verdict, words = told(one_c, content)[:2]

    assert verdict == "failure"
    assert words
    assert list(app.store.query(Query("exchange_parts"))) == []


def test_what_came_before_the_break_stays_taken(one_c: OneC, app: App) -> None:
    whole = catalogue("".join(item(f"n{number}", f"Товар {number}") for number in range(450)))
    assert told(one_c, whole[:-200])[0] == "failure"

    assert len(list(app.store.query(Query("products")))) >= 400
    [line] = [hit.doc for hit in app.store.query(Query("exchanges"))]
    assert (line["state"], line["why"]) == ("failed", "xml_broken")


def packed(entries: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_archive_that_grows_beyond_measure_is_refused(
    one_c: OneC, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_SMALL", 100_000)
    bomb = packed({"import.xml": b" " * 3_000_000})

    assert told(one_c, bomb, "v8.zip", "import.xml")[0] == "failure"
    assert list(app.store.query(Query("exchange_parts"))) == []


@pytest.mark.parametrize("name", ["../../etc/import.xml", "/import.xml"])
def test_archive_whose_names_lead_elsewhere_is_refused(one_c: OneC, name: str) -> None:
    content = packed({name: catalogue(item("g1", "Чайник"))})

    assert told(one_c, content, "v8.zip", "import.xml")[0] == "failure"


@pytest.mark.parametrize("cut", [10, 100])
def test_broken_archive_is_refused(one_c: OneC, cut: int) -> None:
    content = packed({"import.xml": catalogue(item("g1", "Чайник"))})

    assert told(one_c, content[:-cut], "v8.zip", "import.xml")[0] == "failure"


def test_client_words_are_escaped_in_what_1c_is_given(one_c: OneC) -> None:
    one_c.enter()
    answer = one_c.call("query")

    assert answer.data.startswith(b'<?xml version="1.0" encoding="windows-1251"?>')
    assert SECRET.encode() not in answer.data
