"""The vault: documents by key, chunks by number, transactions, errors in Google's shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onebox.google.errors import bad_request, canonical, not_found
from onebox.google.storage import Vault


@pytest.fixture
def vault(tmp_path):
    kept = Vault(tmp_path / "deep" / "google.sqlite3")
    yield kept
    kept.close()


def test_document_put_is_got_listed_counted_and_deleted(vault):
    vault.put_all("file", [("b", {"n": 2}), ("a", {"n": 1}), ("c", {"n": 3})])
    vault.put("other", "a", {})

    assert vault.get("file", "a") == {"n": 1}
    assert [key for key, _ in vault.list("file")] == ["a", "b", "c"]
    assert [key for key, _ in vault.list("file", after="a", limit=1)] == ["b"]
    assert vault.count("file") == 3
    assert (vault.delete("file", "a"), vault.delete("file", "a")) == (True, False)
    assert vault.get("file", "a") is None


def test_list_by_prefix_stops_where_the_prefix_does(vault):
    vault.put_all("contact", [(f"{who}/{n}", {"n": n}) for who in ("anna", "annab") for n in "12"])

    assert [key for key, _ in vault.list("contact", prefix="anna/")] == ["anna/1", "anna/2"]


def _fail_inside(vault, forgotten):
    with vault.transaction():
        vault.put("file", "a", {})
        with vault.transaction():
            vault.put("file", "b", {})
        vault.on_rollback(lambda: forgotten.append("a"))
        raise LookupError


def test_failed_transaction_undoes_the_inner_one_and_tells(vault):
    forgotten = []
    with pytest.raises(LookupError):
        _fail_inside(vault, forgotten)

    assert vault.count("file") == 0
    assert forgotten == ["a"]


def test_kept_transaction_tells_nobody(vault):
    forgotten = []
    with vault.transaction():
        vault.on_rollback(lambda: forgotten.append("a"))

    assert forgotten == []


def test_chunks_are_replaced_and_cut(vault):
    vault.write_chunks("s", [(0, [1]), (1, [2]), (2, [3])])
    vault.write_chunks("s", [(1, ["x"])])
    vault.cut_chunks("s", 2)

    assert vault.read_chunks("s") == [(0, [1]), (1, ["x"])]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    kept = Vault(tmp_path_factory.mktemp("vault") / "google.sqlite3")
    yield kept
    kept.close()


@given(text=st.text(st.characters(exclude_categories=()), max_size=50))
def test_any_text_comes_back_whole_half_surrogates_too(shared, text):
    shared.put("file", "a", {"text": text})

    assert shared.get("file", "a") == {"text": text}


def test_error_has_googles_shape_and_status():
    assert not_found().body() == {
        "error": {
            "code": 404,
            "message": "Requested entity was not found.",
            "status": "NOT_FOUND",
        }
    }
    assert canonical("RESOURCE_EXHAUSTED", "Quota").status == 429
    error = bad_request([("", "one"), ("a.b", "two")])
    assert error.message == "one\ntwo"
    assert error.body()["error"]["details"][0]["fieldViolations"] == [
        {"description": "one"},
        {"field": "a.b", "description": "two"},
    ]
