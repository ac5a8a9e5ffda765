"""Where the name of a client leads: to their card in Google Contacts, which the mirror keeps there.

The card is found by number or address, so a link needs neither the contact's id nor a row's place,
and whoever opens it sees the card of their own account.
"""

from urllib.parse import quote

from sync.columns import Frame, View

_SEARCH = "https://contacts.google.com/search/"
_READS = ("client.phones", "client.emails")


def card_of(view: View, frame: Frame) -> str:
    """Return the address of the client's card; empty for who may not know how to reach them."""
    client = view.client
    if client is None or not frame.lets(view, _READS):
        return ""
    reach = next(iter((*client.phones, *client.emails)), "")
    return f"{_SEARCH}{quote(reach, safe='')}" if reach else ""
