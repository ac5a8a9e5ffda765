"""What the parts of the office are called in cells: pipelines, stages, roles, people, kinds."""

from collections.abc import Iterable, Sequence

from kartoteka.domain.model import Role
from kartoteka.domain.pipeline import Pipeline
from sync.columns import Frame
from sync.settings_book.typed import Names

STATES = ("open", "ongoing", "won", "lost")
ENTITIES = ("lead", "client", "company", "deal")
TYPES = ("text", "number", "file", "list", "date", "money")
HOURS = ("working", "closed")


def words(prefix: str, codes: Iterable[str], frame: Frame) -> Names[str]:
    """Return the words of these codes in the office's language: the texts `<prefix>_<code>`."""
    return Names.of((code, frame.say(f"setting_{prefix}_{code}")) for code in codes)


def pipelines(frame: Frame) -> Names[str]:
    """Return the names of the pipelines."""
    return Names.of((line.id, _named(line, frame)) for line in frame.settings.office.pipelines)


def stages(frame: Frame, line: Pipeline | None = None) -> Names[str]:
    """Return the names of the stages of one pipeline, or of all."""
    lines: Sequence[Pipeline] = frame.settings.office.pipelines if line is None else (line,)
    found: dict[str, str] = {}
    for stage in (stage for each in lines for stage in each.stages):
        found.setdefault(stage.id, frame.named(stage))
    return Names.of(found.items())


def roles(frame: Frame) -> Names[str]:
    """Return the names of the built-in roles and of the office's own."""
    own = {
        spec.id: (spec.name_en or spec.name) if frame.locale == "en" else spec.name
        for spec in frame.settings.office.roles
    }
    built_in = {role.value: frame.say(f"setting_role_{role.value}") for role in Role}
    return Names.of((built_in | own).items())


def people(frame: Frame) -> Names[str]:
    """Return the names of the active staff; namesakes with their addresses."""
    active = [person for person in frame.settings.staff if person.active]
    emails = {str(person.id): person.email for person in active}
    return Names.of(((str(it.id), it.name) for it in active), distinct=emails.__getitem__)


def _named(line: Pipeline, frame: Frame) -> str:
    return line.name_en if frame.locale == "en" and line.name_en else line.name
