"""SMS through SMS.ru.

Source: sms.ru, `sms/send` with `json=1`: the answer has a status of its own for each number.
"""

from collections.abc import Mapping

from kartoteka.adapters.messengers.calls import Calls
from kartoteka.adapters.senders.answers import given, no_key, refused, sent_id
from kartoteka.domain.errors import RateLimited
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import Posting

_URL = "https://sms.ru/sms/send"
_DONE = 100
_CLOSED = {200, 201, 204, 300, 301, 302}  # key, money, name of the sender
_LATER = {206, 220, 230, 231, 232}  # limits of a day or a minute; busy
_NUMBER = {202, 207}
_STOP_LIST = {209}


class SmsRu:
    """SMS.ru as a sender."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, posting: Posting) -> str:
        """Return the id of the message."""
        phone = posting.to.lstrip("+")
        form = {"api_id": given(account, "api_id"), "to": phone, "msg": posting.text, "json": "1"}
        if account.api.get("sender"):
            form["from"] = account.api["sender"]
        answer = self._calls.ask("POST", _URL, data=form)
        one = answer.part("sms").get(phone)
        told = one if isinstance(one, Mapping) else answer.body
        code = told.get("status_code")
        if code in _CLOSED:
            raise no_key("smsru")
        if code in _LATER:
            raise RateLimited("sms.ru asks to slow down")
        if code != _DONE:
            raise refused(dead=code in _NUMBER, unwanted=code in _STOP_LIST)
        return sent_id(told.get("sms_id"))
