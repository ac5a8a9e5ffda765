"""Names of files as 1C sends them: made plain, and refused when they lead elsewhere."""

from kartoteka.domain.errors import Invalid

_READ = ("xml", "zip")
_PASSED_OVER = ("jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "pdf", "txt", "log")
_LONGEST = 300


def plain_name(given: str) -> str:
    """Return the name with plain slashes.

    Raises:
        Invalid: it is empty, too long, absolute, leads upwards, or of a kind nobody needs here.
    """
    name = given.replace("\\", "/").strip()
    parts = name.split("/")
    odd = any(not part.strip(" .") for part in parts) or ":" in name
    if odd or len(name) > _LONGEST or not name.isprintable():
        raise Invalid("the name leads elsewhere", fields={"filename": "path"}, code="exchange_name")
    if kind_of(name) not in (*_READ, *_PASSED_OVER):
        raise Invalid("no such files here", fields={"filename": "kind"}, code="exchange_kind")
    return "/".join(part.strip() for part in parts)


def is_read(name: str) -> bool:
    """Return whether the file is kept and read; pictures are not."""
    return kind_of(name) in _READ


def kind_of(name: str) -> str:
    """Return what follows the last dot, in lower case."""
    return name.rpartition(".")[2].strip().lower() if "." in name else ""
