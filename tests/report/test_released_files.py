"""The release table as spreadsheet and map, and how strictly it is read."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from trucewatch.errors import BadInput
from trucewatch.records.canonical import canonical
from trucewatch.report.counting.features import features
from trucewatch.report.counting.spreadsheet import columns, spreadsheet
from trucewatch.report.counting.table import read_table
from trucewatch.report.daily import render, render_again

if TYPE_CHECKING:
    from types import ModuleType

DAY = "daily-2030-09-14"
LEVELS = ("public", "mission")


def files_of(make: ModuleType, level: str) -> dict[str, bytes]:
    return dict(render(make.sample(level)).files)


def lines_of(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[f"{DAY}.release.jsonl"].splitlines()]


@pytest.mark.parametrize("level", LEVELS)
def test_the_spreadsheet_has_the_rows_of_the_release_table(make: ModuleType, level: str) -> None:
    files = files_of(make, level)

    sheet = list(csv.DictReader(io.StringIO(files[f"{DAY}.csv"].decode(), newline="")))

    assert tuple(sheet[0]) == columns(level)
    for cells, line in zip(sheet, lines_of(files), strict=True):
        assert (cells["notice"], cells["level"]) == ("EXERCISE", level)
        for name in columns(level)[2:-3]:
            told = line[name]
            plain = told if isinstance(told, str) else canonical(told).decode()
            assert cells[name] == ("" if told is None else plain), name
        outcomes = [f"{a['rule']}:{a['outcome']}:{a['why']}" for a in line["assessments"]]
        assert cells["outcomes"] == " ".join(outcomes)


def test_no_cell_of_the_spreadsheet_can_act_as_a_formula(make: ModuleType) -> None:
    raw = files_of(make, "mission")[f"{DAY}.csv"].decode()

    cells = [cell for line in csv.reader(io.StringIO(raw, newline="")) for cell in line]

    odd = [cell for cell in cells if cell[:1] in {"=", "+", "@", "-", "\t"}]
    assert odd
    assert all(float(cell) < 0 for cell in odd)
    assert raw.endswith("\r\n")


@pytest.mark.parametrize("level", LEVELS)
def test_the_map_has_a_point_per_place_and_no_geometry_without_one(
    make: ModuleType, level: str
) -> None:
    files = files_of(make, level)

    raw = files[f"{DAY}.geojson"]
    told = json.loads(raw)

    assert raw == canonical(told) + b"\n"
    assert (told["type"], told["notice"], told["level"]) == ("FeatureCollection", "EXERCISE", level)
    for feature, line in zip(told["features"], lines_of(files), strict=True):
        properties = feature["properties"]
        place = None
        if line["lat_deg"] is not None:
            place = {"type": "Point", "coordinates": [line["lon_deg"], line["lat_deg"]]}
        assert (feature["type"], feature["id"], feature["geometry"]) == (
            "Feature",
            line["id"],
            place,
        )
        rest = {"unit", "discharge"}
        assert properties.keys() - rest == line.keys() - {"v", "level", "lat_deg", "lon_deg"}
        assert all(properties[name] == line[name] for name in properties.keys() - rest)
    assert None in [feature["geometry"] for feature in told["features"]]


def test_nothing_says_exercise_where_there_is_none(make: ModuleType) -> None:
    files = render(dataclasses.replace(make.sample(), exercise=False)).files

    for end in ("csv", "geojson", "release.jsonl"):
        assert b"EXERCISE" not in files[f"{DAY}.{end}"]


def test_an_empty_day_has_a_header_and_an_empty_collection(make: ModuleType) -> None:
    files = render(make.material()).files

    assert files[f"{DAY}.csv"].decode().strip().split(",") == list(columns("public"))
    assert json.loads(files[f"{DAY}.geojson"])["features"] == []


@pytest.mark.parametrize("level", LEVELS)
def test_both_are_functions_of_the_bytes_of_the_table_alone(make: ModuleType, level: str) -> None:
    files = files_of(make, level)

    table = read_table(files[f"{DAY}.release.jsonl"], where="t", level=level, exercise=True)

    assert spreadsheet(table) == files[f"{DAY}.csv"]
    assert features(table) == files[f"{DAY}.geojson"]


@pytest.mark.parametrize("level", LEVELS)
def test_the_bulletin_is_rendered_again_from_its_table(make: ModuleType, level: str) -> None:
    sample = make.sample(level)
    files = render(sample).files
    nothing = dataclasses.replace(
        sample,
        incidents=sample.incidents.clear(),
        previous=sample.previous.clear(),
        assessments=sample.assessments.clear(),
    )

    again = render_again(nothing, files[f"{DAY}.release.jsonl"]).files

    assert again == files


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b'"v":1', b'"v":2', "t:1: says version 2, level public, notice EXERCISE"),
        (b'"notice":"EXERCISE",', b"", "t:1: columns differ in notice"),
        (b'"level":"public"', b'"level":"mission"', "t:1: says version 1, level mission"),
        (b'"window":"current"', b'"window":"next"', "t:1: window is next"),
        (b'"class":"thermal_anomaly"', b'"class":"ufo"', "class is ufo"),
        (b'"tier":0,', b"", "t:1: columns differ in tier"),
        (b'"tier":0', b'"tier": 0', "t:1: JSON is not in canonical form"),
        (b'"count_min":null', b'"count_min":-1', "t:1: count_min is -1, expected a whole number"),
        (b'"count_max":null', b'"count_max":"1"', "t:1: count_max is '1'"),
        (b'"lat_deg":45.013636', b'"lat_deg":null', "t:1: place is None, -29.982853"),
        (b'"time_end":"2030-09-13T21:56:00.000000Z"', b'"time_end":"soon"', "t:1: time_end: time"),
        (b'"assessments":[', b'"assessments":[1,', "t:1: assessments are not a list of"),
    ],
)
def test_refuses_a_line_that_is_none_of_a_release_table(
    make: ModuleType, old: bytes, new: bytes, problem: str
) -> None:
    content = files_of(make, "public")[f"{DAY}.release.jsonl"]
    assert old in content.split(b"\n")[0]

    with pytest.raises(BadInput, match=problem):
        read_table(content.replace(old, new, 1), where="t", level="public", exercise=True)


def test_refuses_a_torn_table_and_a_level_that_nobody_has(make: ModuleType) -> None:
    content = files_of(make, "public")[f"{DAY}.release.jsonl"]

    with pytest.raises(BadInput, match="t: cut short, expected a newline at the end"):
        read_table(content[:-1], where="t", level="public", exercise=True)
    with pytest.raises(BadInput, match="t: level is 'secret', expected public or mission"):
        read_table(content, where="t", level="secret", exercise=True)
