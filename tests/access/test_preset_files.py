"""A preset of the office's own: mistakes are told with file, line and what to change."""

from importlib.resources import files

import pytest

from kartoteka.domain.errors import ConfigError
from kartoteka.services.setup import preset_names, read_preset, set_up
from onebox.cli import run

LAW = files("kartoteka.presets").joinpath("law_firm.yaml").read_text("utf-8")


def line_of(text):
    return LAW[: LAW.index(text)].count("\n") + 1


@pytest.fixture
def own(tmp_path):
    def write(text):
        path = tmp_path / "own.yaml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def complaint(path):
    with pytest.raises(ConfigError) as refused:
        read_preset(path)
    return str(refused.value)


def test_whole_file_makes_an_office(own, store, clock):
    made = set_up(store, clock, read_preset(own(LAW.replace("Юридическая фирма", "Своя"))))

    assert made.settings.office.name == "Своя"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("        action: first_contact\n", "        acton: call\n", "acton"),
        ("        exhausted: r2\n", "        exhausted: r9\n", "r9"),
        ('        colour: "#fce5cd"\n', "        colour: оранжевый\n", "оранжевый"),
        ("        state: ongoing\n", "        state: paused\n", "paused"),
        ("first_answer_minutes: 15\n", "first_answer_minutes: soon\n", "integer"),
        ("region: RU\n", "region: RU\nregion: BY\n", "stands twice"),
        ("        edit_roles: [manager, head,", "        edit_roles: [wizard, head,", "wizard"),
        ("zone: Europe/Moscow\n", "zone: Europe/Moskva\n", "Europe/Moskva"),
    ],
)
def test_mistake_is_told_with_its_line(own, right, wrong, said):
    at = line_of(right) + wrong.count("\n") - 1 if "twice" in said else line_of(right)

    told = complaint(own(LAW.replace(right, wrong, 1)))

    assert f"own.yaml:{at}: " in told
    assert said in told


def test_missing_part_is_told_where_it_should_be(own):
    broken = LAW.replace("        name: Повторный звонок · 1 час\n", "")

    assert f"own.yaml:{line_of('      - id: r1')}: pipelines.0.stages.1.name: " in complaint(
        own(broken)
    )


@pytest.mark.parametrize(
    "text",
    ["name: [1, 2\n", "\tname: x\n", "", "- 1\n", "42", "a: &a [*a]\n", "x: !!python/name:os\n"],
)
def test_what_is_no_preset_is_refused_with_a_line(own, text):
    assert "own.yaml:" in complaint(own(text))


def test_absent_file_is_named(tmp_path):
    assert "none.yaml cannot be read" in complaint(str(tmp_path / "none.yaml"))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_bytes(b"\xff\xfe\x00name")

    assert "cannot be read" in complaint(str(path))


def test_init_takes_a_file(own, tmp_path, capfd):
    path = own(LAW)

    assert run(["init", "--preset", path, "--data", str(tmp_path / "office"), "--json"]) == 0
    assert run(["init", "--preset", own("x: 1"), "--data", str(tmp_path / "other")]) == 2
    assert "own.yaml:1" in capfd.readouterr().err


@pytest.mark.parametrize("name", preset_names())
def test_shipped_presets_hold_together(name):
    assert read_preset(name).office.pipelines
