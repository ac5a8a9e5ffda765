"""Long texts fitted into records: cut where a record would burst, whole in the kept body.

A record takes 1 MiB and a character up to four bytes; a new lead's text is written to the lead,
the activity, the event and the change log. What is cut here ends with an ellipsis; the body as
received is kept whole beside the event, whatever its length.
"""

from kartoteka.domain.inbound import Inbound, Person
from kartoteka.domain.mail import Mail
from kartoteka.domain.model import Source
from kartoteka.domain.shortening import cut

LONGEST_NAME = 20_000  # characters
LONGEST_TEXT = 60_000
LONGEST_FIELDS = 60_000  # all fields of one form together
LONGEST_ADDRESS = 2_000  # a page, a referrer, one tag of an advertisement
MOST_TAGS = 40
MOST_IDENTITIES = 20


def fitted(inbound: Inbound) -> Inbound:
    """Return the event with every text at a length that all records bear."""
    update = {
        "sender": _person(inbound.sender),
        "text": cut(inbound.text, LONGEST_TEXT),
        "recipient": cut(inbound.recipient, LONGEST_ADDRESS),
        "fields": _fields(inbound.fields),
        "mail": _mail(inbound.mail) if inbound.mail else None,
        "source": _source(inbound.source) if inbound.source else None,
    }
    shorter = {name: part for name, part in update.items() if part is not getattr(inbound, name)}
    return inbound.model_copy(update=shorter) if shorter else inbound


def _person(person: Person) -> Person:
    identities = (person.phones, person.emails, person.messengers)
    if len(person.name) <= LONGEST_NAME and max(map(len, identities)) <= MOST_IDENTITIES:
        return person
    return Person(
        name=cut(person.name, LONGEST_NAME),
        phones=person.phones[:MOST_IDENTITIES],
        emails=person.emails[:MOST_IDENTITIES],
        messengers=person.messengers[:MOST_IDENTITIES],
    )


def _mail(mail: Mail) -> Mail:
    return mail.model_copy(
        update={
            "subject": cut(mail.subject, LONGEST_ADDRESS),
            "message_id": cut(mail.message_id, LONGEST_ADDRESS),
            "whole": cut(mail.whole, LONGEST_TEXT),
        }
    )


def _fields(fields: dict[str, str]) -> dict[str, str]:
    if sum(map(len, (*fields, *fields.values()))) < LONGEST_FIELDS:
        return fields
    left, kept = LONGEST_FIELDS, {}
    for name, value in fields.items():
        left -= len(name)
        if left <= 0:
            break
        kept[name] = cut(value, left)
        left -= len(kept[name])
    return kept


def _source(source: Source) -> Source:
    texts = (source.page, source.referrer, *source.utm.values())
    if max(map(len, texts)) <= LONGEST_ADDRESS and len(source.utm) <= MOST_TAGS:
        return source
    tags = list(source.utm.items())[:MOST_TAGS]
    return source.model_copy(
        update={
            "page": cut(source.page, LONGEST_ADDRESS),
            "referrer": cut(source.referrer, LONGEST_ADDRESS),
            "utm": {name: cut(value, LONGEST_ADDRESS) for name, value in tags},
        }
    )
