"""Fields that rules may name: where they are in a record, what they hold, what people call them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What a field holds: MONEY is minor units, MOMENT an instant, CHOICE an id of a known list."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    MONEY = "money"
    MOMENT = "moment"
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Name:
    """One field: `path` leads to it in the stored record; `choices` names the list of a choice.

    `name` and `name_en` are what it is called in full, `short` what it may be called where it is
    known which record is meant.
    """

    canonical: str
    entity: str
    path: str
    kind: Kind
    name: str
    name_en: str
    short: tuple[str, ...] = ()
    choices: str = ""
    custom: bool = False


# Kinds of records: in Russian the genitive that follows a field, in English what precedes it.
ENTITIES: Mapping[str, tuple[str, str]] = {
    "deal": ("сделки", "deal"),
    "lead": ("заявки", "lead"),
    "client": ("клиента", "client"),
    "company": ("компании", "company"),
    "activity": ("обращения", "touch"),
    "task": ("задачи", "task"),
}
_Row: TypeAlias = tuple[str, Kind, str, str, tuple[str, ...], str]


def _row(path: str, kind: Kind, names: tuple[str, str], *short: str, choices: str = "") -> _Row:
    """Return a row of the table; a name that begins with `=` is never followed by its record."""
    return path, kind, names[0], names[1], short, choices


_FLOW = (
    _row("name", Kind.TEXT, ("название", "name")),
    _row("state", Kind.CHOICE, ("состояние", "state"), choices="state"),
    _row("owner_id", Kind.CHOICE, ("ответственный", "owner"), choices="person"),
    _row("note", Kind.TEXT, ("заметка", "note")),
    _row("reason", Kind.TEXT, ("причина", "reason"), "причина отказа", "lost reason"),
    _row("created_at", Kind.MOMENT, ("дата создания", "created")),
    _row("stage_entered_at", Kind.MOMENT, ("дата входа на этап", "stage entered")),
    _row(
        "next_at", Kind.MOMENT, ("следующий шаг", "next step"), "следующее действие", "next action"
    ),
    _row("wake_at", Kind.MOMENT, ("дата пробуждения", "wake date")),
    _row("wait_until", Kind.MOMENT, ("дата ожидания", "wait until")),
    _row(
        "lines.category",
        Kind.TEXTS,
        ("категории товаров", "product categories"),
        "категория товара",
        "категория",
        "product category",
        "category",
    ),
    _row(
        "lines.name", Kind.TEXTS, ("товары", "products"), "товар", "product", "услуги", "services"
    ),
)
_ROWS: Mapping[str, tuple[_Row, ...]] = {
    "deal": (
        *_FLOW,
        _row("stage", Kind.CHOICE, ("этап", "stage"), "стадия", choices="stage.deal"),
        _row("pipeline", Kind.CHOICE, ("воронка", "pipeline"), choices="pipeline.deal"),
        _row("amount_minor", Kind.MONEY, ("сумма", "amount"), "бюджет"),
        _row("paid_minor", Kind.MONEY, ("оплачено", "paid"), "сумма оплаты"),
        _row("cost_minor", Kind.MONEY, ("себестоимость", "cost")),
        _row("contractor_cost_minor", Kind.MONEY, ("стоимость подрядчика", "contractor cost")),
        _row("author_id", Kind.CHOICE, ("автор", "author"), choices="person"),
        _row("deal_type", Kind.TEXT, ("тип", "type")),
        _row("sign", Kind.CHOICE, ("признак", "sign"), choices="sign"),
        _row("probability", Kind.NUMBER, ("вероятность", "probability")),
        _row(
            "expected_close", Kind.MOMENT, ("дата закрытия", "expected close"), "ожидаемое закрытие"
        ),
        _row(
            "invoice_due",
            Kind.MOMENT,
            ("срок оплаты", "payment due"),
            "срок оплаты счёта",
            "invoice due",
        ),
        _row("contractor", Kind.TEXT, ("подрядчик", "contractor")),
        _row("contractor_due", Kind.MOMENT, ("срок подрядчика", "contractor due")),
        _row("last_touch_at", Kind.MOMENT, ("последнее касание", "last touch")),
        _row("won_at", Kind.MOMENT, ("дата выигрыша", "won on")),
        _row("repeat_at", Kind.MOMENT, ("дата повтора", "repeat date")),
        _row("tags", Kind.TEXTS, ("теги", "tags"), "тег", "tag", "метки"),
        _row("locked", Kind.FLAG, ("закрытость", "locked")),
        _row("evidence.offer_file", Kind.TEXT, ("файл КП", "offer file")),
        _row("evidence.signed_file", Kind.TEXT, ("подписанный договор", "signed file")),
        _row("evidence.result_file", Kind.TEXT, ("файл результата", "result file")),
        _row("evidence.invoice", Kind.TEXT, ("счёт", "invoice")),
    ),
    "lead": (
        *_FLOW,
        _row("stage", Kind.CHOICE, ("этап", "stage"), "стадия", choices="stage.lead"),
        _row("pipeline", Kind.CHOICE, ("воронка", "pipeline"), choices="pipeline.lead"),
        _row("priority", Kind.NUMBER, ("приоритет", "priority")),
        _row(
            "repeat", Kind.FLAG, ("повторность", "is repeat"), "=повторная заявка", "=repeat lead"
        ),
        _row("region", Kind.TEXT, ("регион", "region")),
        _row("first_touch.name", Kind.TEXT, ("источник", "source")),
        _row("first_touch.channel", Kind.TEXT, ("канал", "channel")),
        _row("first_touch.form", Kind.TEXT, ("форма", "form")),
        _row("first_touch.page", Kind.TEXT, ("страница", "page")),
        _row(
            "first_touch.utm.utm_source",
            Kind.TEXT,
            ("метка источника", "utm source"),
            "=utm_source",
        ),
        _row(
            "first_touch.utm.utm_campaign",
            Kind.TEXT,
            ("рекламная кампания", "utm campaign"),
            "=utm_campaign",
        ),
        _row("first_touch.utm.utm_medium", Kind.TEXT, ("тип рекламы", "utm medium"), "=utm_medium"),
        _row("touched_at", Kind.MOMENT, ("первый ответ", "first answer")),
        _row("wrote_at", Kind.MOMENT, ("последнее письмо", "last letter")),
        _row("tries", Kind.NUMBER, ("попытки", "tries")),
    ),
    "client": (
        _row("name", Kind.TEXT, ("имя", "name")),
        _row("company", Kind.TEXT, ("организация", "organisation")),
        _row("segment", Kind.CHOICE, ("статус", "status"), choices="client_segment"),
        _row("tags", Kind.TEXTS, ("теги", "tags"), "тег", "tag", "метки"),
        _row("owner_id", Kind.CHOICE, ("ответственный", "owner"), choices="person"),
        _row("phones", Kind.TEXTS, ("телефоны", "phones"), "телефон", "phone"),
        _row("emails", Kind.TEXTS, ("почта", "e-mail"), "email", "адреса почты"),
        _row("messengers", Kind.TEXTS, ("мессенджеры", "messengers")),
        _row("segments", Kind.TEXTS, ("сегменты", "segments"), "сегмент", "segment"),
        _row("created_at", Kind.MOMENT, ("дата создания", "created")),
        _row("last_touch.at", Kind.MOMENT, ("последний контакт", "last contact")),
    ),
    "company": (
        _row("name", Kind.TEXT, ("название", "name")),
        _row("inn", Kind.TEXT, ("ИНН", "tax number")),
        _row("kpp", Kind.TEXT, ("КПП", "kpp")),
        _row("tags", Kind.TEXTS, ("теги", "tags"), "тег", "tag"),
        _row("owner_id", Kind.CHOICE, ("ответственный", "owner"), choices="person"),
        _row("created_at", Kind.MOMENT, ("дата создания", "created")),
    ),
    "activity": (
        _row("what", Kind.CHOICE, ("вид", "kind"), choices="activity"),
        _row("direction", Kind.CHOICE, ("направление", "direction"), choices="direction"),
        _row("text", Kind.TEXT, ("текст", "text"), "текст сообщения", "message text"),
        _row("staff_id", Kind.CHOICE, ("сотрудник", "person"), choices="person"),
        _row("at", Kind.MOMENT, ("время", "time")),
        _row(
            "last_in_at",
            Kind.MOMENT,
            ("=последнее входящее", "=last inbound"),
            "последнее сообщение клиента",
            "ответ клиента",
            "last answer",
        ),
        _row(
            "last_out_at",
            Kind.MOMENT,
            ("=последнее исходящее", "=last outbound"),
            "наше последнее сообщение",
        ),
    ),
    "task": (
        _row("title", Kind.TEXT, ("название", "title")),
        _row("what", Kind.TEXT, ("вид", "kind")),
        _row("assignee_id", Kind.CHOICE, ("исполнитель", "assignee"), choices="person"),
        _row("due_at", Kind.MOMENT, ("срок", "due")),
        _row("state", Kind.CHOICE, ("состояние", "state"), choices="task_state"),
        _row("priority", Kind.NUMBER, ("приоритет", "priority")),
        _row("result", Kind.TEXT, ("результат", "result")),
    ),
}

# Fields that a rule may write; every other follows from something else. All custom ones are here.
SETTABLE: Mapping[str, frozenset[str]] = {
    "deal": frozenset(
        [
            "name",
            "note",
            "deal_type",
            "amount_minor",
            "cost_minor",
            "contractor_cost_minor",
            "probability",
            "expected_close",
            "invoice_due",
            "contractor",
            "contractor_due",
        ]
    ),
    "lead": frozenset({"note", "priority"}),
    "client": frozenset({"name", "company", "segment"}),
}

# Lists that every office has: id: (Russian, English).
LISTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "state": {
        "open": ("новая", "new"),
        "ongoing": ("в работе", "ongoing"),
        "won": ("выиграна", "won"),
        "lost": ("проиграна", "lost"),
    },
    "sign": {
        "first": ("первая", "first"),
        "repeat": ("повторная", "repeat"),
        "repeat_inquiry": ("повторный запрос", "repeat inquiry"),
    },
    "client_segment": {
        "new": ("новый", "new"),
        "in_work": ("в работе", "in work"),
        "client": ("клиент", "client"),
        "returned": ("вернувшийся", "returned"),
        "wholesale": ("опт", "wholesale"),
        "partner": ("партнёр", "partner"),
        "blacklist": ("чёрный список", "blacklist"),
    },
    "activity": {
        "call": ("звонок", "call"),
        "message": ("сообщение", "message"),
        "mail": ("письмо", "letter"),
        "form": ("форма", "form"),
        "note": ("заметка", "note"),
        "callback": ("заказ звонка", "callback"),
    },
    "direction": {"in": ("входящее", "inbound"), "out": ("исходящее", "outbound")},
    "task_state": {
        "open": ("открыта", "open"),
        "working": ("выполняется", "working"),
        "review": ("на проверке", "in review"),
        "done": ("сделана", "done"),
        "returned": ("возвращена", "returned"),
        "cancelled": ("отменена", "cancelled"),
    },
}


def is_settable(name: Name) -> bool:
    """Return whether a rule may write into a field."""
    return name.entity in SETTABLE and (name.custom or name.path in SETTABLE[name.entity])


def names() -> Iterator[Name]:
    """Yield every field that each office has."""
    for entity, rows in _ROWS.items():
        for path, kind, ru, en, short, choices in rows:
            yield _named(entity, (path, kind, ru, en, short, choices))


def _named(entity: str, row: _Row) -> Name:
    path, kind, ru, en, short, choices = row
    genitive, prefix = ENTITIES[entity]
    return Name(
        canonical=f"{entity}.{path}",
        entity=entity,
        path=path,
        kind=kind,
        name=ru[1:] if ru.startswith("=") else f"{ru} {genitive}",
        name_en=en[1:] if en.startswith("=") else f"{prefix} {en}",
        short=(ru.removeprefix("="), en.removeprefix("="), *(it.removeprefix("=") for it in short)),
        choices=choices,
    )
