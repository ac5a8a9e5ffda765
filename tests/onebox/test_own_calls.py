"""Calls of the box to its own functions that need no socket."""

import json

import pytest
from werkzeug.wrappers import Request, Response

from onebox.own_calls import OwnCalls

URL = "http://127.0.0.1:8080/automation/task/%D1%82?a=1"
HEADERS = {"Authorization": "Bearer t", "Content-Type": "application/json", "X-Twice": "1, 2"}


@Request.application
def echo(request):
    """Say what arrived, in the way of a function that is asked too early."""
    told = {
        "method": request.method,
        "url": request.url,
        "proof": request.headers["authorization"],
        "kind": request.content_type,
        "twice": request.headers["x-twice"],
        "length": request.content_length,
        "body": request.get_data(as_text=True),
    }
    return Response(status=503, headers={"Retry-After": "7", "X-Told": json.dumps(told)})


def nobody(*_call):
    raise AssertionError("no socket is needed")


def test_function_called_inside_hears_what_it_would_over_http():
    status, headers = OwnCalls({"automation": echo}, nobody)(URL, HEADERS, b'{"a": 1}', 9.0)
    assert (status, headers["Retry-After"]) == (503, "7")
    assert json.loads(headers["X-Told"]) == {
        "method": "POST",
        "url": "http://127.0.0.1:8080/automation/task/т?a=1",
        "proof": "Bearer t",
        "kind": "application/json",
        "twice": "1, 2",
        "length": 8,
        "body": '{"a": 1}',
    }


def test_address_of_no_function_is_called_by_socket():
    made = []

    def socket(*call):
        made.append(call)
        return 204, {}

    url = "http://127.0.0.1:8080/onebox/backup"
    assert OwnCalls({"automation": echo}, socket)(url, HEADERS, b"{}", 9.0) == (204, {})
    assert made == [(url, HEADERS, b"{}", 9.0)]


def test_function_that_breaks_is_heard_by_the_caller():
    def broken(_environ, _start):
        raise MemoryError

    with pytest.raises(MemoryError):
        OwnCalls({"sync": broken}, nobody)("http://box/sync/reconcile", {}, b"", 1.0)
