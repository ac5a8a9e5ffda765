"""All names that the rules of one office may use, and what each of them means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.model import Role
from kartoteka.domain.office import Office, Settings
from kartoteka.domain.pipeline import Pipeline
from kartoteka.domain.rules.catalogue import PAPER_KINDS, TASK_KINDS
from kartoteka.domain.rules.fields_table import ENTITIES, LISTS, Kind, Name, names
from kartoteka.domain.rules.literals import Around
from kartoteka.domain.rules.scan import Token
from kartoteka.domain.rules.words import nearest, plain, stem, stems

_KINDS: Mapping[str, Kind] = {
    "text": Kind.TEXT,
    "file": Kind.TEXT,
    "number": Kind.NUMBER,
    "money": Kind.MONEY,
    "date": Kind.DATE,
    "list": Kind.CHOICE,
}
_ROLES: Mapping[str, tuple[str, ...]] = {
    Role.ADMIN: ("администратор", "administrator", "admin"),
    Role.DIRECTOR: ("директор", "director"),
    Role.HEAD: ("руководители", "heads"),
    Role.MANAGER: ("менеджеры", "managers"),
    Role.EXECUTOR: ("исполнители", "executors"),
    Role.ACCOUNTANT: ("бухгалтер", "accountant"),
    Role.FINANCE: ("финдиректор", "finance director", "финансовый директор", "finance head"),
    Role.MARKETING: ("маркетолог", "marketing"),
    Role.OPERATOR: ("операторы", "operators"),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """A list of ids and what each is called; a name of several ids is told with the id."""

    called: Mapping[str, tuple[str, ...]]  # names of each id, the Russian one first

    def read(self, said: str) -> str | None:
        """Return the id that is called so, in any case and grammatical form; None for none."""
        if said in self.called:
            return said
        exact = [key for key, it in self.called.items() if plain(said) in map(plain, it)]
        if not exact:
            wanted = stems(said.split())
            exact = [
                key
                for key, it in self.called.items()
                if any(stems(n.split()) == wanted for n in it)
            ]
        return exact[0] if len(exact) == 1 else None

    def shown(self, key: str, locale: str) -> str:
        """Return what an id is called, such that `read` returns it again."""
        found = self.called.get(key, ())
        name = found[-1 if locale == "en" else 0] if found else key
        return name if self.read(name) == key else key

    @property
    def all_names(self) -> list[str]:
        """Return every name, those that several ids have as ids."""
        return [self.shown(key, locale) for key in self.called for locale in ("ru", "en")]


@dataclass(frozen=True)
class Vocabulary:
    """What can be named.

    Attributes:
        around: zone and currency of the office.
        fields: by canonical name.
        choices: lists of ids, by the name of the list; `stage.lead`, `person`, `role`, ...
    """

    around: Around
    fields: Mapping[str, Name]
    choices: Mapping[str, Choices] = field(default_factory=dict)

    @cached_property
    def _phrases(self) -> Mapping[tuple[str, ...], tuple[Name, ...]]:
        found: dict[tuple[str, ...], tuple[Name, ...]] = {}
        for name in self.fields.values():
            for spelled in dict.fromkeys((name.name, name.name_en, *name.short, name.canonical)):
                key = stems(spelled.split())
                found[key] = (*found.get(key, ()), name)
        return found

    @cached_property
    def _longest(self) -> int:
        return max(len(key) for key in self._phrases)

    def longest_at(self, tokens: Sequence[Token], at: int, subject: str) -> tuple[Name, int] | None:
        """Return the field that is named by the most words from here, and the index behind."""
        words: list[str] = []
        for token in tokens[at : at + self._longest]:
            if token.kind != "word":
                break
            words.append(stem(token.text))
        for count in range(len(words), 0, -1):
            found = self._phrases.get(tuple(words[:count]))
            if found:
                return _meant(found, subject), at + count
        return None

    def bracketed(self, said: str, subject: str) -> Name | None:
        """Return the field of a label in square brackets: the office's own fields go first."""
        own = [it for it in self.fields.values() if it.custom and plain(said) in _labels(it)]
        if own:
            return _meant(own, subject)
        if said in self.fields:
            return self.fields[said]
        found = self._phrases.get(stems(said.split()))
        return _meant(found, subject) if found else None

    def nearest_field(self, said: str) -> str:
        """Return the spelling of a field that is most like this one, empty when none is."""
        spelled = (
            it for name in self.fields.values() for it in (name.name, name.name_en, *name.short)
        )
        return nearest(said, spelled)

    def spelled(self, canonical: str, locale: str) -> str:
        """Return what a field is called in full; its own label is in brackets."""
        name = self.fields.get(canonical)
        if name is None:
            return f"[{canonical}]"
        label = name.name_en if locale == "en" else name.name
        key = stems(label.split())
        twins = [it for it in self._phrases.get(key, ()) if it is not name]
        plainly = not twins and "]" not in label and label == " ".join(label.split())
        if name.custom:
            return f"[{label}]" if plainly else f"[{canonical}]"
        return label if plainly else f"[{canonical}]"


def _labels(name: Name) -> set[str]:
    return {plain(name.name), plain(name.name_en)}


def _meant(found: Sequence[Name], subject: str) -> Name:
    """Return the field of the record that the rule is about, else of the first kind there is."""
    order = [subject, *ENTITIES]
    return min(found, key=lambda name: order.index(name.entity))


def vocabulary_of(
    settings: Settings, *, lists: Mapping[str, Iterable[tuple[str, str]]] | None = None
) -> Vocabulary:
    """Return everything that rules of this office may name.

    Args:
        settings: the office and its people.
        lists: further lists, id and name: templates, segments, series. A list that is not given
            is not checked.
    """
    office = settings.office
    known = {name.canonical: name for name in names()}
    known |= {name.canonical: name for name in map(_own, office.fields)}
    fixed = (*LISTS.items(), ("task_kind", TASK_KINDS), ("paper", PAPER_KINDS))
    choices = {code: Choices(items) for code, items in fixed}
    choices |= _of_office(office)
    choices["form"] = Choices({it.id: (it.title, it.title_en) for it in settings.forms})
    choices["person"] = _named((p.id, p.name) for p in settings.staff if p.active)
    teams = {*office.teams, *(person.team for person in settings.staff if person.team)}
    choices["team"] = _named((team, team) for team in sorted(teams))
    for spec in office.fields:
        if spec.type == "list":
            choices[f"field.{spec.entity}.{spec.id}"] = _named((it, it) for it in spec.values)
    choices |= {code: _named(items) for code, items in (lists or {}).items()}
    return Vocabulary(Around(office.work.zone, office.currency), known, choices)


def _own(spec: FieldSpec) -> Name:
    """Return a field of the office's own."""
    genitive, prefix = ENTITIES[spec.entity]
    english = spec.name_en or spec.name
    return Name(
        canonical=f"{spec.entity}.fields.{spec.id}",
        entity=spec.entity,
        path=f"fields.{spec.id}",
        kind=_KINDS[spec.type],
        name=spec.name,
        name_en=english,
        short=(f"{spec.name} {genitive}", f"{prefix} {english}"),
        choices=f"field.{spec.entity}.{spec.id}" if spec.type == "list" else "",
        custom=True,
    )


def _of_office(office: Office) -> dict[str, Choices]:
    leads = [line for line in office.pipelines if line.kind == "lead"]
    deals = [line for line in office.pipelines if line.kind != "lead"]
    roles = {str(role): words for role, words in _ROLES.items()}
    roles |= {spec.id: (spec.name, spec.name_en or spec.name) for spec in office.roles}
    return {
        "stage.lead": _stages(leads),
        "stage.deal": _stages(deals),
        "pipeline.lead": _pipelines(leads),
        "pipeline.deal": _pipelines(deals),
        "role": Choices(roles),
    }


def _stages(lines: Iterable[Pipeline]) -> Choices:
    found: dict[str, tuple[str, ...]] = {}
    for stage in (stage for line in lines for stage in line.stages):
        found.setdefault(stage.id, (stage.name, stage.name_en))
    return Choices(found)


def _pipelines(lines: Iterable[Pipeline]) -> Choices:
    return Choices({line.id: (line.name, line.name_en or line.name) for line in lines})


def _named(items: Iterable[tuple[str, str]]) -> Choices:
    return Choices({str(key): (name, name) for key, name in items})
