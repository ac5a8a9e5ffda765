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
_SELECT = Markup('<select id="f-{id}" name="{id}" autocomplete="off"{state}>\n{options}</select>')
_OPTION = Markup('<option value="{value}"{chosen}>{shown}</option>\n')
_FILE = Markup('<input id="f-{id}" name="{id}" type="file"{state}>')
_OPTIONAL = Markup(" <small>{text}</small>")
_REQUIRED = Markup(' aria-required="true"')
_REFUSED = Markup(' aria-invalid="true" aria-describedby="w-{id}"')
_FIRST = Markup(" autofocus")
_CHOSEN = Markup(" selected")
_PARTS = Markup(' enctype="multipart/form-data"')
_PATTERNS = {"textarea": _AREA, "select": _SELECT, "file": _FILE}
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
    captcha: Markup = _NOTHING  # what the provider of a captcha fills


def label(item: Question, lang: str) -> str:
    """Return the question in the visitor's language."""
    return item.label_en if lang == "en" and item.label_en else item.label


def choices(item: Question, lang: str) -> tuple[str, ...]:
    """Return the words of a list in the visitor's language, in the order of its values."""
    return item.options_en if lang == "en" and item.options_en else item.options


def pieces(
    form: PublicForm, lang: str, entry: Entry, texts: Mapping[str, str]
) -> dict[str, Markup]:
    """Return what the page's template asks for beside its texts."""
    fields = (_field(item, lang, entry, texts) for item in form.fields)
    return {
        "encoding": _PARTS if form.takes_files else _NOTHING,
        "captcha": entry.captcha,
        "banner": _BANNER.format(text=entry.message) if entry.message else _NOTHING,
        "fields": _NOTHING.join(fields),
        "ticked": Markup(" checked") if entry.typed.get(CONSENT) else _NOTHING,
        "refused": _refused("consent", entry),
        "consent_problem": _problem("consent", entry),
        "hidden": _NOTHING.join(
            _HIDDEN.format(name=name, value=value) for name, value in entry.hidden.items()
        ),
    }


def _field(item: Question, lang: str, entry: Entry, texts: Mapping[str, str]) -> Markup:
    needless = not item.required and item.type not in _TYPED
    return _FIELD.format(
        id=item.id,
        label=label(item, lang),
        optional=_OPTIONAL.format(text=texts["optional"]) if needless else _NOTHING,
        control=_control(item, lang, entry, texts["choose"]),
        problem=_problem(item.id, entry),
    )


def _control(item: Question, lang: str, entry: Entry, choose: str) -> Markup:
    pattern = _PATTERNS.get(item.type, _INPUT)
    value = entry.typed.get(item.id, "")
    first = next(iter(entry.problems), "") == item.id
    state = (_REQUIRED if item.required else _NOTHING) + _refused(item.id, entry)
    return pattern.format(
        id=item.id,
        type=item.type if item.type in _TYPED else "text",
        auto=AUTOFILL.get(item.id, "off"),
        value=value,
        options=_options(item, lang, value, choose),
        state=state + _FIRST if first and entry.problems[item.id] else state,
    )


def _options(item: Question, lang: str, value: str, choose: str) -> Markup:
    if item.type != "select":
        return _NOTHING
    shown = [("", choose), *zip(item.options, choices(item, lang), strict=True)]
    return _NOTHING.join(
        _OPTION.format(value=one, shown=text, chosen=_CHOSEN if one == value else _NOTHING)
        for one, text in shown
    )


def _refused(name: str, entry: Entry) -> Markup:
    return _REFUSED.format(id=name) if entry.problems.get(name) else _NOTHING


def _problem(name: str, entry: Entry) -> Markup:
    text = entry.problems.get(name)
    return _PROBLEM.format(id=name, text=text) if text else _NOTHING
