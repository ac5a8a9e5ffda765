"""Templates: who changes them, what is refused, two at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.template import places
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from kartoteka.services.template_settings import templates

OLGA, BORIS = "olga@office.example", "boris@office.example"
HELLO = {"template": "hello", "name": "Привет", "subject": "Для {{имя}}", "body": "{{ имя }}!"}


def do(desk: Desk, command: str, email: str = OLGA, **given: object):
    who = actor_by_email(desk.settings(), email)
    return execute(COMMANDS, desk, who, command, given=given, cause="test")


def test_template_set_twice_is_one_with_the_last_text(desk: Desk) -> None:
    do(desk, "template.set", **HELLO)
    do(desk, "template.set", template="hello", body="Здравствуйте, {{имя}}")

    (kept,) = (it for it in templates(desk.store) if it.id == "hello")
    assert (kept.name, kept.subject, kept.body) == (
        "Привет", "Для {{имя}}", "Здравствуйте, {{имя}}",
    )  # fmt: skip
    assert kept.updated_by == "st_olga"


def test_removed_template_is_gone_and_its_log_keeps_it(desk: Desk) -> None:
    before = templates(desk.store)
    do(desk, "template.set", **HELLO)
    do(desk, "template.remove", template="hello")

    assert templates(desk.store) == before
    with pytest.raises(Invalid, match="known: "):
        do(desk, "template.remove", template="hello")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"body": " "}, "template_empty"),
        ({"name": ""}, "template_empty"),
        ({"body": "Здравствуйте, {{имя"}, "template_place"),
        ({"body": "Здравствуйте, имя}}"}, "template_place"),
        ({"body": "{{ }}"}, "template_place"),
        ({"body": "{{погода}}"}, "campaign_place"),
        ({"subject": "Тема\r\nBcc: all@office.example"}, "template_one_line"),
        ({"medium": "sms"}, "template_subject"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_the_last_one_stays(
    desk: Desk, wish: dict[str, str], code: str
) -> None:
    do(desk, "template.set", **HELLO)
    before = templates(desk.store)

    with pytest.raises(Invalid) as refused:
        do(desk, "template.set", template="hello", **wish)

    assert refused.value.code == code
    assert templates(desk.store) == before


def test_manager_reads_templates_and_changes_none(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        do(desk, "template.set", BORIS, **HELLO)


def test_stale_version_is_refused(desk: Desk) -> None:
    first = do(desk, "template.set", **HELLO)
    do(desk, "template.set", template="hello", body="Другое")

    stale = first.model_copy(update={"version": first.version.replace(year=2020)})
    with pytest.raises(Conflict):
        do(desk, "template.set", template="hello", body="Моё", expected=stale.version.isoformat())


@given(st.lists(st.text(st.characters(exclude_characters="{}\n"), min_size=1, max_size=20)))
def test_every_field_of_a_text_is_found_once(names: list[str]) -> None:
    kept = [name for name in names if name.strip()]

    assert places(" ".join(f"{{{{{name}}}}}" for name in kept)) == tuple(
        dict.fromkeys(name.strip() for name in kept)
    )
