"""A sealed file opens with its passphrase only, whole only."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kartoteka.domain.errors import Invalid
from onebox.backups.sealing import CHUNK, MAGIC, seal, unseal

PHRASE = "чайка 7"


def sealed(content, phrase=PHRASE):
    target = io.BytesIO()
    seal(io.BytesIO(content), target, phrase)
    return target.getvalue()


def opened(content, phrase=PHRASE):
    target = io.BytesIO()
    unseal(io.BytesIO(content), target, phrase)
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_content_of_any_length_comes_back(size):
    content = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(content[:size])) == content[:size]


def test_another_passphrase_is_told_what_is_wrong():
    with pytest.raises(Invalid, match="passphrase is wrong"):
        opened(sealed(b"office"), "чайка 8")


def test_same_content_is_never_sealed_alike_and_does_not_show():
    one, other = sealed(b"Maria" * 9), sealed(b"Maria" * 9)
    assert one != other
    assert b"Maria" not in one


def test_cut_or_swapped_chunks_do_not_open():
    whole = sealed(b"a" * CHUNK + b"b" * CHUNK + b"c")
    head, size = len(MAGIC) + 16, CHUNK + 16
    first, second, rest = whole[head : head + size], whole[head + size : head + 2 * size], b""
    rest = whole[head + 2 * size :]
    for changed in (first + second, second + first + rest, first, first + rest, b""):
        with pytest.raises(Invalid, match="does not open"):
            opened(whole[:head] + changed)


WHOLE = sealed(b"office " * 20)


@settings(max_examples=8, deadline=None)
@given(at=st.integers(len(MAGIC), len(WHOLE) - 1), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed(at, bit):
    changed = bytearray(WHOLE)
    changed[at] ^= 1 << bit
    with pytest.raises(Invalid, match="does not open"):
        opened(bytes(changed))
