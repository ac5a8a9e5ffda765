"""The client hears of a paper that was sent: in their messenger, with a mark for its address."""

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Rejected
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.i18n import text
from kartoteka.services import chat_commands
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.office import Desk
from kartoteka.services.paper_links import mark_of


def tell(desk: Desk, actor: Actor, paper: SalesPaper, cause: str) -> str:
    """Return `chat` when the words are on their way to the client, else nothing.

    A client without a chat, or one whose messenger takes no words now, is told by a person.
    """
    if paper.client_id is None:
        return ""
    words = text(
        f"paper_told_{paper.what}",
        desk.settings().office.locale,
        label=paper.label,
        address=mark_of(paper),
    )
    form = SendMessage(text=words, client=paper.client_id, key=paper.id)
    try:
        chat_commands.send(desk, actor, form, cause)
    except Rejected:
        return ""
    return "chat"
