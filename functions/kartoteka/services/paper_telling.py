"""The client hears of a paper that was sent, in their chat or by mail; a mark is its address."""

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Rejected
from kartoteka.domain.sales_paper import SalesPaper, mark_of
from kartoteka.i18n import text
from kartoteka.services import chat_commands, mail_send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.mail_send import SendMail
from kartoteka.services.office import Desk


def tell(desk: Desk, actor: Actor, paper: SalesPaper, cause: str) -> str:
    """Return on which way the client is being told: `chat`, `mail`, or none.

    Whom neither reaches (nobody wrote, no address, a chat in other hands) a person has to tell.
    """
    if paper.client_id is None:
        return ""
    locale = desk.settings().office.locale
    told = {"label": paper.label, "address": mark_of(paper.id)}
    words = text(f"paper_told_{paper.what}", locale, **told)
    message = SendMessage(text=words, client=paper.client_id, key=paper.id)
    try:
        chat_commands.send(desk, actor, message, cause)
    except Rejected:
        title = text(f"paper_title_{paper.what}", locale, label=paper.label)
        return _mailed(desk, actor, SendMail(text=words, subject=title, deal=paper.deal_id), cause)
    return "chat"


def _mailed(desk: Desk, actor: Actor, letter: SendMail, cause: str) -> str:
    try:
        mail_send.send(desk, actor, letter, cause)
    except Rejected:
        return ""
    return "mail"
