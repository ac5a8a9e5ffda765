"""The archive: only functions/, only the packages it imports, pinned and hashed."""

import json
import re
import subprocess
import sys
import tomllib

import pytest
from infra.terraform.archive import ROOT, RUNTIME, closure, pins, prepare, requirements

from kartoteka.domain.errors import ConfigError

LOCK = """\
# comment
Some.Package==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
other==2 ; sys_platform == 'linux' \\
    --hash=sha256:cc
"""


def wanted() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: list[str] = tomllib.loads(text)["project"]["dependencies"]
    return found


def test_pins_keep_version_and_all_hashes_under_the_canonical_name():
    assert pins(LOCK) == {
        "some-package": "Some.Package==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb",
        "other": "other==2 ; sys_platform == 'linux' \\\n    --hash=sha256:cc",
    }


def test_closure_follows_needs_but_not_foreign_extras_or_machines():
    names = closure(["httpx>=0", "functions-framework>=0; sys_platform == 'win32'"])

    assert {"httpx", "httpcore", "h11", "certifi", "idna"} <= names
    assert not {"functions-framework", "h2", "brotli", "socksio"} & names


def test_closure_follows_an_extra_that_is_asked_for():
    assert "grpcio" in closure(["google-api-core[grpc]"])
    assert "grpcio" not in closure(["google-api-core"])


def test_package_that_is_not_installed_is_a_clear_error():
    with pytest.raises(ConfigError, match="no-such-package is not installed"):
        closure(["no-such-package"])


def test_package_without_a_pin_is_a_clear_error():
    with pytest.raises(ConfigError, match=r"requirements.lock lacks .*httpx"):
        requirements(["httpx"], {})


def test_prepared_archive_holds_the_functions_and_nothing_of_the_machine(tmp_path):
    prepare(ROOT, tmp_path)

    made = tmp_path / "functions"
    listed = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    packages = re.findall(r"^([\w.-]+)==", (made / "requirements.txt").read_text(), re.MULTILINE)
    assert {"main.py", "kartoteka/ports.py", "requirements.txt"} <= listed
    assert not [name for name in listed if "__pycache__" in name or name.endswith(".pyc")]
    direct = {re.split(r"[><=\[; ]", line)[0].lower() for line in wanted()}
    assert direct <= {name.lower() for name in packages}
    assert not {"nicegui", "pytest", "mypy"} & set(packages)
    assert "indexes" in json.loads((tmp_path / "indexes.json").read_text())


def test_preparing_again_forgets_files_that_are_gone(tmp_path):
    prepare(ROOT, tmp_path)
    (tmp_path / "functions" / "old.py").write_text("", encoding="utf-8")

    prepare(ROOT, tmp_path)

    assert not (tmp_path / "functions" / "old.py").exists()


def test_archive_compiles_as_the_cloud_compiles_it(tmp_path):
    prepare(ROOT, tmp_path)

    run = subprocess.run(
        [sys.executable, "-m", "compileall", "-q", str(tmp_path / "functions")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def test_markers_are_judged_for_the_runtime_that_is_deployed():
    variables = ROOT / "infra/terraform/modules/function/variables.tf"
    runtime = re.search(r'runtime\s+= optional\(string, "python(\d)(\d+)"\)', variables.read_text())

    assert runtime is not None
    assert RUNTIME["python_version"] == f"{runtime[1]}.{runtime[2]}"
