"""What 1C is given when it asks: the orders it has not heard of, the states they can have."""

from ingest.commerceml import writing
from ingest.commerceml.importing import Work
from ingest.commerceml.writing import OutOrder
from kartoteka.domain.exchange import ExchangeAccount, ExchangeSession
from kartoteka.domain.pipeline import Stage
from kartoteka.services import exchange_sessions as sessions
from kartoteka.services import order_export
from kartoteka.services.unit import Unit


def orders(work: Work, session: ExchangeSession) -> bytes:
    """Return the orders that are new or changed; asked again without a word they come again."""
    batch = order_export.due(work.desk, work.account, work.shop, work.over)
    update = {"offered": order_export.offered(batch), "offered_until": batch.until}
    sessions.keep(work.desk, session.model_copy(update=update))
    zone = work.settings.office.work.zone
    told = (writing.spelled(_spoken(work, out), zone) for out in batch.orders)
    return writing.document(told, work.desk.now(), zone)


def confirm(work: Work, session: ExchangeSession) -> None:
    """Keep that 1C took what this session gave it; said twice it is harmless."""
    count = order_export.confirm(work.desk, session)
    if not session.offered_until:
        return

    def act(unit: Unit, current: ExchangeSession) -> ExchangeSession:
        known = unit.find(ExchangeAccount, work.account) or ExchangeAccount(id=work.account)
        until = max(known.told_until, current.offered_until)
        unit.keep(known.model_copy(update={"told_until": until}))
        line = sessions.begun_exchange(unit, work.account, "orders_out", "")
        update = {"state": "done", "done_at": unit.now}
        unit.save(sessions.counted(line, {"updated": count}, []).model_copy(update=update))
        return current.model_copy(update={"offered": {}, "offered_until": ""})

    sessions.change(work.desk, session.id, act)
    work.desk.waker.after_commit()


def dictionary(work: Work) -> bytes:
    """Return the states that an order can have: the stages of the office's sales."""
    office = work.settings.office
    stages = [stage for line in office.pipelines if line.kind == "sale" for stage in line.stages]
    items = "".join(
        writing.tag("element", writing.said("id", it.id), writing.said("name", _called(work, it)))
        for it in stages
    )
    inside = writing.tag("dictionary", writing.tag("statuses", items))
    return writing.document([inside], work.desk.now(), office.work.zone)


def _spoken(work: Work, out: order_export.Out) -> OutOrder:
    stages = work.settings.office.pipeline(out.deal.pipeline).stages
    stage = next((_called(work, it) for it in stages if it.id == out.deal.stage), "")
    number = order_export.issued(out.bond)
    return OutOrder(out.bond.external, number, out.deal, stage, out.client, out.company, out.goods)


def _called(work: Work, stage: Stage) -> str:
    russian = work.settings.office.locale == "ru"
    return stage.name if russian or not stage.name_en else stage.name_en
