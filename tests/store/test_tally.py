"""What is counted in the database is what one would count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from trucewatch.errors import BadMission
from trucewatch.store.desk import Desk
from trucewatch.store.schema import FILE
from trucewatch.store.tally import newest_files, tallies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = datetime(2030, 9, 1, tzinfo=UTC)


def file(number: int, sensor: str, accepted: int) -> dict[str, object]:
    """Return what is known of one object; a third of them end at the same time."""
    end = START + timedelta(hours=number - number % 3, microseconds=7)
    read = accepted > 0
    return {
        "object": f"{number:064x}",
        "type": f"received/{sensor}/v1",
        "sensor": sensor,
        "family": "thermal",
        "entry": 100 - number,
        "bytes": 10,
        "accepted": accepted,
        "refused": number % 2,
        "time_min": START if read else None,
        "time_max": end if read else None,
    }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    rows = [file(n, "firms" if n % 4 else "news", (n * 7) % 5) for n in range(40)]
    rows.append(file(41, "mute", 0))
    with Desk.at(tmp_path / "desk.db", write=True) as opened:
        opened.replace({"file": pl.DataFrame(rows, schema=FILE)})
        yield opened


def test_each_sensor_is_counted_as_by_hand(desk: Desk) -> None:
    files = desk.read("file")

    found = tallies(desk)

    assert sorted(found) == ["firms", "mute", "news"]
    for name, tally in found.items():
        own = files.filter(sensor=name)
        assert tally[1:4] == (len(own), own["accepted"].sum(), own["refused"].sum())
        assert tally[4:] == (own["time_min"].min(), own["time_max"].max(), own["entry"].max())


def test_a_sensor_of_which_nothing_was_read_has_no_times(desk: Desk) -> None:
    mute = tallies(desk)["mute"]

    assert (mute.files, mute.accepted, mute.first, mute.last) == (1, 0, None, None)


@pytest.mark.parametrize("many", [1, 5, 100])
def test_the_files_that_end_last_come_first_and_unread_ones_never(desk: Desk, many: int) -> None:
    files = desk.read("file").filter(sensor="firms").filter(pl.col("accepted") > 0)
    told = files.select(pl.col("object").cast(pl.String), "family", "entry", "time_max")
    expected = told.sort("time_max", "object", descending=True).head(many).rows()

    found = newest_files(desk, "firms", many)

    assert [tuple(each) for each in found] == expected


def test_an_empty_desk_has_none(tmp_path: Path) -> None:
    with Desk.at(tmp_path / "desk.db", write=True) as desk:
        assert tallies(desk) == {}
        assert newest_files(desk, "firms", 5) == []


def test_what_is_no_desk_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"not a database, but long enough to look at" * 9)

    with (
        Desk.at(tmp_path / "desk.db", write=False) as desk,
        pytest.raises(BadMission, match="file is not a database, expected the tables of a mission"),
    ):
        tallies(desk)
