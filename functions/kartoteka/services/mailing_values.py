"""What fills the places of a text for one client, and what a reader may see of it."""

from collections.abc import Iterator, Mapping

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Actor
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.mail_merge import typed
from kartoteka.domain.model import Client
from kartoteka.domain.office import Settings

UNSUBSCRIBE = "unsubscribe"
# Each name in both languages, and the field of the client that it tells; "": nobody's secret.
_NAMES: Mapping[str, tuple[str, str]] = {
    "имя": ("first", "name"),
    "first_name": ("first", "name"),
    "клиент": ("name", "name"),
    "name": ("name", "name"),
    "компания": ("company", "company"),
    "company": ("company", "company"),
    "менеджер": ("manager", "owner_id"),
    "manager": ("manager", "owner_id"),
    "офис": ("office", ""),
    "office": ("office", ""),
    "отписка": (UNSUBSCRIBE, ""),
    UNSUBSCRIBE: (UNSUBSCRIBE, ""),
}
_PATRONYMIC = ("вич", "вна", "чна", "ьич")
_WHOLE = 3  # family name, given name, patronymic


def known_names(settings: Settings) -> frozenset[str]:
    """Return every name that a place may have, the office's own fields of clients among them."""
    return frozenset(_NAMES) | {name for spec in _own(settings) for name in _called(spec)}


def values_for(client: Client, settings: Settings, *, unsubscribe: str = "") -> dict[str, str]:
    """Return what fills each place for this client; what is not known is empty."""
    owner = settings.person(client.owner_id)
    words = typed(client.name).split()
    facts = {
        "first": _first(words),
        "name": typed(client.name),
        "company": typed(client.company),
        "manager": owner.name if owner else "",
        "office": settings.office.name,
        UNSUBSCRIBE: unsubscribe,
    }
    told = {name: facts[fact] for name, (fact, _) in _NAMES.items()}
    for spec in _own(settings):
        told |= dict.fromkeys(_called(spec), typed(client.fields.get(spec.id)))
    return told


def veiled(
    values: Mapping[str, str], client: Client, actor: Actor, settings: Settings
) -> dict[str, str]:
    """Return the values as this actor may see them: `[name]` stands for a closed one."""
    fields = {name: field for name, (_, field) in _NAMES.items()}
    for spec in _own(settings):
        fields |= dict.fromkeys(_called(spec), f"fields.{spec.id}")

    def seen(name: str, value: str) -> str:
        field = fields.get(name, "")
        if not value or not field:
            return value
        allowed = can(actor, Operation.READ, client, field=field, within=settings)
        return value if allowed else f"[{name}]"

    return {name: seen(name, value) for name, value in values.items()}


def _own(settings: Settings) -> Iterator[FieldSpec]:
    """Yield the office's own fields of clients; money is not written to many."""
    specs = settings.office.fields
    return (spec for spec in specs if spec.entity == Client.kind and not spec.is_money)


def _called(spec: FieldSpec) -> tuple[str, str]:
    return spec.name.casefold(), spec.id.casefold()


def _first(words: list[str]) -> str:
    """Return the given name: before a patronymic it is the second of three words."""
    if len(words) == _WHOLE and words[-1].endswith(_PATRONYMIC):
        return words[1]
    return words[0] if words else ""
