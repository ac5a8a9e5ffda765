"""Tabs of the office's forms: their questions, and what fields of other sites' forms are to us."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import derived
from kartoteka.domain.office import FORM_SLOTS, Account, Form, FormField
from kartoteka.ports import CellValue, Store
from sync.actions.offering import Asked, Command
from sync.columns import Frame, Kind, Setting
from sync.settings_book import naming
from sync.settings_book.asking import (
    Edited,
    Given,
    New,
    Page,
    asked_for,
    expected,
    named_id,
    setting,
    shown,
    typed,
    yes_no,
)
from sync.settings_book.pipelines import moved
from sync.settings_book.readers import Readers, filled, one, plain, said, several, switch
from sync.settings_book.typed import Names, flag, joined, parts, whole

_TYPES = ("text", "tel", "email", "textarea", "select", "file")


def forms(frame: Frame) -> Names[str]:
    """Return the titles of the forms."""
    return Names.of((str(form.id), form.title) for form in frame.settings.forms)


def _types(frame: Frame) -> Names[str]:
    return naming.words("question", _TYPES, frame)


def _form_choices(frame: Frame) -> list[str]:
    return list(forms(frame).by_id.values())


def _type_choices(frame: Frame) -> list[str]:
    return list(_types(frame).by_id.values())


def _questions(frame: Frame, _store: Store) -> Iterator[Setting]:
    for form in frame.settings.forms:
        for place, question in enumerate(form.fields, start=1):
            cells: dict[str, CellValue] = {
                "form": forms(frame).shown(form.id),
                "order": place,
                "name": question.label,
                "name_en": question.label_en,
                "kind": _types(frame).shown(question.type),
                "required": flag(question.required, frame),
                "choices": joined(question.options),
                "choices_en": joined(question.options_en),
                "code": question.id,
            }
            yield setting(_row(form.id, question.id), (form.id, question.id), cells, form)


def _row(form: str, question: str) -> str:
    return derived("question", form, question)


_QUESTION: Readers = {
    "name": ("label", plain),
    "name_en": ("label_en", plain),
    "kind": ("type", one(_types)),
    "required": ("required", switch),
    "choices": ("options", several),
    "choices_en": ("options_en", several),
}


def _asked(form: Form) -> dict[str, Given]:
    """Return the questions of a form by id, as the command takes them."""
    return {question.id: question.model_dump(mode="json") for question in form.fields}


def _set(form: str, questions: list[Given], version: Given) -> Command:
    return "form.edit", {"form": form, "fields": [dict(it) for it in questions], **version}


def _form(frame: Frame, name: str) -> Form:
    return next(form for form in frame.settings.forms if form.id == name)


def _change_question(edit: Edited) -> Command:
    form, name = edit.setting.key
    table = _asked(_form(edit.frame, form))
    if edit.column == "order":
        order = moved(list(table), name, whole(edit.typed))
        return _set(form, [table[it] for it in order], edit.expected)
    wish = said(_QUESTION, edit.column, edit.typed, edit.frame)
    if edit.column == "choices":
        wish |= _followed(_form(edit.frame, form), name, parts(edit.typed))
    table[name] = {**table[name], **wish}
    return _set(form, list(table.values()), edit.expected)


def _followed(form: Form, name: str, options: list[str]) -> dict[str, JsonValue]:
    """Return the English words that go with these options: each keeps its own; a new one waits."""
    known = next(it for it in form.fields if it.id == name)
    if not known.options_en:
        return {}
    words = dict(zip(known.options, known.options_en, strict=True))
    return {"options_en": [words.get(option, option) for option in options]}


def _add_question(cells: Mapping[str, str], frame: Frame) -> New:
    """Return the form with one question more, at its place or at the end.

    Raises:
        Invalid: there is no such form, or the question has no words.
    """
    name = forms(frame).read(cells["form"])
    if not cells["name"]:
        raise Invalid("a question needs words", fields={"name": "missing"}, code="setting_question")
    form = _form(frame, name)
    table = _asked(form)
    fresh = cells["code"] or named_id("q", cells["name"])
    blank = FormField(id=fresh, label="", label_en="").model_dump(mode="json")
    table[fresh] = {**blank, **filled(_QUESTION, cells, frame)}
    order = moved(list(table), fresh, whole(cells["order"]) or len(table))
    version: Given = {"expected": form.updated_at.isoformat()} if form.updated_at else {}
    return New(_set(name, [table[it] for it in order], version), _row(name, fresh))


def _drop_question(asked: Asked) -> Command:
    row = asked_for(asked)
    form, name = row.key
    left = [it for key, it in _asked(_form(asked.frame, form)).items() if key != name]
    return _set(form, left, expected(row))


QUESTIONS = Page(
    code="questions",
    columns=(
        shown("form", 200, choices=_form_choices),
        typed("order", 50, kind=Kind.NUMBER),
        typed("name", 240, header="question"),
        typed("name_en", 200),
        typed("kind", 130, header="type", choices=_type_choices),
        typed("required", 110, choices=yes_no),
        typed("choices", 240),
        typed("choices_en", 200),
        shown("code", 130),
    ),
    rows=_questions,
    change=_change_question,
    add=_add_question,
    drop=_drop_question,
)


def _places(frame: Frame) -> Names[str]:
    """Return what may have fields of its own: the office's forms, and the channels of others'."""
    named = [(str(form.id), form.title) for form in frame.settings.forms]
    return Names.of([*named, *((it.id, it.title) for it in frame.settings.accounts)], _short)


def _short(_id: str) -> str:
    """Return nothing that tells an account's id: it is a secret address."""
    return derived("of", _id)[:7]


def _place_choices(frame: Frame) -> list[str]:
    return list(_places(frame).by_id.values())


def _slots(frame: Frame) -> Names[str]:
    """Return the words for what a field of a site can be to us."""
    return naming.words("slot", FORM_SLOTS, frame)


def _slot_choices(frame: Frame) -> list[str]:
    return list(_slots(frame).by_id.values())


def _target(typed: str, frame: Frame) -> str:
    """Return what a field shall be: one of ours by its word, else a name of the office's own."""
    said = typed.strip()
    known = {word.casefold(): slot for slot, word in _slots(frame).by_id.items()}
    return known.get(said.casefold(), said)


def _mapped(frame: Frame, _store: Store) -> Iterator[Setting]:
    holders: list[Form | Account] = [*frame.settings.forms, *frame.settings.accounts]
    for holder in holders:
        for field, target in sorted(holder.mapping.items()):
            where = _places(frame).shown(holder.id)
            cells = {"place": where, "field": field, "target": _slots(frame).shown(target)}
            yield setting(_link(holder.id, field), (holder.id, field), cells, holder)


def _link(holder: str, field: str) -> str:
    return derived("mapping", holder, field)


def _change_mapping(edit: Edited) -> Command:
    holder, field = edit.setting.key
    given = {"of": holder, "field": field, "to": _target(edit.typed, edit.frame)}
    return "mapping.set", {**given, **edit.expected}


def _add_mapping(cells: Mapping[str, str], frame: Frame) -> New:
    holder, field = _places(frame).read(cells["place"]), cells["field"]
    given = {"of": holder, "field": field, "to": _target(cells["target"], frame)}
    return New(("mapping.set", given), _link(holder, field))


def _drop_mapping(asked: Asked) -> Command:
    row = asked_for(asked)
    holder, field = row.key
    return "mapping.remove", {"of": holder, "field": field, **expected(row)}


MAPPING = Page(
    code="mapping",
    columns=(
        shown("place", 240, header="form", choices=_place_choices),
        shown("field", 240, header="site_field"),
        typed("target", 200, header="our_field", choices=_slot_choices),
    ),
    rows=_mapped,
    change=_change_mapping,
    add=_add_mapping,
    drop=_drop_mapping,
)
