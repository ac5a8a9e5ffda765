"""The actions of «Платежи без счёта»: whose money it is, that it is nobody's, ask once more."""

from collections.abc import Sequence

from sync.actions.offering import Asked, Command, Offer


def _match(asked: Asked) -> Command:
    """Return the match with the deal named before the colon; behind it stands a reason."""
    deal, _, reason = asked.argument.partition(":")
    given = {"deal": deal.strip(), "reason": reason.strip()}
    return "payment.match", {"payment": asked.view.id, **given}


def _dismiss(asked: Asked) -> Command:
    return "payment.dismiss", {"payment": asked.view.id, "reason": asked.argument}


def _check(asked: Asked) -> Command:
    return "payment.check", {"payment": asked.view.id}


PAYMENT_OFFERS: Sequence[Offer] = (
    Offer("match_payment", _match, needs=True),
    Offer("dismiss_payment", _dismiss, needs=True),
    Offer("check_payment", _check),
)
