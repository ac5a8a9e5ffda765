"""Who may send a form, how often, and whether a person did."""

from urllib.parse import urlsplit

from ingest.form_body import read_form
from ingest.visitor import caller
from kartoteka.domain.errors import ConfigError, Invalid, Malformed, NotAllowed, Transient
from kartoteka.domain.office import Form
from kartoteka.http import Call
from kartoteka.log import log
from kartoteka.wiring import App

_TOKENS = ("smart-token", "cf-turnstile-response")


def check(call: Call, app: App, form: Form) -> None:
    """Refuse a post that comes too often, from a strange site, or from a robot.

    Raises:
        TooMany: over the limit of the address, as far as this process sees.
        NotAllowed: the form is not for the site that sent it.
        Invalid: the captcha was not passed.
        Transient, ConfigError: the captcha does not answer and the installation wants it.
    """
    address, limit = caller(call), app.settings.form_posts_per_minute
    if limit and address:
        app.visits.count("form_too_many", address, limit, app.clock.now().timestamp())
    if form.hosts:
        _check_site(call, form)
    if form.captcha:
        _check_captcha(call, app, address)


def _check_site(call: Call, form: Form) -> None:
    """Refuse a page of a site that is not named; programs name no site."""
    origin = call.header("origin")
    if not origin:
        return
    host = _host(origin)
    own = _host(call.base_url)
    if host != own and not any(host == one or host.endswith("." + one) for one in form.hosts):
        raise NotAllowed(f"form {form.id} is not for this site", code="form_host")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _check_captcha(call: Call, app: App, address: str) -> None:
    if not app.settings.captcha:
        log("warning", event="captcha_not_set")
        return
    try:
        passed = app.captcha.passed(_token(call), address)
    except (ConfigError, Transient):
        if app.settings.captcha_down == "closed":
            raise
        log("warning", event="captcha_down")
        return
    if not passed:
        raise Invalid("the captcha was not passed", code="form_captcha")


def _token(call: Call) -> str:
    try:
        typed = dict(read_form(call).pairs)
    except Malformed:
        return ""
    return next((typed[name] for name in _TOKENS if typed.get(name)), "")
