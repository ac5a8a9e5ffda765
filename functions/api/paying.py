"""`GET /api/d/{signed}/pay`: the way from an invoice to the page where it is paid; I6."""

from api.paper_page import HEADERS, missing, said
from kartoteka.domain.errors import ConfigError, NotFound, Transient
from kartoteka.http import Call, Reply
from kartoteka.i18n import text
from kartoteka.log import log
from kartoteka.services.invoice_paying import page_for
from kartoteka.services.paper_links import opened
from kartoteka.wiring import App

_SEE_OTHER = 303


def pay(_call: Call, app: App, token: str) -> Reply:
    """Return the way to the payment service, or a kind page when it does not take the money.

    Raises:
        Transient: the store does not answer.
    """
    lang = app.desk.settings().office.locale
    try:
        paper = opened(app.desk.store, token, app.desk.now())
    except NotFound:
        return missing(lang)
    try:
        address = page_for(app.desk, app.payments, paper)
    except NotFound:
        return Reply(_SEE_OTHER, headers={**HEADERS, "location": f"../{token}"})
    except (ConfigError, Transient) as exc:
        log("warning", event="pay_page_refused", paper=paper.id, code=exc.code, detail=str(exc))
        words = text("paper_pay_down", lang)
        return said(503, text("paper_pay", lang), words, lang, back=f"../{token}")
    return Reply(_SEE_OTHER, headers={**HEADERS, "location": address})
