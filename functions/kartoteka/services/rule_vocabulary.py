"""Everything that rules of an office may name: its settings, its templates and series."""

from collections.abc import Iterator

from kartoteka.domain.mailing import Series
from kartoteka.domain.office import Settings
from kartoteka.domain.rules.vocabulary import Vocabulary, vocabulary_of
from kartoteka.domain.template import Template
from kartoteka.ports import Query, Store
from kartoteka.services.segment_language import names_of


def rule_vocabulary(store: Store, settings: Settings) -> Vocabulary:
    """Return the names with which a new rule is checked."""
    return vocabulary_of(
        settings,
        lists={
            "segment": names_of(settings.office),
            "template": _named(store, Template.collection),
            "series": _named(store, Series.collection),
        },
    )


def _named(store: Store, collection: str) -> Iterator[tuple[str, str]]:
    for hit in store.query(Query(collection)):
        yield hit.id, str(hit.doc.get("name", ""))
