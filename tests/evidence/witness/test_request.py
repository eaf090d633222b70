from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.witness.test_cosignature import LINE, NOTE, OTHER, TEXT, TIME, WITNESS

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.witness.request import (
    Request,
    format_request,
    format_size,
    parse_lines,
    parse_request,
    parse_size,
)

HASH = base64.b64encode(bytes(32)).decode()
REQUESTS = st.builds(
    Request,
    old=st.integers(0, 10**18 - 1),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    note=st.just(NOTE),
)


def test_writes_the_body_of_the_specification() -> None:
    request = Request(old=20_852_014, proof=(bytes(32), bytes(range(32))), note=NOTE)

    assert format_request(request) == (
        b"old 20852014\n"
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        b"\n" + NOTE
    )
    assert format_request(Request(old=0, proof=(), note=NOTE)) == b"old 0\n\n" + NOTE


@given(REQUESTS)
def test_reads_what_it_wrote(request: Request) -> None:
    assert parse_request(format_request(request), where="t") == request


@given(REQUESTS, st.data())
def test_a_changed_byte_is_refused_or_is_another_request(
    request: Request, data: st.DataObject
) -> None:
    body = bytearray(format_request(request))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255).filter(lambda b: b != body[at]))

    try:
        read = parse_request(bytes(body), where="t")
    except BadInput:
        return

    assert read != request
    assert format_request(read) == bytes(body)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(body: bytes) -> None:
    try:
        read = parse_request(b"old " + body, where="t")
    except BadInput:
        return

    assert format_request(read) == b"old " + body


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "no blank line"),
        (b"old 1\n\n", "no blank line"),
        (b"old 1\n" + NOTE.replace(b"\n\n", b"\n"), "no blank line"),
        (b"old 1\r\n\n" + NOTE, "first line is 'old 1\\\\r'"),
        (b"old  1\n\n" + NOTE, "first line is 'old  1'"),
        (b"old 01\n\n" + NOTE, "first line is 'old 01'"),
        (b"old -1\n\n" + NOTE, "first line is 'old -1'"),
        (b"old\n\n" + NOTE, "first line is 'old'"),
        (b"Old 1\n\n" + NOTE, "first line is 'Old 1'"),
        (b"old " + b"9" * 19 + b"\n\n" + NOTE, "first line is 'old 999"),
        (b"old \xd9\xa1\n\n" + NOTE, "byte 4 is not ASCII"),
        (f"old 1\n{HASH[:-1]}\n\n".encode() + NOTE, "is not base64"),
        (f"old 1\n{HASH[:-2]}B=\n\n".encode() + NOTE, "not canonical base64"),
        (f"old 1\n {HASH}\n\n".encode() + NOTE, "is not base64"),
        (f"old 1\n{HASH[:40]}\n\n".encode() + NOTE, "hash 0 has 30 bytes, expected 32"),
        (b"old 1\n" + f"{HASH}\n".encode() * 64 + b"\n" + NOTE, "64 hashes, must be at most 63"),
    ],
)
def test_names_each_defect_of_a_request(body: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=f"t: .*{problem}"):
        parse_request(body, where="t")


def test_writes_no_request_that_cannot_be_read() -> None:
    with pytest.raises(BadInput, match="old size is -1, must be 0 or more"):
        format_request(Request(old=-1, proof=(), note=NOTE))
    with pytest.raises(BadInput, match="64 hashes, must be at most 63"):
        format_request(Request(old=1, proof=(bytes(32),) * 64, note=NOTE))
    with pytest.raises(BadInput, match="hash 0 has 31 bytes, expected 32"):
        format_request(Request(old=1, proof=(bytes(31),), note=NOTE))


@given(st.integers(0, 10**18 - 1))
def test_a_size_reads_as_it_was_written(size: int) -> None:
    assert parse_size(format_size(size), where="t") == size


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"1", b"01\n", b"-1\n", b"1\n\n", b" 1\n", b"\xd9\xa1\n"]
)
def test_refuses_what_is_no_size(body: bytes) -> None:
    with pytest.raises(BadInput, match="expected a decimal and a newline"):
        parse_size(body, where="t")


def test_finds_the_line_of_the_witness_that_was_asked() -> None:
    body = f"{OTHER.line(TEXT, time=TIME)}{LINE}".encode()

    line, time = parse_lines(body, TEXT, WITNESS.verifier, where="t")

    assert (line, int(time.timestamp())) == (LINE, TIME)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "note does not end in a newline"),
        (b"\n", "note does not end in a newline"),
        (b"200 OK\n", "signature line is '200 OK'"),
        (LINE.encode()[:-1], "does not end in a newline"),
        (OTHER.line(TEXT, time=TIME).encode(), r"no signature by witness\.example/w1"),
        (b"hello\n\n" + LINE.encode(), r"no signature by witness\.example/w1"),
        (b"\xff" + LINE.encode(), "not UTF-8"),
        (LINE.encode() * 101, "101 signatures, must be <= 100"),
    ],
)
def test_refuses_an_answer_without_the_line(body: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_lines(body, TEXT, WITNESS.verifier, where="t")


def test_refuses_a_line_over_another_head() -> None:
    with pytest.raises(EvidenceBroken, match="does not verify over this head and time"):
        parse_lines(LINE.encode(), TEXT.replace("163\n", "164\n"), WITNESS.verifier, where="t")
