"""Letters through the office's own mail server.

Source: RFC 5321 (5xx is for good, 4xx passes), RFC 3463 (5.1.x, 5.2.1: the address). The address,
the port and the password are the office's own. Nothing goes without TLS, but to this machine.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from kartoteka.adapters.senders.letter import composed
from kartoteka.domain.errors import ConfigError, KartotekaError, NotAllowed, ProviderDown
from kartoteka.domain.errors import RateLimited as Slower
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import DEAD, MAYBE_SENT, Posting

_TIMEOUT_S = 20.0
_IMPLICIT_TLS = 465
_USUAL_PORT = 587
_FOR_GOOD = 500
_OK = range(200, 300)
_NO_SUCH = {550, 551, 553}
_HERE = {"127.0.0.1", "::1", "localhost"}


class MailServer:
    """A server of mail that the office has an account at."""

    def send(self, account: Account, posting: Posting) -> str:
        """Return the Message-ID: a server tells nothing else."""
        sender = _given(account, "from")
        letter = composed(posting, sender, answers_with_token=False)
        with _connected(account) as server:
            _asked(server.mail(sender), to_one=False)
            _asked(server.rcpt(posting.to), to_one=True)
            try:
                answer = server.data(letter)
            except smtplib.SMTPDataError as exc:
                raise _refusal(exc.smtp_code, to_one=False) from exc
            except OSError as exc:  # those of smtplib are too
                raise ProviderDown("the server fell silent", code=MAYBE_SENT) from exc
            _asked(answer, to_one=False)
        return posting.message_id


@contextmanager
def _connected(account: Account) -> Iterator[smtplib.SMTP]:
    try:
        server = _opened(account)
    except smtplib.SMTPAuthenticationError as exc:
        raise ConfigError("the server refuses the password", code="posting_no_key") from exc
    except OSError as exc:
        raise ProviderDown("the mail server cannot be reached") from exc
    try:
        yield server
    except OSError as exc:
        raise ProviderDown("the mail server hung up") from exc
    finally:
        server.close()


def _opened(account: Account) -> smtplib.SMTP:
    host = _given(account, "host")
    port = _port(account)
    context = ssl.create_default_context()
    if port == _IMPLICIT_TLS:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=_TIMEOUT_S)
    try:
        server.ehlo_or_helo_if_needed()
        if port != _IMPLICIT_TLS and (host not in _HERE or server.has_extn("starttls")):
            server.starttls(context=context)
            server.ehlo()
        if account.api.get("user"):
            server.login(account.api["user"], account.api.get("password", ""))
    except BaseException:
        server.close()
        raise
    return server


def _port(account: Account) -> int:
    text = account.api.get("port", "") or str(_USUAL_PORT)
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise ConfigError("the port is no number of a port", code="posting_no_key")
    return int(text)


def _asked(answer: tuple[int, bytes], *, to_one: bool) -> None:
    if answer[0] not in _OK:
        raise _refusal(answer[0], answer[1], to_one=to_one)


def _refusal(code: int, said: bytes = b"", *, to_one: bool) -> KartotekaError:
    """Return what a refusal means; only a dead address stops it, not a full box or a filter."""
    if code < _FOR_GOOD:
        return Slower(f"the mail server answered {code}")
    dead = to_one and code in _NO_SUCH and (b"5.1." in said or b"5." not in said)
    text = f"the mail server answered {code}"
    return NotAllowed(text, code=DEAD if dead else "posting_refused")


def _given(account: Account, name: str) -> str:
    found = account.api.get(name, "")
    if not found:
        raise ConfigError(f"smtp: {name} is missing", code="posting_no_key")
    return found
