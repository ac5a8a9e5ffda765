"""Forms of other sites: what a stranger's form costs beside our own in JSON."""

from pathlib import Path

from bench.messengers import Named, strangers
from bench.report import Row

# Of each channel the texts of a sample that name its writer and its submission.
_NAMED: Named = {
    "cf7": ("request", ("79035550144",)),
    "elementor": ("advanced", ("79165550177",)),
    "form": ("with_source", ("79035550109", "petr", "6a1d3f0b-8b62")),
    "google_forms": ("response", ("79165550177", "2_ABaOnuedemo1")),
    "marquiz": ("lead", ("79165550191", "inna", "65f0c0ffee0000000000a001")),
    "tilda": ("escaped_cookies", ("79035550115", "7733113")),
    "typeform": ("response", ("79165550181", "t9k2")),
    "yandex_forms": ("response", ("79165550185", "egor", "6710029911")),
}


def forms(folder: Path) -> list[Row]:
    """Compare what each provider waits for the answer to a form with our own in JSON.

    All commit the same records and tell as much of the visitor, so what differs is the reading.
    """
    return strangers(folder / "forms", _NAMED, _NAMED, "form", own="form")
