"""The rules of a deal's pipeline as the office has set them."""

from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import DealRules
from kartoteka.domain.office import Settings


def rules_of(settings: Settings, deal: Deal, actor: Actor | None = None) -> DealRules:
    """Return the rules of the deal's pipeline, for who acts."""
    return rules(settings, deal.pipeline, actor)


def rules(settings: Settings, pipeline_id: str, actor: Actor | None = None) -> DealRules:
    """Return the rules of a pipeline in the office's working time, for who acts."""
    office = settings.office
    person = settings.person(actor.id) if actor is not None and actor.is_person else None
    also = tuple(person.also) if person is not None else ()
    return DealRules(office.pipeline(pipeline_id), office.work, office.fields, also)
