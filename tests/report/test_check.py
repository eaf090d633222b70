"""Material that contradicts itself is refused, with both values."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from trucewatch.errors import BadInput
from trucewatch.report.daily import render
from trucewatch.report.material import RefusedRow, RuleRow, ZoneOutline

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("level", "secret", "level: is 'secret', expected 'public' or 'mission'"),
        ("number", 0, "number: is 0, expected 1 or more"),
        ("time_zone", "Mars/Base", "time_zone: is 'Mars/Base', expected an IANA zone"),
        ("time_zone", "../etc", "time_zone: is '../etc', expected an IANA zone"),
        ("window_start", datetime(2030, 9, 13), "window_start: .* has no time zone"),  # noqa: DTZ001
        ("window_end", datetime(2030, 9, 1, tzinfo=UTC), "window_end: is 2030-09-01"),
        ("input_size", 0, "input_size: is 0, expected 1 or more"),
        ("input_root", "XY", "input_root: is 'XY', expected 64 lowercase hex digits"),
        ("refused_n", 1, "refused: lists 2 of 1"),
        ("rules", (), "assessments.rule: is 'R01', expected one of"),
        ("rules", (RuleRow(id="R\n1", clause="x"),), "rules: id is 'R.n1'"),
        ("reports", pl.DataFrame({"span": []}), r"reports: columns are \['span'\], expected also"),
        (
            "zones",
            (ZoneOutline(id="Z9", ring_deg=((1.0, 1.0), (2.0, 2.0), (1.0, 1.0))),),
            "zones.Z9: ring has 2 corners, expected at least 3",
        ),
        (
            "refused",
            tuple(RefusedRow(file="f", line=n, problem="p") for n in range(21)),
            "refused: lists 21 of 3, expected at most 20",
        ),
    ],
)
def test_refuses_a_field(make: ModuleType, field: str, value: object, message: str) -> None:
    broken = dataclasses.replace(make.sample(), **{field: value})

    with pytest.raises(BadInput, match=message):
        render(broken)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"real_p": 1.5}, "incidents.real_p: 1.5 of i-x is no probability"),
        ({"real_p": float("nan")}, "incidents.real_p: nan of i-x is no probability"),
        ({"real_p": None}, "incidents.real_p: 1 rows are null"),
        ({"lat_deg": 95.2}, "incidents.lat_deg: 95.2 of i-x is no latitude, must be -90 to 90"),
        ({"lon_deg": -180.5}, "incidents.lon_deg: -180.5 of i-x is no longitude"),
        ({"lon_deg": None}, "incidents.lat_deg: 45.0 of i-x stands without its longitude"),
        ({"cov_ee_m2": -1.0}, "incidents.cov_ee_m2: -1.0 of i-x must be 0 or more"),
        ({"cov_nn_m2": float("inf")}, "incidents.cov_nn_m2: inf of i-x must be 0 or more"),
        ({"cov_en_m2": float("nan")}, "incidents.cov_en_m2: nan of i-x must be finite"),
        ({"class": "dragon"}, "incidents.class: is 'dragon', expected one of"),
        ({"class_p": "{"}, "incidents.class_p: '{' of i-x is not readable"),
        ({"class_p": "[1]"}, r"incidents.class_p: '\[1\]' of i-x is not readable"),
        ({"class_p": '{"shot":NaN}'}, "incidents.class_p: .* of i-x is not readable"),
        ({"class_p": '{"shot":"x"}'}, "incidents.class_p: .* of i-x is not readable"),
        ({"time": datetime(2030, 9, 15, tzinfo=UTC)}, "incidents.time: .* is outside the window"),
    ],
)
def test_refuses_an_incident(make: ModuleType, change: dict[str, object], message: str) -> None:
    table = make.incidents(make.incident("x", **change))

    with pytest.raises(BadInput, match=message):
        render(make.material(incidents=table))


def test_the_end_of_a_window_belongs_to_the_next_one(make: ModuleType) -> None:
    first, last = (make.incidents(make.incident("x", time=at)) for at in (make.START, make.END))

    assert render(make.material(incidents=first)).files
    with pytest.raises(BadInput, match=r"incidents\.time: .* is outside the window"):
        render(make.material(incidents=last))
    with pytest.raises(BadInput, match=r"previous\.time: .* is outside the window"):
        render(make.material(previous=first))


def test_refuses_an_interval_that_ends_before_it_starts(make: ModuleType) -> None:
    time = make.START + timedelta(hours=1)
    row = make.incident("x", time=time, time_start=time, time_end=time - timedelta(seconds=1))

    with pytest.raises(BadInput, match=r"incidents\.time_end: .* is before its time_start"):
        render(make.material(incidents=make.incidents(row)))


def test_refuses_an_incident_that_stands_twice(make: ModuleType) -> None:
    table = make.incidents(make.incident("x"), make.incident("x"))

    with pytest.raises(BadInput, match=r"incidents\.id: i-x of i-x stands twice"):
        render(make.material(incidents=table))


def test_refuses_a_previous_window_that_is_not_the_one_before(make: ModuleType) -> None:
    row = make.incident("x", time=make.START - timedelta(hours=25))

    with pytest.raises(BadInput, match=r"previous\.time: .* is outside the window"):
        render(make.material(previous=make.incidents(row)))


def test_refuses_two_assessments_of_one_incident_and_rule(make: ModuleType) -> None:
    sample = make.sample()
    twice = pl.concat([sample.assessments, sample.assessments])

    with pytest.raises(BadInput, match="assessments: i-a has several for R01, expected one"):
        render(dataclasses.replace(sample, assessments=twice))


def test_refuses_an_outcome_that_software_may_not_give(make: ModuleType) -> None:
    sample = make.sample()
    breach = sample.assessments.with_columns(outcome=pl.lit("breach"))

    with pytest.raises(BadInput, match=r"assessments\.outcome: is 'breach', expected one of"):
        render(dataclasses.replace(sample, assessments=breach))
