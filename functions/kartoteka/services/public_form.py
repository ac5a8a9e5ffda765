"""A form as its visitors see it: two records, read without the models of the whole office.

Plain dataclasses: a visitor who opens the page of a form waits for a cold start, and the models
would be most of it. Every form was validated when it was saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kartoteka.domain.errors import ConfigError, Invalid, NotFound
from kartoteka.ports import Doc, Json, Store

# What the office may word anew, and what the page calls it.
_TEXTS = {"lead": "lead", "send": "send", "thanks": "sent_text", "failure": "failed"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form, in both languages."""

    id: str
    label: str
    label_en: str
    type: str  # text, tel, email, textarea, select, file
    required: bool
    options: tuple[str, ...] = ()  # of a select
    options_en: tuple[str, ...] = ()  # the same in English; none: the same words


@dataclass(frozen=True, slots=True)
class PublicForm:
    """What the page of a form shows; `texts` are the office's own by language, without empty ones.

    An empty English title or consent is the Russian one.
    """

    id: str
    title: str
    title_en: str
    fields: tuple[Question, ...]
    consent: str
    consent_en: str
    texts: Mapping[str, Mapping[str, str]]
    redirect: str = ""
    accent: str = ""
    radius: int = 16
    hosts: tuple[str, ...] = ()
    least_s: int = 0
    captcha: bool = False

    @property
    def takes_files(self) -> bool:
        """Return whether a question asks for a file."""
        return any(item.type == "file" for item in self.fields)


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """A form, and the office as its visitors know it."""

    form: PublicForm
    office: str
    locale: str


def office_form(store: Store, form_id: str) -> OfficeForm:
    """Return a form that is switched on, as the store holds it now; two reads.

    Raises:
        NotFound: there is none. ConfigError: the office was never set up.
        Transient: the store does not answer.
    """
    office = store.get("settings", "office")
    if office is None:
        raise ConfigError("the office is not set up; run `kartoteka init --preset law_firm`")
    doc = _form(store, form_id)
    if doc is None or not doc.get("active", True):
        raise NotFound(f"there is no form {form_id!r}", code="form_unknown")
    return OfficeForm(shown(doc), str(office["name"]), str(office.get("locale", "ru")))


def _form(store: Store, form_id: str) -> Doc | None:
    try:
        return store.get("forms", form_id)
    except Invalid:  # an address that no record can have
        return None


def shown(doc: Doc) -> PublicForm:
    """Return what visitors see of a form's record."""
    return PublicForm(
        id=str(doc["id"]),
        title=str(doc["title"]),
        title_en=str(doc["title_en"]),
        fields=_questions(doc["fields"]),
        consent=str(doc["consent"]),
        consent_en=str(doc["consent_en"]),
        texts={"ru": _own_texts(doc, ""), "en": _own_texts(doc, "_en")},
        redirect=str(doc.get("redirect", "")),
        accent=str(doc.get("accent", "")),
        radius=int(str(doc.get("radius", 16))),
        hosts=_strings(doc.get("hosts")),
        least_s=int(str(doc.get("least_s", 0))),
        captcha=bool(doc.get("captcha", False)),
    )


def _own_texts(doc: Doc, ending: str) -> dict[str, str]:
    told = {page: str(doc.get(name + ending) or "") for name, page in _TEXTS.items()}
    return {name: text for name, text in told.items() if text}


def _strings(found: Json) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def _questions(found: Json) -> tuple[Question, ...]:
    rows = found if isinstance(found, Sequence) else ()
    return tuple(_question(row) for row in rows if isinstance(row, Mapping))


def _question(row: Doc) -> Question:
    return Question(
        id=str(row["id"]),
        label=str(row["label"]),
        label_en=str(row["label_en"]),
        type=str(row.get("type", "text")),
        required=bool(row.get("required", False)),
        options=_strings(row.get("options")),
        options_en=_strings(row.get("options_en")),
    )
