"""Every text exists in both languages, with the same placeholders, and every code has a text."""

import ast
import json
import re
import string

import pytest
from tests.architecture.sources import FUNCTIONS, ONEBOX, called, calls, here, product_files, tree
from tests.architecture.test_errors import OURS

from kartoteka.domain.channels import CHANNEL_NAMES, SENDING_ONLY
from kartoteka.domain.inbound import Kind
from kartoteka.i18n import LOCALES
from kartoteka.services.setup import preset_names, read_preset

TEXTS = {
    locale: json.loads((FUNCTIONS / "kartoteka/i18n" / f"{locale}.json").read_text("utf-8"))
    for locale in LOCALES
}
KEYS = set(TEXTS["ru"])
NAMES = {
    "functions/ingest/commerceml/elements.py: КоммерческаяИнформация",  # a file's root
    "functions/kartoteka/domain/office.py: Сайт-форма",  # the default of a record
    "functions/kartoteka/domain/region.py: Москва",  # beside its English name
}

LANGUAGE = FUNCTIONS / "kartoteka/domain/rules"  # its words are typed by people, never shown as is


def placeholders(pattern):
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


def constant(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keyword(call, name):
    return next((item.value for item in call.keywords if item.arg == name), None)


def texts_asked():
    """(module, code, names of the facts) of each `text("code", locale, fact=...)`."""
    for path in product_files():
        for call in calls(path):
            code = constant(call.args[0]) if called(call) == "text" and call.args else None
            if code is not None:
                yield here(path), code, {item.arg for item in call.keywords}


def refusals():
    """(module, code, names of the facts) of each error that is raised with a code."""
    for path in FUNCTIONS.rglob("*.py"):
        for call in calls(path):
            code = constant(keyword(call, "code")) if called(call) in OURS else None
            if code:
                yield here(path), code, {item.arg for item in call.keywords} - {"code", "fields"}


def families():
    """Prefixes of the codes that are put together at run time: `task_` of f"task_{what}"."""
    for path in product_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
                first = constant(node.values[0])
                if first and first.endswith("_") and first.replace("_", "").isalpha():
                    yield first


def words():
    return {
        node.value
        for path in product_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("folder", [FUNCTIONS / "kartoteka/i18n", ONEBOX / "texts"], ids=here)
def test_both_languages_have_the_same_texts_and_placeholders(folder):
    russian, english = (
        json.loads((folder / f"{locale}.json").read_text(encoding="utf-8")) for locale in LOCALES
    )
    different = [c for c in russian if placeholders(russian[c]) != placeholders(english.get(c, ""))]

    assert list(russian) == list(english)
    assert different == []
    assert [code for code, words in (russian | english).items() if not words.strip()] == []


def test_every_text_asked_for_exists_and_gets_its_facts():
    asked = list(texts_asked())
    missing = {(where, code) for where, code, _ in asked if code not in KEYS}
    bare = {
        (where, code)
        for where, code, facts in asked
        if code in KEYS and not placeholders(TEXTS["ru"][code]) <= facts
    }

    assert asked
    assert missing == set()
    assert bare == set()


def test_every_refusal_has_its_text_and_its_facts():
    raised = list(refusals())
    missing = {(where, code) for where, code, _ in raised if code not in KEYS}
    bare = {
        (where, code)
        for where, code, facts in raised
        if code in KEYS and not placeholders(TEXTS["ru"][code]) <= facts
    }

    assert raised
    assert missing == set()
    assert bare == set()


def test_every_channel_has_a_name():
    assert {f"channel_{name}" for name in (*CHANNEL_NAMES, *SENDING_ONLY)} <= KEYS


def test_every_text_is_used():
    known, prefixes = words(), set(families())
    dead = [c for c in KEYS if c not in known and not any(c.startswith(p) for p in prefixes)]

    assert dead == []


@pytest.mark.parametrize("preset", preset_names())
def test_every_step_a_stage_asks_for_has_its_task_and_its_notice(preset):
    stages = [stage for line in read_preset(preset).pipelines for stage in line.stages]
    steps = {stage.action for stage in stages if stage.action} | {"wake", "callback"}

    assert {f"task_{step}" for step in steps} <= KEYS
    assert {f"notice_{step}" for step in steps} <= KEYS


def test_every_notice_named_in_the_code_has_its_text():
    named = {word for word in words() if word.startswith("notice_") and word != "notice_"}

    assert named
    assert named <= KEYS


def test_every_kind_of_contact_has_its_word_on_the_phone_card():
    # these never become a contact with a client by themselves
    silent = {Kind.EDIT, Kind.SERVICE, Kind.UNKNOWN}
    silent |= {Kind.DELETION, Kind.RECEIPT, Kind.ECHO, Kind.TEAM}

    assert {f"touch_{kind.value}" for kind in set(Kind) - silent} <= KEYS


def test_no_russian_text_stands_in_the_code_of_the_functions():
    """The office's language decides; single small words are data, such as forms of companies."""
    spoken = {
        f"{here(path)}: {node.value[:40]}"
        for path in FUNCTIONS.rglob("*.py")
        if path.parent != LANGUAGE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search("[А-ЯЁ]|[а-яё] +[а-яё]", node.value)
        if node.value not in docstrings(tree(path))
    }

    assert spoken <= NAMES


def docstrings(module):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(module) if isinstance(node, kinds))
    return {ast.get_docstring(node, clean=False) for node in nodes}
