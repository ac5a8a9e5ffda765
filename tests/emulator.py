"""Google's Firestore emulator, started on a free port and ended by its process group."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OVERRIDE = "KARTOTEKA_FIRESTORE_EMULATOR"
_SCRIPT = "platform/cloud-firestore-emulator/cloud_firestore_emulator"
_ROOTS = (
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/snap/google-cloud-cli/current",
    "~/google-cloud-sdk",
)
_START_S = 60.0


class Absent(Exception):
    """The emulator cannot be started here; the text says what to install."""


def script() -> Path:
    """Return the emulator's script, from the environment, the usual places or gcloud itself."""
    override = os.environ.get(OVERRIDE)  # noqa: TID251 - names a tool of this machine, not a setting
    if override:
        return _existing(Path(override), f"{OVERRIDE} names no file: {override}")
    if shutil.which("java") is None:
        raise Absent("no Java: install a JRE of version 11 or newer")
    for root in (*_ROOTS, _gcloud_root()):
        candidate = Path(root).expanduser() / _SCRIPT
        if root and candidate.is_file():
            return candidate
    raise Absent(f"no emulator: install google-cloud-cli-firestore-emulator or set {OVERRIDE}")


@contextmanager
def running() -> Iterator[str]:
    """Run an emulator and yield its `host:port`; its data is in memory only."""
    path, port = script(), _free_port()
    process = subprocess.Popen(
        [path, "start", "--host=127.0.0.1", f"--port={port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _existing(path: Path, otherwise: str) -> Path:
    if not path.is_file():
        raise Absent(otherwise)
    return path


def _gcloud_root() -> str:
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        return ""
    command = [gcloud, "info", "--format=value(installation.sdk_root)"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Absent(f"the emulator ended at once with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise Absent(f"the emulator did not listen within {_START_S:.0f} s")
