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
_WORDS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"_\d+$")
_NUMBERED = re.compile(r"(phone|e_mail|organization)_\d+_(value|name)")
_SILENT = re.compile(
    r"phonetic_.*|yomi_.*|.*_yomi|.*_(label|type)|photo|file_as|name_(prefix|suffix)|initials"
    r"|short_name|maiden_name|language|gender|sensitivity|priority|subject"
)

# Each field with the headers that mean it, small and with _ between words.
_SYNONYMS: Mapping[str, str] = {
    "name": "имя_и_фамилия|фио|ф_и_о|клиент|контакт|контактное_лицо|полное_имя|имя_клиента"
    "|полное_имя_контакта|имя_контакта|фамилия_имя_отчество|фамилия_и_имя|название_контакта"
    "|name|full_name|client|customer|contact|contact_name|display_name|client_name|person",
    "first_name": "имя|first_name|given_name|firstname|forename",
    "middle_name": "отчество|middle_name|additional_name|patronymic",
    "last_name": "фамилия|last_name|family_name|surname|lastname",
    "nickname": "псевдоним|прозвище|никнейм|ник|nickname|nick",
    "company": "компания|организация|фирма|название_компании|наименование_организации|юрлицо"
    "|место_работы|company|organization|organisation|organization_name|company_name|business"
    "|account_name|employer",
    "inn": "инн|инн_компании|инн_организации|inn|tax_id|taxpayer_number|vat_number|tin",
    "kpp": "кпп|kpp",
    "phone": "телефон|телефоны|тел|мобильный|мобильный_телефон|моб|моб_телефон"
    "|моб_тел|тел_моб|тел_раб|раб_тел|телефон_моб|телефон_раб|сот_тел|сотовый"
    "|сотовый_телефон|рабочий_телефон|домашний_телефон|номер_телефона|контактный_телефон"
    "|другой_телефон|рабочий_прямой_телефон|телефон_для_связи|whatsapp|ватсап|вотсап"
    "|phone|phones|mobile|mobile_phone|cell|cell_phone|telephone|tel|phone_number|home_phone"
    "|business_phone|work_phone|primary_phone|other_phone|company_main_phone|contact_phone",
    "email": "почта|email|e_mail|электронная_почта|имейл|емейл|мейл|эл_почта|адрес_почты"
    "|рабочий_email|рабочий_e_mail|личный_email|личный_e_mail|частный_e_mail|другой_e_mail"
    "|эл_адрес|e_mail_address|email_address|mail|work_email|home_email|primary_email|emails",
    "owner": "ответственный|менеджер|ответственный_менеджер|владелец|сотрудник|куратор"
    "|owner|manager|assigned_to|responsible|account_manager",
    "segment": "тип_клиента|сегмент|статус_клиента|segment|client_type|customer_type",
    "tags": "теги|метки|тег|группы|группа|категория|категории|ярлыки|tags|tag|labels|categories"
    "|groups|group|group_membership",
    "note": "комментарий|комментарии|примечание|примечания|заметка|заметки|описание"
    "|дополнительно|note|notes|comment|comments|description|remarks",
    "request": "заявка|лид|обращение|запрос|открыть_заявку|request|lead|open_lead|inquiry|enquiry",
    "source": "источник|откуда|откуда_узнали|рекламный_источник|source|lead_source|origin",
}
_MEANS: Mapping[str, str] = {
    header: field for field, headers in _SYNONYMS.items() for header in headers.split("|")
}
# Of a field of the office's own, if it has one that is called one of these.
_BIRTHDAY = frozenset(
    [
        "день_рождения",
        "дата_рождения",
        "др",
        "родился",
        "birthday",
        "birth_date",
        "date_of_birth",
        "bday",
        "dob",
    ]
)
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
    return _WORDS.sub("_", title.casefold().replace("ё", "е")).strip("_")


def _own(specs: Iterable[FieldSpec]) -> dict[str, str]:
    own = [spec for spec in specs if spec.entity == "client"]
    names = [(name, spec.id) for spec in own for name in (spec.name, spec.name_en, spec.id)]
    found = {plain(name): f"{CUSTOM}{field}" for name, field in names if plain(name)}
    birthday = next((field for name, field in found.items() if name in _BIRTHDAY), "")
    return {**dict.fromkeys(_BIRTHDAY, birthday), **found} if birthday else found


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
        " Name one Phone or Email, or say which with --map",
        fields={"columns": "import_no_contacts"},
        code="import_no_contacts",
        seen=seen,
    )
