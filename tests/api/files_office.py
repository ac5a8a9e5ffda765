"""An office whose clients sent files: its Drive in memory, who opens what."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from tests.access.office_cast import activity
from tests.api.api_office import furnished

from api.files_page import files_page
from kartoteka.chat_ports import FileBytes
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Attachment, Client, Entity, Staff
from kartoteka.http import Call, Reply
from kartoteka.ports import KeptFile
from kartoteka.services import people
from kartoteka.services.file_links import FileLinks
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.read import KINDS
from kartoteka.services.unit import transact

PDF = b"%PDF-1.7 " + bytes(range(256))


@dataclass
class Drive:
    """The Files port; `fault` is what it answers with, `read_keys` what was read."""

    kept: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    fault: Exception | None = None
    read_keys: list[str] = field(default_factory=list)

    def keep(self, key: str, name: str, media_type: str, content: bytes) -> KeptFile:
        self.kept.setdefault(key, content)
        return KeptFile(key, name, media_type, len(content), "")

    def find(self, key: str) -> KeptFile | None:
        if self.fault is not None:
            raise self.fault
        if key not in self.kept:
            return None
        return KeptFile(key, key, "", self.sizes.get(key, len(self.kept[key])), "")

    def read(self, key: str) -> bytes:
        self.read_keys.append(key)
        return self.kept[key]

    def discard(self, key: str) -> None:
        self.kept.pop(key, None)


class Senders:
    """Messengers: a file is what its place says."""

    def fetch(self, account: Any, ref: str, largest: int) -> FileBytes:
        return FileBytes("x", "image/jpeg", f"{account.channel}:{ref}".encode())


@dataclass
class Files:
    """The office; addresses are of Anna's record unless somebody else is named."""

    desk: Desk
    drive: Drive

    @classmethod
    def of(cls, desk: Desk) -> "Files":
        furnished(desk)
        drive = Drive({"fl_1": PDF})
        here = replace(desk, files=drive, base_url="https://office.example/")
        office = cls(here, drive)
        office.sent(file("Договор.pdf"))
        return office

    def sent(self, *files: Attachment, **update: object) -> None:
        """Keep an event with these files, as every service does."""
        given = {"client_id": "cl_1", "lead_id": "ld_1", "files": files, **update}
        event = activity(**given)
        transact(self.desk.store, SYSTEM, "test", self.desk.now(), work=lambda u: u.save(event))

    def put(self, *records: Entity) -> None:
        self.desk.store.run(
            lambda tx: [tx.put(it.collection, it.id, it.model_dump(mode="json")) for it in records]
        )
        assert isinstance(self.desk.settings, SettingsCache)
        self.desk.settings.forget()

    def person(self, name: str, **update: object) -> None:
        known = self.desk.settings().person(f"st_{name}")
        assert known is not None
        self.put(known.model_copy(update=update))

    def client(self) -> Client:
        return Client.model_validate(self.desk.store.get("clients", "cl_1"))

    def token(self, name: str = "anna", record: str = "leads/ld_1") -> str:
        settings = self.desk.settings()
        person = settings.person(f"st_{name}")
        assert isinstance(person, Staff)
        return self.token_of(people.actor(person, settings), record)

    def token_of(self, reader: Any, record: str = "leads/ld_1") -> str:
        collection, _, name = record.partition("/")
        about = KINDS[collection].model_validate(self.desk.store.get(collection, name))
        address = FileLinks(self.desk).address(reader, self.desk.settings(), about)
        assert address.startswith("https://office.example/api/f/")
        return address.rpartition("/")[2]

    def open(self, token: str, name: str = "", method: str = "GET", **query: str) -> Reply:
        path = ("f", token, name) if name else ("f", token)
        call = Call(method, path, query=tuple(query.items()))
        here: Any = SimpleNamespace(
            desk=self.desk, store=self.desk.store, clock=self.desk.clock, messengers=Senders()
        )
        return files_page(call, here, token, name)

    def page(self, token: str, **query: str) -> str:
        return self.open(token, **query).body.decode()


def file(name: str, kind: str = "application/pdf", ref: str = "fl_1", size: int = 0) -> Attachment:
    return Attachment(name=name, media_type=kind, size=size or len(PDF), ref=ref)
