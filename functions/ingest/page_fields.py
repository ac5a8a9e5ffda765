"""The pieces of a form's page; whatever is filled in is escaped, as `Markup.format` does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from ingest.form_names import CONSENT
from kartoteka.services.public_form import PublicForm, Question

AUTOFILL = {"name": "name", "phone": "tel", "tel": "tel", "email": "email"}
_TYPED = ("tel", "email")  # kinds of question that a phone shows a keyboard of its own for
_NOTHING = Markup()
_FIELD = Markup("""
<div class="field">
<label for="f-{id}">{label}{optional}</label>
{control}{problem}
</div>""")
_AREA = Markup('<textarea id="f-{id}" name="{id}"{state}>\n{value}</textarea>')
_INPUT = Markup(
    '<input id="f-{id}" name="{id}" type="{type}" autocomplete="{auto}" value="{value}"{state}>'
)
_OPTIONAL = Markup(" <small>{text}</small>")
_REQUIRED = Markup(' aria-required="true"')
_REFUSED = Markup(' aria-invalid="true" aria-describedby="w-{id}"')
_FIRST = Markup(" autofocus")
_PROBLEM = Markup('\n<p class="wrong" id="w-{id}">{text}</p>')
_BANNER = Markup('\n<p class="banner" role="alert">{text}</p>')
_HIDDEN = Markup('\n<input type="hidden" name="{name}" value="{value}">')


@dataclass(frozen=True)
class Entry:
    """What stands in the form: typed values and problems by field id, hidden inputs by name."""

    typed: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    message: str = ""


def label(item: Question, lang: str) -> str:
    """Return the question in the visitor's language."""
    return item.label_en if lang == "en" and item.label_en else item.label


def pieces(form: PublicForm, lang: str, entry: Entry, *, optional: str) -> dict[str, Markup]:
    """Return what the page's template asks for beside texts; `optional` marks such questions."""
    fields = (_field(item, lang, entry, optional) for item in form.fields)
    return {
        "banner": _BANNER.format(text=entry.message) if entry.message else _NOTHING,
        "fields": _NOTHING.join(fields),
        "ticked": Markup(" checked") if entry.typed.get(CONSENT) else _NOTHING,
        "refused": _refused("consent", entry),
        "consent_problem": _problem("consent", entry),
        "hidden": _NOTHING.join(
            _HIDDEN.format(name=name, value=value) for name, value in entry.hidden.items()
        ),
    }


def _field(item: Question, lang: str, entry: Entry, optional: str) -> Markup:
    needless = not item.required and item.type not in _TYPED
    return _FIELD.format(
        id=item.id,
        label=label(item, lang),
        optional=_OPTIONAL.format(text=optional) if needless else _NOTHING,
        control=_control(item, entry),
        problem=_problem(item.id, entry),
    )


def _control(item: Question, entry: Entry) -> Markup:
    pattern = _AREA if item.type == "textarea" else _INPUT
    first = next(iter(entry.problems), "") == item.id
    state = (_REQUIRED if item.required else _NOTHING) + _refused(item.id, entry)
    return pattern.format(
        id=item.id,
        type=item.type if item.type in _TYPED else "text",
        auto=AUTOFILL.get(item.id, "off"),
        value=entry.typed.get(item.id, ""),
        state=state + _FIRST if first and entry.problems[item.id] else state,
    )


def _refused(name: str, entry: Entry) -> Markup:
    return _REFUSED.format(id=name) if entry.problems.get(name) else _NOTHING


def _problem(name: str, entry: Entry) -> Markup:
    text = entry.problems.get(name)
    return _PROBLEM.format(id=name, text=text) if text else _NOTHING
