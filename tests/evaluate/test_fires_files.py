"""Files that the evaluation of fires reads, in every form that it says it reads."""

from __future__ import annotations

import gzip
from datetime import date

import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate.fires_files import fires, incidents, table

PLAIN = b"latitude,longitude,acq_date,instrument\n47.8,35.1,2012-01-02,MODIS?\n"
FULL = (
    b"latitude,longitude,acq_date,acq_time,frp,scan,confidence,daynight\n"
    b"48.7,26.6,2026-06-25,0035,1.61,0.44,n,N\n"
)


def test_reads_the_archive_packed_and_plain() -> None:
    found = fires({"a.csv.gz": gzip.compress(PLAIN), "b.csv": PLAIN.replace(b"2012", b"2013")})

    assert found.rows() == [(date(2012, 1, 2), 47.8, 35.1), (date(2013, 1, 2), 47.8, 35.1)]


def test_keeps_what_the_full_form_says_of_a_pixel() -> None:
    found = fires({"nrt.csv": FULL})

    assert found.row(0, named=True) == {
        "date": date(2026, 6, 25), "lat_deg": 48.7, "lon_deg": 26.6, "frp_mw": 1.61,
        "acq_time": "0035", "confidence": "n", "scan_km": 0.44, "daynight": "N",
    }  # fmt: skip


def test_keeps_only_what_every_file_says() -> None:
    assert fires({"a": PLAIN, "b": FULL}).columns == ["date", "lat_deg", "lon_deg"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (b"95.0,35.1,2012-01-02,M", "row 2 has no day or no place"),
        (b"45.0,x,2012-01-02,M", "row 2 has no day or no place"),
        (b"45.0,35.1,2012-13-02,M", "row 2 has no day or no place"),
        (b"45.0,35.1,,M", "row 2 has no day or no place"),
        (b"45.0,nan,2012-01-02,M", "row 2 has no day or no place"),
    ],
)
def test_one_bad_row_stops_it(row: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=f"a.csv: {problem}"):
        fires({"a.csv": PLAIN + row + b"\n"})


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "is no table, expected CSV with a header"),
        (b"lat,longitude,acq_date\n", "has no column latitude, expected one"),
    ],
)
def test_refuses_what_is_no_table_of_fires(raw: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=f"a.csv: {problem}"):
        fires({"a.csv": raw})


def test_refuses_no_files() -> None:
    with pytest.raises(BadInput, match="--fires: is missing"):
        fires({})


TITLED = (
    b"date,event_group,title,lat,lon\n"
    b"2022-02-15,Other,Shelling before,48.0,30.0\n"
    b"2022-03-01,Other,Mass grave found,48.0,31.0\n"
    b"2022-03-01,Other,A MISSILE fell,48.0,32.0\n"
    b"2022-03-01,Bombing or Explosion,seen from afar,48.0,33.0\n"
    b"2022-03-01,Other,The same missile,48.0,32.0\n"
)


def test_an_incident_counts_by_its_words_once_a_place_and_day_and_from_a_day_on() -> None:
    found = incidents(TITLED, "e.csv", since=date(2022, 2, 24))

    assert found["lon_deg"].to_list() == [32.0, 33.0]


@pytest.mark.parametrize(
    ("raw", "lons"),
    [
        (b"date,lat,lon\n2022-03-01,48,30\n", [30.0]),
        (b"date,lon,lat,type\n20260101,30,48,C\n20260101,31,48,S\n", [31.0]),
        (
            b"datetime,lon,lat,event_type\n2024-01-01 00:00:00,30,48,loc|uav\n"
            b"2024-01-01 00:00:00,31,48,arresb|loc\n2024-01-01 00:00:00,32,48,firefighb\n",
            [30.0, 32.0],
        ),
        (
            b"date_start,latitude,longitude,where_prec,date_prec\n2015-01-01,48,30,1,1\n"
            b"2015-01-01,48,31,2,1\n2015-01-01,48,32,1,3\n",
            [30.0],
        ),
    ],
)
def test_reads_incidents_in_every_form_of_the_real_records(raw: bytes, lons: list[float]) -> None:
    assert incidents(raw, "e.csv")["lon_deg"].to_list() == lons


def test_refuses_a_file_in_which_nothing_counts() -> None:
    with pytest.raises(BadInput, match=r"e\.csv: has no incident that counts"):
        incidents(TITLED, "e.csv", since=date(2023, 1, 1))


def test_a_gap_in_a_grid_is_null_and_a_missing_column_refused() -> None:
    raw = b"LATITUDE,LONGITUDE,D\n44.4,33.6, 1.5\t\n44.5,33.6,\n"

    found = table(raw, "g.csv", ("LATITUDE", "D"))

    assert found["D"].to_list() == [1.5, None]
    with pytest.raises(BadInput, match=r"g\.csv: has no column X, expected LATITUDE, X"):
        table(raw, "g.csv", ("LATITUDE", "X"))
