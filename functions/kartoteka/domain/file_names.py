"""Names and kinds of files that strangers sent, made fit to be handed to a browser; pure."""

import re
import unicodedata
from urllib.parse import quote

_UNSAFE = re.compile(r'[\\/:*?"<>|]')  # no file system takes all of these
_LONGEST = 120  # characters, the ending included
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
UNKNOWN = "application/octet-stream"
# What a browser only shows or plays; of anything else it is not told what it is.
_HARMLESS = frozenset(
    {
        "application/pdf",
        "audio/aac",
        "audio/amr",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/x-wav",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/quicktime",
    }
)


def safe_name(name: str, otherwise: str) -> str:
    """Return the name without what leads elsewhere or hides what it is; `otherwise` for none.

    Control characters and marks that turn the direction of writing are left out, folders cut off.
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in plain if unicodedata.category(sign)[0] != "C")
    kept = " ".join(_UNSAFE.sub("_", shown).split()).strip(". ")
    ending = found[0] if (found := _ENDING.search(kept)) else ""
    return kept[: _LONGEST - len(ending)].removesuffix(ending) + ending if kept else otherwise


def safe_type(media_type: str) -> str:
    """Return the media type if a browser runs nothing of that kind, else that of mere bytes."""
    bare = media_type.partition(";")[0].strip().lower()
    return bare if bare in _HARMLESS else UNKNOWN


def disposition(name: str) -> str:
    """Return the header that has a browser save the file; RFC 6266, the name in both spellings."""
    plain = "".join(sign if " " <= sign <= "~" and sign not in '%"\\' else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
