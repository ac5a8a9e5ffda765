"""Every difficult letter says what is written beside it."""

from typing import Any

import pytest
from tests.ingest.mail.corpus import CASES

from ingest.mail.letter import Letter
from ingest.mail.reading import read_letter


def told(letter: Letter) -> dict[str, Any]:
    return {
        "from": letter.sender[1],
        "name": letter.sender[0],
        "subject": letter.subject,
        "text": letter.own,
        "whole": letter.whole,
        "files": tuple(file.name for file in letter.files),
        "types": tuple(file.media_type for file in letter.files),
        "nature": letter.nature.value,
        "id": letter.message_id,
        "refs": letter.references,
        "to": tuple(address for _, address in letter.to),
        "reports": tuple((report.address, report.permanent) for report in letter.reports),
        "statuses": tuple(report.status for report in letter.reports),
        "finals": tuple(report.final for report in letter.reports),
        "about": letter.about,
    }


@pytest.mark.parametrize(
    ("raw", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_difficult_letter_says_what_is_written_beside_it(
    raw: bytes, expected: dict[str, Any]
) -> None:
    found = told(read_letter(raw))

    assert {name: found[name] for name in expected} == expected


def test_corpus_has_cases_of_every_kind_with_names_of_their_own() -> None:
    names = [name for name, _, _ in CASES]

    assert len(names) == len(set(names)) >= 60
