"""Fixtures for every test: a real store in a temporary file and a clock that stands still."""

import gc
import secrets
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests import emulator
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.kartoteka.adapters.store_shapes import SHAPES
from tests.long_tests import LONG
from tests.parts import Part, name_of, part_of, parts_of

from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.indexes import CATALOG, Catalog
from kartoteka.ports import Store
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker

STORE = "kartoteka.db"

# A change is judged by what it does, not by the machine's speed or the luck of the day: `make test`
# makes the same cases each time. Others by chance: --hypothesis-profile chance, as `make faults`,
# or those of a seed: --hypothesis-seed N.
settings.register_profile("chance", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeated", settings.get_profile("chance"), derandomize=True)
settings.load_profile("repeated")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=[*Part], help="run one part of `make test` (tests/parts.py)")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--hypothesis-seed", None):
        settings.load_profile("chance")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    part = config.getoption("part")
    if not part or not collection_path.match("test_*.py"):
        return None
    return True if part not in parts_of(collection_path) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Choose the part, before the order is drawn; whole boxes come first, a minute each."""
    for item in items:
        if name_of(item.path) in LONG:
            item.add_marker(pytest.mark.long)
    if part := config.getoption("part"):
        others = [item for item in items if _part(item) != part]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _part(item) == part]
    yield
    items.sort(key=lambda item: not _serves(item))


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of every collection of garbage: a tenth of all the work."""
    gc.collect()
    gc.freeze()


def _serves(item: pytest.Item) -> bool:
    """Whether its module starts a box: begun last, one would be waited for alone."""
    module = item.getparent(pytest.Module)
    return bool(module and {"e2e", "browser"} & {mark.name for mark in module.iter_markers()})


def _part(item: pytest.Item) -> Part:
    """The part of a test; a usage error if the text of its module does not show it."""
    part = part_of(mark.name for mark in item.iter_markers())
    if part not in parts_of(item.path):
        raise pytest.UsageError(
            f"{item.nodeid} belongs to the part {part.value!r}, which the text of its module"
            " does not show: write its mark as pytest.mark.<name> there"
        )
    return part


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many generated stories the passed tests played, where tests counted them."""
    told = (dict(report.user_properties) for report in terminalreporter.getreports("passed"))
    played = sum(int(str(facts.get("stories", 0))) for facts in told)
    if played:
        terminalreporter.write_line(f"{played} generated stories ended as they must")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = SqliteStore(tmp_path / STORE)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tasks() -> FakeTasks:
    return FakeTasks()


@pytest.fixture
def desk(tmp_path: Path, store: Store, clock: FixedClock, tasks: FakeTasks) -> Desk:
    """The ten-person law office of the preset, on a Monday morning."""
    furnish(tmp_path / STORE)
    return Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))


@pytest.fixture(scope="session")
def emulator_host() -> Iterator[str]:
    """Address of Google's Firestore emulator, one per test process."""
    try:
        emulator.script()
    except emulator.Absent as absent:
        pytest.skip(f"Firestore emulator skipped: {absent}")
    with emulator.running() as host:
        yield host


@pytest.fixture
def open_firestore(
    emulator_host: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., FirestoreStore]]:
    """Opens stores in new, empty databases of the emulator (or in the database named)."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator_host)
    opened: list[FirestoreStore] = []

    def open_one(
        *, catalog: Catalog = CATALOG, database: str = "", log_shards: int = 1
    ) -> FirestoreStore:
        name = database or f"t-{secrets.token_hex(6)}"
        opened.append(
            FirestoreStore(
                "demo-kartoteka",
                name,
                catalog=catalog,
                log_shards=log_shards,
                patience_s=180,  # the emulator settles a conflict of locks only after seconds
            )
        )
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture(params=["sqlite", pytest.param("firestore", marks=pytest.mark.emulator)])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each kind of store in turn, with the shapes of `store_shapes`."""
    if request.param == "firestore":
        yield request.getfixturevalue("open_firestore")(catalog=SHAPES)
        return
    opened = SqliteStore(tmp_path / "contract.db", catalog=SHAPES)
    yield opened
    opened.close()
