"""SMS through SMS Aero.

Source: public clients of `gate.smsaero.ru/v2/sms/send`: Basic with e-mail and key. What its
`callbackUrl` hears is not confirmed; reports that nobody understands wait for a person.
"""

from collections.abc import Mapping

from kartoteka.adapters.messengers.calls import Calls
from kartoteka.adapters.senders.answers import given, no_key, refused, sent_id
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import Posting

_URL = "https://gate.smsaero.ru/v2/sms/send"
_USUAL_NAME = "SMS Aero"
_CLOSED = {401, 402, 403}


class SmsAero:
    """SMS Aero as a sender."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, posting: Posting) -> str:
        """Return the id of the message."""
        proof = (given(account, "email"), given(account, "api_key"))
        body = {
            "number": posting.to.lstrip("+"),
            "text": posting.text,
            "sign": account.api.get("sender", _USUAL_NAME),
        }
        if posting.reports.startswith("https://") and account.secrets:
            place = f"{posting.reports}/ingest/smsaero/{account.id}/{account.secrets[0]}"
            body |= {"callbackUrl": place, "callbackFormat": "JSON"}
        answer = self._calls.ask("POST", _URL, json=body, auth=proof)
        if answer.status in _CLOSED:
            raise no_key("smsaero")
        if answer.body.get("success") is not True:
            raise refused()
        data = answer.body.get("data")
        first = data[0] if isinstance(data, list) and data else data
        return sent_id(first.get("id") if isinstance(first, Mapping) else None)
