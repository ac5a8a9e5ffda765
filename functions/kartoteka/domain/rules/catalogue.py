"""What rules can do: each action with its wordings; arguments are the places in them.

Arguments: `who` a receiver, `stage` and `pipeline` ids, `due` a span from now, a day or a moment,
`field` a canonical name, `value` of that field's type, `template` and `series` names or ids,
`url` https; all others are texts. An argument that was not said is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One action: the first wording is the printed one; places that may be missing end it."""

    name: str
    ru: tuple[str, ...]
    en: tuple[str, ...]

    @property
    def wordings(self) -> tuple[str, ...]:
        """Return the wordings of both languages."""
        return (*self.ru, *self.en)


def _action(name: str, ru: str, en: str) -> Action:
    return Action(name, _split(ru), _split(en))


def _split(wordings: str) -> tuple[str, ...]:
    return tuple(it.strip() for it in wordings.split(" / "))


ACTIONS: tuple[Action, ...] = (
    _action("assign",
            "назначить ?ответственным {who=who} / ответственный {who=who} / передать {who=who}",
            "assign ?to {who=who} / give ?to {who=who}"),
    _action("move",
            "этап|стадия {stage=choice:stage} ?{back=back} ?причина ?{reason=text}"
            " / перевести ?сделку|заявку в|на этап|стадию {stage=choice:stage} ?{back=back}"
            " ?причина ?{reason=text}",
            "stage {stage=choice:stage} ?{back=back} ?reason ?{reason=text}"
            " / move to stage {stage=choice:stage} ?{back=back} ?reason ?{reason=text}"),
    _action("move",
            "воронка {pipeline=choice:pipeline} ?этап ?{stage=choice:stage} ?{back=back}"
            " / перевести в воронку {pipeline=choice:pipeline} ?на ?этап ?{stage=choice:stage}",
            "pipeline {pipeline=choice:pipeline} ?stage ?{stage=choice:stage} ?{back=back}"
            " / move to pipeline {pipeline=choice:pipeline} ?stage ?{stage=choice:stage}"),
    _action("task",
            "задача|задачу {title=text} ?{who=who} ?{due=due} ?вид ?{kind=choice:task_kind}"
            " / поставить|создать задачу {title=text} ?{who=who} ?{due=due}"
            " / ?поставить|создать задача|задачу {title=text} ?{due=due} ?{who=who}",
            "task {title=text} ?{who=who} ?{due=due} ?kind ?{kind=choice:task_kind}"
            " / create|give task {title=text} ?{who=who} ?{due=due}"
            " / ?create|give task {title=text} ?{due=due} ?{who=who}"),
    _action("notify",
            "уведомить|сообщить {who=who} ?{text=text}",
            "notify|tell {who=who} ?{text=text}"),
    _action("message",
            "письмо|сообщение|смс по шаблону {template=named:template}"
            " / ?отправить письмо|сообщение|смс ?клиенту ?по ?шаблону {template=named:template}",
            "letter|message|sms by template {template=named:template}"
            " / ?send letter|mail|message|sms ?to ?client ?by ?template {template=named:template}"),
    _action("attach",
            "приложить|прикрепить документы|файлы|материалы ?по ?категории ?{category=text}",
            "attach papers|files ?by|of ?category ?{category=text}"),
    _action("document",
            "документ {paper=choice:paper} / ?сделать|создать документ {paper=choice:paper}",
            "document {paper=choice:paper} / ?make|create document {paper=choice:paper}"),
    _action("set",
            "поле {field=field:settable} =|равно {value=value}"
            " / записать|установить ?в {field=field:settable} =|равно {value=value}",
            "set {field=field:settable} =|to {value=value}"),
    _action("set", "очистить ?поле {field=field:settable}", "clear {field=field:settable}"),
    _action("tag",
            "тег {tag=text:word} / добавить|поставить тег {tag=text:word}",
            "tag {tag=text:word} / add tag {tag=text:word}"),
    _action("untag",
            "снять|убрать тег {tag=text:word}",
            "remove|drop tag {tag=text:word} / untag {tag=text:word}"),
    _action("webhook", "вебхук {url=url}", "webhook {url=url}"),
    _action("series_start",
            "серия|серию {series=named:series} / начать|запустить серию {series=named:series}",
            "series {series=named:series} / start series {series=named:series}"),
    _action("series_stop", "остановить серию {series=named:series}",
            "stop series {series=named:series}"),
    _action("series_stop", "остановить серии", "stop all series"),
    _action("ask",
            "согласовать|спросить ?с|у {who=who} {text=text}",
            "ask {who=who} {text=text}"),
)  # fmt: skip

PAPER_KINDS: Mapping[str, tuple[str, ...]] = {
    "offer": ("КП", "коммерческое предложение", "offer"),
    "invoice": ("счёт", "invoice"),
}

TASK_KINDS: Mapping[str, tuple[str, str]] = {
    "call": ("звонок", "call"),
    "letter": ("письмо", "letter"),
    "meeting": ("встреча", "meeting"),
    "decide": ("решение", "decision"),
    "other": ("другое", "other"),
}
