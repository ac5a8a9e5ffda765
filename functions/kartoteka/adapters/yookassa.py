"""YooKassa's own word on a payment, and the page on which it takes one.

Source: YooKassa API, «Платежи»: `GET /v3/payments/{id}` and `POST /v3/payments` with an
`Idempotence-Key`, Basic authentication by shop and key.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from kartoteka.domain.amounts import minor
from kartoteka.domain.errors import ConfigError, NotFound, ProviderDown, RateLimited
from kartoteka.domain.office import Account
from kartoteka.domain.payment import LONGEST, Bill, PaymentTold

_HOST = "https://api.yookassa.ru/v3/payments"
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_ADDRESS = re.compile(r"https://[!-~]{1,1900}")
_TIMEOUT_S = 20.0
_NUMBERS = ("order_id", "orderId", "deal_id", "invoice", "order_number", "orderNumber")
_REFUSED, _MISSING, _TOO_MANY = frozenset({401, 403}), frozenset({400, 404}), 429
_LONGEST_TITLE = 128


class YooKassa:
    """Payments as YooKassa knows them; no address but its own is ever called."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def payment(self, account: Account, external: str) -> Sequence[PaymentTold]:
        """Return what is true of a payment now; nothing while it is on its way.

        Raises:
            NotFound: there is no such payment in this shop.
            ConfigError: the account has no shop id and key, or YooKassa refuses them.
            RateLimited, ProviderDown: YooKassa does not answer.
        """
        keys = _keys(account)
        if not _ID.fullmatch(external):
            raise NotFound("this is no id of a payment", code="record_unknown")
        return _told(external, self._asked(external, keys))

    def page(self, account: Account, bill: Bill) -> str:
        """Return the address of the page where the client pays; one for each key of a bill.

        Raises:
            ConfigError: the account has no keys or wrong ones, or the shop takes no such payment,
                such as one without a fiscal receipt.
            RateLimited, ProviderDown: YooKassa does not answer.
        """
        value = f"{bill.amount_minor // 100}.{bill.amount_minor % 100:02d}"
        wish = {
            "amount": {"value": value, "currency": bill.currency},
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": bill.back},
            "description": bill.title[:_LONGEST_TITLE],
            "metadata": {"invoice": bill.number},
        }
        headers = {"Idempotence-Key": bill.key}
        request = self._client.build_request("POST", _HOST, json=wish, headers=headers)
        answer = self._answered(request, _keys(account))
        if answer.status_code in _MISSING:
            raise ConfigError("yookassa: the shop takes no such payment; see its receipts")
        return _page(answer)

    def _asked(self, external: str, keys: tuple[str, str]) -> Mapping[str, Any]:
        request = self._client.build_request("GET", f"{_HOST}/{external}")
        answer = self._answered(request, keys)
        if answer.status_code in _MISSING:
            raise NotFound("YooKassa knows no such payment", code="record_unknown")
        return _object(answer, external)

    def _answered(self, request: httpx.Request, keys: tuple[str, str]) -> httpx.Response:
        """Return an answer that is a success, or says that the request was wrong."""
        try:
            answer = self._client.send(request, auth=keys)
        except httpx.HTTPError as exc:
            raise ProviderDown("YooKassa does not answer") from exc
        if answer.status_code in _REFUSED:
            raise ConfigError("yookassa: the shop id or the key is not valid")
        if answer.status_code == _TOO_MANY:
            raise RateLimited("YooKassa asks to slow down")
        if not answer.is_success and answer.status_code not in _MISSING:
            raise ProviderDown(f"YooKassa answered {answer.status_code}")
        return answer


def build() -> YooKassa:
    """Return the service of the real provider."""
    return YooKassa(httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False))


def _keys(account: Account) -> tuple[str, str]:
    keys = account.api.get("shop_id", ""), account.api.get("secret_key", "")
    if not all(keys):
        raise ConfigError("yookassa: connect the account with account.connect")
    return keys


def _page(answer: httpx.Response) -> str:
    try:
        address = answer.json()["confirmation"]["confirmation_url"]
    except (ValueError, KeyError, TypeError) as exc:
        raise ProviderDown("YooKassa answered without a page") from exc
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise ProviderDown("YooKassa answered with an impossible page")
    return address


def _object(answer: httpx.Response, external: str) -> Mapping[str, Any]:
    """Return the payment of an answer, which must be the one that was asked for."""
    try:
        found = answer.json()
    except ValueError as exc:
        raise ProviderDown("YooKassa answered no JSON") from exc
    if not isinstance(found, Mapping) or found.get("id") != external:
        raise ProviderDown("YooKassa answered about something else")
    return found


def _told(external: str, found: Mapping[str, Any]) -> Sequence[PaymentTold]:
    """Return the events that lead to where the payment is."""
    amount, currency = _money(found.get("amount"))
    back, _ = _money(found.get("refunded_amount"))
    blank = PaymentTold(
        id=external,
        what="succeeded",
        amount_minor=amount,
        currency=currency,
        numbers=_numbers(found.get("metadata")),
        test=found.get("test") is True,
    )
    if found.get("status") == "canceled":
        return (blank.model_copy(update={"what": "canceled"}),)
    if found.get("status") != "succeeded":
        return ()
    refund = blank.model_copy(update={"what": "refunded", "amount_minor": back})
    return (blank, refund) if back else (blank,)


def _money(found: Any) -> tuple[int, str]:
    if found is None:
        return 0, ""
    try:
        value, currency = minor(found["value"]), str(found["currency"])[:3].upper()
    except (KeyError, TypeError) as exc:
        raise ProviderDown("YooKassa answered an impossible amount") from exc
    if value is None:
        raise ProviderDown("YooKassa answered an impossible amount")
    return value, currency


def _numbers(found: Any) -> tuple[str, ...]:
    if not isinstance(found, Mapping):
        return ()
    told = (str(found.get(name) or "").strip()[:LONGEST] for name in _NUMBERS)
    return tuple(dict.fromkeys(filter(None, told)))
