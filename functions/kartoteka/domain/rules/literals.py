"""Values as people type them: sums, numbers, dates, moments, spans of time, yes and no."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.model import Operand, Relative
from kartoteka.domain.rules.scan import Token
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.rules.words import plain

MOST_NUMBER = Decimal(10) ** 13  # beyond it a number is not exact in a sheet
_LONGEST = {
    "months": 120,
    "days": 3_660,
    "minutes": 100_000,
    "work_days": 260,
    "work_minutes": 9_600,
}
_CLOCK = 60
_WEEK = 7
_YEAR = 12
_GROUP = 3  # digits after a comma that may be thousands as well

_SCALES = {
    **dict.fromkeys(("тыс", "тыс.", "тысяч", "тысяча", "тысячи", "тысячу", "k", "thousand"), 10**3),
    **dict.fromkeys(("млн", "млн.", "миллион", "миллиона", "миллионов", "million", "mln"), 10**6),
    **dict.fromkeys(("млрд", "млрд.", "миллиард", "миллиарда", "billion", "bn"), 10**9),
}
_CURRENCIES = {
    **dict.fromkeys(("₽", "руб", "руб.", "р", "р.", "рубль", "рубля", "рублей"), "RUB"),
    **dict.fromkeys(("$", "доллар", "доллара", "долларов", "dollars"), "USD"),
    **dict.fromkeys(("€", "евро", "euro", "euros"), "EUR"),
    **{code.casefold(): code for code in ("RUB", "USD", "EUR", "KZT", "BYN", "UAH", "GBP", "CNY")},
}
_WORKING = frozenset(
    [
        "рабочий",
        "рабочего",
        "рабочих",
        "рабочие",
        "рабочая",
        "рабочей",
        "рабочую",
        "раб.",
        "working",
        "business",
    ]
)
_UNITS = {
    **dict.fromkeys(
        ["минута", "минуту", "минуты", "минут", "мин", "мин.", "minute", "minutes", "min"],
        "minutes",
    ),
    **dict.fromkeys(["час", "часа", "часов", "ч", "ч.", "hour", "hours", "h"], "hours"),
    **dict.fromkeys(["день", "дня", "дней", "дн", "дн.", "day", "days"], "days"),
    **dict.fromkeys(["неделя", "неделю", "недели", "недель", "week", "weeks"], "weeks"),
    **dict.fromkeys(["месяц", "месяца", "месяцев", "month", "months"], "months"),
    **dict.fromkeys(["год", "года", "лет", "year", "years"], "years"),
}
_NUMERALS = {
    **{
        word: at
        for at, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1
        )
    },
    **{
        word: at
        for at, word in enumerate(
            ["один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять"],
            1,
        )
    },
    "одна": 1,
    "одну": 1,
    "две": 2,
    "a": 1,
    "an": 1,
}
_FLAGS = {"да": True, "нет": False, "yes": True, "no": False, "true": True, "false": False}
_ANCHORS = {
    "сейчас": Relative(),
    "now": Relative(),
    **dict.fromkeys(("сегодня", "today"), Relative(day=True)),
    **dict.fromkeys(("завтра", "tomorrow"), Relative(day=True, span=Span(days=1))),
    **dict.fromkeys(("послезавтра",), Relative(day=True, span=Span(days=2))),
    **dict.fromkeys(("вчера", "yesterday"), Relative(day=True, span=Span(days=1), back=True)),
}
_PAST = frozenset({"назад", "ago"})
_AHEAD = frozenset({"через"})
_CLOSE = (("к", "концу", "дня"), ("до", "конца", "дня"), ("by", "close"))


@dataclass(frozen=True, slots=True)
class Around:
    """What values lean on: the office's zone and its currency."""

    zone: str = "Europe/Moscow"
    currency: str = "RUB"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a cell.

    Kinds: number (Decimal), money (minor units), text, date, moment, relative, flag, span.
    """

    kind: str
    value: Operand | Span
    first: Token
    upto: int  # index of the token behind it

    @property
    def place(self) -> tuple[int, str]:
        """Return where it stands, as errors name it."""
        return self.first.place


def read(tokens: Sequence[Token], at: int, around: Around) -> Literal | None:
    """Return the value that begins at this token, None when it begins no value.

    Raises:
        RuleError: it begins as a value and is none: a day that is in no month, another currency.
    """
    token = tokens[at]
    if token.kind == "string":
        return Literal("text", token.text, token, at + 1)
    if token.kind == "word" and plain(token.text) in _FLAGS:
        return Literal("flag", _FLAGS[plain(token.text)], token, at + 1)
    return _moment(tokens, at, around) or _relative(tokens, at) or _counted(tokens, at, around)


def span_at(tokens: Sequence[Token], at: int) -> tuple[Span, int] | None:
    """Return the span of time that begins here and the index behind it; None when none does.

    Raises:
        RuleError: longer than timers wait, or working time in weeks, months and years.
    """
    found, upto = Span(), at
    while (part := _span_part(tokens, upto)) is not None:
        unit, count, upto = part
        if count > _LONGEST[unit]:
            raise RuleError("rule_span_long", tokens[at].place)
        found = replace(found, **{unit: getattr(found, unit) + count})
    if upto == at:
        return None
    closing = _closing(tokens, upto)
    return (replace(found, to_close=True), upto + closing) if closing else (found, upto)


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Return how many tokens say that the span goes on to the end of the working day."""
    for phrase in _CLOSE:
        said = tuple(plain(token.text) for token in tokens[at : at + len(phrase)])
        if said == phrase:
            return len(phrase)
    return 0


def _span_part(tokens: Sequence[Token], at: int) -> tuple[str, int, int] | None:
    """Return one unit of a span: field, count, index behind it; «неделя» alone is one week."""
    count, upto = _count(tokens, at)
    working = plain(tokens[upto].text) in _WORKING and tokens[upto].kind == "word"
    unit_at = upto + working
    unit = tokens[unit_at]
    if unit.kind != "word" or plain(unit.text) not in _UNITS or count is None:
        return None
    field, times = _unit(_UNITS[plain(unit.text)], working=working, place=tokens[at].place)
    return field, count * times, unit_at + 1


def _count(tokens: Sequence[Token], at: int) -> tuple[int | None, int]:
    """Return the count before a unit and the index behind it; 1 when there is none."""
    token = tokens[at]
    if token.kind == "number":
        return (int(token.text) if token.text.isdecimal() else None), at + 1
    if token.kind == "word" and plain(token.text) in _NUMERALS:
        return _NUMERALS[plain(token.text)], at + 1
    return 1, at


def _unit(unit: str, *, working: bool, place: tuple[int, str]) -> tuple[str, int]:
    """Return the field of `Span` that a unit counts, and how many of it the unit has."""
    if working:
        kinds = {"minutes": ("work_minutes", 1), "hours": ("work_minutes", _CLOCK)}
        kinds["days"] = ("work_days", 1)
    else:
        kinds = {"minutes": ("minutes", 1), "hours": ("minutes", _CLOCK), "days": ("days", 1)}
        kinds |= {"weeks": ("days", _WEEK), "months": ("months", 1), "years": ("months", _YEAR)}
    if unit not in kinds:
        raise RuleError("rule_span", place)
    return kinds[unit]


def _relative(tokens: Sequence[Token], at: int) -> Literal | None:
    token = tokens[at]
    anchor = _ANCHORS.get(plain(token.text)) if token.kind == "word" else None
    if anchor is not None:
        return _anchored(tokens, at, anchor)
    ahead = token.kind == "word" and plain(token.text) in _AHEAD
    span = span_at(tokens, at + ahead)
    if span is None:
        return None
    if ahead:
        return Literal("relative", Relative(span=span[0]), token, span[1])
    if plain(tokens[span[1]].text) in _PAST:
        return Literal("relative", Relative(span=span[0], back=True), token, span[1] + 1)
    return Literal("span", span[0], token, span[1])


def _anchored(tokens: Sequence[Token], at: int, anchor: Relative) -> Literal:
    """Return the moment of a word such as «сейчас», with what is added or taken away."""
    sign = tokens[at + 1]
    span = span_at(tokens, at + 2) if sign.kind == "sign" else None
    if span is None or anchor.span != Span():
        return Literal("relative", anchor, tokens[at], at + 1)
    moved = replace(anchor, span=span[0], back=sign.text != "+")
    return Literal("relative", moved, tokens[at], span[1])


def _moment(tokens: Sequence[Token], at: int, around: Around) -> Literal | None:
    token = tokens[at]
    try:
        if token.kind == "moment":
            return Literal("moment", _whole(datetime.fromisoformat(token.text)), token, at + 1)
        if token.kind != "date":
            return None
        day = _day(token.text)
        if tokens[at + 1].kind != "time":
            return Literal("date", day, token, at + 1)
        local = datetime.combine(day, clock(tokens[at + 1]), ZoneInfo(around.zone))
        return Literal("moment", _whole(local), token, at + 2)
    except (ValueError, OverflowError) as exc:
        raise RuleError("rule_date", token.place) from exc


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _day(text: str) -> date:
    if "-" in text:
        return date.fromisoformat(text)
    day, month, year = text.split(".")
    return date(int(year), int(month), int(day))


def clock(token: Token) -> time:
    """Return the local time of a token such as 18:00.

    Raises:
        RuleError: there is no such time.
    """
    hours, minutes = token.text.split(":")
    try:
        return time(int(hours), int(minutes))
    except ValueError as exc:
        raise RuleError("rule_time", token.place) from exc


def _counted(tokens: Sequence[Token], at: int, around: Around) -> Literal | None:
    """Return a number or a sum."""
    negative = tokens[at].kind == "sign" and tokens[at].text != "+"
    first = at + (tokens[at].kind == "sign")
    if tokens[first].kind == "money" and tokens[first + 1].kind == "number":
        first += _is_currency(tokens[first], around)
    if tokens[first].kind != "number":
        return None
    value, upto = _decimal(tokens[first]), first + 1
    scale = _SCALES.get(plain(tokens[upto].text)) if tokens[upto].kind == "word" else None
    value, upto = (value * scale, upto + 1) if scale is not None else (value, upto)
    value = -value if negative else value
    if abs(value) > MOST_NUMBER:
        raise RuleError("rule_number_large", tokens[first].place)
    return _with_unit(tokens, at, (value, upto), around)


def _with_unit(
    tokens: Sequence[Token], at: int, number: tuple[Decimal, int], around: Around
) -> Literal:
    value, upto = number
    unit = tokens[upto]
    behind = _is_currency(unit, around)
    if behind or any(token.kind == "money" for token in tokens[at:upto]):
        return Literal("money", minor(value, tokens[at]), tokens[at], upto + behind)
    is_share = unit.kind == "mark" and unit.text == "%"
    return Literal("number", value, tokens[at], upto + is_share)


def _is_currency(unit: Token, around: Around) -> bool:
    """Return whether a token is the office's currency.

    Raises:
        RuleError: it is another one.
    """
    code = _CURRENCIES.get(plain(unit.text)) if unit.kind in {"word", "money"} else None
    if code not in {None, around.currency}:
        raise RuleError("rule_currency", unit.place, currency=around.currency)
    return code is not None


def minor(value: Decimal, token: Token) -> int:
    """Return an amount in minor units.

    Raises:
        RuleError: finer than a minor unit.
    """
    exact = value * 100
    if exact != exact.to_integral_value():
        raise RuleError("rule_money_fine", token.place)
    return int(exact)


def _decimal(token: Token) -> Decimal:
    """Return a number whose fraction follows a comma or a point.

    Raises:
        RuleError: several of them, or a comma that may divide thousands as well.
    """
    digits = "".join(token.text.split())
    whole, _, fraction = digits.replace(",", ".").partition(".")
    unclear = "," in digits and len(fraction) == _GROUP
    try:
        if not unclear:
            return Decimal(f"{whole}.{fraction}" if fraction else whole)
    except InvalidOperation:
        pass
    raise RuleError("rule_number", token.place)
