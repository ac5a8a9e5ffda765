"""Captchas judged by who made them: Yandex SmartCaptcha, Cloudflare Turnstile.

Source: their documentation: POST of the secret, the token and the visitor's address; SmartCaptcha
answers `{"status": "ok"}`, Turnstile `{"success": true}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from kartoteka.domain.errors import ConfigError, ProviderDown

_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class _Kind:
    url: str
    token: str  # how the provider calls the visitor's token
    address: str  # how it calls the visitor's address
    passed: tuple[str, object]  # the field of the answer that says yes, and how


_KINDS: Mapping[str, _Kind] = {
    "smartcaptcha": _Kind(
        "https://smartcaptcha.yandexcloud.net/validate", "token", "ip", ("status", "ok")
    ),
    "turnstile": _Kind(
        "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        "response",
        "remoteip",
        ("success", True),
    ),
}


@dataclass(frozen=True)
class AskedCaptcha:
    """One installation's captcha; every token is asked about once."""

    kind: _Kind
    secret: str = field(repr=False)
    http: httpx.Client

    def passed(self, token: str, remote: str) -> bool:
        """Return whether a person passed it.

        Raises:
            ProviderDown: the provider does not answer.
            ConfigError: it does not know our secret.
        """
        given = {"secret": self.secret, self.kind.token: token, self.kind.address: remote}
        try:
            answer = self.http.post(self.kind.url, data=given)
            found = answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError) as exc:
            raise ProviderDown("the captcha does not answer") from exc
        if answer.is_client_error:
            raise ConfigError("the captcha refuses our secret: check KARTOTEKA_CAPTCHA_SECRET")
        if not isinstance(found, Mapping):
            raise ProviderDown("the captcha answers nothing that can be read")
        name, yes = self.kind.passed
        return found.get(name) == yes


def build(kind: str, secret: str, transport: httpx.BaseTransport | None = None) -> AskedCaptcha:
    """Return the captcha of this installation; `ConfigError` when it has none."""
    if kind not in _KINDS:
        raise ConfigError("no captcha is set: name one in KARTOTEKA_CAPTCHA")
    client = httpx.Client(timeout=_TIMEOUT_S, transport=transport)
    return AskedCaptcha(_KINDS[kind], secret, client)
