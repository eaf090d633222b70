"""Lists of alleged acts are read strictly, and the form of a sealed list never changes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.alleged import AllegedList, read_alleged
from trucewatch.records.canonical import sha256_hex

HEADER = b"id,time_start,time_end,lat,lon,error_m,class,count,text\n"
ACT = b'A-1,2030-09-02T06:00:00Z,2030-09-02T06:30:00Z,45.001,-29.9,500,airstrike,,"mill, east"\n'
TOTAL = b"T1,2030-09-01T00:00:00Z,2030-09-08T00:00:00Z,,,,,about 40,seven days\n"
GOLDEN = HEADER + ACT + TOTAL


def test_the_golden_list_reads_as_it_always_did() -> None:
    found = read_alleged(GOLDEN, name="golden")

    assert sha256_hex(GOLDEN) == "bf7804fd78d68da47bb1f90d560cca4da077fb1083561e1765084f107c891e13"
    assert asdict(found.acts[0]) == {
        "id": "A-1",
        "time_start": datetime(2030, 9, 2, 6, tzinfo=UTC),
        "time_end": datetime(2030, 9, 2, 6, 30, tzinfo=UTC),
        "lat_deg": 45.001,
        "lon_deg": -29.9,
        "error_m": 500.0,
        "kind": "airstrike",
        "text": "mill, east",
    }
    (total,) = found.totals
    assert (total.id, total.said, total.kind, total.text) == ("T1", "about 40", "", "seven days")
    assert (total.count.low, total.count.high, total.count.qualifier) == (36, 44, "about")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "whole lines"),
        (HEADER, "has no row"),
        (GOLDEN[:-1], "whole lines"),
        (GOLDEN.replace(b"\n", b"\r\n"), "LF alone"),
        (GOLDEN.replace(b"mill", b"mi\xff"), "not UTF-8"),
        (b"\xef\xbb\xbf" + GOLDEN, "list:1: header is"),
        (GOLDEN.replace(b"id,time_start", b"time_start,id"), "list:1: header is"),
        (HEADER + ACT + ACT, "list:3: id A-1 comes twice"),
        (HEADER + b"a,b\n", "list:2: has 2 fields, must have 9"),
        (HEADER + b'"a' + ACT, "list:2: cannot be read"),
        (HEADER + ACT.replace(b"A-1", b"A 1"), "list:2: id is 'A 1'"),
        (HEADER + ACT.replace(b"06:30:00Z", b"05:30:00Z"), "must not be before time_start"),
        (HEADER + ACT.replace(b"06:30:00Z", b"06:30:00"), "time_end is '2030-09-02T06:30:00'"),
        (HEADER + ACT.replace(b"09-02T06:00", b"02-30T06:00"), "time_start is '2030-02-30T06"),
        (HEADER + ACT.replace(b"45.001", b"95.2"), "lat is '95.2', must be a number from -90"),
        (HEADER + ACT.replace(b"45.001", b"nan"), "lat is 'nan'"),
        (HEADER + ACT.replace(b"45.001", b"4_5"), "lat is '4_5'"),
        (HEADER + ACT.replace(b",500,", b",0,"), "error_m is '0', must be a number from 1"),
        (HEADER + ACT.replace(b",500,", b",,"), "half filled"),
        (HEADER + ACT.replace(b"airstrike,,", b"airstrike,3,"), "half filled"),
        (HEADER + TOTAL.replace(b"about 40", b""), "half filled"),
        (HEADER + TOTAL.replace(b"about 40", b"lots"), "count is 'lots'"),
        (HEADER + ACT.replace(b"airstrike", b"thermal_anomaly"), "must be a kind of act"),
        (HEADER + ACT.replace(b"mill", b"mi\x1b[2Jll"), "or a control"),
        (HEADER + ACT.replace(b"mill", "\u202emill".encode()), "or a control"),
        (HEADER + ACT.replace(b"mill", b"m" * 2001), "must be one line of 2000"),
    ],
)
def test_refuses_a_bad_list_by_line(raw: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem.replace("(", r"\(")):
        read_alleged(raw, name="list")


@given(raw=st.binary(max_size=80), row=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(raw: bytes, row: bytes) -> None:
    for given_ in (raw, HEADER + row + b"\n", GOLDEN + row):
        try:
            found = read_alleged(given_, name="any")
        except BadInput:
            continue
        assert isinstance(found, AllegedList)
