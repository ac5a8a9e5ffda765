"""SMS through SMSC.ru.

Source: smsc.ru, «HTTP/S API», sending: errors come with status 200 and an `error_code`; the text
is UTF-8 only when said so. An id is unique only together with its number.
"""

from collections.abc import Mapping

from kartoteka.adapters.messengers.calls import Calls
from kartoteka.adapters.senders.answers import given, no_key, refused, sent_id
from kartoteka.domain.errors import RateLimited
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import Posting

_URL = "https://smsc.ru/sys/send.php"
_CLOSED = {2, 3, 4}  # password, money, blocked for too many errors
_TOO_MANY = 9
_NUMBER = {7}  # not a number; 8 (cannot be delivered now) may pass


class Smsc:
    """SMSC.ru as a sender."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, account: Account, posting: Posting) -> str:
        """Return `id:number`, as SMSC's reports name the message."""
        phone = posting.to.lstrip("+")
        form = {**_proof(account), "phones": phone, "mes": posting.text}
        form |= {"charset": "utf-8", "fmt": "3"}
        if account.api.get("sender"):
            form["sender"] = account.api["sender"]
        answer = self._calls.ask("POST", _URL, data=form)
        code = answer.number("error_code")
        if code in _CLOSED:
            raise no_key("smsc")
        if code == _TOO_MANY:
            raise RateLimited("smsc asks to slow down")
        if code is not None:
            raise refused(dead=code in _NUMBER)
        return f"{sent_id(answer.body.get('id'))}:{phone}"


def _proof(account: Account) -> Mapping[str, str]:
    if account.api.get("api_key"):
        return {"apikey": account.api["api_key"]}
    return {"login": given(account, "login"), "psw": given(account, "password")}
