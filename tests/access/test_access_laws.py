"""Laws of access, over random people, records, roles and moments."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.access.office_cast import EVERYBODY, NOW, activity, client, deal, lead, office, task, who

from kartoteka.domain.access import Level, Operation, Sight, can, level_of, rights_of
from kartoteka.domain.change import Change, Part
from kartoteka.domain.deal import Participant, Payment
from kartoteka.domain.matrix import MONEY, Group, RoleSpec, Scope
from kartoteka.domain.matrix_fields import FIELDS, group_of
from kartoteka.domain.model import Line, Reader, Role
from kartoteka.domain.visibility import visible, visible_change

STAFF = st.sampled_from([None, *EVERYBODY])
PEOPLE = st.sampled_from(EVERYBODY)
STAGES = st.sampled_from([stage.id for stage in office().office.pipeline("deals_law").stages])
# Forty find a hole within a few runs; four hundred of each found none.
LAW = settings(max_examples=40, deadline=None)
SECRET = 7_654_321_00
COST = 1_234_567_89
DAY = timedelta(days=1)


@st.composite
def deals(draw):
    return deal(
        stage=draw(STAGES),
        owner_id=draw(STAFF),
        visibility=draw(st.sampled_from(["own", "team", "all"])),
        participants=tuple(
            Participant(staff_id=draw(PEOPLE), edit=draw(st.booleans()))
            for _ in range(draw(st.integers(0, 2)))
        ),
        readers=(Reader(staff_id=draw(PEOPLE), until=NOW + draw(st.sampled_from([-DAY, DAY]))),),
        lines=(Line(id="l", name="Иск на 7 654 321", price_minor=SECRET, cost_minor=COST),),
        amount_minor=SECRET,
        contractor_cost_minor=COST,
        note="всего 7654321, подрядчику 1 234 567,89",
        evidence={"offer_file": "kp-7654321.pdf", "invoice": draw(st.sampled_from(["", "inv"]))},
        payments=tuple(
            Payment(reference="7654321", amount_minor=SECRET, at=NOW)
            for _ in range(draw(st.integers(0, 1)))
        ),
    )  # fmt: skip


@st.composite
def records(draw):
    kinds = (
        deals(),
        STAFF.map(lambda it: lead(owner_id=it, note="заметка")),
        STAFF.map(lambda it: client(owner_id=it)),
        PEOPLE.map(lambda it: task(assignee_id=it, personal=draw(st.booleans()))),
        STAFF.map(lambda it: activity(staff_id=it, lead_id="ld_1")),
    )
    return draw(st.one_of(kinds))


@st.composite
def offices(draw):
    """The law office with other teams, pairs and second roles."""
    people = tuple(
        person.model_copy(
            update={
                "team": draw(st.sampled_from(["", "Продажи", "Юристы", "Архив"])),
                "pair": draw(st.sampled_from([None, "st_anna", "st_dina"])),
                "also": draw(st.sampled_from([(), (), ("manager",), ("finance",), ("head",)])),
            }
        )
        for person in office().staff
    )
    teams = {"Продажи": "", "Юристы": draw(st.sampled_from(["", "Продажи"])), "Архив": "Юристы"}
    whole = office().office.model_copy(update={"teams": teams})
    return office().model_copy(update={"staff": people, "office": whole})


def paths(shown, prefix=""):
    """Every field of a projection as the matrix spells it."""
    for name, value in shown.items():
        path = f"{prefix}{name}"
        if any(other.startswith(f"{path}.") for other in FIELDS["deal"]) and path != "id":
            for item in value if isinstance(value, list) else [value]:
                yield from paths(item, f"{path}.")
        else:
            yield path, value


@LAW
@given(offices(), PEOPLE, records())
def test_nobody_is_shown_a_field_that_the_matrix_closes(within, staff_id, record):
    actor = who(staff_id, within)
    sight = Sight(actor, within, NOW)
    shown = visible(actor, record, within=within, now=NOW)

    closed = {
        path
        for path, value in paths(shown)
        if path != "id" and not isinstance(value, bool)
        if level_of(sight, record, path) < Level.READ
    }  # fmt: skip
    assert closed == set()


@LAW
@given(offices(), PEOPLE, deals())
def test_hidden_amounts_are_in_no_form_in_what_is_shown(within, staff_id, record):
    actor = who(staff_id, within)
    sight = Sight(actor, within, NOW)
    told = str(visible(actor, record, within=within, now=NOW))

    amount_open = level_of(sight, record, "amount_minor") >= Level.READ
    paid_open = level_of(sight, record, "payments") >= Level.READ
    offer_open = level_of(sight, record, "evidence.offer_file") >= Level.READ
    if not (amount_open or paid_open or offer_open):
        assert "7654321" not in told
        assert "7 654 321" not in told
    if level_of(sight, record, "contractor_cost_minor") < Level.READ:
        assert "123456789" not in told
        assert "1 234 567" not in told


@LAW
@given(offices(), PEOPLE, deals())
def test_log_tells_no_more_than_the_record(within, staff_id, record):
    """Whoever does not see a field now does not read it in the history either."""
    actor = who(staff_id, within)
    doc = record.model_dump(mode="json")
    part = Part(entity="deal", id=record.id, before=None, after=doc)
    change = Change(at=NOW, actor=who("st_olga"), cause="x", subject="cl_1", parts=(part,),
                    reason="дорого: 7654321")  # fmt: skip

    told = visible_change(actor, change, {("deal", record.id): record}, within=within, now=NOW)

    shown = visible(actor, record, within=within, now=NOW)
    if told is None:
        assert not can(actor, Operation.READ, record, within=within, now=NOW)
        return
    assert set(told["parts"][0]["after"]) <= set(shown)
    if level_of(Sight(actor, within, NOW), record, "amount_minor") < Level.READ:
        assert "765432100" not in str(told)
        assert told["reason"] == ""


@LAW
@given(offices(), PEOPLE, records())
def test_who_may_change_may_read(within, staff_id, record):
    actor = who(staff_id, within)

    if can(actor, Operation.CHANGE, record, within=within, now=NOW):
        assert can(actor, Operation.READ, record, within=within, now=NOW)


WORDS = ["none", "mark", "put", "read", "edit"]
REACHES = ["none", "own", "pair", "team", "tree", "all"]


@LAW
@given(
    base=st.sampled_from(list(Role)),
    group=st.sampled_from(sorted(set(Group) - {Group.CUSTOM})),
    words=st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)),
    reaches=st.tuples(st.sampled_from(REACHES), st.sampled_from(REACHES)),
    within=offices(),
    record=records(),
)
def test_narrowing_a_role_never_widens_what_is_seen(*, base, group, words, reaches, within, record):
    narrow, wide = (
        with_role(
            within,
            RoleSpec(
                id="own", name="Своя", base=base,
                levels={group: pick(words, WORDS)}, reach={Operation.READ: pick(reaches, REACHES)},
            ),
        )
        for pick in (lowest, highest)
    )  # fmt: skip

    for path in FIELDS[record.kind]:
        less = level_of(Sight(who("st_vera", narrow), narrow, NOW), record, path)
        more = level_of(Sight(who("st_vera", wide), wide, NOW), record, path)
        assert less <= more, path


def lowest(words, order):
    return min(words, key=order.index)


def highest(words, order):
    return max(words, key=order.index)


def with_role(within, spec):
    people = tuple(
        person.model_copy(update={"role": "own"}) if person.id == "st_vera" else person
        for person in within.staff
    )
    whole = within.office.model_copy(update={"roles": (spec,)})
    return within.model_copy(update={"staff": people, "office": whole})


@LAW
@given(offices(), PEOPLE, records())
def test_a_second_role_never_opens_money(within, staff_id, record):
    sight = Sight(who(staff_id, within), within, NOW)
    for path in FIELDS[record.kind]:
        group = group_of(record.kind, path)
        if group in MONEY:
            narrowest = min(rights_of(role, within).level(group) for role in sight.roles)
            assert level_of(sight, record, path) <= narrowest


def test_scopes_are_ordered_from_narrow_to_wide():
    assert sorted(Scope) == [Scope[word.upper()] for word in REACHES]
