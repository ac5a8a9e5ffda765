"""The language in which a living office speaks."""

from typing import Literal

from kartoteka.domain.change import Actor
from kartoteka.domain.office import Office
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office


class SetLanguage(Versioned):
    """The language in which the office's books, cards, notices, bot and answers speak.

    What people wrote stays as they wrote it: titles, notes, reasons, sources, templates, rules.
    """

    language: Literal["ru", "en"]


def set_language(desk: Desk, actor: Actor, form: SetLanguage, cause: str) -> Saved:
    """Return what was saved; books, phones and calendars follow behind the log.

    Raises:
        NotAllowed: you do not set the office up.
        Conflict: the office was changed since it was read.
    """

    def change(office: Office) -> Office:
        return office.model_copy(update={"locale": form.language})

    return save_office(desk, actor, change, cause=cause, expected=form.expected, name=form.language)


LANGUAGE_COMMANDS: Registry = {
    "language.set": Command("choose the language of the office", SetLanguage, set_language),
}
