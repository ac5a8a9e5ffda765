"""Papers of stages: which templates an entry copies, what fills them, what was made; D14."""

import base64
import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field

from kartoteka.domain.access import check_setup
from kartoteka.domain.amount_words import money, quantity
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal, MadePaper
from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.domain.ids import derived
from kartoteka.domain.model import Client, Value
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.paper_text import can_fill, fill
from kartoteka.domain.sales_rules import MOST_PAPERS, StagePaper
from kartoteka.ports import Store
from kartoteka.services.commands import Command, Registry
from kartoteka.services.kept_files import file_key
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office
from kartoteka.services.unit import Unit

E = TypeVar("E", Client, Company)
_ORIGIN = "stage.papers"
_MOST_CONTENT = 8_000_000  # characters of a template in base64
PLACES = (
    *("client.name", "client.phone", "client.email", "client.company"),
    *("company.name", "company.inn", "company.kpp"),
    *("deal.id", "deal.name", "deal.type", "deal.amount", "deal.currency", "deal.lines"),
    *("owner.name", "owner.email", "owner.phone", "office.name", "today"),
)
_Name = Annotated[str, Field(max_length=200)]


class NewPaper(Value):
    """One template: the id of a file in the office's Drive, or its content in base64."""

    name: _Name = Field(default="", description="of the copy; may hold {{client.name}} and so on")
    file: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,200}$")
    content: str = Field(default="", max_length=_MOST_CONTENT, repr=False)
    media_type: _Name = "text/plain"


class SetStagePapers(Versioned):
    """Say which papers entering a stage makes; they replace those named before."""

    pipeline: str
    stage: str
    papers: tuple[NewPaper, ...] = Field(max_length=MOST_PAPERS)


def set_papers(desk: Desk, actor: Actor, form: SetStagePapers, cause: str) -> Saved:
    """Return what was saved: the papers of a stage; given content is kept in the office's files.

    Raises:
        NotFound: there is no such pipeline or stage. ConfigError: the office keeps no files.
        Invalid: a paper has neither file nor content, or names a place that nothing fills.
    """
    settings = desk.settings()
    check_setup(actor, Office, settings, field="pipelines")
    settings.office.pipeline(form.pipeline).stage(form.stage)
    place = (form.pipeline, form.stage)
    made = (_row(desk, settings, place, paper) for paper in form.papers)
    rows = list({row.id: row for row in made}.values())

    def change(office: Office) -> Office:
        others = [it for it in office.selling.papers if (it.pipeline, it.stage) != place]
        selling = office.selling.model_copy(update={"papers": (*others, *rows)})
        kept = type(selling).model_validate(selling.model_dump())
        return office.model_copy(update={"selling": kept})

    name = f"{form.pipeline}.{form.stage}"
    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=name)


def paper_id(place: tuple[str, str], file: str, name: str) -> str:
    """Return the id of a paper of a pipeline's stage; the same file by the same name is one."""
    return derived("sp", *place, file, name)


def key_of(deal: Deal, version: int, paper: StagePaper) -> str:
    """Return the key of a paper: one per deal, entry and template."""
    return file_key(deal.id, f"{version}", paper.id)


def values_of(store: Store, settings: Settings, deal: Deal, now: datetime) -> dict[str, str]:
    """Return what fills the places of a paper of this deal, by their names."""
    client = _found(store, Client, deal.client_id)
    company = _found(store, Company, deal.company_id or (client.company_id if client else None))
    owner = settings.person(deal.owner_id)
    today = now.astimezone(ZoneInfo(settings.office.work.zone))
    lang = settings.office.locale
    own = {f"deal.{name}": str(value) for name, value in deal.fields.items()}
    if client is not None:
        own |= {f"client.{name}": str(value) for name, value in client.fields.items()}
        own |= {
            "client.name": client.name,
            "client.phone": next(iter(client.phones), ""),
            "client.email": next(iter(client.emails), ""),
            "client.company": client.company,
        }
    if company is not None:
        own |= {"company.name": company.name, "company.inn": company.inn}
        own |= {"company.kpp": company.kpp}
    if owner is not None:
        own |= {"owner.name": owner.name, "owner.email": owner.email}
        own |= {"owner.phone": next(iter(owner.phones), "")}
    return own | {
        "deal.id": deal.id,
        "deal.name": deal.name,
        "deal.type": deal.deal_type,
        "deal.amount": money(deal.amount_minor, lang),
        "deal.currency": deal.currency,
        "deal.lines": "\n".join(_lines(deal, lang)),
        "office.name": settings.office.name,
        "today": f"{today:%d.%m.%Y}",
    }


def title_of(values: Mapping[str, str]) -> str:
    """Return how the folder of a deal is called."""
    return " · ".join(filter(None, (values.get("client.name"), values["deal.name"])))


def note_made(unit: Unit, deal_id: str, made: MadePaper) -> Deal | None:
    """Return the deal with a paper that was made for it; noted twice it is there once.

    None when the deal is gone or its person was forgotten: then the paper must go too.
    """
    deal = unit.find(Deal, deal_id)
    client = unit.find(Client, deal.client_id) if deal is not None else None
    if deal is None or (client is not None and client.forgotten):
        return None
    if any(paper.key == made.key for paper in deal.stage_papers):
        return deal
    unit.subject = deal.client_id or deal.id
    papers = (*deal.stage_papers, made)
    return unit.save(deal.model_copy(update={"stage_papers": papers, "updated_at": unit.now}))


def _found(store: Store, kind: type[E], record_id: str | None) -> E | None:
    doc = store.get(kind.collection, record_id) if record_id else None
    return kind.model_validate(doc) if doc is not None else None


def _lines(deal: Deal, lang: str) -> Iterable[str]:
    for line in deal.lines:
        count = quantity(line.quantity_milli, lang)
        yield f"{line.name} × {count} = {money(line.total_minor, lang)}"


def _row(desk: Desk, settings: Settings, place: tuple[str, str], paper: NewPaper) -> StagePaper:
    if bool(paper.file) == bool(paper.content):
        raise Invalid("a file or content", fields={"papers": "paper_one"}, code="paper_one")
    file = paper.file or _kept(desk, settings, paper)
    return StagePaper(
        id=paper_id(place, file, paper.name),
        pipeline=place[0],
        stage=place[1],
        file=file,
        name=paper.name.strip(),
    )


def _kept(desk: Desk, settings: Settings, paper: NewPaper) -> str:
    """Return the key under which given content is kept; the same content is kept once."""
    try:
        content = base64.b64decode(paper.content, validate=True)
    except ValueError as exc:
        raise Invalid("no base64", fields={"content": "damaged"}, code="paper_damaged") from exc
    if can_fill(paper.media_type):
        _check_places(fill(content, paper.media_type, {}).missing, settings)
    if desk.files is None:
        raise ConfigError("the office keeps no files", code="no_files")
    key = file_key(_ORIGIN, paper.media_type, hashlib.sha256(content).hexdigest())
    desk.files.keep(key, paper.name, paper.media_type, content)
    return key


def _check_places(places: Sequence[str], settings: Settings) -> None:
    known = [*PLACES, *_own_places(settings)]
    for place in places:
        if place.casefold() not in known:
            near = difflib.get_close_matches(place.casefold(), known, n=3, cutoff=0.4) or PLACES
            listed = ", ".join(near)
            raise Invalid(
                f"nothing fills {place!r}",
                fields={"papers": "paper_place"},
                code="paper_place",
                what=place,
                known=listed,
            )


def _own_places(settings: Settings) -> Iterable[str]:
    specs = settings.office.fields
    return (f"{it.entity}.{it.id}" for it in specs if it.entity in {"deal", "client"})


STAGE_PAPERS: Registry = {
    "stage.papers": Command("say which papers entering a stage makes", SetStagePapers, set_papers),
}
