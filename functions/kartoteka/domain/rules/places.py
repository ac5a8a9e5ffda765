"""Readers of the places in wordings: stages, people, sums, spans, times, addresses, texts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from kartoteka.domain.hook_address import is_open
from kartoteka.domain.rules.conditions import chosen, typed_value
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.fields_table import Kind, Name, is_settable
from kartoteka.domain.rules.literals import Literal, clock, read, span_at
from kartoteka.domain.rules.model import Operand, Relative
from kartoteka.domain.rules.phrases import Reader, Reading, Unclear
from kartoteka.domain.rules.scan import Token
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.rules.words import near_names, nearest, plain, stem

Found: TypeAlias = tuple[Any, int] | None
_MOST_WORDS = 8  # of a name without quotes
_DAYS = (
    ("понедельник", "monday"),
    ("вторник", "tuesday"),
    ("среда", "среду", "wednesday"),
    ("четверг", "thursday"),
    ("пятница", "пятницу", "friday"),
    ("суббота", "субботу", "saturday"),
    ("воскресенье", "sunday"),
)
_OWNER = ("ответственному", "owner")
RECEIVERS: Mapping[str, tuple[str, ...]] = {
    "owner": (*_OWNER, "responsible", "менеджеру"),
    "author": ("автору", "author"),
    "head": ("руководителю", "начальнику", "head"),
}
_TEAMS = frozenset({"команд", "отдел", "team"})
_PREPOSITIONS = frozenset({"для", "for", "to", "с", "with", "у"})
_DUE = frozenset({"на", "к", "до", "by", "в", "срок", "due", "on"})
_IN = frozenset({"через", "in", "within"})
_HTTPS = "https://"


def _text(reading: Reading, of: str) -> Found:
    """Read a text in quotes; `of` `word`: one word may stand without."""
    token = reading.token
    if token.kind == "string" and token.text.strip():
        return token.text, reading.at + 1
    return (token.text, reading.at + 1) if of == "word" and token.kind == "word" else None


def _choice(reading: Reading, of: str) -> Found:
    """Read an item of a list: in quotes, or as many words as name one."""
    lists = _lists(reading, of)
    if reading.token.kind == "string":
        return _quoted_choice(reading, lists), reading.at + 1
    words = _words(reading)
    for count in range(len(words), 0, -1):
        for name in lists:
            known = reading.vocabulary.choices.get(name)
            found = known.read(" ".join(words[:count])) if known is not None else None
            if found is not None:
                return found, reading.at + count
    if not words:
        return None
    raise Unclear(lambda: _no_name(reading.token, " ".join(words), _known(reading, lists)))


def _quoted_choice(reading: Reading, lists: tuple[str, ...]) -> str:
    token = reading.token
    for name in lists[:-1]:
        known = reading.vocabulary.choices.get(name)
        found = known.read(token.text) if known is not None else None
        if found is not None:
            return found
    return chosen(token.text, lists[-1], reading.vocabulary, token)


def _lists(reading: Reading, of: str) -> tuple[str, ...]:
    """Return the lists that are meant; stages of what the rule is about go first."""
    if of not in {"stage", "pipeline"}:
        return (of,)
    order: tuple[str, ...] = ("lead", "deal") if reading.subject == "lead" else ("deal", "lead")
    if reading.subject in order:
        order = order[:1]
    return tuple(f"{of}.{entity}" for entity in order)


def _known(reading: Reading, lists: tuple[str, ...]) -> list[str]:
    choices = reading.vocabulary.choices
    return [it for name in lists if name in choices for it in choices[name].all_names]


def _words(reading: Reading) -> list[str]:
    found: list[str] = []
    for token in reading.tokens[reading.at : reading.at + _MOST_WORDS]:
        if token.kind != "word":
            break
        found.append(token.text)
    return found


def _named(reading: Reading, of: str) -> Found:
    """Read the name of a record, such as a template: checked against the list if it is known."""
    token = reading.token
    if token.kind != "string":
        return None
    known = reading.vocabulary.choices.get(of)
    key = chosen(token.text, of, reading.vocabulary, token)
    return (known.shown(key, "ru") if known is not None else key), reading.at + 1


def _span(reading: Reading, _of: str) -> Found:
    return span_at(reading.tokens, reading.at)


def _time(reading: Reading, _of: str) -> Found:
    return (clock(reading.token), reading.at + 1) if reading.token.kind == "time" else None


def _weekday(reading: Reading, _of: str) -> Found:
    said = stem(reading.token.text)
    for day, names in enumerate(_DAYS):
        if said in {stem(name) for name in names}:
            return day, reading.at + 1
    if reading.token.kind != "word":
        return None
    raise Unclear(lambda: _no_day(reading.token))


def _no_day(token: Token) -> RuleError | None:
    """Return that a day of the week was meant, or None if it hardly was."""
    near = nearest(token.text, (name for names in _DAYS for name in names))
    return RuleError("rule_word", token.place, nearest=near) if near else None


def weekday_name(day: int, locale: str) -> str:
    """Return the day of the week after «каждый», 0 is Monday."""
    return _DAYS[day][-1] if locale == "en" else _DAYS[day][-2]


def _field(reading: Reading, of: str) -> Found:
    """Read a field; `of` `date`, `number` and `settable` ask for such a one.

    Raises:
        RuleError: there is no such field, or it is of another type.
    """
    token = reading.token
    if token.kind == "field":
        name = reading.vocabulary.bracketed(token.text, reading.subject)
        found = (name, reading.at + 1) if name is not None else None
    else:
        found = reading.vocabulary.longest_at(reading.tokens, reading.at, reading.subject)
    if found is None:
        return _no_field(reading)
    if of == "settable" and not is_settable(found[0]):
        raise RuleError("rule_not_settable", token.place, field=found[0])
    kinds = _FIELD_KINDS.get(of)
    if kinds is not None and found[0].kind not in kinds:
        raise RuleError(f"rule_not_{of}", token.place, field=found[0])
    return found


def _no_field(reading: Reading) -> Found:
    """Return nothing where no field can be, else say that there is none such.

    Raises:
        Unclear: words are there; they are told of if they are like a field's.
    """
    token = reading.token
    said = token.text if token.kind == "field" else " ".join(_words(reading)[:3])
    if not said:
        return None

    def error() -> RuleError | None:
        near = reading.vocabulary.nearest_field(said)
        found = RuleError("rule_field", (token.start, said), nearest=near)
        return found if near or token.kind == "field" else None

    raise Unclear(error)


_FIELD_KINDS = {
    "date": frozenset({Kind.MOMENT, Kind.DATE}),
    "number": frozenset({Kind.MONEY, Kind.NUMBER}),
}


def _value(reading: Reading, _of: str) -> Found:
    """Read a value of the field that was named before."""
    name: Name = reading.filled["field"]
    found = read(reading.tokens, reading.at, reading.vocabulary.around)
    if found is not None:
        return typed_value(found, name, reading.vocabulary), found.upto
    words = _words(reading)
    if not words:
        return None
    token = Token("string", " ".join(words), reading.token.start, reading.token.end)
    literal = Literal("text", token.text, token, reading.at + len(words))
    return typed_value(literal, name, reading.vocabulary), literal.upto


def _threshold(reading: Reading, of: str) -> Found:
    found = _value(reading, of)
    return found if found is not None and isinstance(found[0], int | Decimal) else None


def _who(reading: Reading, _of: str) -> Found:
    """Read a receiver: owner, author, head, a role, a team, or a person by name."""
    at = reading.at
    if plain(reading.token.text) in _PREPOSITIONS and reading.token.kind == "word":
        at += 1
    token = reading.tokens[at]
    if token.kind == "string" and token.text.partition(":")[0] in {"role", "staff", "team"}:
        return token.text, at + 1
    if token.kind == "word":
        for code, names in RECEIVERS.items():
            if stem(token.text) in {stem(name) for name in names}:
                return code, at + 1
        if stem(token.text) in _TEAMS:
            inner = Reading(reading.tokens, at + 1, reading.vocabulary)
            team = _choice(inner, "team")
            return (f"team:{team[0]}", team[1]) if team is not None else None
    return _role_or_person(Reading(reading.tokens, at, reading.vocabulary))


def _role_or_person(reading: Reading) -> Found:
    choices = reading.vocabulary.choices
    token = reading.token
    words = [token.text] if token.kind == "string" else _words(reading)
    for count in range(len(words), 0, -1):
        said = " ".join(words[:count])
        for name, prefix in (("person", "staff"), ("role", "role")):
            found = choices[name].read(said) if name in choices else None
            if found is not None:
                return f"{prefix}:{found}", reading.at + count
    if not words:
        return None
    lists = ("person", "role")
    raise Unclear(lambda: _no_name(token, words[0], [*_known(reading, lists), *_OWNER]))


def _no_name(token: Token, said: str, known: list[str]) -> RuleError:
    return RuleError("rule_name", token.place, nearest=near_names(said, known))


def _due(reading: Reading, _of: str) -> Found:
    """Read until when: a span from now, a day or a moment; «на завтра», «через 2 часа»."""
    at = reading.at
    within = False
    while reading.tokens[at].kind == "word" and plain(reading.tokens[at].text) in _DUE | _IN:
        within = within or plain(reading.tokens[at].text) in _IN
        at += 1
    found = read(reading.tokens, at, reading.vocabulary.around)
    if found is None:
        return None
    if found.kind == "span":
        return found.value, found.upto
    return (found.value, found.upto) if _is_due(found.value) and not within else None


def _is_due(value: Operand | Span) -> bool:
    return isinstance(value, date | datetime) or (
        isinstance(value, Relative) and value.day and not value.back
    )


def _path(reading: Reading, _of: str) -> Found:
    """Read a path of the site, such as /price; with `*` at its end all that begin so."""
    token = reading.token
    if token.kind not in {"path", "string"}:
        return None
    if not token.text.startswith("/") or "*" in token.text[:-1]:
        raise RuleError("rule_path", token.place)
    return token.text, reading.at + 1


def _url(reading: Reading, _of: str) -> Found:
    token = reading.token
    if token.kind not in {"url", "string"}:
        return None
    if not token.text.startswith(_HTTPS):
        raise RuleError("rule_url", token.place)
    if not is_open(token.text):
        raise RuleError("rule_url_closed", token.place)
    return token.text, reading.at + 1


READERS: Mapping[str, Reader] = {
    "text": _text,
    "choice": _choice,
    "named": _named,
    "span": _span,
    "time": _time,
    "weekday": _weekday,
    "field": _field,
    "value": _value,
    "threshold": _threshold,
    "who": _who,
    "due": _due,
    "path": _path,
    "url": _url,
}
