"""A data folder is served by one process at a time."""

import subprocess
import sys

import pytest
from tests.onebox.serving import ROOT, environment

from kartoteka.domain.errors import ConfigError
from onebox import office
from onebox.hold import held

_HOLDER = """
import pathlib, sys, time
from onebox.hold import held
with held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_folder_that_is_served_is_refused_with_the_address(tmp_path):
    office.remember(tmp_path, "http://127.0.0.1:8391")

    with (
        held(tmp_path),
        pytest.raises(ConfigError, match=r"served already at http://127.0.0.1:8391"),
        held(tmp_path),
    ):
        pass


def test_folder_is_free_after_its_server_stopped(tmp_path):
    with held(tmp_path):
        pass

    with held(tmp_path):
        assert office.serving(tmp_path) is None


def test_folder_is_free_after_its_server_was_killed(tmp_path):
    words = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(
        words, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConfigError, match="served already"), held(tmp_path):
            pass
        holder.kill()

    with held(tmp_path):
        assert holder.returncode == -9
