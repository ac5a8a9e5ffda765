"""Where a captcha stands on a form's page; whether it was passed the intake asks its provider.

Source: documentation of Yandex SmartCaptcha and Cloudflare Turnstile. Both draw themselves into
an element of their class and put a token into a hidden input beside it.
"""

from markupsafe import Markup

from kartoteka.services.public_form import PublicForm
from kartoteka.settings import Settings

_SITES = {
    "smartcaptcha": "https://smartcaptcha.yandexcloud.net",
    "turnstile": "https://challenges.cloudflare.com",
}
_SCRIPTS = {
    "smartcaptcha": _SITES["smartcaptcha"] + "/captcha.js",
    "turnstile": _SITES["turnstile"] + "/turnstile/v0/api.js",
}
_CLASSES = {"smartcaptcha": "smart-captcha", "turnstile": "cf-turnstile"}
_WIDGET = Markup(
    '\n<div class="{style} field" data-sitekey="{key}"></div>\n'
    '<script src="{script}" async defer></script>'
)


def of_form(form: PublicForm, settings: Settings) -> Markup:
    """Return the captcha of a form that asks for one, if this installation has any."""
    kind = settings.captcha
    return widget(kind, settings.captcha_key) if form.captcha and kind else Markup()


def widget(kind: str, key: str) -> Markup:
    """Return the place of the captcha on our page, with the provider's script."""
    return _WIDGET.format(style=_CLASSES[kind], key=key, script=_SCRIPTS[kind])


def described(kind: str, key: str) -> dict[str, str]:
    """Return what the script for other pages has to know to place it."""
    return {"style": _CLASSES[kind], "key": key, "script": _SCRIPTS[kind]}


def policy(shown: str) -> list[str]:
    """Return what the page's policy has to allow for the captcha that it shows."""
    sites = " ".join(site for site in _SITES.values() if site in shown)
    return [f"{what} {sites}" for what in ("script-src", "frame-src", "connect-src", "img-src")]
