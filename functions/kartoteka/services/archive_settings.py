"""How long the working books show what was closed."""

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, save_office


class SetArchive(Versioned):
    """After how many days a closed request, deal or task moves into the archive's book."""

    days: int = Field(ge=7, le=3_650)


def set_archive(desk: Desk, actor: Actor, form: SetArchive, cause: str) -> Saved:
    """Return what was saved; rows move the night after.

    Raises:
        NotAllowed: the actor does not set the office up. Conflict: somebody changed it meanwhile.
    """
    return save_office(
        desk,
        actor,
        lambda office: office.model_copy(update={"archive_days": form.days}),
        cause=cause,
        expected=form.expected,
        name="archive",
    )


ARCHIVE_COMMANDS: Registry = {
    "archive.set": Command("say when closed records leave the books", SetArchive, set_archive),
}
