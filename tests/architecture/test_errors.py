"""Errors are named by who must act, and no vendor's error passes an adapter."""

import ast
import inspect
from http import HTTPStatus

import pytest
from google.api_core import exceptions as google_errors
from tests.architecture.sources import FUNCTIONS, called, here, tree

from kartoteka.adapters import cloud_tasks
from kartoteka.adapters import google_errors as rest_errors
from kartoteka.domain import errors
from kartoteka.domain.errors import KartotekaError

OURS = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, KartotekaError)
}
VENDORS = {
    value
    for value in vars(google_errors).values()
    if inspect.isclass(value) and issubclass(value, google_errors.GoogleAPICallError)
}
BROAD = {"Exception", "BaseException"}


def handlers(path):
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler))


def caught(handler):
    return {getattr(node, "id", "") for node in ast.walk(handler.type)} if handler.type else BROAD


def passes_on(handler):
    """Whether it ends in a bare `raise`: it tidies up and hides nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_only_the_edge_of_the_web_and_the_guard_of_one_event_catch_everything():
    broad = {
        here(path)
        for path in FUNCTIONS.rglob("*.py")
        for handler in handlers(path)
        if caught(handler) & BROAD and not passes_on(handler)
    }

    assert broad == {"functions/kartoteka/http.py", "functions/ingest/our_errors.py"}


def test_the_tree_of_errors_in_the_docstring_is_whole():
    drawn = {line.split()[0] for line in (errors.__doc__ or "").splitlines()[2:] if line.strip()}

    assert drawn == set(OURS)


def test_functions_raise_only_errors_that_name_who_must_act():
    """Python's own errors are for programmers: a wrong argument, an impossible state."""
    allowed = {*OURS, "AttributeError", "TypeError", "ValueError", "SyncExpired"}
    allowed |= {"RuleError", "Unclear", "Unexpected"}  # an Invalid; two stay in domain/rules
    allowed |= {"PydanticCustomError"}  # a mistake in a form, with the code of its text
    raised = {
        f"{here(path)}: {called(node.exc)}"
        for path in FUNCTIONS.rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        if called(node.exc)[:1].isupper() and called(node.exc) not in allowed
    }

    assert raised == set()


@pytest.mark.parametrize("vendor", sorted(VENDORS, key=lambda kind: kind.__name__))
def test_every_error_of_googles_clients_becomes_ours(vendor):
    assert isinstance(cloud_tasks.translate(vendor("refused")), KartotekaError)


@pytest.mark.parametrize("status", [int(status) for status in HTTPStatus if status >= 400])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": {"message": "no"}}'])
def test_every_answer_of_googles_services_becomes_ours(status, body):
    error = rest_errors.error_of(status, body, {})

    assert isinstance(error, KartotekaError)
    assert (error.status == 503) or status < 500
