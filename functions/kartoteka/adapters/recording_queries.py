"""Where a recording is that its exchange names by an id only: the exchange is asked.

Source: Zadarma API v1, `GET /v1/pbx/record/request/` and its signature of methods; MANGO OFFICE
VPBX API 1.10, `POST /vpbx/queries/recording/post`; Telphin's API 1.0, `client_credentials` and
`GET client/@me/record/{record_uuid}/storage_url/`, as programs of its customers use it. Not
confirmed by any: the shape of Zadarma's answer (`link`, or `links`), that Mango passes on to the
file, and the shape of Telphin's answer (`record_url`).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

import httpx

from kartoteka.adapters.messengers.calls import key, no_key, too_many
from kartoteka.domain.errors import NotAllowed, ProviderDown
from kartoteka.domain.office import Account

_ZADARMA, _ZADARMA_METHOD = "https://api.zadarma.com", "/v1/pbx/record/request/"
_MANGO = "https://app.mango-office.ru/vpbx/queries/recording/post"
_TELPHIN = "https://apiproxy.telphin.ru"
_TELPHIN_RECORD = _TELPHIN + "/api/ver1.0/client/@me/record/{}/storage_url/"
_TOKEN = re.compile(r"[!-~]{1,4000}")
_RECORD = re.compile(r"[0-9A-Za-z+/=_.:-]{1,128}")
_REFUSED, _TOO_MANY, _SERVER = frozenset({401, 403}), 429, 500


def link(client: httpx.Client, account: Account, reference: str) -> str:
    """Return the link of a recording, `reference` being channel and id with a colon between.

    Raises:
        NotAllowed: there is no such exchange to ask, or no such recording.
        ConfigError: the account has no key, or the exchange refuses it.
        RateLimited, ProviderDown: the exchange does not answer.
    """
    channel, _, record = reference.partition(":")
    ask = _ASK.get(channel)
    if ask is None or channel != account.channel or not _named(record):
        raise NotAllowed("nobody can be asked for this recording", code="file_place")
    return ask(client, account, record)


def _named(record: str) -> bool:
    return bool(_RECORD.fullmatch(record)) and record.strip(".") != ""


def zadarma_proof(method: str, query: str, secret: str) -> str:
    """Return Zadarma's signature of a call: base64 of the hex digits of HMAC-SHA1."""
    summed = hashlib.md5(query.encode(), usedforsecurity=False).hexdigest()
    signed = (method + query + summed).encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha1).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _zadarma(client: httpx.Client, account: Account, record: str) -> str:
    query = urlencode({"call_id": record})
    proof = zadarma_proof(_ZADARMA_METHOD, query, _secret(account))
    heads = {"authorization": f"{key(account, 'key')}:{proof}"}
    answer = _asked(client, "GET", f"{_ZADARMA}{_ZADARMA_METHOD}?{query}", account, headers=heads)
    told = _object(answer)
    many = told.get("links")
    return _found(told.get("link") or (many[0] if isinstance(many, list) and many else ""))


def _mango(client: httpx.Client, account: Account, record: str) -> str:
    own, _, salt = _secret(account).partition(":")
    body = json.dumps({"recording_id": record, "action": "download"}, separators=(",", ":"))
    sign = hashlib.sha256((own + body + salt).encode()).hexdigest()
    told = {"vpbx_api_key": own, "sign": sign, "json": body}
    answer = _asked(client, "POST", _MANGO, account, data=told)
    return _found(answer.headers.get("location", ""))


def _telphin(client: httpx.Client, account: Account, record: str) -> str:
    grant = {
        "grant_type": "client_credentials",
        "client_id": key(account, "app_id"),
        "client_secret": key(account, "app_secret"),
        "scope": "all",
    }
    entered = _asked(client, "POST", f"{_TELPHIN}/oauth/token", account, data=grant)
    token = _object(entered).get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise no_key(account.channel)
    url = _TELPHIN_RECORD.format(quote(record, safe=""))
    answer = _asked(client, "GET", url, account, headers={"authorization": f"Bearer {token}"})
    return _found(_object(answer).get("record_url"))


_ASK: Mapping[str, Callable[[httpx.Client, Account, str], str]] = {
    "mango": _mango,
    "telphin": _telphin,
    "zadarma": _zadarma,
}


def _secret(account: Account) -> str:
    """Return the newest secret: both exchanges sign with one, whoever calls whom."""
    if not account.secrets:
        raise no_key(account.channel)
    return account.secrets[0]


def _asked(
    client: httpx.Client,
    method: str,
    url: str,
    account: Account,
    *,
    headers: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
) -> httpx.Response:
    try:
        answer = client.request(method, url, headers=headers, data=data)
    except httpx.HTTPError as exc:
        raise ProviderDown("the exchange does not answer") from exc
    if answer.status_code in _REFUSED:
        raise no_key(account.channel)
    if answer.status_code == _TOO_MANY:
        raise too_many(answer.headers.get("retry-after"))
    if answer.status_code >= _SERVER:
        raise ProviderDown(f"the exchange answered {answer.status_code}")
    return answer


def _object(answer: httpx.Response) -> Mapping[str, object]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, Mapping) else {}


def _found(told: object) -> str:
    if not isinstance(told, str) or not told:
        raise NotAllowed("the exchange names no link", code="file_place")
    return told
