"""What papers of stages need of the world: templates, and a folder for each deal."""

from dataclasses import dataclass
from typing import Protocol

from kartoteka.ports import KeptFile


@dataclass(frozen=True, slots=True)
class PaperTemplate:
    """A template; without `content` only its keeper can copy it, such as Google's own kinds."""

    name: str
    media_type: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the office; `key` is ours, `name` is shown when it is made."""

    key: str
    name: str


class Papers(Protocol):
    """Papers in folders, each under a key that is chosen before: making one twice is making one.

    Raises:
        RateLimited, ProviderDown: repeat later. NotFound, NotAllowed: the template is not there
            for the office. ConfigError: the office keeps no files.
    """

    def template(self, ref: str) -> PaperTemplate:
        """Return a template by the key of a kept file, or by its id at the keeper of files."""

    def put(
        self, key: str, name: str, media_type: str, *, content: bytes, into: Folder
    ) -> KeptFile:
        """Return the paper as it is kept; one that is there already stays as it is."""

    def copy(self, key: str, name: str, ref: str, *, into: Folder) -> KeptFile:
        """Return a copy of a template as it is; one that is there already stays."""
