"""An office whose rules are read in these tests: the law firm with fields of its own."""

from functools import cache

from tests.furnished import law_firm

from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.office import Settings
from kartoteka.domain.rules.vocabulary import Vocabulary, vocabulary_of

FIELDS = (
    FieldSpec(id="budget", entity="deal", name="Бюджет проекта", name_en="Budget", type="money"),
    FieldSpec(id="city", entity="client", name="Город", name_en="City"),
    FieldSpec(id="term", entity="deal", name="Дата окончания", name_en="End date", type="date"),
    FieldSpec(id="rooms", entity="deal", name="Комнаты", name_en="Rooms", type="number"),
    FieldSpec(
        id="kind", entity="lead", name="Вид дела", type="list", values=("Суд", "Сделка", "и")
    ),
    FieldSpec(id="twin", entity="lead", name="Город"),
    FieldSpec(id="odd", entity="deal", name="сумма сделки", type="text"),
    FieldSpec(id="worse", entity="deal", name="a]b « не", type="text"),
)
LISTS = {
    "segment": [("vip", "VIP"), ("sleeping", "Спящие")],
    "template": [("t1", "Счёт «напоминание»"), ("t2", 'Письмо "после"'), ("t3", "a » b")],
    "series": [("s1", "Тёплые")],
}


@cache
def settings() -> Settings:
    preset = law_firm()
    office = preset.office.model_copy(update={"fields": FIELDS})
    return Settings(office=office, staff=preset.staff, forms=preset.forms, accounts=())


@cache
def vocabulary() -> Vocabulary:
    return vocabulary_of(settings(), lists=LISTS)
