"""The tables of docs/*/rules.md, made of the vocabulary: `python -m` this module renews them."""

import re
from collections.abc import Iterator, Sequence

from tests.architecture.sources import ROOT

from kartoteka.domain.rules.catalogue import ACTIONS
from kartoteka.domain.rules.events import EVENTS, OTHERS, WAITS
from kartoteka.domain.rules.fields_table import ENTITIES, LISTS, Kind, names
from kartoteka.domain.rules.phrases import Element, elements

KINDS = {
    Kind.TEXT: ("текст", "text"),
    Kind.TEXTS: ("список текстов", "list of texts"),
    Kind.NUMBER: ("число", "number"),
    Kind.MONEY: ("сумма", "amount"),
    Kind.MOMENT: ("дата и время", "date and time"),
    Kind.DATE: ("дата", "date"),
    Kind.FLAG: ("да или нет", "yes or no"),
    Kind.CHOICE: ("из списка", "from a list"),
}
# What stands in a place of a wording, so that every wording of the page is a whole one.
PLACES = {
    "choice:stage.deal": ("«Отправить клиенту КП»", "«Send the offer»"),
    "choice:stage.lead": ("«Новая заявка»", "«New request»"),
    "choice:stage": ("«Отправить клиенту КП»", "«Send the offer»"),
    "choice:pipeline.deal": ("«Сделки»", "«Deals»"),
    "choice:pipeline": ("«Сделки»", "«Deals»"),
    "choice:form": ("«Консультация юриста»", "«Legal consultation»"),
    "choice:segment": ("«Спящие»", "«Sleeping»"),
    "choice:paper": ("КП", "invoice"),
    "choice:task_kind": ("звонок", "call"),
    "named:template": ("«Напоминание»", "«Reminder»"),
    "named:series": ("«Знакомство»", "«Welcome»"),
    "text:word": ("«важное»", "«important»"),
    "text": ("«Слова»", "«Words»"),
    "span": ("3 рабочих дня", "3 working days"),
    "time": ("18:00", "18:00"),
    "weekday": ("понедельник", "monday"),
    "field:date": ("срок оплаты", "payment due"),
    "field:number": ("сумма сделки", "deal amount"),
    "field:settable": ("сумма сделки", "deal amount"),
    "field": ("сумма сделки", "deal amount"),
    "value": ("500 000", "500 000"),
    "threshold": ("500 000", "500 000"),
    "who": ("ответственному", "owner"),
    "due": ("на завтра", "by tomorrow"),
    "path": ("/price", "/price"),
    "url": ("https://example.ru/hook", "https://example.ru/hook"),
    "entity": ("по сделкам", "for deals"),
    "event": ("выигрыш сделки", "deal won"),
}
# Cases and genders, which people write and the places above have not.
GRAMMAR = {
    "до срок ": "до срока ",
    "после срок ": "после срока ",
    "день срок ": "день срока ",
    "после выигрыш ": "после выигрыша ",
    "изменилось сумма": "изменилась сумма",
    "сделки изменилось": "сделки изменилась",
    "заполнено сумма": "заполнена сумма",
    "поля сумма": "поля суммы",
    "поле сумма": "поле суммы",
    "записать сумма": "записать сумму",
    "очистить сумма": "очистить сумму",
    "назначить ответственному": "назначить руководителя",
    "ответственный ответственному": "ответственный автор",
    "передать ответственному": "передать руководителю",
    "уведомить ответственному": "уведомить ответственного",
    "согласовать ответственному": "согласовать с руководителем",
    "assign owner": "assign head",
    "give owner": "give to head",
    "ask owner": "ask head",
}
LOCALES = {"ru": 0, "en": 1}


def written(wording: str, locale: str) -> str:
    """Return a wording as somebody would write it."""
    words, parts = [], elements(wording)
    for at, part in enumerate(parts):
        place = f"{part.reader}:{part.of}".rstrip(":")
        if part.name and place in PLACES:
            words.append(PLACES[place][LOCALES[locale]])
        elif part.words and (not part.optional or introduces(parts[at + 1 :])):
            words.append(part.words[0])
    said = " ".join(words)
    for plain, right in GRAMMAR.items():
        said = said.replace(plain, right)
    return said


def introduces(rest: Sequence[Element]) -> bool:
    """Return whether the next place is one that may be missing, and no word comes before it."""
    ahead = next((part for part in rest if part.name or not part.optional), None)
    return ahead is not None and bool(ahead.name) and ahead.optional


def triggers(locale: str) -> list[str]:
    wordings = [it for event in (*EVENTS, *WAITS) for it in (event.ru, event.en)[LOCALES[locale]]]
    wordings += [it for both in OTHERS.values() for it in both[LOCALES[locale]]]
    return [written(it, locale) for it in wordings]


def actions(locale: str) -> list[str]:
    wordings = [it for action in ACTIONS for it in (action.ru, action.en)[LOCALES[locale]]]
    return list(dict.fromkeys(written(it, locale) for it in wordings))


def fields(locale: str) -> Iterator[str]:
    at = LOCALES[locale]
    yield ("| Поле | Короче | Что в нём |", "| Field | In short | What it holds |")[at]
    yield "|---|---|---|"
    for name in sorted(names(), key=lambda it: list(ENTITIES).index(it.entity)):
        full = (name.name, name.name_en)[at]
        russian = [bool(re.search("[а-я]", it)) for it in name.short]
        short = [it for it, is_ru in zip(name.short, russian, strict=True) if is_ru == (at == 0)]
        listed = ", ".join(it for it in dict.fromkeys(short) if it != full)
        yield f"| {full} | {listed} | {KINDS[name.kind][at]}{_items(name.choices, at)} |"


def _items(choices: str, at: int) -> str:
    items = LISTS.get(choices)
    return ": " + ", ".join(called[at] for called in items.values()) if items else ""


def tables(locale: str) -> dict[str, str]:
    """Return what stands between the marks of a page."""
    fence = "```"
    return {
        "triggers": "\n".join([f"{fence}when", *triggers(locale), fence]),
        "actions": "\n".join([f"{fence}then", *actions(locale), fence]),
        "fields": "\n".join(fields(locale)),
    }


def renewed(page: str, locale: str) -> str:
    """Return the page with its tables as they are now."""
    for name, table in tables(locale).items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        page = marks.sub(lambda found, made=table: found[1] + made + found[2], page)
    return page


def main() -> None:
    for locale in LOCALES:
        path = ROOT / "docs" / locale / "rules.md"
        path.write_text(renewed(path.read_text("utf-8"), locale), "utf-8")


if __name__ == "__main__":
    main()
