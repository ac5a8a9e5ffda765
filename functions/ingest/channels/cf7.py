"""Forms of WordPress sites made with Contact Form 7 and a plug-in that sends them on.

Source: Contact Form 7 has no webhook; plug-ins such as "CF7 to Webhook" post the form's tags as
JSON or as a form, and let the operator edit names and body. Nothing of it is documented for us.
Signed: nothing; the proof is the secret that ends the address. Event id: a digest of the content
within 300 s. Retries: none. Answer: 200.
"""

from collections.abc import Sequence

from ingest.channel import Context, Manner
from ingest.form_body import read_form
from ingest.form_event import OK, Told, submitted
from ingest.form_mapping import Answer
from ingest.proof import check_path, with_path
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "cf7"
manner = Manner(subpaths=True)
verify = check_path
_OWN = "_wpcf7"  # fields of the plug-in itself
_FORM = ("form_title", "_form_title", "contact_form_title", "_wpcf7")
_PAGE = ("page_url", "_url", "_post_url")
_ABOUT = {"_remote_ip", "_user_agent", "_date", "_time", "_site_title", "_site_url"}


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that ends in the secret."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one submission.

    Raises:
        Malformed: the body is neither JSON nor a form, or has no answers.
    """
    pairs = read_form(call).pairs
    named = {key.lower(): value for key, value in reversed(pairs)}
    apart = {*_FORM, *_PAGE, *_ABOUT}
    told = Told(
        answers=tuple(
            Answer(key, value)
            for key, value in pairs
            if key.lower() not in apart and not key.startswith(_OWN)
        ),
        form=next((named[key] for key in _FORM if named.get(key)), ""),
        page=next((named[key] for key in _PAGE if named.get(key)), ""),
    )
    return submitted(name, call, context, told)


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return a success; the plug-ins only look at the status."""
    return OK
