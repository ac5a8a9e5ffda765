"""What the columns of a table of clients mean, whichever program or person named them.

Source: headers of the contact exports of Google Contacts (both generations), Outlook and the
common Russian CRMs, and what offices write above their own lists. Case, ё, punctuation, a number
behind the name («Телефон 2») and an asterisk do not matter.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kartoteka.domain.errors import Invalid
from kartoteka.domain.fields import FieldSpec

IGNORE = "-"
CUSTOM = "fields."
CONTACTS = ("phone", "email")
_SEARCHED = 10  # rows among which the headers are looked for
_WORDS = re.compile(r"[^\w]+|_")
_NUMBER = re.compile(r" \d+$")
_NUMBERED = re.compile(r"(phone|e mail|organization) \d+ (value|name)")
_SILENT = re.compile(
    r"phonetic .*|yomi .*|.* yomi|.* (label|type)|photo|file as|name (prefix|suffix)|initials"
    r"|short name|maiden name|language|gender|sensitivity|priority|subject"
)

# Each field with the headers that mean it; the first Russian one is that of our own template.
_SYNONYMS: Mapping[str, str] = {
    "name": "имя и фамилия|фио|ф и о|клиент|контакт|контактное лицо|полное имя|имя клиента"
    "|полное имя контакта|имя контакта|фамилия имя отчество|фамилия и имя|название контакта"
    "|name|full name|client|customer|contact|contact name|display name|client name|person",
    "first_name": "имя|first name|given name|firstname|forename",
    "middle_name": "отчество|middle name|additional name|patronymic",
    "last_name": "фамилия|last name|family name|surname|lastname",
    "company": "компания|организация|фирма|название компании|наименование организации|юрлицо"
    "|место работы|company|organization|organisation|organization name|company name|business"
    "|account name|employer",
    "inn": "инн|инн компании|инн организации|inn|tax id|taxpayer number|vat number|tin",
    "kpp": "кпп|kpp",
    "phone": "телефон|телефоны|тел|мобильный|мобильный телефон|моб|моб телефон|сотовый"
    "|сотовый телефон|рабочий телефон|домашний телефон|номер телефона|номер|контактный телефон"
    "|другой телефон|рабочий прямой телефон|телефон для связи|whatsapp|ватсап|вотсап"
    "|phone|phones|mobile|mobile phone|cell|cell phone|telephone|tel|phone number|home phone"
    "|business phone|work phone|primary phone|other phone|company main phone|contact phone",
    "email": "почта|email|e mail|электронная почта|имейл|емейл|мейл|эл почта|адрес почты"
    "|рабочий email|рабочий e mail|личный email|личный e mail|частный e mail|другой e mail"
    "|эл адрес|e mail address|email address|mail|work email|home email|primary email|emails",
    "owner": "ответственный|менеджер|ответственный менеджер|владелец|сотрудник|куратор"
    "|owner|manager|assigned to|responsible|account manager",
    "segment": "тип клиента|сегмент|статус клиента|segment|client type|customer type",
    "tags": "теги|метки|тег|группы|группа|категория|категории|ярлыки|tags|tag|labels|categories"
    "|groups|group|group membership",
    "note": "комментарий|комментарии|примечание|примечания|заметка|заметки|описание"
    "|дополнительно|note|notes|comment|comments|description|remarks",
    "request": "заявка|лид|обращение|запрос|открыть заявку|request|lead|open lead|inquiry|enquiry",
    "source": "источник|откуда|откуда узнали|рекламный источник|source|lead source|origin",
}
_MEANS: Mapping[str, str] = {
    header: field for field, headers in _SYNONYMS.items() for header in headers.split("|")
}
FIELDS: tuple[str, ...] = tuple(_SYNONYMS)


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is read: its place from 0, its title as in the file and what it means."""

    place: int
    title: str
    field: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table; `width` of them in the file, `ignored` mean nothing to us."""

    read: tuple[Column, ...]
    ignored: tuple[str, ...] = ()
    width: int = 0

    @property
    def fields(self) -> frozenset[str]:
        """Return the fields that at least one column fills."""
        return frozenset(column.field for column in self.read)

    def title(self, field: str) -> str:
        """Return the title of the first column that means the field, or the field itself."""
        return next((column.title for column in self.read if column.field == field), field)


def columns(
    titles: Sequence[str],
    specs: Iterable[FieldSpec] = (),
    given: Mapping[str, str] | None = None,
) -> Columns:
    """Return what each column means.

    Args:
        titles: the header row as it stands in the file.
        specs: the office's own fields of clients, found by name or id.
        given: what the person says of columns by title: a field, `fields.<id>`, or `-`.

    Raises:
        Invalid: `import_map_unknown` for a title or field there is not, `import_no_contacts`
            when no column holds numbers or addresses.
    """
    own = _own(specs)
    said = _said(titles, given or {}, own)
    read: list[Column] = []
    ignored: list[str] = []
    for place, title in enumerate(titles):
        field = said.get(plain(title)) or meaning(title, own)
        if field and field != IGNORE:
            read.append(Column(place, title.strip(), field))
        elif not field and title.strip() and not _SILENT.fullmatch(plain(title)):
            ignored.append(title.strip())
    found = Columns(tuple(read), tuple(ignored), len(titles))
    if not found.fields & set(CONTACTS):
        raise _no_contacts(titles)
    return found


def header_row(rows: Sequence[Sequence[str]], specs: Iterable[FieldSpec] = ()) -> int:
    """Return the place of the row with the headers: the one of the first ten with most of them."""
    own = _own(specs)
    known = [sum(meaning(cell, own) is not None for cell in row) for row in rows[:_SEARCHED]]
    return known.index(max(known)) if known else 0


def meaning(title: str, own: Mapping[str, str] | None = None) -> str | None:
    """Return the field that a header means, None for an unknown one; `own` are custom ones."""
    name = plain(title)
    bare = _NUMBER.sub("", name)
    numbered = _NUMBERED.fullmatch(name)
    return (
        (own or {}).get(name)
        or _MEANS.get(name)
        or _MEANS.get(bare)
        or (_MEANS.get(numbered[1]) if numbered else None)
    )


def plain(title: str) -> str:
    """Return a header as headers are compared."""
    return _WORDS.sub(" ", title.casefold().replace("ё", "е")).strip()


def _own(specs: Iterable[FieldSpec]) -> dict[str, str]:
    own = [spec for spec in specs if spec.entity == "client"]
    names = [(name, spec.id) for spec in own for name in (spec.name, spec.name_en, spec.id)]
    return {plain(name): f"{CUSTOM}{field}" for name, field in names if plain(name)}


def _said(
    titles: Sequence[str], given: Mapping[str, str], own: Mapping[str, str]
) -> dict[str, str]:
    known = {*FIELDS, *own.values(), IGNORE}
    heads = [plain(title) for title in titles]
    for title, field in given.items():
        if plain(title) not in heads:
            raise _unknown(title, [title.strip() for title in titles if title.strip()])
        if field not in known:
            raise _unknown(field, sorted(known))
    return {plain(title): field for title, field in given.items()}


def _unknown(name: str, there_are: Sequence[str]) -> Invalid:
    near = difflib.get_close_matches(name, there_are, n=1)
    nearest = near[0] if near else ", ".join(there_are)
    return Invalid(
        f"--map: there is no {name!r}; nearest: {nearest}",
        fields={name: "import_map_unknown"},
        code="import_map_unknown",
        name=name,
        nearest=nearest,
    )


def _no_contacts(titles: Sequence[str]) -> Invalid:
    seen = ", ".join(title.strip() for title in titles if title.strip())
    return Invalid(
        f"no column holds phone numbers or e-mail addresses; columns seen: {seen or 'none'}."
        " Name one «Телефон» or «Почта» (Phone, Email), or say which with --map",
        fields={"columns": "import_no_contacts"},
        code="import_no_contacts",
        seen=seen,
    )
