"""What a letter means: whose it is, whether a person wrote it, whether it came before; A6."""

from kartoteka.domain.ids import ActivityId, ClientId, LeadId
from kartoteka.domain.inbound import Inbound, Person
from kartoteka.domain.mail import Mail, MailLink, letter_link, own_places, within
from kartoteka.domain.mail_writer import writer
from kartoteka.domain.model import Client
from kartoteka.services.bounces import take_bounce, take_complaint
from kartoteka.services.decide import Decision, Wish, activity_id, decide
from kartoteka.services.unit import Unit

_LIST = "mail_list"
_BY_MACHINES = {"auto": "mail_auto", "list": _LIST, "receipt": "mail_receipt"}


def decide_mail(unit: Unit, inbound: Inbound, mail: Mail, wish: Wish) -> Decision:
    """Return what the letter became.

    A letter that came before, through whichever account, is ignored. A bounce marks the address.
    An answer to a letter of ours belongs to its client, whatever address it comes from, and is a
    person's even if a mailing list of theirs passed it on. What our own group or site sent on is
    its client's.
    """
    own = letter_link(mail.message_id) if mail.message_id else ""
    links = unit.find_many(MailLink, [own, *mail.links] if own else mail.links)
    if own in links:
        return _again(links[own])
    if mail.nature == "bounce":
        ours = [links[name] for name in mail.links if name in links]
        return take_bounce(unit, mail, ours, wish.settings.office.locale)
    if mail.nature == "complaint":
        return take_complaint(unit, mail, [links[name] for name in mail.links if name in links])
    thread = next((links[name] for name in mail.links if name in links), None)
    behind = _behind(inbound, mail, wish)
    why = _unwanted(inbound, mail, wish, behind)
    if why and not (why == _LIST and thread is not None):
        return Decision("ignored", why)
    told = inbound.model_copy(update={"sender": behind}) if behind else inbound
    decision = decide(unit, told, wish, known=_client_of(unit, thread))
    if own and decision.client is not None:
        unit.keep(_link(own, decision.client, decision, inbound))
    return decision


def _again(link: MailLink) -> Decision:
    why = "mail_own" if link.direction == "out" else "mail_seen"
    return Decision("ignored", why)


def _behind(inbound: Inbound, mail: Mail, wish: Wish) -> Person | None:
    """Return the client whose letter our own group or site sent on."""
    settings = wish.settings
    ours = {person.email.lower() for person in settings.staff}
    ours |= {account.api.get("mailbox", "").lower() for account in settings.accounts}
    return writer(inbound.sender, mail, _own(wish), ours)


def _unwanted(inbound: Inbound, mail: Mail, wish: Wish, behind: Person | None) -> str:
    rules, own = wish.settings.office.mail, _own(wish)
    addresses = (*inbound.sender.emails, *(behind.emails if behind else ()))
    if any(rules.excludes(address) for address in addresses):
        return "mail_excluded"
    if behind is not None:
        return ""
    if any(within(address, own) for address in addresses):
        return "mail_own"
    return _BY_MACHINES.get(mail.nature, "")


def _own(wish: Wish) -> frozenset[str]:
    settings = wish.settings
    return own_places((person.email for person in settings.staff), settings.office.mail)


def _client_of(unit: Unit, link: MailLink | None) -> Client | None:
    """Return whose thread it is; of a merged client the one that lives on."""
    client = unit.find(Client, link.client_id) if link else None
    while client is not None and client.merged_into:
        client = unit.find(Client, client.merged_into)
    return None if client is None or client.forgotten else client


def _link(name: str, client: Client, decision: Decision, inbound: Inbound) -> MailLink:
    return MailLink(
        id=name,
        client_id=ClientId(client.id),
        lead_id=LeadId(decision.lead.id) if decision.lead else None,
        activity_id=ActivityId(activity_id(inbound)),
    )
