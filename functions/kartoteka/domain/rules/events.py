"""What can happen with records, and how people say it; the first wording is the printed one."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens with a record; `detail` is the place that narrows it, or empty."""

    entity: str
    event: str
    ru: tuple[str, ...]
    en: tuple[str, ...]
    detailed: bool = False

    @property
    def wordings(self) -> tuple[str, ...]:
        """Return the wordings of both languages."""
        return (*self.ru, *self.en)


def _plain(entity: str, event: str, ru: str, en: str) -> Event:
    return Event(entity, event, _split(ru), _split(en))


def _narrow(entity: str, event: str, ru: str, en: str) -> Event:
    return Event(entity, event, _split(ru), _split(en), detailed=True)


def _split(wordings: str) -> tuple[str, ...]:
    return tuple(it.strip() for it in wordings.split("/"))


_MOVES = (
    _narrow("deal", "stage",
            "сделка перешла|пришла|попала в|на этап|стадию {detail=choice:stage.deal}",
            "deal moved|came to stage {detail=choice:stage.deal}"),
    _narrow("deal", "left", "сделка ушла с|из этапа|стадии {detail=choice:stage.deal}",
            "deal left stage {detail=choice:stage.deal}"),
    _plain("deal", "stage", "сделка сменила этап|стадию / этап сделки изменился",
           "deal changed stage / deal stage changed"),
    _narrow("deal", "pipeline", "сделка перешла в воронку {detail=choice:pipeline.deal}",
            "deal moved to pipeline {detail=choice:pipeline.deal}"),
    _narrow("lead", "stage",
            "заявка перешла|пришла|попала в|на этап|стадию {detail=choice:stage.lead}",
            "lead|request moved|came to stage {detail=choice:stage.lead}"),
    _narrow("lead", "left", "заявка ушла с|из этапа|стадии {detail=choice:stage.lead}",
            "lead|request left stage {detail=choice:stage.lead}"),
    _plain("lead", "stage", "заявка сменила этап|стадию / этап заявки изменился",
           "lead|request changed stage / lead|request stage changed"),
)  # fmt: skip
_LEADS = (
    _plain("lead", "created", "новая заявка / пришла ?новая заявка / заявка создана"
            " / создание заявки",
           "new lead|request / lead|request created"),
    _plain("lead", "owner", "у заявки сменился ответственный / заявка передана",
           "lead|request got a new owner / lead|request given"),
    _plain("lead", "won", "заявка стала сделкой / заявка качественная",
           "lead|request became a deal / lead|request won"),
    _plain("lead", "lost", "заявка отклонена / заявка закрыта без сделки", "lead|request lost"),
)  # fmt: skip
_DEALS = (
    _plain("deal", "created", "новая сделка / сделка создана / создание сделки",
           "new deal / deal created"),
    _plain("deal", "owner", "у сделки сменился ответственный / сделка передана",
           "deal got a new owner / deal given"),
    _plain("deal", "won", "сделка выиграна / сделка закрыта успешно / выигрыш сделки", "deal won"),
    _plain("deal", "lost", "сделка проиграна / сделка закрыта неуспешно / проигрыш сделки",
           "deal lost"),
    _narrow("deal", "product", "добавлен товар ?из категории {detail=text:word}"
            " / в сделку добавлен товар ?из категории {detail=text:word}"
            " / добавление товара категории {detail=text:word}",
            "product of category {detail=text:word} added"),
    _plain("deal", "product", "добавлен товар / в сделку добавлен товар", "product added"),
    _plain("deal", "payment", "пришла|поступила|получена оплата / поступление оплаты",
           "payment received"),
    _plain("deal", "paid", "сделка оплачена ?полностью"
            " / полная оплата сделки", "deal paid ?in ?full"),
    _plain("deal", "invoice", "выставлен счёт / выставление счёта", "invoice issued"),
    _narrow("deal", "tag", "сделка получила тег {detail=text:word}",
            "deal got tag {detail=text:word}"),
    _plain("order", "created", "новый заказ / пришёл ?новый заказ", "new order"),
)  # fmt: skip
_CLIENTS = (
    _plain("client", "created", "новый клиент / клиент создан", "new client / client created"),
    _plain("client", "owner", "у клиента сменился ответственный", "client got a new owner"),
    _narrow("client", "tag", "клиент получил тег {detail=text:word}",
            "client got tag {detail=text:word}"),
    _plain("company", "created", "новая компания", "new company"),
)  # fmt: skip
_TOUCHES = (
    _plain("activity", "call_missed", "пропущенный|пропущен звонок|звонка", "missed call"),
    _plain("activity", "call_answered", "состоялся разговор ?с ?клиентом"
            " / разговор|разговора с клиентом"
           " / состоялся звонок", "call answered / conversation with client"),
    _plain("activity", "call_in", "входящий звонок|звонка", "incoming call"),
    _plain("activity", "call_out", "исходящий звонок|звонка", "outgoing call"),
    _plain("activity", "message_in", "клиент написал / сообщение от клиента", "client wrote"),
    _plain("activity", "mail_in", "пришло письмо ?от ?клиента / письмо от клиента",
           "letter from client"),
    _plain("activity", "chat_in", "клиент написал в чат|мессенджер / сообщение в чате",
           "client wrote in chat"),
    _plain("activity", "mail_out", "отправлено письмо", "letter sent"),
    _plain("activity", "message_out", "отправлено сообщение", "message sent"),
    _narrow("activity", "form", "заполнена|отправлена форма {detail=choice:form}",
            "form {detail=choice:form} filled ?in"),
    _plain("activity", "form", "заполнена|отправлена форма", "form filled ?in"),
    _plain("activity", "callback", "заказ|заказан звонка|звонок / клиент просит перезвонить",
           "callback asked"),
)  # fmt: skip
_TASKS = (
    _plain("task", "created", "новая задача / задача создана", "new task / task created"),
    _plain("task", "done", "задача сделана|выполнена|завершена", "task done"),
    _plain("task", "overdue", "задача просрочена", "task overdue"),
)

EVENTS: tuple[Event, ...] = (*_MOVES, *_LEADS, *_DEALS, *_CLIENTS, *_TOUCHES, *_TASKS)

# What goes on for a while: wordings with {delay=span}.
WAITS: tuple[Event, ...] = (
    _plain("client", "silent", "{delay=span} без ответа клиента / клиент молчит {delay=span}"
           " / клиент не отвечает {delay=span} / нет ответа клиента {delay=span}",
           "client silent for {delay=span} / no answer from client for {delay=span}"
           " / {delay=span} without answer from client"),
    _plain("deal", "silent", "{delay=span} без ответа клиента по сделке"
           " / клиент молчит {delay=span} по сделке / клиент не отвечает {delay=span} по сделке",
           "client silent for {delay=span} about deal"),
    _plain("lead", "silent", "{delay=span} без ответа клиента по заявке"
           " / клиент молчит {delay=span} по заявке / клиент не отвечает {delay=span} по заявке",
           "client silent for {delay=span} about lead|request"),
    _plain("lead", "unanswered", "заявка без ответа {delay=span}"
            " / {delay=span} без ответа на заявку",
           "lead|request unanswered for {delay=span}"),
    _plain("deal", "idle", "сделка без движения {delay=span} / {delay=span} без движения по сделке"
           " / нет касаний по сделке {delay=span}", "deal idle for {delay=span}"),
    _plain("lead", "idle", "заявка без движения {delay=span} / {delay=span} без движения по заявке"
           " / нет касаний по заявке {delay=span}", "lead|request idle for {delay=span}"),
    _narrow("deal", "stage",
            "сделка на этапе|стадии {detail=choice:stage.deal} ?дольше|больше|уже {delay=span}",
            "deal in stage {detail=choice:stage.deal} ?longer ?than|for {delay=span}"),
    _narrow("lead", "stage",
            "заявка на этапе|стадии {detail=choice:stage.lead} ?дольше|больше|уже {delay=span}",
            "lead|request in stage {detail=choice:stage.lead} ?longer ?than|for {delay=span}"),
    _plain("task", "overdue", "задача просрочена на {delay=span}", "task overdue by {delay=span}"),
)  # fmt: skip

# The other triggers by class: wordings in both languages.
OTHERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "changed": (
        _split("изменилось|изменилась|изменился|изменились ?поле {field=field}"
               " / {field=field} изменилось|изменилась|изменился|изменились"
               " / изменение поля {field=field}"),
        _split("{field=field} changed / changed {field=field}"),
    ),
    "filled": (
        _split("заполнено|заполнена|заполнен|указано ?поле {field=field}"),
        _split("{field=field} filled ?in / filled {field=field}"),
    ),
    "crossed": (
        _split("{field=field:number} достигла|достигло|достиг ?до {threshold=threshold}"
               " / {field=field:number} стала|стало|стал не меньше|ниже {threshold=threshold}"
               " / {field=field:number} выросла|вырос до {threshold=threshold}"),
        _split("{field=field:number} reached {threshold=threshold}"
               " / {field=field:number} grew to {threshold=threshold}"),
    ),
    "over": (
        _split("{field=field:number} стала|стало|стал больше|выше {threshold=threshold}"
               " / {field=field:number} превысила|превысило|превысил {threshold=threshold}"),
        _split("{field=field:number} rose above|over {threshold=threshold}"
               " / {field=field:number} exceeded {threshold=threshold}"),
    ),
    "before": (
        _split("за {delay=span} до {field=field:date} / {delay=span} до {field=field:date}"),
        _split("{delay=span} before {field=field:date}"),
    ),
    "after": (
        _split("через {delay=span} после {field=field:date}"
            " / {delay=span} после {field=field:date}"),
        _split("{delay=span} after {field=field:date} / in {delay=span} after {field=field:date}"),
    ),
    "reached": (
        _split("наступил|наступила|наступило {field=field:date} / в день {field=field:date}"),
        _split("on {field=field:date} / {field=field:date} has come"),
    ),
    "since": (
        _split("через {delay=span} после {event=event} / {delay=span} после {event=event}"),
        _split("{delay=span} after {event=event} / in {delay=span} after {event=event}"),
    ),
    "entered": (
        _split("?клиент вошёл|вошла|попал в сегмент {name=choice:segment}"),
        _split("?client entered segment {name=choice:segment}"),
    ),
    "exited": (
        _split("?клиент вышел|вышла|выбыл из сегмента {name=choice:segment}"),
        _split("?client left segment {name=choice:segment}"),
    ),
    "visited": (
        _split("открыта страница {path=path} / ?клиент открыл страницу {path=path}"
               " / посещение страницы {path=path}"),
        _split("page {path=path} visited|opened / visited page {path=path}"),
    ),
    "working": (
        _split("каждый рабочий день в {at=time} ?{entity=entity}"
            " / по рабочим дням в {at=time} ?{entity=entity}"),
        _split("every working day at {at=time} ?{entity=entity}"),
    ),
    "daily": (
        _split("каждый день в {at=time} ?{entity=entity} / ежедневно в {at=time} ?{entity=entity}"),
        _split("every day at {at=time} ?{entity=entity} / daily at {at=time} ?{entity=entity}"),
    ),
    "weekly": (
        _split("каждый|каждую|каждое {day=weekday} в {at=time} ?{entity=entity}"),
        _split("every {day=weekday} at {at=time} ?{entity=entity}"),
    ),
}  # fmt: skip
