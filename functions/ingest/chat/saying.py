"""What a visitor said or asked for: taken in as any event, and joined with where they came from."""

from ingest.beacon import trail
from ingest.channels import site as channel
from ingest.intake import take
from ingest.provider import address_of
from kartoteka.http import Call, Reply
from kartoteka.services import site_visits
from kartoteka.services.public_site import PublicSite
from kartoteka.wiring import App

LIMIT = channel.manner.limit


def take_in(call: Call, app: App, site: PublicSite, visitor: str) -> Reply:
    """Return the answer to one post of the chat's page.

    Args:
        call: the visitor's; its token was checked.
        app: the ports.
        site: where the chat stands.
        visitor: who it is.

    Raises:
        Invalid: the visitor has to correct something. NotFound: the site was switched off.
        NotAuthentic: the body is another visitor's.
        Transient: the store does not answer; the page repeats.
    """
    desk = app.desk
    stored = take(desk, channel, call, address_of(desk, channel, site.id, LIMIT))
    found = trail.of_call(call) if site.beacon else None
    if found is not None and stored[0].client_id and not stored[0].seen:
        who = site_visits.Who(site.id, visitor)
        site_visits.join(desk, who, found, stored[0])
    return channel.answer(call, stored)
