"""Unpacking: what comes out is what went in, or the file is refused with both values."""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.evidence import unpack as module
from trucewatch.evidence.unpack import blocks, is_packed, misnamed, unpack

TEXT = b"latitude,longitude,acq_date\n" + b"45.1,-30.2,2030-09-01\n" * 400


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as packed:
        for name, content in members:
            packed.writestr(zipfile.ZipInfo(name), content, method)
    return held.getvalue()


PACKED = {
    "a.csv": TEXT,
    "a.csv.gz": gzip.compress(TEXT, mtime=0),
    "a.csv.xz": lzma.compress(TEXT),
    "a.zip": zipped(("a.csv", TEXT)),
}
LONGEST_HEADER = 6  # bytes: xz
every_form = pytest.mark.parametrize("name", PACKED)


@every_form
def test_gives_back_what_was_packed(name: str) -> None:
    assert unpack(PACKED[name], name=name) == TEXT


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_joins_all_members_of_a_gzip_and_all_streams_of_an_xz(one: bytes, two: bytes) -> None:
    assert unpack(gzip.compress(one) + gzip.compress(two), name="a.gz") == one + two
    assert unpack(lzma.compress(one) + lzma.compress(two), name="a.xz") == one + two


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_000_017])
def test_sizes_around_the_block_come_out_whole(size: int) -> None:
    content = np.random.default_rng(size).bytes(size)

    assert unpack(gzip.compress(content, 1), name="a.gz") == content
    assert unpack(lzma.compress(content, preset=0), name="a.xz") == content


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        ("a.csv", "a.csv.gz", "named .gz but does not start with a gzip header"),
        ("a.csv", "a.xz", "named .xz but does not start with an xz header"),
        ("a.zip", "a.gz", "named .gz but does not start with a gzip header"),
        ("a.csv.gz", "a.csv", "starts with a gzip header but is not named .gz"),
        ("a.csv.gz", "a", "starts with a gzip header but is not named .gz"),
        ("a.csv.xz", "a.csv", "starts with an xz header but is not named .xz"),
        ("a.zip", "a.csv", "starts with a zip header but is not named .zip"),
    ],
)
def test_says_how_a_name_contradicts_the_bytes(content: str, name: str, problem: str) -> None:
    assert misnamed(PACKED[content], name=name) == problem


@every_form
def test_has_nothing_to_say_against_a_name_that_fits(name: str) -> None:
    assert misnamed(PACKED[name], name=name) == ""
    assert misnamed(PACKED[name], name=name.upper()) == ""


def test_an_empty_file_that_claims_to_be_packed_is_misnamed() -> None:
    assert misnamed(b"", name="a.gz") == "named .gz but does not start with a gzip header"


@every_form
def test_the_name_does_not_decide_what_comes_out(name: str) -> None:
    """A rebuild has the sealed bytes alone; the name is a label outside the log."""
    assert unpack(PACKED[name], name="object 3f2a") == TEXT


@every_form
def test_knows_what_is_packed(name: str) -> None:
    assert is_packed(PACKED[name]) == (name != "a.csv")
    assert not is_packed(b"")


@every_form
def test_blocks_together_are_what_was_packed(name: str) -> None:
    assert b"".join(blocks(PACKED[name], name=name)) == TEXT


def test_blocks_of_a_bomb_end_in_an_error_within_the_cap() -> None:
    came = []

    with pytest.raises(BadInput, match=r"^bomb: gzip of .* unpacks to over"):
        came.extend(blocks(gzip.compress(BOMB), name="bomb"))
    assert sum(map(len, came)) <= 1 << 21


def test_an_empty_plain_file_is_empty() -> None:
    assert unpack(b"", name="a.csv") == b""


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.xz", "a.zip"])
def test_refuses_a_file_torn_at_any_byte(name: str) -> None:
    raw = PACKED[name]

    for at in range(len(raw)):
        if misnamed(raw[:at], name=name):  # too short to show what it was
            assert at < LONGEST_HEADER
            continue
        with pytest.raises(BadInput, match=rf"^{re.escape(name)}: "):
            unpack(raw[:at], name=name)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.xz", "a.zip"])
def test_a_flipped_bit_is_refused_or_changes_nothing(name: str) -> None:
    """Header bytes such as the time stamp carry no content; all others are checked."""
    raw = PACKED[name]

    for at in range(len(raw)):
        damaged = bytearray(raw)
        damaged[at] ^= 1 << (at % 8)
        if misnamed(bytes(damaged), name=name):
            assert at < LONGEST_HEADER
            continue
        try:
            content = unpack(bytes(damaged), name=name)
        except BadInput as error:
            assert str(error).startswith(f"{name}: ")  # noqa: PT017 - either way is right
        else:
            assert content == TEXT


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.xz"])
def test_refuses_bytes_after_the_last_member(name: str) -> None:
    with pytest.raises(BadInput, match="cannot be unpacked"):
        unpack(PACKED[name] + b"and more", name=name)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (zipped(), "holds 0 members, expected exactly one file"),
        (zipped(("a", b"1"), ("b", b"2")), "holds 2 members, expected exactly one file"),
        (zipped(("a/", b"")), "holds 1 members, expected exactly one file"),
        (zipped(("a", TEXT), method=zipfile.ZIP_BZIP2), "packed by method 12, expected deflate"),
        (zipped(("a", TEXT), method=zipfile.ZIP_LZMA), "packed by method 14, expected deflate"),
    ],
    ids=["none", "two", "folder", "bzip2", "lzma"],
)
def test_refuses_a_zip_that_is_not_one_plain_file(raw: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=f"^a.zip: zip cannot be unpacked: {problem}"):
        unpack(raw, name="a.zip")


def test_refuses_an_encrypted_zip() -> None:
    raw = bytearray(PACKED["a.zip"])
    for header in (raw.index(b"PK\x03\x04") + 6, raw.index(b"PK\x01\x02") + 8):
        raw[header] |= 1  # the flag that says: encrypted

    with pytest.raises(BadInput, match="encrypted"):
        unpack(bytes(raw), name="a.zip")


def test_the_path_inside_a_zip_is_never_used() -> None:
    assert unpack(zipped(("../../etc/passwd", b"x")), name="a.zip") == b"x"


BOMB = bytes(8 << 20)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (gzip.compress(BOMB), "bomb.gz"),
        (lzma.compress(BOMB), "bomb.xz"),
        (zipped(("bomb", BOMB)), "bomb.zip"),
    ],
    ids=["gzip", "xz", "zip"],
)
def test_refuses_a_bomb_by_ratio_and_by_size(raw: bytes, name: str) -> None:
    cap = max(1 << 20, 200 * len(raw))

    with pytest.raises(BadInput, match=rf"of {len(raw)} bytes unpacks to over {cap} bytes, must"):
        unpack(raw, name=name)
    with pytest.raises(BadInput, match=r"unpacks to over 4000000 bytes, must be at most that many"):
        unpack(raw, name=name, size_max=4_000_000, ratio_max=1 << 20)
    assert unpack(raw, name=name, ratio_max=1 << 20) == BOMB


def test_stops_a_bomb_within_two_blocks_of_its_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def counted(raw: bytes) -> object:
        for block in module._gzip(raw):
            taken.append(len(block))
            yield block

    monkeypatch.setitem(module._READERS, "gzip", counted)

    with pytest.raises(BadInput, match="bomb"):
        unpack(gzip.compress(BOMB), name="bomb.gz")
    assert sum(taken) <= (1 << 20) + 2 * module._OUT


def test_a_small_file_may_have_any_ratio() -> None:
    assert unpack(gzip.compress(bytes(1 << 20)), name="a.gz") == bytes(1 << 20)


def test_refuses_a_plain_file_above_the_size_cap() -> None:
    with pytest.raises(BadInput, match=r"^a\.csv: has 11 bytes, must be at most 10$"):
        unpack(b"12345678901", name="a.csv", size_max=10)


def test_refuses_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMBERS_MAX", 3)

    assert unpack(gzip.compress(b"x") * 3, name="a.gz") == b"xxx"
    with pytest.raises(BadInput, match="more than 3 members"):
        unpack(gzip.compress(b"x") * 4, name="a.gz")
    with pytest.raises(BadInput, match="more than 3 streams"):
        unpack(lzma.compress(b"x") * 4, name="a.xz")
