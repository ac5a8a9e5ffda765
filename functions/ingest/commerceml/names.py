"""Names of files as 1C sends them: made plain, and refused when they lead elsewhere."""

from kartoteka.domain.errors import Invalid

_READ = ("xml", "zip")
_PICTURES = (
    "jpg",
    "jpeg",
    "jpe",
    "jfif",
    "png",
    "gif",
    "webp",
    "bmp",
    "tif",
    "tiff",
    "svg",
    "heic",
)
_PAPERS = (
    "pdf",
    "txt",
    "log",
    "rtf",
    "csv",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "odt",
    "ods",
)
_OTHERS = ("mp4", "avi", "mov", "mp3", "rar", "7z", "epf", "mxl", "dwg", "json")
_PASSED_OVER = (*_PICTURES, *_PAPERS, *_OTHERS)  # what stands on the card of goods in 1C
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
