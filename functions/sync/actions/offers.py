"""The actions of each kind of row: under which name, with which arguments, as which command."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import spell
from kartoteka.domain.merging import ALL_OTHERS
from kartoteka.domain.model import Lead
from kartoteka.domain.pipeline import Pipeline, Proof, Stage
from sync.actions.moments import LATER, SOON, moment, spans
from sync.actions.offering import Asked, Command, Offer
from sync.actions.order_offers import ORDER_OFFERS
from sync.actions.paper_offers import BILLING, DEAL_PAPERS, INVOICE_OFFERS
from sync.actions.payment_offers import PAYMENT_OFFERS
from sync.actions.sale_offers import BY_CALL, SALE_OFFERS
from sync.actions.task_offers import give_task
from sync.actions.triage_offers import TRIAGE_OFFERS
from sync.columns import Frame, label, people
from sync.settings_book.offers import SETTING_OFFERS

_TALKED_S = 60  # of a call that somebody says they made; nobody measured it
_KOPECKS = 100
_MONEY = re.compile(r"(?P<sum>\d[\d  ]*(?:[.,]\d{1,2})?)\s*(?:[₽]|руб\.?|р\.?)?\s+(?P<ref>\S.*)")


def labels(kind: str, frame: Frame) -> list[str]:
    """Return everything that the dropdown of this kind of row offers."""
    return [choice for offer in OFFERS[kind] for choice in offer.choices(frame)]


def _next(what: str, kind: str, asked: Asked) -> Command:
    fields = {kind: asked.view.id, "what": what, "due_at": asked.when}
    return f"{kind}.next", fields


def _planned(found: object, frame: Frame) -> str:
    """Say what is next by now: a stage that is left by a call may ask for something before it."""
    action = found.next_action if isinstance(found, Lead | Deal) else None
    if action is None:
        return ""
    due = action.due_at.astimezone(ZoneInfo(frame.settings.office.work.zone))
    told = due.strftime("%d.%m %H:%M")
    return frame.say("outcome_next", what=frame.say(f"task_{action.what}"), due=told)


def _log(what: str, kind: str, talk_s: int, asked: Asked) -> Command:
    said: dict[str, JsonValue] = {"text": asked.argument, "talk_s": talk_s}
    return "activity.log", {"what": what, kind: asked.view.id, **said}


def _take(asked: Asked) -> Command:
    return "lead.take", {"lead": asked.view.id}


def _convert(asked: Asked) -> Command:
    """Return the deal asked for; the service that is named is its name too."""
    named = {"name": asked.argument, "deal_type": asked.argument} if asked.argument else {}
    return "lead.convert", {"lead": asked.view.id, **named}


def _colleague(asked: Asked) -> tuple[str, str]:
    """Return the colleague named and the reason that may follow after another colon."""
    wanted, _, reason = asked.argument.partition(":")
    settings = asked.frame.settings
    known = {label(p, settings).casefold(): p.id for p in settings.staff if p.active}
    if wanted.strip().casefold() not in known:
        raise Invalid("nobody here has this name", code="staff_unknown")
    return known[wanted.strip().casefold()], reason.strip() or asked.frame.say("act_by_book")


def _hand_over(asked: Asked) -> Command:
    owner, reason = _colleague(asked)
    return "lead.hand_over", {"lead": asked.view.id, "owner": owner, "reason": reason}


def _assign(asked: Asked) -> Command:
    owner, reason = _colleague(asked)
    return "deal.assign", {"deal": asked.view.id, "owner": owner, "reason": reason}


def _defer_lead(asked: Asked) -> Command:
    stage = _found(asked.frame.settings.office.leads, lambda stage: stage.needs_wake)
    return "lead.move", {"lead": asked.view.id, "stage": stage.id, "wake_at": asked.when}


def _junk(asked: Asked) -> Command:
    stage = _found(asked.frame.settings.office.leads, lambda stage: stage.state == "lost")
    return "lead.move", {"lead": asked.view.id, "stage": stage.id, "reason": asked.argument}


def _found(pipeline: Pipeline, fits: Callable[[Stage], bool]) -> Stage:
    for stage in pipeline.stages:
        if fits(stage):
            return stage
    raise Invalid("the pipeline has no such stage", code="action_no_stage")


def _deal(asked: Asked) -> tuple[Deal, Pipeline]:
    deal = asked.view.deal
    if deal is None:
        raise TypeError("an action on a deal needs a deal")
    return deal, asked.frame.settings.office.pipeline(deal.pipeline)


def _proven(proof: Proof, asked: Asked) -> Command:
    """Return the move to the stage that this proof opens, with the file if one is named."""
    deal, pipeline = _deal(asked)
    stage = _found(pipeline, lambda stage: proof in stage.evidence)
    proofs: dict[str, JsonValue] = {proof.value: asked.argument}
    return "deal.move", {"deal": deal.id, "stage": stage.id, "evidence": proofs}


def _defer_deal(asked: Asked) -> Command:
    deal, pipeline = _deal(asked)
    stage = _found(pipeline, lambda stage: stage.needs_wake)
    when, _, reason = asked.argument.partition(": ")
    due = spell(moment(when, asked.frame, asked.now))
    said = reason.strip() or asked.frame.say("act_by_book")
    return "deal.move", {"deal": deal.id, "stage": stage.id, "wake_at": due, "reason": said}


def _lose(asked: Asked) -> Command:
    deal, pipeline = _deal(asked)
    stage = _found(pipeline, lambda stage: stage.state == "lost")
    reason, _, note = asked.argument.partition(":")
    fields = {"deal": deal.id, "stage": stage.id, "reason": reason.strip(), "note": note.strip()}
    return "deal.move", fields


def _reasons(frame: Frame) -> list[str]:
    lines = (line for line in frame.settings.office.pipelines if line.kind == "sale")
    stages = (stage for line in lines for stage in line.stages if stage.state == "lost")
    return list(dict.fromkeys(reason for stage in stages for reason in stage.reasons))


def _pay(asked: Asked) -> Command:
    found = _MONEY.fullmatch(asked.argument.strip())
    if found is None:
        raise Invalid("no payment can be read", code="action_payment")
    amount = re.sub(r"\s", "", found["sum"]).replace(",", ".")
    minor = round(float(amount) * _KOPECKS)
    amounts: dict[str, JsonValue] = {"amount_minor": minor}
    return "deal.pay", {"deal": asked.view.id, "reference": found["ref"].strip(), **amounts}


def _comment(asked: Asked) -> Command:
    return "deal.comment", {"deal": asked.view.id, "text": asked.argument}


def _of_task(name: str, asked: Asked) -> Command:
    given = {"task.finish": "result", "task.return": "reason", "task.cancel": "reason"}
    said = {given[name]: asked.argument} if name in given else {}
    return name, {"task": asked.view.id, **said}


def _finish_then(what: str, asked: Asked) -> Command:
    step: dict[str, JsonValue] = {"what": what, "due_at": asked.when}
    return "task.finish", {"task": asked.view.id, "next": step}


def _postpone(asked: Asked) -> Command:
    return "task.edit", {"task": asked.view.id, "due": asked.when}


def _of_pair(name: str, asked: Asked) -> Command:
    return name, {"pair": asked.view.id}


def _merged_as(side: str, asked: Asked) -> Command:
    if asked.view.pair is None:
        raise TypeError("two cards become one in the row of a pair")
    kept: str = getattr(asked.view.pair, side)
    return "duplicate.merge", {"pair": asked.view.id, "prefer": {ALL_OTHERS: kept}}


def _request(asked: Asked) -> Command:
    client = asked.view.client
    if client is None:
        raise TypeError("an action on a client needs a client")
    phone, email = next(iter(client.phones), ""), next(iter(client.emails), "")
    fields = {"name": client.name, "phone": phone, "email": email, "note": asked.argument}
    return "lead.add", fields


def _contact(asked: Asked) -> Command:
    return "client.add_contact", {"client": asked.view.id, "contact": asked.argument}


def _soon(frame: Frame) -> list[str]:
    return spans(frame, SOON)


def _later(frame: Frame) -> list[str]:
    return spans(frame, LATER)


def _tomorrow(frame: Frame) -> list[str]:
    return spans(frame, ("1d",))


def _spoken(kind: str) -> tuple[Offer, ...]:
    """Return what was said with a client, and when it goes on."""
    return (
        Offer("called", partial(_log, "call", kind, _TALKED_S), needs=True),
        Offer("not_reached", partial(_log, "call", kind, 0), needs=True),
        Offer("call_back", partial(_next, "call", kind), _soon, joint=" ", answer=_planned),
        Offer("wrote", partial(_log, "letter", kind, 0), needs=True),
        Offer("meet", partial(_next, "meeting", kind), _tomorrow, answer=_planned),
        Offer("wait", partial(_next, "wait", kind), _later, joint=" ", answer=_planned),
    )


_FINISH = tuple(
    Offer(f"done_{what}", partial(_finish_then, what), _soon, joint=" ")
    for what in ("call", "letter")
)

OFFERS: Mapping[str, Sequence[Offer]] = {
    "lead": (
        *_spoken("lead"),
        Offer("convert", _convert, lacking="stage_requires"),
        BY_CALL,
        give_task("lead"),
        Offer("hand_over", _hand_over, people),
        Offer("defer", _defer_lead, _later, joint=" "),
        Offer("junk", _junk, needs=True),
    ),
    "free": (Offer("take", _take), Offer("hand_over", _hand_over, people)),
    "deal": (
        Offer("offer_sent", partial(_proven, Proof.OFFER_FILE), needs=True),
        *_spoken("deal"),
        give_task("deal"),
        Offer("hand_over", _assign, people),
        Offer("comment", _comment, needs=True),
        Offer("defer", _defer_deal, _later, joint=" "),
        Offer("lose", _lose, _reasons),
        *DEAL_PAPERS,
        *ORDER_OFFERS,
        *SALE_OFFERS,
    ),
    "work": (
        Offer("result_ready", partial(_proven, Proof.RESULT_FILE), needs=True),
        Offer("comment", _comment, needs=True),
    ),
    "payment": (
        Offer("invoice_sent", partial(_proven, Proof.INVOICE), needs=True),
        Offer("paid", _pay, needs=True),
        *BILLING,
        Offer("comment", _comment, needs=True),
    ),
    "task": (
        Offer("start", partial(_of_task, "task.start")),
        Offer("done", partial(_of_task, "task.finish")),
        *_FINISH,
        Offer("done_wait", partial(_finish_then, "wait"), _later, joint=" "),
        Offer("postpone", _postpone, _soon, joint=" "),
        Offer("accept", partial(_of_task, "task.accept")),
        Offer("return", partial(_of_task, "task.return"), needs=True),
        Offer("cancel", partial(_of_task, "task.cancel"), needs=True),
    ),
    "inbound": TRIAGE_OFFERS,
    "unmatched": PAYMENT_OFFERS,
    "invoice": INVOICE_OFFERS,
    "pair": (
        Offer("merge", partial(_of_pair, "duplicate.merge"), lacking="merge_choose"),
        Offer("merge_first", partial(_merged_as, "left")),
        Offer("merge_second", partial(_merged_as, "right")),
        Offer("distinct", partial(_of_pair, "duplicate.distinct")),
    ),
    "client": (
        Offer("request", _request),
        Offer("contact", _contact, needs=True),
        give_task("client"),
        *SALE_OFFERS,
    ),
    **SETTING_OFFERS,
}
