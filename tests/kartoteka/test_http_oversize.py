"""A body over the limit, through the framework that the platform runs."""

import io

import functions_framework
import pytest

SOURCE = """
from kartoteka.http import endpoint, json_reply

def echo(call):
    return json_reply({"size": len(call.body)})

echo = endpoint(echo, limit=100)
"""


@pytest.fixture
def client(tmp_path):
    source = tmp_path / "main.py"
    source.write_text(SOURCE)
    return functions_framework.create_app("echo", str(source)).test_client()


def test_body_at_the_limit_is_read(client):
    assert client.post("/echo", data=b"x" * 100).get_json() == {"size": 100}


def test_body_over_the_limit_is_413_and_not_a_crash(client):
    answer = client.post("/echo", data=b"x" * 101)

    assert answer.status_code == 413
    assert answer.get_json()["error"]["code"] == "too_large"


def post_without_length(client, size):
    return client.post(
        "/echo",
        input_stream=io.BytesIO(b"x" * size),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )


def test_body_without_a_length_is_read_whole_up_to_the_limit(client):
    assert post_without_length(client, 100).get_json() == {"size": 100}


def test_body_without_a_length_over_the_limit_is_413_and_never_cut(client):
    assert post_without_length(client, 1000).status_code == 413
