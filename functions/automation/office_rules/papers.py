"""Papers of a deal: those of its goods put beside it, an offer or an invoice made of it; J6."""

from automation.office_rules.job import DONE, NOTHING, Job
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import ActivityId, derived
from kartoteka.domain.model import Activity, Attachment, Line
from kartoteka.domain.papers import Paper, papers_of
from kartoteka.domain.sales_paper import INVOICE, OFFER, What
from kartoteka.i18n import text
from kartoteka.services import sales_papers
from kartoteka.services.unit import Unit, transact

_LINK = "text/uri-list"


def attach(job: Job) -> str:
    """Put the papers of one category, or of every category of the deal's goods, beside it once."""
    record = job.record()
    lines: tuple[Line, ...] = getattr(record, "lines", ())
    wanted = (job.word("category"),) if job.word("category") else [it.category for it in lines]
    table = job.settings.office.papers
    papers = {it.ref: it for name in wanted for it in papers_of(table, name)}
    if not papers:
        return "rule_no_papers"
    noting = job.noting()
    note = _note(job, tuple(papers.values()))

    def work(unit: Unit) -> Activity:
        unit.subject = job.firing.client_id or job.firing.record_id
        known = unit.find(Activity, note.id)
        return known if known is not None else unit.add(note)

    if job.desk.store.get(Activity.collection, note.id) is not None:
        return NOTHING
    transact(noting.desk.store, job.actor, job.cause, job.desk.now(), work=work)
    job.desk.waker.after_commit()
    return DONE


def make(job: Job) -> str:
    """Make an offer or an invoice of the deal; the same firing makes it once."""
    record = job.record()
    if not isinstance(record, Deal):
        return "rule_wrong_record"
    what: What = INVOICE if job.word("paper") == INVOICE else OFFER
    name = derived("pp", job.firing.id, str(job.number))
    form = sales_papers.MakePaper(deal=record.id, what=what)
    sales_papers.make(job.noting().desk, job.actor, form, cause=job.cause, name=name)
    return DONE


def _note(job: Job, papers: tuple[Paper, ...]) -> Activity:
    """Return the note; the same papers beside the same record are one note."""
    firing = job.firing
    words = text("rule_papers", job.settings.office.locale)
    told = "\n".join((words, *(f"{it.name}: {it.ref}" for it in papers)))
    return Activity(
        id=ActivityId(derived("ac", "papers", firing.record_id, *sorted(it.ref for it in papers))),
        what="note",
        client_id=firing.client_id,
        deal_id=firing.record_id if firing.about == Deal.kind else None,
        lead_id=firing.record_id if firing.about == "lead" else None,
        at=job.desk.now(),
        text=told,
        files=tuple(
            Attachment(name=it.name, media_type=_LINK, size=0, ref=it.ref) for it in papers
        ),
    )
