"""The tab of papers: which templates entering a stage copies into the deal's folder; D14."""

import re
from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.sales_rules import StagePaper
from kartoteka.ports import CellValue, Store
from kartoteka.services.stage_papers import paper_id
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Setting
from sync.settings_book import naming
from sync.settings_book.asking import Edited, New, Page, asked_for, setting, shown, typed
from sync.settings_book.pipelines import line_choices, stage_choices

_LINK = re.compile(r"(?:/d/|/folders/|[?&]id=)([A-Za-z0-9_-]{10,200})")
_ID = re.compile(r"[A-Za-z0-9_-]{10,200}")


def _rows(frame: Frame, _store: Store) -> Iterator[Setting]:
    office = frame.settings.office
    lines = naming.pipelines(frame)
    places = [(line, stage) for line in office.pipelines for stage in line.stages]
    papers = ((line, it) for line, at in places for it in office.selling.papers_of(line.id, at.id))
    for line, paper in papers:
        names = naming.stages(frame, line)
        cells: dict[str, CellValue] = {
            "line": lines.shown(paper.pipeline),
            "place": names.shown(paper.stage),
            "file": paper.file,
            "name": paper.name,
        }
        yield setting(_row(paper.id), (paper.id,), cells, office)


def _row(paper: str) -> str:
    return f"paper:{paper}"


def _change(edit: Edited) -> Command:
    paper = _paper(edit.setting, edit.frame)
    word = edit.typed.strip()
    update = {"name": word} if edit.column == "name" else {"file": _file(word)}
    changed = paper.model_copy(update=update)
    papers = (changed if it.id == paper.id else it for it in _beside(paper, edit.frame))
    return _wish(paper.pipeline, paper.stage, papers, edit.frame)


def _add(cells: Mapping[str, str], frame: Frame) -> New:
    """Return the papers of the stage with one more; a paper that is there already stays one."""
    line = frame.settings.office.pipeline(naming.pipelines(frame).read(cells["line"]))
    stage = naming.stages(frame, line).read(cells["place"])
    file, name = _file(cells["file"]), cells["name"].strip()
    found = paper_id((line.id, stage), file, name)
    paper = StagePaper(id=found, pipeline=line.id, stage=stage, file=file, name=name)
    others = (it for it in _beside(paper, frame) if it.id != found)
    return New(_wish(line.id, stage, (*others, paper), frame), _row(found))


def _drop(asked: Asked) -> Command:
    paper = _paper(asked_for(asked), asked.frame)
    left = (it for it in _beside(paper, asked.frame) if it.id != paper.id)
    return _wish(paper.pipeline, paper.stage, left, asked.frame)


def _paper(row: Setting, frame: Frame) -> StagePaper:
    found = (it for it in frame.settings.office.selling.papers if it.id == row.key[0])
    paper = next(found, None)
    if paper is None:
        raise Invalid(f"{row.key[0]!r} was changed meanwhile", code="paper_gone")
    return paper


def _beside(paper: StagePaper, frame: Frame) -> tuple[StagePaper, ...]:
    """Return the papers of the same stage, this one among them if it is there."""
    return frame.settings.office.selling.papers_of(paper.pipeline, paper.stage)


def _wish(line: str, stage: str, papers: Iterable[StagePaper], frame: Frame) -> Command:
    rows: list[JsonValue] = [{"file": it.file, "name": it.name} for it in papers]
    version = frame.settings.office.updated_at
    expected = {} if version is None else {"expected": version.isoformat()}
    return "stage.papers", {"pipeline": line, "stage": stage, "papers": rows, **expected}


def _file(said: str) -> str:
    """Return the id of a file of Drive, from its address or as it is."""
    link = _LINK.search(said)
    if link is not None:
        return link[1]
    if not _ID.fullmatch(said.strip()):
        raise Invalid(f"{said!r} is no file of Drive", code="paper_link", what=said[:200])
    return said.strip()


PAPERS = Page(
    code="papers",
    columns=(
        shown("line", 150, choices=line_choices),
        shown("place", 240, header="stage", choices=stage_choices),
        typed("file", 320, header="paper_file"),
        typed("name", 260, header="paper_name"),
    ),
    rows=_rows,
    change=_change,
    add=_add,
    drop=_drop,
)
