"""Every rule that people could mean, for the laws of the language."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st
from tests.kartoteka.domain.rules.rules_office import vocabulary

from kartoteka.domain.rules.events import EVENTS, WAITS
from kartoteka.domain.rules.fields_table import Kind, Name, is_settable
from kartoteka.domain.rules.model import (
    Act,
    All,
    Among,
    Blank,
    Compared,
    Condition,
    Contains,
    Crossed,
    Daily,
    DateField,
    Happened,
    Negated,
    Op,
    Ref,
    Relative,
    Segment,
    Since,
    Some,
    Trigger,
    Visited,
    Weekly,
)
from kartoteka.domain.rules.places import RECEIVERS
from kartoteka.domain.rules.spans import Span

FIELDS = sorted(vocabulary().fields.values(), key=lambda name: name.canonical)
CHOICES = vocabulary().choices
texts = st.text(st.characters(codec="utf-8"), max_size=12)
said = texts.filter(lambda text: text.strip() != "")
counts = st.integers(0, 40)
spans = st.builds(
    Span,
    months=st.sampled_from([0, 0, 1, 2, 12]),
    days=counts,
    minutes=counts.map(lambda count: count * 30),
    work_days=counts,
    work_minutes=counts.map(lambda count: count * 15),
    to_close=st.booleans(),
)
EPOCH = datetime(1990, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=40_000)).map(lambda age: EPOCH + age)
relatives = st.builds(Relative, day=st.booleans(), span=spans, back=st.booleans())
numbers = st.decimals(-(10**9), 10**9, places=4)
amounts = st.integers(-(10**12), 10**12)


def of_kind(*kinds: Kind) -> list[Name]:
    return [name for name in FIELDS if name.kind in kinds]


def values(name: Name) -> st.SearchStrategy:
    match name.kind:
        case Kind.MONEY:
            return amounts
        case Kind.NUMBER:
            return numbers
        case Kind.FLAG:
            return st.booleans()
        case Kind.CHOICE:
            return st.sampled_from(sorted(CHOICES[name.choices].called))
        case Kind.MOMENT | Kind.DATE:
            return st.one_of(st.dates(date(1990, 1, 1)), moments, relatives)
        case _:
            return texts


def operands(name: Name) -> st.SearchStrategy:
    alike = [it for it in FIELDS if it.kind is name.kind]
    return st.one_of(values(name), st.sampled_from(alike).map(lambda it: Ref(it.canonical)))


def compared(name: Name) -> st.SearchStrategy[Condition]:
    ordered = name.kind in {Kind.MONEY, Kind.NUMBER, Kind.MOMENT, Kind.DATE}
    ops = st.sampled_from(list(Op) if ordered else [Op.EQ, Op.NE])
    return st.builds(Compared, st.just(name.canonical), ops, operands(name))


def among(name: Name) -> st.SearchStrategy[Condition]:
    listed = st.lists(operands(name), min_size=1, max_size=3).map(tuple)
    return st.builds(Among, st.just(name.canonical), listed)


comparisons = st.one_of(
    st.sampled_from(FIELDS).flatmap(compared),
    st.sampled_from(FIELDS).flatmap(among),
    st.builds(Blank, st.sampled_from([name.canonical for name in FIELDS])),
    st.builds(
        Contains, st.sampled_from([it.canonical for it in of_kind(Kind.TEXT, Kind.TEXTS)]), texts
    ),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(Negated, inner),
        st.builds(All, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Some, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def details(wording: str) -> st.SearchStrategy[str]:
    for choices in ("stage.deal", "stage.lead", "pipeline.deal", "form"):
        if f"choice:{choices}" in wording:
            return st.sampled_from(sorted(CHOICES[choices].called))
    return said


def happened_of(at: int) -> st.SearchStrategy[Happened]:
    event = EVENTS[at]
    detail = details(event.ru[0]) if event.detailed else st.just("")
    return st.builds(Happened, st.just(event.entity), st.just(event.event), detail)


def waited_of(at: int) -> st.SearchStrategy[Since]:
    wait = WAITS[at]
    detail = details(wait.ru[0]) if wait.detailed else st.just("")
    return st.builds(Since, st.just(wait.entity), st.just(wait.event), spans, detail)


def dated_of(name: Name) -> st.SearchStrategy[Trigger]:
    there = st.builds(
        DateField, st.just(name.entity), st.just(name.canonical), spans, st.booleans()
    )
    return there.filter(lambda it: it.before or it.offset != Span())


def crossed_of(name: Name) -> st.SearchStrategy[Trigger]:
    threshold = amounts if name.kind is Kind.MONEY else numbers
    return st.builds(
        Crossed, st.just(name.entity), st.just(name.canonical), threshold, st.booleans()
    )


def changed_of(name: Name) -> st.SearchStrategy[Trigger]:
    # a change of stage is an event of its own
    events = st.sampled_from(["filled"] if name.path == "stage" else ["changed", "filled"])
    return st.builds(Happened, st.just(name.entity), events, st.just(name.canonical))


happened = st.integers(0, len(EVENTS) - 1).flatmap(happened_of)
after = st.builds(
    lambda event, span: Since(event.entity, event.event, span, event.detail), happened, spans
)
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
records = st.sampled_from(["", "deal", "lead", "client", "task"])
paths = st.one_of(st.sampled_from(["/price", "/a/b*", "/"]), said.map(lambda it: "/" + it))
triggers: st.SearchStrategy[Trigger] = st.one_of(
    happened,
    after,
    st.integers(0, len(WAITS) - 1).flatmap(waited_of),
    st.sampled_from(of_kind(Kind.MOMENT, Kind.DATE)).flatmap(dated_of),
    st.sampled_from(of_kind(Kind.MONEY, Kind.NUMBER)).flatmap(crossed_of),
    st.sampled_from(FIELDS).flatmap(changed_of),
    st.builds(Segment, st.sampled_from(["vip", "sleeping"]), st.booleans()),
    st.builds(Visited, paths.filter(lambda path: "*" not in path[:-1])),
    st.builds(Daily, clocks, records, st.booleans()),
    st.builds(Weekly, st.integers(0, 6), clocks, records),
)

people = [f"staff:{key}" for key in CHOICES["person"].called]
roles = [f"role:{key}" for key in CHOICES["role"].called]
teams = [f"team:{key}" for key in CHOICES["team"].called]
whom = st.sampled_from([*RECEIVERS, *people, *roles, *teams])
dues = st.one_of(
    spans,
    st.dates(date(1990, 1, 1)),
    moments,
    st.builds(Relative, day=st.just(value=True), span=spans),
)


def acts(name: str, needed: dict, optional: dict | None = None) -> st.SearchStrategy[Act]:
    args = st.fixed_dictionaries(needed, optional=optional or {})
    return args.map(lambda it: Act(name, it))


def set_of(name: Name) -> st.SearchStrategy[Act]:
    return acts("set", {"field": st.just(name.canonical)}, {"value": values(name)})


def named(of: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(CHOICES[of].called)).map(lambda it: CHOICES[of].shown(it, "ru"))


stages = st.sampled_from(sorted(CHOICES["stage.deal"].called))
back = st.just(value=True)
actions: st.SearchStrategy[Act] = st.one_of(
    acts("assign", {"who": whom}),
    acts("move", {"stage": stages}, {"back": back, "reason": said}),
    acts(
        "move",
        {"pipeline": st.sampled_from(sorted(CHOICES["pipeline.deal"].called))},
        {"stage": stages, "back": back},
    ),
    acts(
        "task",
        {"title": said},
        {"who": whom, "due": dues, "kind": st.sampled_from(sorted(CHOICES["task_kind"].called))},
    ),
    acts("notify", {"who": whom}, {"text": said}),
    acts("message", {"template": named("template")}),
    acts("attach", {}, {"category": said}),
    acts("document", {"paper": st.sampled_from(sorted(CHOICES["paper"].called))}),
    acts("tag", {"tag": said}),
    acts("untag", {"tag": said}),
    acts("webhook", {"url": texts.map(lambda it: f"https://example.ru/{it}")}),
    acts("series_start", {"series": named("series")}),
    acts("series_stop", {}, {"series": named("series")}),
    acts("ask", {"who": whom, "text": said}),
    st.sampled_from([name for name in FIELDS if is_settable(name)]).flatmap(set_of),
)
