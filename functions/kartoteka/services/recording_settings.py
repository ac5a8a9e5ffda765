"""The command that has the office keep recordings of calls itself."""

from kartoteka.domain.change import Actor
from kartoteka.domain.office import Account, Settings
from kartoteka.domain.recording_rules import RecordingRules, check_hosts
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk
from kartoteka.services.settings_edit import Saved, Versioned, edit_part, stamped, stored_part
from kartoteka.services.unit import Unit


class SetRecordings(RecordingRules, Versioned):
    """Say whether recordings of an account's calls are copied to Drive; no hosts: they are not."""

    account: str


def set_recordings(desk: Desk, actor: Actor, form: SetRecordings, cause: str) -> Saved:
    """Return what was saved: from where recordings are taken, and how large they may be.

    Raises:
        Invalid: there is no such account, or a host is not public.
        NotAllowed: the actor does not set the office up.
    """
    hosts = tuple(dict.fromkeys(host.strip().lower() for host in form.hosts))
    check_hosts(hosts)
    rules = RecordingRules(hosts=hosts, most_mb=form.most_mb) if hosts else None

    def change(unit: Unit, around: Settings) -> Account:
        account = stored_part(unit, around.accounts, form.account, (around, form.expected))
        turned = stamped(unit, account.model_copy(update={"recordings": rules}), account)
        unit.subject = account.channel
        unit.keep(turned, shown=("channel", "title", "recordings"))
        return turned

    kept = edit_part(desk, actor, change, kind=Account, cause=cause)
    return Saved(id=kept.id, version=kept.updated_at)


RECORDING_SETTINGS: Registry = {
    "recordings.set": Command(
        "have recordings of calls copied to Drive", SetRecordings, set_recordings
    ),
}
