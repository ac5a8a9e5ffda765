"""`kartoteka channels` and `replay` from the terminal."""

import json

import pytest

from ingest.replay import Replayed
from kartoteka.domain.channels import CHANNEL_NAMES
from onebox.cli import REFUSED, run
from onebox.commands.channels import why_not
from onebox.commands.replaying import totals
from onebox.connecting import Tried


@pytest.fixture
def cli(tmp_path, capsys):
    """Run a command on a new office; return its exit code, standard output and errors."""

    def command(*words):
        code = run([*words, "--data", str(tmp_path / "office")])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    command("init")
    return command


def test_list_has_every_place_with_its_address_and_the_steps_of_the_others(cli):
    code, out, _ = cli("channels", "--json")
    told = json.loads(out)
    connected = {one["channel"] for one in told["channels"]}

    assert code == 0
    assert connected == {"form", "call", "telegram"}
    assert {one["state"] for one in told["channels"]} == {"silent"}
    assert all("/ingest/" in one["address"] and one["steps"] for one in told["channels"])
    others = {one["channel"] for one in told["not_connected"]}
    assert connected | others == set(CHANNEL_NAMES)


def test_table_and_steps_are_for_people(cli):
    _, table, _ = cli("channels")
    _, steps, _ = cli("channels", "show", "tilda")

    assert "Консультация юриста" in table
    assert "1. " in steps
    assert "Webhook" in steps
    assert "not connected" in steps


def test_trial_without_a_served_office_says_what_to_start(cli):
    code, _, err = cli("channels", "test", "form", "--port", "1")

    assert code == REFUSED
    assert "kartoteka serve" in err


def test_sample_that_the_office_refuses_blames_its_secret():
    assert "channels show mango" in why_not(Tried("mango", "/", "missed", 401))


def test_replay_counts_what_was_understood_and_what_was_left():
    found = [Replayed("in_1", "call", "understood"), Replayed("in_2", "call", "left")]

    assert totals(found)[0] == "2 read again: 1 understood, 1 left as they were."
    assert (len(totals(found)), len(totals(found[:1])), totals([])) == (2, 1, [])


def test_replay_says_which_and_finds_nothing_in_a_new_office(cli):
    refused, _, err = cli("replay")
    code, out, _ = cli("replay", "--unknown", "--json")

    assert (refused, "--unknown" in err) == (REFUSED, True)
    assert (code, json.loads(out)) == (0, [])
