"""Papers of a stage: handed to the queue on entry, made once per deal, entry and template; D14."""

from collections.abc import Mapping
from dataclasses import dataclass

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal, MadePaper, Visit
from kartoteka.domain.errors import Invalid, NotAllowed, NotFound
from kartoteka.domain.ids import derived
from kartoteka.domain.paper_text import can_fill, fill, fill_name
from kartoteka.domain.sales_rules import StagePaper
from kartoteka.paper_ports import Folder, Papers
from kartoteka.ports import Json, QueuedTask
from kartoteka.services.kept_files import folder_key
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.stage_papers import key_of, note_made, title_of, values_of
from kartoteka.services.unit import Unit, transact

PATH = "/automation/task/paper"
_QUEUE = "automation"
_ACTOR = Actor(kind=ActorKind.RULE, id="stage_papers")


@dataclass(frozen=True, slots=True)
class _Wish:
    """One paper of one entry of a deal into a stage."""

    deal: Deal
    paper: StagePaper
    visit: Visit
    key: str

    @property
    def cause(self) -> str:
        return f"paper:{self.key}"


def hand_over(desk: Desk, deal: Deal) -> None:
    """Ask the queue for the papers of the stage that the deal has come to."""
    here = deal.stage_log[-1]
    for paper in desk.settings().office.selling.papers_of(here.pipeline, here.stage):
        payload: dict[str, Json] = {"deal": deal.id, "version": deal.stage_version}
        payload["paper"] = paper.id
        name = derived("paper", key_of(deal, deal.stage_version, paper))
        desk.tasks.enqueue(QueuedTask(_QUEUE, name, PATH, payload))


def make(desk: Desk, papers: Papers, payload: Mapping[str, object]) -> str:
    """Return what became of one paper: made, done before, dropped, or failed and told.

    Raises:
        Transient: the keeper of files does not answer; the queue repeats.
    """
    wish = _wish(desk, payload)
    if wish is None:
        return "dropped"
    if any(made.key == wish.key for made in wish.deal.stage_papers):
        return "done"
    try:
        made = _made(desk, papers, wish)
    except (Invalid, NotAllowed, NotFound):
        return _failed(desk, wish)
    noted = transact(
        desk.store, _ACTOR, wish.cause, desk.now(), work=lambda u: note_made(u, wish.deal.id, made)
    )
    desk.waker.after_commit()
    if noted is None and desk.files is not None:  # the deal went, or its person was forgotten
        desk.files.discard(wish.key)
        return "dropped"
    return "made"


def _wish(desk: Desk, payload: Mapping[str, object]) -> _Wish | None:
    """Return what the queue asks for, None when the office or the deal know it no more."""
    doc = desk.store.get(Deal.collection, str(payload.get("deal", "")))
    version = payload.get("version")
    if doc is None or not isinstance(version, int):
        return None
    deal = Deal.model_validate(doc)
    place = version - (deal.stage_version - len(deal.stage_log) + 1)
    if not 0 <= place < len(deal.stage_log):
        return None
    visit = deal.stage_log[place]
    wanted = desk.settings().office.selling.papers_of(visit.pipeline, visit.stage)
    paper = next((it for it in wanted if it.id == payload.get("paper")), None)
    return _Wish(deal, paper, visit, key_of(deal, version, paper)) if paper is not None else None


def _made(desk: Desk, papers: Papers, wish: _Wish) -> MadePaper:
    values = values_of(desk.store, desk.settings(), wish.deal, desk.now())
    template = papers.template(wish.paper.file)
    name = fill_name(wish.paper.name, values) or template.name
    folder = Folder(folder_key(wish.deal.id), title_of(values))
    missing: tuple[str, ...] = ()
    if template.content is None or not can_fill(template.media_type):
        kept = papers.copy(wish.key, name, wish.paper.file, into=folder)
    else:
        filled = fill(template.content, template.media_type, values)
        missing = filled.missing
        kept = papers.put(wish.key, name, template.media_type, content=filled.content, into=folder)
    return MadePaper(
        key=wish.key,
        name=name,
        url=kept.url,
        stage=wish.visit.stage,
        at=desk.now(),
        missing=missing,
    )


def _failed(desk: Desk, wish: _Wish) -> str:
    """Tell the deal's owner, or the heads, that a paper is missing."""
    settings, deal = desk.settings(), wish.deal
    owner = settings.person(deal.owner_id)
    people = (owner,) if owner is not None and owner.active else settings.heads()

    def work(unit: Unit) -> None:
        unit.subject = deal.client_id or deal.id
        for person in people:
            tell(unit, person.id, "notice_paper_failed", deal)

    transact(desk.store, _ACTOR, wish.cause, desk.now(), work=work)
    desk.waker.after_commit()
    return "failed"
