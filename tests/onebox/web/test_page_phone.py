"""What the phone shows of a contact."""

from onebox.web.phone import Ringing, caller, ringing

MARIA = {
    "names": [{"displayName": "Мария Ковалёва · в работе"}],
    "phoneNumbers": [
        {"value": "+79160001122", "canonicalForm": "+79160001122", "formattedType": "Звонок до 24"},
        {"value": "8 916 000-33-44", "canonicalForm": "+79160003344", "type": "mobile"},
    ],
    "organizations": [{"name": "Ромашка", "title": "Новая заявка"}],
    "biographies": [{"value": "Посл.: звонок\n---\nлюбит вечер"}],
}


def test_calling_contact_shows_all_parts_of_its_card():
    assert ringing(MARIA, "+79160001122") == Ringing(
        number="+79160001122",
        known=True,
        name="Мария Ковалёва · в работе",
        label="Звонок до 24",
        work="Ромашка · Новая заявка",
        note=("Посл.: звонок", "---", "любит вечер"),
    )


def test_second_number_shows_its_own_label():
    screen = caller([MARIA], "+79160003344")

    assert (screen.number, screen.label) == ("8 916 000-33-44", "Mobile")


def test_stranger_shows_the_bare_number():
    assert caller([MARIA], "+79999999999") == Ringing(number="+79999999999")


def test_hidden_number_matches_nobody():
    assert not caller([{"phoneNumbers": [{"value": ""}]}], "").known


def test_contact_without_anything_is_still_a_screen():
    assert ringing({}, "") == Ringing(number="", known=True)


def test_stage_that_labels_the_number_is_not_said_twice():
    calling = {**MARIA, "organizations": [{"name": "Ромашка", "title": "Звонок до 24"}]}

    shown = ringing(calling, "+79160001122")
    assert (shown.work, shown.below) == ("Ромашка", "Звонок до 24 · +79160001122")


def test_client_without_a_name_is_shown_by_the_number_once():
    nameless = {**MARIA, "names": [{"displayName": "+79160001122 · новый"}]}

    shown = ringing(nameless, "+79160001122")
    assert (shown.below, shown.initial) == ("Звонок до 24", "")
    assert ringing({**MARIA, "names": []}, "+79160001122").below == "Звонок до 24"


def test_letter_of_the_circle_is_the_first_letter_or_digit():
    assert ringing({"names": [{"displayName": "«ромашка»"}]}, "").initial == "Р"
    assert ringing({"names": [{"displayName": "⛔ …"}]}, "").initial == ""
    assert ringing({"names": [{"displayName": "7 этаж · опт"}]}, "").initial == "7"
