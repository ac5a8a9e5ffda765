"""Letters to many through the office's own Gmail box: what was sent can be looked up again.

Source: Gmail API v1, users.messages.send; limits of sending are answered as 403 or 429.
"""

from kartoteka.adapters.senders.letter import composed
from kartoteka.domain.errors import ConfigError, NotAllowed, NotFound
from kartoteka.domain.office import Account
from kartoteka.mail_ports import Mail, MailOf
from kartoteka.outgoing_ports import Posting


class OfficeBox:
    """The mailbox of the office as a sender."""

    def __init__(self, mail: MailOf, address: str) -> None:
        self._mail, self._address = mail, address

    def send(self, _account: Account, posting: Posting) -> str:
        """Return Gmail's id of the letter."""
        letter = composed(posting, self._address, answers_with_token=True)
        try:
            return self._box.send(letter).id
        except (NotAllowed, NotFound) as exc:
            raise ConfigError("the mailbox is closed to us", code="posting_no_key") from exc

    def found(self, _account: Account, posting: Posting) -> str | None:
        """Return the id of the letter if the box holds it among those sent."""
        sent = self._box.sent(posting.message_id)
        return sent.id if sent is not None else None

    @property
    def _box(self) -> Mail:
        return self._mail("")
