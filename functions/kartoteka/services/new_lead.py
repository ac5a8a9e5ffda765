"""A request becomes a lead: where it starts, whose it is, how soon somebody answers; B1-B12."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from kartoteka.domain.ids import LeadId, fresh
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.ladder import Ladder
from kartoteka.domain.model import Client, Lead, Source
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.region import Place, place_of
from kartoteka.domain.routing import Choice, Claims, Hands, choose
from kartoteka.domain.routing_rules import (
    Facts,
    RoutingRule,
    asks_region,
    first_match,
    read_amount,
)
from kartoteka.domain.urgency import hurried, is_urgent
from kartoteka.i18n import text

_UNKNOWN = "unknown"
_NOWHERE = "region_unknown"


@dataclass(frozen=True, slots=True)
class Request:
    """A request on its way to a lead; `known` says whether the client was met before."""

    client: Client
    inbound: Inbound
    claims: Claims
    known: bool

    @property
    def source(self) -> Source:
        """Return where it came from."""
        channel = self.inbound.channel
        return self.inbound.source or Source(channel=channel, name=channel)


def make(request: Request, hands: Hands) -> Lead:
    """Return the new lead on its first stage, with owner, priority and next action; unsaved."""
    settings = hands.settings
    place = _place(request, settings.office.locale)
    rule, choice = _routed(request, hands, place)
    ladder, stage = _start(settings, rule)
    client, inbound = request.client, request.inbound
    blank = Lead(
        id=LeadId(fresh("ld")),
        client_id=client.id,
        name=inbound.sender.name or client.name,
        pipeline=ladder.pipeline.id,
        stage=stage.id,
        stage_entered_at=hands.now,
        stage_version=0,
        owner_id=choice.owner.id if choice.owner else None,
        first_touch=request.source,
        last_touch=request.source,
        note=_note(choice, settings),
        extra=inbound.fields,
        priority=(rule.priority or 0) if rule else 0,
        repeat=request.known,
        region=_region(settings, place),
        routed_by=choice.why,
        created_at=hands.now,
        updated_at=hands.now,
    )
    lead = ladder.enter(blank, stage, hands.now)
    return hurried(lead, stage, ladder.hours, hands.now) if is_urgent(lead) else lead


def route(request: Request, hands: Hands) -> Choice:
    """Return who gets a request that becomes something else than a lead, such as an order."""
    return _routed(request, hands, _place(request, hands.settings.office.locale))[1]


def _routed(
    request: Request, hands: Hands, place: Callable[[], Place]
) -> tuple[RoutingRule | None, Choice]:
    rule = first_match(hands.settings.office.routing, _facts(request, hands, place))
    rule = rule or _default(hands.settings, place)
    return rule, choose(request.claims, rule, hands)


def _facts(request: Request, hands: Hands, place: Callable[[], Place]) -> Facts:
    fields, client, source = request.inbound.fields, request.client, request.source
    own_type = client.fields.get("client_type")
    return Facts(
        source=(source.name, source.form),
        channel=request.inbound.channel,
        returning=request.known,
        working=hands.settings.office.work.is_open(hands.now),
        place=place,
        client_type=fields.get("client_type") or str(own_type or client.segment),
        category=fields.get("category", ""),
        amount_minor=read_amount(fields.get("amount", "")),
    )


def _place(request: Request, locale: str) -> Callable[[], Place]:
    """Return what finds the region, once and only when asked: the form's word, or the number."""

    @cache
    def found() -> Place:
        typed = request.inbound.fields.get("region", "").strip()
        if typed:
            return Place(names=frozenset({typed}), shown=typed[:200])
        return place_of(request.inbound.sender.phones or request.client.phones, locale)

    return found


def _region(settings: Settings, place: Callable[[], Place]) -> str:
    if not asks_region(settings.office.routing):
        return ""
    return place().shown or _UNKNOWN


def _default(settings: Settings, place: Callable[[], Place]) -> RoutingRule | None:
    """Return what gives a request of an unknown region to the default team; B2."""
    team = settings.office.default_team
    if not team or _region(settings, place) != _UNKNOWN:
        return None
    return RoutingRule(id=_NOWHERE, team=team)


def _start(settings: Settings, rule: RoutingRule | None) -> tuple[Ladder, Stage]:
    """Return where the lead begins; a rule that names a stage there is not is passed over."""
    office = settings.office
    wanted = rule.pipeline if rule else ""
    lines = [line for line in office.pipelines if line.kind == "lead" and line.active]
    pipeline = next((line for line in lines if line.id == wanted), office.leads)
    stages = [item for item in pipeline.stages if item.state in {"open", "ongoing"}]
    stage = next((item for item in stages if rule and item.id == rule.stage), pipeline.first)
    return Ladder(pipeline, office.work), stage


def _note(choice: Choice, settings: Settings) -> str:
    if choice.why == _NOWHERE:
        return text("note_region_unknown", settings.office.locale)
    if choice.absent is None:
        return ""
    return text("note_owner_absent", settings.office.locale, name=choice.absent.name)
