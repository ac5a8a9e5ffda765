"""What can go wrong, named by who must act.

KartotekaError
  Rejected            the caller must change something; never retried
    NotAuthentic      401  the signature or token is wrong
    Malformed         400  the body cannot be read as what it claims to be
    Invalid           422  readable, but a value is missing or impossible; names the fields
    NotAllowed        403  this person may not do that, or a stage guard forbids it
    NotFound          404  there is no such record
    TooLarge          413  the body or file exceeds the limit
    TooMany           429  the caller sends faster than the limit
  Conflict            409  somebody changed it first; the caller reloads
  Transient           503  the queue repeats it
    RateLimited            the provider asks to slow down
    ProviderDown           the provider does not answer, or answers nonsense
  ConfigError         500  an operator must repair the installation
"""

from collections.abc import Mapping
from datetime import timedelta


class KartotekaError(Exception):
    """Any error of ours; `code` names its text in i18n, `facts` fill the placeholders."""

    status = 500

    def __init__(self, message: str, *, code: str = "", **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts: Mapping[str, object] = facts


class Rejected(KartotekaError):
    """The caller must change something; repeating the call does not help."""

    status = 400


class NotAuthentic(Rejected):
    """The signature, token or secret is wrong."""

    status = 401


class Malformed(Rejected):
    """The body is not what it claims to be."""

    status = 400


class Invalid(Rejected):
    """A value is missing or impossible; `fields` maps each field to a text code."""

    status = 422

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        code: str = "",
        **facts: object,
    ) -> None:
        super().__init__(message, code=code, **facts)
        self.fields = dict(fields or {})


class NotAllowed(Rejected):
    """The person, or the stage of the record, does not permit it."""

    status = 403


class NotFound(Rejected):
    """There is no such record."""

    status = 404


class TooLarge(Rejected):
    """The body or a file is over the limit."""

    status = 413


class TooMany(Rejected):
    """The caller sends faster than the limit."""

    status = 429


class Conflict(KartotekaError):
    """Somebody changed the record first; reload and repeat."""

    status = 409


class Transient(KartotekaError):
    """A passing fault; the queue repeats the work."""

    status = 503

    def __init__(
        self,
        message: str,
        *,
        retry_after: timedelta | None = None,
        code: str = "",
        **facts: object,
    ) -> None:
        super().__init__(message, code=code, **facts)
        self.retry_after = retry_after


class RateLimited(Transient):
    """The provider asks to slow down."""


class ProviderDown(Transient):
    """The provider does not answer, or answers nonsense."""


class ConfigError(KartotekaError):
    """The installation is wrong; an operator must repair it."""

    status = 500
