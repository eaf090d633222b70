"""Every world, found by file name, keeps these promises."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import polars as pl
import pytest

from trucewatch.errors import BadInput, NotFound
from trucewatch.observe import spotrep
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.happening import HAPPENINGS
from trucewatch.simulate import simulate, worlds
from trucewatch.simulate.parts.demo_watch import BLAST, STAGED
from trucewatch.simulate.parts.filed import LINK, TRUTH

if TYPE_CHECKING:
    from trucewatch.simulate.world import World

HEADERS = {
    "firms": "latitude,longitude,acq_date,acq_time,sat,frp,bright_ti4,bright_ti5,scan,track,"
    "confidence,daynight,version",
    "news": "date,lon,lat,place,type,n_reports",
    "spotrep": ",".join(column.name for column in spotrep.COLUMNS),
    "watch": "asset,start,end,lat,lon,radius_m,share,cause,cloud_share",
}
KEYS = {
    "firms": ("latitude", "longitude"),
    "news": ("lat", "lon"),
    "spotrep": ("latitude", "longitude"),
}
SEEDS = (1, 2, 20300901)
every_world = pytest.mark.parametrize("name", worlds())
of_fires_and_press = pytest.mark.parametrize("name", ["demo"])
"""Worlds whose files are thermal downloads and press reports; others have promises of their own."""


@cache
def made(name: str, seed: int = 1, days: int = 30) -> World:
    return simulate(name, seed=seed, days=days)


def records(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def sound(world: World) -> list[tuple[str, str, int, dict[str, str], int | None, int | None]]:
    """Each sound record: file, sensor, row, values, report, true incident."""
    damaged = set(world.links.filter("damaged").select("file", "row").rows())
    links = {(f, r): rest for f, r, *rest in world.links.rows()}
    return [
        (name, sensor, row, values, links[name, row][1], links[name, row][2])
        for name, (sensor, content) in world.files.items()
        for row, values in enumerate(records(content))
        if (name, row) not in damaged
    ]


@every_world
def test_same_seed_gives_the_same_bytes(name: str) -> None:
    first = simulate(name, seed=7, days=5).outputs()

    second = simulate(name, seed=7, days=5).outputs()

    assert first == second
    assert list(first) == list(second)


@every_world
def test_another_process_gives_the_same_bytes(name: str) -> None:
    program = (
        "import hashlib; from trucewatch.simulate import simulate;"
        f"print(*[hashlib.sha256(c).hexdigest() for c in simulate({name!r}, seed=7, days=5)"
        ".outputs().values()])"
    )

    printed = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    ).stdout

    outputs = simulate(name, seed=7, days=5).outputs()
    assert printed.split() == [sha256_hex(c) for c in outputs.values()]


@every_world
def test_another_seed_gives_another_world(name: str) -> None:
    worlds_made = [made(name, seed) for seed in SEEDS]

    truths = {sha256_hex(w.outputs()["truth.parquet"]) for w in worlds_made}
    contents = {sha256_hex(b"".join(c for _, c in w.files.values())) for w in worlds_made}

    assert len(truths) == len(contents) == len(SEEDS)


@every_world
@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_days_hold_two_to_four_hundred_incidents(name: str, seed: int) -> None:
    truth = made(name, seed).truth

    assert 200 <= len(truth) <= 400
    assert truth["incident"].to_list() == list(range(len(truth)))
    assert truth.head(len(truth) - len(STAGED))["time"].is_sorted()


@every_world
def test_tables_have_the_declared_columns(name: str) -> None:
    world = made(name)

    assert dict(world.truth.schema) == TRUTH
    assert dict(world.links.schema) == LINK
    assert set(world.truth["kind"]) <= set(HAPPENINGS)
    assert pl.read_parquet(io.BytesIO(world.outputs()["truth.parquet"])).equals(world.truth)
    assert pl.read_parquet(io.BytesIO(world.outputs()["links.parquet"])).equals(world.links)


@of_fires_and_press
def test_ordinary_happenings_are_nobodys_act(name: str) -> None:
    truth = made(name).truth.filter(pl.col("cause") != BLAST.cause)

    ordinary = truth.filter("ordinary")

    assert 0 < len(ordinary) < len(truth) / 2
    assert set(ordinary["kind"]) == {"thermal_anomaly"}
    assert not any(HAPPENINGS[kind].act for kind in ordinary["kind"])
    assert all(HAPPENINGS[kind].act for kind in truth.filter(~pl.col("ordinary"))["kind"])


@of_fires_and_press
def test_files_have_the_headers_that_exist_and_end_in_a_line_break(name: str) -> None:
    world = made(name)
    torn = {f for f in world.files if world.links.filter(file=f)["damaged"].all()}

    for file, (sensor, content) in world.files.items():
        assert content.decode().split("\n")[0] == HEADERS[sensor]
        assert file in torn or content.endswith(b"\n")


@of_fires_and_press
def test_everything_lies_on_the_ground(name: str) -> None:
    world = made(name)
    ground = world.ground
    # Half the size in degrees; a parallel is shortest in the north of a northern ground.
    lat_deg = ground.height_km / 2 / 111.0 + 1e-4
    lon_deg = ground.width_km / 2 / 78.0 + 1e-4

    said = [
        (float(values[KEYS[sensor][0]]), float(values[KEYS[sensor][1]]))
        for _, sensor, _, values, _, _ in sound(world)
        if sensor in KEYS
    ]
    true = world.truth.select("lat_deg", "lon_deg").rows()

    assert len(said) > 500
    for lat, lon in said + true:
        assert abs(lat - ground.centre_lat_deg) <= lat_deg
        assert abs(lon - ground.centre_lon_deg) <= lon_deg


@every_world
def test_links_hold_each_data_record_exactly_once(name: str) -> None:
    world = made(name)

    for file, (_, content) in world.files.items():
        rows = world.links.filter(file=file)["row"].to_list()
        assert rows == list(range(len(content.decode().splitlines()) - 1))
    assert world.links["file"].unique(maintain_order=True).to_list() == [
        f for f in world.files if len(world.links.filter(file=f))
    ]


@of_fires_and_press
def test_truth_counts_each_report_of_an_incident_once(name: str) -> None:
    world = made(name)
    seen = {(sensor, report, true) for _, sensor, _, _, report, true in sound(world)}

    counted = Counter((sensor, true) for sensor, _, true in seen)

    for row in world.truth.rows(named=True):
        assert row["reports_firms"] == counted["firms", row["incident"]]
        assert row["reports_news"] == counted["news", row["incident"]]


@of_fires_and_press
def test_overlapping_downloads_repeat_pixels_word_for_word(name: str) -> None:
    said: dict[int, set[tuple[str, ...]]] = {}
    in_files: dict[int, list[str]] = {}
    for file, sensor, _, values, report, _ in sound(made(name)):
        if sensor == "firms":
            assert report is not None
            said.setdefault(report, set()).add(tuple(values.values()))
            in_files.setdefault(report, []).append(file)

    repeated = [files for files in in_files.values() if len(files) > 1]

    assert all(len(texts) == 1 for texts in said.values())
    assert len({next(iter(texts)) for texts in said.values()}) == len(said)
    assert len(repeated) > 0.8 * len(in_files)
    assert all(len(set(files)) == len(files) == 2 for files in repeated)


@of_fires_and_press
def test_false_alarms_reposts_and_damage_are_really_there(name: str) -> None:
    world = made(name)
    rows = sound(world)
    once = {(sensor, report): true for _, sensor, _, _, report, true in rows}

    false = Counter(sensor for (sensor, _), true in once.items() if true is None)
    news = Counter(t for (sensor, _), t in once.items() if sensor == "news" and t is not None)
    damaged = world.links.filter("damaged")

    assert false["firms"] >= 5
    assert false["news"] >= 20
    assert max(news.values()) >= 2
    assert damaged["incident"].null_count() == damaged["report"].null_count() == len(damaged)
    assert damaged["file"].n_unique() == 3


@of_fires_and_press
def test_one_row_has_an_impossible_latitude_and_it_is_marked(name: str) -> None:
    world = made(name)

    impossible = [
        (file, row)
        for file, (sensor, content) in world.files.items()
        for row, values in enumerate(records(content))
        if sensor == "firms" and values["latitude"] == "95.2"
    ]

    assert len(impossible) == 1
    file, row = impossible[0]
    assert world.links.filter(file=file, row=row)["damaged"].to_list() == [True]
    assert any(note.startswith(file) and "95.2" in note for note in world.notes)


@of_fires_and_press
def test_nothing_is_reported_before_it_happened_or_after_the_file_came(name: str) -> None:
    world = made(name)
    time = dict(world.truth.select("incident", "time").rows())

    for file, sensor, _, values, _, true in sound(world):
        if sensor == "firms":
            text = values["acq_date"] + values["acq_time"]
            at = datetime.strptime(text, "%Y-%m-%d%H%M").replace(tzinfo=UTC)
            assert at <= world.arrivals[file]
            # The minute is cut, so a pixel may read up to a minute early.
            assert true is None or at > time[true] - timedelta(minutes=1)
        elif sensor == "spotrep":
            at = datetime.fromisoformat(values["end"])
            assert at <= world.arrivals[file]
            assert abs(at - time[true]) < timedelta(minutes=1)
        elif sensor == "news":
            day = datetime.strptime(values["date"], "%Y%m%d").replace(tzinfo=UTC)
            assert world.start <= day < world.arrivals[file]


@every_world
def test_files_come_in_the_order_of_their_arrival(name: str) -> None:
    world = made(name)

    times = [world.arrivals[file] for file in world.files]

    assert times == sorted(times)
    assert set(world.arrivals) == set(world.files)
    assert min(times) > world.start


@every_world
def test_a_world_starts_at_midnight_utc_as_orbits_and_days_assume(name: str) -> None:
    start = made(name).start

    assert start.utcoffset() == timedelta(0)
    assert (start.hour, start.minute, start.second, start.microsecond) == (0, 0, 0, 0)


@of_fires_and_press
def test_reports_lie_near_what_they_are_of(name: str) -> None:
    world = made(name)
    place = {i: (lat, lon) for i, lat, lon in world.truth.select("incident", "lat_deg", "lon_deg")
             .rows()}  # fmt: skip

    away_km = {name: [] for name in KEYS}
    for _, sensor, _, values, _, true in sound(world):
        if true is not None:
            lat, lon = place[true]
            keys = KEYS[sensor]
            north, east = (float(values[keys[0]]) - lat) * 111, (float(values[keys[1]]) - lon) * 79
            away_km[sensor].append((north**2 + east**2) ** 0.5)

    assert max(away_km["firms"]) < 3.0
    assert max(away_km["spotrep"]) < 1.0
    assert sorted(away_km["firms"])[len(away_km["firms"]) // 2] < 0.6
    assert sorted(away_km["news"])[len(away_km["news"]) // 2] < 15.0


@of_fires_and_press
@pytest.mark.parametrize("days", [1, 2, 8])
def test_short_worlds_are_whole(name: str, days: int) -> None:
    world = made(name, 3, days)

    sensors = Counter(sensor for sensor, _ in world.files.values())

    assert sensors == {
        "firms": days + 1, "news": (days + 6) // 7, "spotrep": days, "watch": days
    }  # fmt: skip
    assert world.truth["time"].max() < world.start + timedelta(days=days)
    assert len(world.links.filter(pl.col("damaged"))) >= 2


def test_objects_name_each_content_by_its_hash() -> None:
    world = made("demo")

    for name, (_, content) in world.files.items():
        assert world.files[world.objects[sha256_hex(content)]][1] == content, name


def test_listing_worlds_loads_no_numerical_library() -> None:
    program = (
        "import sys, trucewatch.simulate as s; s.worlds();"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'polars', 'scipy')))"
    )

    code = subprocess.run([sys.executable, "-c", program], check=False).returncode  # noqa: S603

    assert code == 0


def test_refuses_a_world_that_nobody_knows() -> None:
    with pytest.raises(NotFound, match=r"world: 'parts' is not known, expected one of demo"):
        simulate("parts", seed=1)


@pytest.mark.parametrize(
    ("seed", "days", "message"),
    [
        (-1, 30, "seed: seed is -1, must be 0 or more"),
        (1, 0, "days: days is 0, must be 1 to 366"),
        (1, 367, "days: days is 367, must be 1 to 366"),
    ],
)
def test_refuses_seeds_and_lengths_out_of_range(seed: int, days: int, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        simulate("demo", seed=seed, days=days)
