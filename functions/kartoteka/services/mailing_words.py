"""The words of a campaign or a step: taken over from a template or as written, and judged."""

from kartoteka.domain.errors import Invalid
from kartoteka.domain.mail_merge import check_places
from kartoteka.domain.mailing import GMAIL, SENDERS, Words
from kartoteka.domain.office import Settings
from kartoteka.domain.template import Template, check_template
from kartoteka.services.campaign_forms import Written
from kartoteka.services.mailing_values import known_names
from kartoteka.services.unit import Unit

_LONGEST = {"sms": 1_000, "chat": 4_000}


def words_of(unit: Unit, settings: Settings, form: Written) -> Words:
    """Return what is sent, with every place known and a sender that can send it.

    Raises:
        Invalid: no words or two sources of them, a place that nothing fills, a letter without a
            subject, a text too long for its medium, or no such sender.
    """
    if bool(form.template) == bool(form.text.strip()):
        raise _unfit("text", "campaign_words")
    found = unit.need(Template, form.template) if form.template else _template(form)
    check_template(found)
    words = Words(
        medium=found.medium,
        subject=found.subject,
        text=found.body,
        html=form.html,
        sender=form.sender,
        basis=form.basis,
    )
    _check(words)
    check_places((words.subject, words.text, words.html), known_names(settings))
    _check_sender(settings, words)
    return words


def _template(form: Written) -> Template:
    name = "words"
    return Template(id=name, name=name, medium=form.medium, subject=form.subject, body=form.text)


def _check(words: Words) -> None:
    if words.medium == "mail" and not words.subject.strip():
        raise _unfit("subject", "mail_subject")
    if words.html and words.medium != "mail":
        raise _unfit("html", "campaign_html")
    most = _LONGEST.get(words.medium, len(words.text))
    if len(words.text) > most:
        code = "campaign_long"
        raise Invalid("the text is too long", fields={"text": code}, code=code, count=most)


def _check_sender(settings: Settings, words: Words) -> None:
    """Refuse an account that cannot send this; a chat needs none, a letter has the office's box."""
    fitting = {
        it.id: it.channel
        for it in settings.accounts
        if it.active and it.channel in SENDERS[words.medium] and it.channel != GMAIL
    }
    needs_none = words.medium != "sms" and not words.sender
    if needs_none or words.sender in fitting:
        return
    listed = ", ".join(sorted(fitting)) or "-"
    raise Invalid(
        f"{words.sender!r} does not send {words.medium}; there are: {listed}",
        fields={"sender": "campaign_sender"},
        code="campaign_sender",
        known=listed,
    )


def _unfit(field: str, code: str) -> Invalid:
    return Invalid(f"{field}: {code}", fields={field: code}, code=code)
