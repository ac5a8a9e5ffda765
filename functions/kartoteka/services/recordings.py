"""A call's recording is copied to the office's Drive, once, if the office wants that."""

from mimetypes import guess_extension
from typing import Protocol

from kartoteka.chat_ports import FileBytes
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import ConfigError, NotAllowed, Rejected
from kartoteka.domain.ids import derived
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Attachment
from kartoteka.domain.office import Account
from kartoteka.domain.recording_rules import RecordingRules
from kartoteka.log import log
from kartoteka.ports import Files, KeptFile, QueuedTask
from kartoteka.services.kept_files import file_key
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

QUEUE = "messages"
PATH = "/automation/task/recording"
_ACTOR = Actor(kind=ActorKind.RULE, id="recordings")
_KINDS = ("audio/", "video/", "application/octet-stream", "binary/octet-stream")
_MEGABYTE = 1_000_000


class Recorder(Protocol):
    """What fetches a recording by its link, and finds the link of one that has only an id."""

    def link(self, account: Account, reference: str, /) -> str:
        """Return the link of a recording that its exchange names by an id.

        Raises:
            NotAllowed: the exchange gives none. ConfigError: it does not know us.
            Transient: it does not answer; the queue repeats.
        """

    def recording(self, url: str, hosts: tuple[str, ...], largest: int, /) -> FileBytes:
        """Return the file from one of the hosts.

        Raises:
            NotAllowed: the link leads elsewhere, or gives nothing. TooLarge: it is too long.
            Transient: nobody answers; the queue repeats.
        """


def hand_over(desk: Desk, activity: str, url: str) -> None:
    """Ask the queue for a copy, if the office wants any; each link is one task.

    Raises:
        Transient: the queue does not answer.
    """
    if any(account.recordings for account in desk.settings().accounts):
        name = derived("rec", activity, url)
        desk.tasks.enqueue(QueuedTask(QUEUE, name, PATH, {"activity": activity}))


def copy(desk: Desk, recorder: Recorder, activity_id: str) -> str:
    """Return what was done: copied, done before, or why not.

    Raises:
        Transient: the recording, or Drive, cannot be had now; the queue repeats.
    """
    activity = _activity(desk, activity_id)
    url = activity.call.recording_url if activity is not None and activity.call else ""
    account = _account(desk, activity)
    if activity is None or not url:
        return "gone"
    if account is None or account.recordings is None or desk.files is None:
        return "not_wanted"
    key = file_key(activity.id, "recording", url)
    if any(file.ref == key for file in activity.files):
        return "done"
    try:
        kept = desk.files.find(key)
        if kept is None:
            found = _fetched(recorder, account, account.recordings, url)
            kept = _kept(desk.files, activity, key, found)
    except (Rejected, ConfigError) as exc:
        log("warning", event="recording_not_copied", activity=activity.id, code=exc.code)
        return "refused"
    return _linked(desk, activity.id, url, kept)


def _fetched(recorder: Recorder, account: Account, rules: RecordingRules, url: str) -> FileBytes:
    """Return the file; the exchange is asked for its link when it told an id only."""
    link = url if url.startswith(("https://", "http://")) else recorder.link(account, url)
    return recorder.recording(_secure(link), rules.hosts, rules.most_mb * _MEGABYTE)


def _secure(url: str) -> str:
    """Return the link with TLS: many exchanges tell one without, and answer to both."""
    return "https://" + url.removeprefix("http://") if url.startswith("http://") else url


def _kept(files: Files, activity: Activity, key: str, found: FileBytes) -> KeptFile:
    """Return the file in Drive; its name says when the call was, not whose."""
    kind = found.media_type.lower() or "application/octet-stream"
    if not kind.startswith(_KINDS):
        raise NotAllowed("the link gives no sound", code="file_place")
    name = f"{activity.at:%Y-%m-%d %H-%M} {activity.id}{guess_extension(kind) or '.mp3'}"
    return files.keep(key, name, kind, found.content)


def _linked(desk: Desk, activity_id: str, url: str, kept: KeptFile) -> str:
    """Return that the call has its copy: the exchange's own link stays beside it."""

    def work(unit: Unit) -> str:
        activity = unit.find(Activity, activity_id)
        if activity is None or activity.call is None or activity.call.recording_url != url:
            return "gone"
        if any(file.ref == kept.key for file in activity.files):
            return "done"
        file = Attachment(name=kept.name, media_type=kept.media_type, size=kept.size, ref=kept.key)
        call = activity.call.model_copy(update={"recording_copy": kept.url})
        unit.subject = activity.client_id or activity.id
        unit.save(activity.model_copy(update={"call": call, "files": (*activity.files, file)}))
        return "copied"

    cause = f"recording:{activity_id}"
    done = transact(desk.store, _ACTOR, cause, desk.now(), work=work)
    if done == "gone" and desk.files is not None:
        desk.files.discard(kept.key)  # the person was forgotten meanwhile
    desk.waker.after_commit()
    return done


def _activity(desk: Desk, name: str) -> Activity | None:
    doc = desk.store.get(Activity.collection, name)
    return Activity.model_validate(doc) if doc is not None else None


def _account(desk: Desk, activity: Activity | None) -> Account | None:
    """Return the connection that told of the call."""
    if activity is None or activity.inbound_id is None:
        return None
    doc = desk.store.get(Inbound.collection, activity.inbound_id)
    wanted = str(doc["account"]) if doc is not None else ""
    return next((it for it in desk.settings().accounts if it.id == wanted and it.active), None)
