"""How large a body may come, before anybody reads it.

A letter of 25 MB is usual and is a third larger on its way in base64, but Cloud Run takes 32 MiB;
what is over the limit is refused with 413, and the provider tells the sender.
"""

from kartoteka.http import MEBIBYTE

USUAL_LIMIT = 11 * MEBIBYTE  # a form with a file
MAIL_LIMIT = 25 * MEBIBYTE
MAIL_CHANNELS = frozenset({"gmail", "mailgun", "postmark", "sendgrid", "ses"})
_FIRST_STEPS = 3  # "", the function's own name if it is there, the channel


def room(path: str) -> int:
    """Return how many bytes a body at this path may have."""
    is_mail = not MAIL_CHANNELS.isdisjoint(path.split("/")[:_FIRST_STEPS])
    return MAIL_LIMIT if is_mail else USUAL_LIMIT
