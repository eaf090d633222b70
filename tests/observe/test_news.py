"""What only news-derived reports promise, and the real exports."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from golden import read, source_of
from trucewatch.errors import BadInput
from trucewatch.observe import sensor
from trucewatch.observe._news_label import KINDS, LABELS, PRECEDENCE
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.records.batch import Batch

HEAD = "date,lon,lat,place,type,n_reports"


def report(zone: str = "Europe/Kyiv", **said: str) -> Batch:
    usual = {"date": "20300901", "lon": "-30.1", "lat": "45.2", "place": "Dunmarsh", "type": "A"}
    fields = usual | {"n_reports": "2"} | said
    raw = f"{','.join(fields)}\n{','.join(fields.values())}\n".encode()
    source = replace(source_of(raw, sensor("news")), settings={"zone": zone})
    return sensor("news").read(raw, source=source)


def problem(batch: Batch) -> str:
    return str(batch.refused["problem"].item())


def features(batch: Batch) -> dict[str, object]:
    return dict(batch.observations["features"].item())


# ---- labels


def test_every_kind_is_a_happening_and_every_spelling_a_label() -> None:
    assert set(PRECEDENCE) <= set(HAPPENINGS)
    assert set(LABELS.values()) <= set(KINDS)


@pytest.mark.parametrize(
    ("written", "kind", "labels"),
    [
        ("S", "airstrike", "airstrike"),
        ("D", "uav_activity", "uav"),
        ("A", "artillery_fire", "artillery"),
        ("F", "small_arms_fire", "firefight"),
        ("C", "casualties_civilian", "civcas"),
        ("V", "armour", "armor"),
        ("M", "casualties_military", "milcas"),
        ("L", "alert", "airalert"),
        ("O", "other", "other"),
        ("", "other", ""),
        ("loc", "other", "loc"),
        ("airalerb", "alert", "airalert"),
        ("retreab|loc", "position_change", "loc+retreat"),
        ("arresb|civcas", "raid", "arrest+civcas"),
        ("firefighb|milcas|loc", "small_arms_fire", "firefight+loc+milcas"),
        ("loc|uav|airstrike", "airstrike", "airstrike+loc+uav"),
        ("property|civcas|artillery", "artillery_fire", "artillery+civcas+property"),
        ("ied|uav", "uav_activity", "ied+uav"),
        ("loc|loc", "other", "loc"),
    ],
)
def test_names_the_most_specific_act_and_keeps_all_labels(
    written: str, kind: str, labels: str
) -> None:
    batch = report(type=written)

    assert batch.observations["class"].item() == kind
    assert features(batch)["labels"] == labels


@pytest.mark.parametrize(("written", "first"), [("xyz", "xyz"), ("loc|Q|zz", "Q"), ("loc||A", "")])
def test_refuses_a_label_that_is_not_declared(written: str, first: str) -> None:
    assert problem(report(type=written)).startswith(
        f"label '{first}' is not declared, expected one of airstrike, artillery, "
    )


@pytest.mark.parametrize("kind", PRECEDENCE)
def test_counts_at_least_one_unit_where_the_kind_is_counted(kind: str) -> None:
    word = next(word for word, of in KINDS.items() if of == kind)
    seen = report(type=word).observations
    counts = seen.select("count_min", "count_max", "count_qualifier").row(0)

    assert counts == ((1, None, "at_least") if HAPPENINGS[kind].osce_unit else (None,) * 3)


def test_outlets_are_no_count_of_blasts() -> None:
    batch = report(n_reports="17")

    assert features(batch)["n_reports"] == 17
    assert batch.observations["count_min"].item() == 1


@pytest.mark.parametrize("written", ["0", "-1", "1.5", "two", "", "1000001"])
def test_refuses_a_number_of_reports_that_is_none(written: str) -> None:
    shown = written or "empty"

    assert problem(report(n_reports=written)) == f"n_reports is {shown}, must be 1 to 1000000"


# ---- time


@pytest.mark.parametrize("written", ["20300901", "2030-09-01", "2030-09-01 00:00:00"])
def test_a_day_without_a_clock_is_that_local_day(written: str) -> None:
    seen = report(date=written).observations

    assert seen["time_start"].item() == datetime(2030, 8, 31, 21, tzinfo=UTC)
    assert seen["time_end"].item() == datetime(2030, 9, 1, 21, tzinfo=UTC)
    assert seen["dedup_key"].item() == "news|2030-09-01|-30100000|45200000|Dunmarsh|artillery|2|0"


def test_a_clock_time_is_an_instant_in_the_zone() -> None:
    seen = report(date="2030-09-01 08:05:00").observations

    assert seen["time_start"].item() == datetime(2030, 9, 1, 5, 5, tzinfo=UTC)
    assert seen["time_end"].item() == seen["time_start"].item()
    assert seen["time_sigma_s"].item() == pytest.approx(0.7 * 86_400)


@pytest.mark.parametrize(("day", "hours"), [("20300331", 23), ("20301027", 25), ("20300601", 24)])
def test_a_day_is_as_long_as_the_clocks_made_it(day: str, hours: int) -> None:
    seen = report(date=day).observations

    assert seen["time_end"].item() - seen["time_start"].item() == timedelta(hours=hours)


def test_a_day_whose_midnight_clocks_skip_begins_at_one() -> None:
    seen = report(date="20230326", zone="Asia/Beirut", type="A").observations

    assert seen["time_start"].item() == datetime(2023, 3, 25, 22, tzinfo=UTC)


def test_a_local_time_that_occurs_twice_is_the_earlier() -> None:
    seen = report(date="2030-10-27 03:30:00").observations

    assert seen["time_start"].item() == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)


def test_refuses_a_local_time_that_never_occurs() -> None:
    assert problem(report(date="2030-03-31 03:30:00")) == (
        "date is 2030-03-31 03:30:00, must be a time that occurs in Europe/Kyiv"
    )


@pytest.mark.parametrize(
    "written",
    ["2030-13-01", "20300230", "2030-09-01T08:00:00", "2030-9-1", "2030-09-01 24:00:00", ""],
)
def test_refuses_what_is_no_date(written: str) -> None:
    assert problem(report(date=written)) == (
        f"date is {written or 'empty'}, must be YYYYMMDD, YYYY-MM-DD or YYYY-MM-DD HH:MM:SS"
    )


def test_refuses_a_zone_that_does_not_exist() -> None:
    with pytest.raises(BadInput, match=r"^setting zone: 'Mars/Base' is no time zone, expected an "):
        report(zone="Mars/Base")


def test_takes_the_default_zone_when_the_settings_are_silent() -> None:
    raw = f"{HEAD}\n20300901,-30.1,45.2,Dunmarsh,A,2\n".encode()
    silent = replace(source_of(raw, sensor("news")), settings={})

    assert (
        sensor("news")
        .read(raw, source=silent)
        .observations.equals(read(sensor("news"), raw).observations)
    )


# ---- place


@pytest.mark.parametrize(
    ("place", "sigma_m", "artefact"),
    [
        ("Dunmarsh", 4_000, False),
        ("", 4_000, False),
        ("Voronyne", 150_000, True),
        ("Chorna Dolyna", 150_000, True),
        ("Ruttschenkowo", 150_000, True),
        ("Slobozhans'ke", 150_000, True),
        ("Slobozhans\u2019ke", 150_000, True),
    ],
)
def test_an_artefact_of_geocoding_places_nothing(place: str, sigma_m: int, artefact: bool) -> None:
    batch = report(place=place)

    assert batch.observations["cov_ee_m2"].item() == sigma_m**2
    assert batch.observations["cov_nn_m2"].item() == sigma_m**2
    assert features(batch)["place_artefact"] is artefact


# ---- real exports


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "records", "refusals"),
    [
        ("viina_2026_0101_0628", 22_205, Counter()),
        # One report is dated in the hour that clocks skipped.
        ("viina_2024_2025", 109_127, Counter({"date is 2024-03-31 03:45:00": 1})),
    ],
)
def test_reads_a_real_export(shared: Path, file: str, records: int, refusals: Counter[str]) -> None:
    raw = gzip.decompress((shared / f"data/{file}.csv.gz").read_bytes())
    batch = read(sensor("news"), raw)
    twins = list(csv.reader(raw.decode().splitlines()))[1:]
    found = Counter(problem.partition(",")[0] for problem in batch.refused["problem"])

    assert len(twins) == records
    assert found == refusals
    assert batch.observations.height == records - refusals.total()
    assert batch.observations["dedup_key"].is_unique().all()
    for at in np.random.default_rng(7).choice(batch.observations.height, 200, replace=False):
        assert_twin(batch.observations.row(int(at), named=True), twins)


def assert_twin(seen: dict[str, object], twins: list[list[str]]) -> None:
    """One row against the csv module and the zone tables of the standard library."""
    date, lon, lat, place, labels, n = twins[int(str(seen["row"]))]
    form = "%Y%m%d" if len(date) == 8 else "%Y-%m-%d %H:%M:%S"
    local = datetime.strptime(date, form).replace(tzinfo=ZoneInfo("Europe/Kyiv"))
    words = {LABELS.get(word, word) for word in labels.split("|") if word}
    kinds = [PRECEDENCE.index(KINDS[word]) for word in words]

    assert seen["time_start"] == local.astimezone(UTC)
    assert (seen["lon_deg"], seen["lat_deg"]) == (float(lon), float(lat))
    assert seen["class"] == (PRECEDENCE[min(kinds)] if kinds else "other")
    told = seen["features"]
    assert isinstance(told, dict)
    assert told["labels"] == "+".join(sorted(words))
    assert (told["place"] or "", told["n_reports"]) == (place, int(n))
    assert told["place_artefact"] is (seen["cov_ee_m2"] != 16e6)


@pytest.mark.shared
def test_most_real_reports_have_no_clock_time(shared: Path) -> None:
    raw = gzip.decompress((shared / "data/viina_2024_2025.csv.gz").read_bytes())
    seen = read(sensor("news"), raw).observations
    days = seen.filter(pl.col("time_end") > pl.col("time_start"))

    assert days.height == 60_082
