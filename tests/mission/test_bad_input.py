"""Bad input: quarantined with its hash, named by file and row; the rest goes on."""

from __future__ import annotations

import gzip
import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import HEADER, firms

from trucewatch.errors import BadInput
from trucewatch.evidence.log import Log
from trucewatch.mission.check import digest_tables
from trucewatch.mission.ingest import ingest
from trucewatch.mission.listing import quarantine
from trucewatch.mission.rebuild import rebuild
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

GOOD = firms(day=26)
ROW = GOOD.splitlines()[1]


def zip_bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("firms.csv", b"0" * 50_000_000)
    return out.getvalue()


WHOLE = {
    "torn.csv": (GOOD[:-20], "torn"),
    "empty.csv": (b"", "empty"),
    "column.csv": (GOOD.replace(b"latitude", b"latitud", 1), "latitude"),
    "bomb.csv.zip": (zip_bomb(), "unpacks to over"),
    "photo.csv": (b"\x89PNG\r\n\x1a\n" + bytes(64), "PNG"),
    "named.csv.gz": (GOOD, "name contradicts the content"),
    "torn.csv.gz": (gzip.compress(GOOD)[:-9], "gzip|torn|end"),
}


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_file_that_cannot_be_read_is_sealed_and_quarantined(
    home: Home, tmp_path: Path, clock: SimulatedClock, name: str
) -> None:
    raw, problem = WHOLE[name]
    (tmp_path / name).write_bytes(raw)
    (tmp_path / "good.csv").write_bytes(firms(day=25))

    bad, good = ingest(home, "firms", [tmp_path / name, tmp_path / "good.csv"], clock=clock)

    assert bad.accepted == 0
    assert bad.object == sha256_hex(raw)
    assert bad.refused[0].row is None
    assert re.search(problem, bad.refused[0].problem), bad.refused[0]
    assert good.accepted == 6
    with Log.open(home.path) as log:
        assert log.object(bad.object) == raw
    listed = quarantine(home).row(0, named=True)
    assert (listed["file"], listed["object"]) == (name, bad.object)


BROKEN_ROWS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "latitude": (lambda r: b"95.2" + r[r.index(b",") :], "latitude is 95.2, must be -90 to 90"),
    "future": (lambda r: r.replace(b"2026-06-26", b"2036-06-26"), "future"),
    "number": (lambda r: r.replace(b"31.2", b"east", 1), "longitude"),
    "short": (lambda r: r[:12], "fields"),
}


@pytest.mark.parametrize("name", sorted(BROKEN_ROWS))
def test_a_broken_row_is_quarantined_alone_and_named_by_line(
    home: Home, tmp_path: Path, clock: SimulatedClock, name: str
) -> None:
    break_it, problem = BROKEN_ROWS[name]
    lines = GOOD.splitlines()
    lines[3] = break_it(lines[3])
    (tmp_path / "a.csv").write_bytes(b"\n".join([*lines, b""]))

    [intake] = ingest(home, "firms", [tmp_path / "a.csv"], clock=clock)

    assert intake.accepted == 5
    assert [(r.row, r.line) for r in intake.refused] == [(2, 4)]
    assert problem in intake.refused[0].problem


def test_a_header_without_rows_is_no_observation_and_no_error(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    (tmp_path / "header.csv").write_bytes(HEADER.encode() + b"\n")

    [intake] = ingest(home, "firms", [tmp_path / "header.csv"], clock=clock)

    assert (intake.accepted, intake.refused) == (0, ())


def test_a_file_under_a_wrong_name_can_be_sent_again_under_a_right_one(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    (tmp_path / "a.csv.gz").write_bytes(GOOD)
    (tmp_path / "a.csv").write_bytes(GOOD)

    wrong, right = ingest(home, "firms", [tmp_path / "a.csv.gz", tmp_path / "a.csv"], clock=clock)
    before = digest_tables(home)
    rebuild(home)

    assert (wrong.accepted, right.accepted) == (0, 6)
    assert digest_tables(home)["quarantine"] == before["quarantine"]


def test_a_file_sealed_under_the_wrong_sensor_can_be_sealed_under_the_right_one(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    [wrong] = ingest(home, "firms", [inbox / "news.csv"], clock=clock)

    [right] = ingest(home, "news", [inbox / "news.csv"], clock=clock)

    assert (wrong.accepted, right.accepted) == (0, 3)
    assert wrong.object == right.object
    assert right.new


def test_an_unknown_sensor_or_file_is_refused_before_anything_is_sealed(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    with Log.open(home.path) as log:
        before = log.size

    with pytest.raises(BadInput, match="'fires' is not known, expected one of firms, news"):
        list(ingest(home, "fires", [inbox / "firms-26.csv"], clock=clock))
    with pytest.raises(BadInput, match="no such file"):
        list(ingest(home, "firms", [inbox / "firms-26.csv", inbox / "none.csv"], clock=clock))

    with Log.open(home.path) as log:
        assert log.size == before
