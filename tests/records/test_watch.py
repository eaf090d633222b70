"""Watch reports from archives: each once."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from polars.testing import assert_frame_equal

from trucewatch.observe import sensor
from trucewatch.records.source import Source
from trucewatch.records.table import WATCH, empty
from trucewatch.records.watch import watch_table

RAW = b"""asset,start,end,lat,lon,radius_m,share,cause,cloud_share
P-7,2030-09-01T08:00:00Z,2030-09-01T10:00:00Z,45.1,-30.2,4000,1,watching,0.25
CAM-1,2030-09-01T08:00:00Z,2030-09-01T10:00:00Z,,,,0,outage,
"""


def read(object_: str) -> pl.DataFrame:
    logged_at = datetime(2030, 9, 2, tzinfo=UTC)
    source = Source(name="a", object=object_, logged_at=logged_at, settings={})
    return sensor("watch").read(RAW, source=source).observations


def test_a_report_in_two_downloads_is_kept_once_in_any_order() -> None:
    first, second = read("a" * 64), read("b" * 64)

    one, both = watch_table(first), watch_table(pl.concat([second, first]))

    assert_frame_equal(one, both)
    assert one["asset"].to_list() == ["CAM-1", "P-7"]
    assert dict(one.schema) == WATCH


def test_without_a_file_there_is_no_watch() -> None:
    assert_frame_equal(watch_table(pl.DataFrame()), empty(WATCH))
