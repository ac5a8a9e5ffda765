"""The chat of the office's own site: an answer waits in the chat until the visitor's page asks.

Source: our own interface; the page asks `GET /ingest/chat/{site}/talk`. So nothing is called and
nothing can fail, except what a page cannot show.
"""

from kartoteka.chat_ports import FileBytes, Letter
from kartoteka.domain.errors import NotAllowed, NotFound
from kartoteka.domain.office import Account
from kartoteka.domain.visitor import receipt_id


class Site:
    """Visitors of a site: their answers lie in the store already."""

    def send(self, _account: Account, letter: Letter) -> str:
        """Return the id by which the page tells that the answer was read.

        Raises:
            NotAllowed: the page shows no files.
        """
        if letter.file is not None:
            raise NotAllowed("the chat of the site shows no files", code="site_no_files")
        return receipt_id(letter.peer, letter.tag)

    def fetch(self, _account: Account, _ref: str, _largest: int) -> FileBytes:
        """Refuse: visitors send no files."""
        raise NotFound("visitors of the site send no files", code="site_no_files")
