from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.evidence.entry import (
    ENTRY_BYTES_MAX,
    Entry,
    EntryForm,
    entry_bytes,
    is_entry_type,
    parse_entry,
)
from trucewatch.records.canonical import canonical
from trucewatch.records.instant import instant_text
from trucewatch.records.level import Level

TIME = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
SEALED = Entry(
    type="received/firms/v1", object="ab" * 32, size=1234, level=Level.CLEAR, logged_at=TIME
)
DATA = (
    b'{"level":"CLEAR","logged_at":"2026-06-27T16:30:00.000000Z","object":"' + b"ab" * 32 + b'",'
    b'"size":1234,"type":"received/firms/v1","v":1}'
)

names = st.from_regex(r"[a-z][a-z0-9_]{0,9}(/[a-z0-9_]{1,9}){0,3}/v[1-9][0-9]?", fullmatch=True)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    level = draw(st.sampled_from(Level))
    return Entry(
        type=draw(names),
        object=draw(digests),
        size=draw(st.integers(0, 2**53 - 1)),
        level=level,
        logged_at=draw(st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
        commit=None if level is Level.CLEAR else draw(st.none() | digests),
    )


def fields(**changes: object) -> dict[str, object]:
    return {**json.loads(DATA), **changes}


def test_the_bytes_of_an_entry_never_change() -> None:
    assert entry_bytes(SEALED) == DATA


@given(entries(), st.lists(st.tuples(digests, st.integers(0, 2**53 - 1))))
def test_a_form_gives_the_bytes_of_each_entry(entry: Entry, others: list[tuple[str, int]]) -> None:
    plain = replace(entry, commit=None)

    form = EntryForm(plain)

    for digest, size in [(entry.object, entry.size), *others]:
        assert form.fill(digest, size) == entry_bytes(replace(plain, object=digest, size=size))


def test_a_form_refuses_what_an_entry_refuses() -> None:
    room = ENTRY_BYTES_MAX - len(DATA) + len("received/firms") + len("1234")
    longest = replace(SEALED, type="x" * (room - 4) + "/v1", size=1234)
    form = EntryForm(longest)

    assert len(form.fill("cd" * 32, 9999)) == ENTRY_BYTES_MAX
    with pytest.raises(BadInput, match="entry has 1025 bytes, must be at most 1024"):
        form.fill("cd" * 32, 10_000)
    with pytest.raises(BadInput, match="type is 'No Type'"):
        EntryForm(replace(SEALED, type="No Type"))


@given(entries())
def test_the_bytes_are_canonical_json_and_read_back(entry: Entry) -> None:
    content: dict[str, object] = {
        "v": 1,
        "type": entry.type,
        "object": entry.object,
        "size": entry.size,
        "level": str(entry.level),
        "logged_at": instant_text(entry.logged_at),
    }
    if entry.commit is not None:
        content["commit"] = entry.commit

    data = entry_bytes(entry)

    assert data == canonical(content)
    assert parse_entry(data, where="t") == entry


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (fields(v=2), "v is 2, expected 1"),
        (fields(v=True), "v is True, expected 1"),
        (fields(v="1"), "v is '1', expected 1"),
        (fields(extra=1), "entry has .*extra"),
        ({k: v for k, v in fields().items() if k != "level"}, "entry has .*, expected"),
        (fields(type="received/firms"), "type is 'received/firms', expected"),
        (fields(type="Received/firms/v1"), "type is"),
        (fields(type="received/firms/v01"), "type is"),
        (fields(type="received//v1"), "type is"),
        (fields(type="/received/v1"), "type is"),
        (fields(type=1), "type is '1'"),
        (fields(object="AB" * 32), "object is"),
        (fields(object="ab" * 31), "object is"),
        (fields(object=None), "object is"),
        (fields(size=-1), "size is -1, must be"),
        (fields(size="1"), "size is '1', must be"),
        (fields(size=True), "size is True, must be"),
        (fields(size=1.5), r"size is 1\.5, must be"),
        (fields(level="clear"), "level is 'clear'"),
        (fields(level="AMBER STRICT"), "level is"),
        (fields(logged_at="2026-06-27T16:30:00Z"), "logged_at is"),
        (fields(logged_at="2026-06-27T16:30:00.000000+00:00"), "logged_at is"),
        (fields(logged_at="2026-02-30T16:30:00.000000Z"), "expected a time that exists"),
        (fields(commit="cd" * 32), "commit is given at level CLEAR"),
        (fields(commit="cd", level="RED"), "commit is 'cd'"),
        (fields(commit=None, level="RED"), "commit is 'None'"),
        (fields(type="a/" + "b" * 900 + "/v1"), "must be at most 1024"),
        ([1], "entry has list"),
    ],
)
def test_names_each_defect_of_an_entry(content: object, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_entry(canonical(content), where="entry 7")


@pytest.mark.parametrize(
    "data",
    [
        DATA + b"\n",
        b" " + DATA,
        DATA.replace(b'"v":1', b'"v": 1'),
        DATA.replace(b'"v":1', b'"v":1.0'),
        DATA.replace(b'"v":1', b'"v":1,"v":1'),
        DATA.replace(b"1234", b"1234.0"),
        DATA.replace(b"1234", b"-0"),
        DATA.replace(b"firms", b"\\u0066irms"),
        DATA.replace(b'"v":1', b'"v":' + b"[" * 5000 + b"]" * 5000),
        DATA.decode().encode("utf-16"),
        b"",
        b"{",
        b"\xff",
    ],
)
def test_refuses_anything_but_the_canonical_bytes(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"entry 7: (JSON is not in|entry is not|v is|size is)"):
        parse_entry(data, where="entry 7")


@given(st.binary(max_size=40))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"^entry 7: "):
        parse_entry(data, where="entry 7")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"type": 'x","v":2,"y":"/v1'}, "entry of type|entry is not JSON|entry has"),
        ({"type": "caf\u00e9/v1"}, "type is"),
        ({"type": "\ud800/v1"}, "type is"),
        ({"object": "ab"}, "object is 'ab'"),
        ({"size": -1}, "size is -1"),
        ({"size": 2**53}, "must be at most 9007199254740991|size is"),
        ({"commit": "cd" * 32}, "commit is given at level CLEAR"),
        ({"type": "a" * 1000 + "/v1"}, f"must be at most {ENTRY_BYTES_MAX}"),
        ({"logged_at": datetime(2026, 6, 27, 16, 30)}, "has no time zone"),  # noqa: DTZ001
    ],
)
def test_writes_no_entry_that_could_not_be_read(entry: dict[str, object], problem: str) -> None:
    values: dict[str, object] = {name: getattr(SEALED, name) for name in Entry.__slots__}

    with pytest.raises(BadInput, match=problem):
        entry_bytes(Entry(**{**values, **entry}))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["release/v1", "statement/configured/v12", "a/b_2/0/v1"])
def test_knows_the_names_of_types(name: str) -> None:
    assert is_entry_type(name)
