"""What the fuzzer once found, each as it was sent."""

import pytest
from tests.cost import takes_less
from tests.ingest.channels.samples import call_of, context

from ingest.channels import CHANNELS
from ingest.form_body import read_form
from ingest.mail.quoting import own_words
from kartoteka.domain.errors import Rejected

NAMELESS = (
    b"--b\r\ncontent-disposition: form-data\r\n\r\nno name\r\n"
    b'--b\r\ncontent-disposition: form-data; filename="a.txt"\r\n\r\nfile\r\n'
    b'--b\r\ncontent-disposition: form-data; name="phone"\r\n\r\n+79165550177\r\n--b--\r\n'
)


def test_part_without_a_name_is_kept_under_the_empty_one() -> None:
    found = read_form(call_of(NAMELESS, {"content-type": "multipart/form-data; boundary=b"}))

    assert found.pairs == (("", "no name"), ("phone", "+79165550177"))
    assert [(file.field, file.name) for file in found.files] == [("", "a.txt")]


def test_exchange_that_sends_a_part_without_a_name_is_refused_not_failed() -> None:
    call = call_of(NAMELESS, {"content-type": "multipart/form-data; boundary=b"})

    with pytest.raises(Rejected):
        CHANNELS["zadarma"].parse(call, context("zadarma"))


@pytest.mark.parametrize("channel", ["elementor", "tilda", "cf7"])
def test_channels_read_a_part_without_a_name(channel: str) -> None:
    call = call_of(NAMELESS, {"content-type": "multipart/form-data; boundary=b"})

    assert CHANNELS[channel].parse(call, context(channel))


def test_letter_that_ends_in_thirty_thousand_empty_lines_is_read_in_no_time() -> None:
    letter = "Да.\n" + "\n" * 60_000

    assert own_words(letter) == "Да."
    assert takes_less(0.5, own_words, letter)  # it took two seconds
