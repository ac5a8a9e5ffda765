"""The contact as a colleague's phone opens it, from what Google holds alone."""

from onebox.web.phonecard import ContactCard, contact_card

MARIA = {
    "names": [{"displayName": "Мария Ковалёва · в работе"}],
    "phoneNumbers": [{"value": "+79160001122", "type": "Звонок до 24", "formattedType": "Звонок"}],
    "emailAddresses": [{"value": "maria@client.example"}],
    "organizations": [{"name": "Ромашка", "title": "Новая заявка"}],
    "biographies": [{"value": "Посл.: звонок\n---\nлюбит вечер"}],
}


def test_card_holds_every_part_of_the_contact_and_its_own_labels():
    assert contact_card(MARIA, ["myContacts", "К·В работе", ""]) == ContactCard(
        name="Мария Ковалёва · в работе",
        work=("Ромашка", "Новая заявка"),
        phones=(("+79160001122", "Звонок"),),
        emails=("maria@client.example",),
        labels=("К·В работе",),
        note=("Посл.: звонок", "---", "любит вечер"),
    )


def test_empty_contact_is_an_empty_card():
    assert contact_card({}, []) == ContactCard("", (), (), (), (), ())
