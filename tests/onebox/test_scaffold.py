"""A channel begun from the templates keeps the contract of all channels at once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.i18n import LOCALES
from onebox.scaffold import make

ROOT = Path(__file__).parents[2]
PARTS = ("functions", "infra/onebox", "tests", "CHANGELOG.md", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "*.db", ".hypothesis")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources, which a test may enlarge."""
    root = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        source, target = ROOT / part, root / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT_OUT)
        else:
            shutil.copy(source, target)
    return root


def test_new_channel_passes_the_contract_of_all_channels(checkout: Path) -> None:
    made = {str(path.relative_to(checkout)) for path in make("acme_leads", checkout)}
    sources = ":".join(str(checkout / part) for part in ("functions", "infra", "."))
    chosen = [
        "tests/ingest/channels",
        "tests/architecture/test_texts.py",
        "-k",
        "acme_leads or type_checker or registry or channel_has_a_name",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen],
        cwd=checkout,
        env={"PYTHONPATH": sources, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
    assert {
        "functions/ingest/channels/acme_leads.py",
        "functions/ingest/channels/acme_leads.md",
        "tests/ingest/channels/test_acme_leads.py",
        "infra/onebox/fixtures/acme_leads/request.expected.json",
    } <= made
    assert "- **Acme_leads:**" in (checkout / "CHANGELOG.md").read_text("utf-8")
    to_the_row = checkout / "tests/onebox/test_every_channel_e2e.py"
    assert '    "acme_leads": "request",\n' in to_the_row.read_text("utf-8")
    for locale in LOCALES:
        texts = (checkout / f"functions/kartoteka/i18n/{locale}.json").read_text("utf-8")
        before = (ROOT / f"functions/kartoteka/i18n/{locale}.json").read_text("utf-8")
        assert texts.replace('  "channel_acme_leads": "Acme Leads",\n', "") == before


@pytest.mark.parametrize("name", ["tilda", "Acme", "1c", "class", "acme__x", "../x"])
def test_name_that_no_module_can_have_is_refused(checkout: Path, name: str) -> None:
    with pytest.raises(Invalid):
        make(name, checkout)


def test_folder_without_the_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        make("acme_leads", tmp_path)
