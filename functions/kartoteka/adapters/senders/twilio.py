"""SMS through Twilio.

Source: Twilio's reference of Messages (form fields, 201 with `sid`, errors with `code`): 20003 and
20005 the account, 20429 the rate, 21211 and 21614 the number, 21610 the reader's own stop.
"""

from kartoteka.adapters.messengers.calls import Calls
from kartoteka.adapters.senders.answers import given, no_key, refused, sent_id
from kartoteka.domain.errors import RateLimited
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import Posting

_URL = "https://api.twilio.com/2010-04-01/Accounts/{}/Messages.json"
_CREATED = {200, 201}
_CLOSED = {401, 403}
_ACCOUNT = {20003, 20005, 21606, 21659}
_RATE = {20429, 14107}
_NUMBER = {21211, 21614}
_STOPPED = {21610}
_SERVICE = "MG"  # how the id of a messaging service begins


class Twilio:
    """Twilio as a sender."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, posting: Posting) -> str:
        """Return the id of the message."""
        sid, token = given(account, "account_sid"), given(account, "token")
        sender = given(account, "sender")
        form = {"To": posting.to, "Body": posting.text}
        form["MessagingServiceSid" if sender.startswith(_SERVICE) else "From"] = sender
        if posting.reports.startswith("https://"):
            form["StatusCallback"] = f"{posting.reports}/ingest/twilio_sms/{account.id}"
        answer = self._calls.ask("POST", _URL.format(sid), data=form, auth=(sid, token))
        if answer.status in _CREATED:
            return sent_id(answer.body.get("sid"))
        code = answer.number("code")
        if answer.status in _CLOSED or code in _ACCOUNT:
            raise no_key("twilio_sms")
        if code in _RATE:
            raise RateLimited("twilio asks to slow down")
        raise refused(dead=code in _NUMBER, unwanted=code in _STOPPED)
