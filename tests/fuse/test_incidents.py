"""What fusion makes of scenes that a person can follow."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.fuse import incidents as stage
from trucewatch.fuse.distinct import FORMS_NONE, NO_PLACE
from trucewatch.fuse.incidents import UNLINKED, fuse
from trucewatch.fuse.soft import SHRINK_KM2_DAY, WIDEN
from trucewatch.records.incident import incident_id
from trucewatch.records.table import INCIDENT, MEMBER, SUPERSEDED, empty

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

    Observed = Callable[..., pl.DataFrame]
    Models = Mapping[str, SensorModel]

NOON = datetime(2030, 9, 3, 12, tzinfo=UTC)
LAT_DEG_PER_M = 1 / 111_132
LON_DEG_PER_M = 1 / 78_847  # at 45 degrees north


def minutes(*offsets: float) -> list[datetime]:
    return [NOON + timedelta(minutes=m) for m in offsets]


def east(*offsets_m: float) -> list[float]:
    return [-30.0 + m * LON_DEG_PER_M for m in offsets_m]


def test_two_pixels_of_one_overpass_and_a_second_overpass_are_one_incident(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    pixels = observed(
        3,
        channel=["N21", "N21", "N20"],
        time_start=minutes(0, 0, 50),
        lat_deg=45.0,
        lon_deg=east(0, 400, 200),
    )

    fused = fuse(pixels, models=models, settings=settings)

    [row] = fused.incidents.rows(named=True)
    assert (row["members"], row["independent"], row["tier"]) == (3, 2, 0)
    assert row["id"] == incident_id("key-000000")
    assert row["lon_deg"] == pytest.approx(east(200)[0], abs=1e-7)
    # N21's two pixels weigh as one look, N20's as the other
    assert row["time"] == NOON + timedelta(minutes=25)
    assert row["cov_ee_m2"] == pytest.approx((1e4 + 300**2) / 2, rel=1e-6)
    assert row["real_p"] > 0.99
    assert fused.members["incident"].to_list() == [row["id"]] * 3
    assert fused.superseded.rows() == sorted(
        (incident_id(key), row["id"]) for key in ("key-000001", "key-000002")
    )


def test_an_error_along_the_meridian_stays_along_it_far_from_the_centre(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    pixels = observed(
        2,
        channel=["N21", "N20"],
        time_start=minutes(0, 50),
        lat_deg=49.0,
        lon_deg=[-23.0, -23.001],
        cov_nn_m2=1e6,
    )

    fused = fuse(pixels, models=models, settings=settings)

    [row] = fused.incidents.rows(named=True)
    assert row["cov_ee_m2"] == pytest.approx((1e4 + 9e4) / 2, rel=1e-4)
    assert row["cov_nn_m2"] == pytest.approx((1e6 + 9e4) / 2, rel=1e-4)
    assert abs(row["cov_en_m2"]) < 100, "unturned it would be some 40,000"


def test_two_fires_5_km_apart_stay_apart(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    pixels = observed(
        2, channel=["N21", "N20"], time_start=minutes(0, 50), lat_deg=45.0, lon_deg=east(0, 5000)
    )

    fused = fuse(pixels, models=models, settings=settings)

    assert fused.incidents["members"].to_list() == [1, 1]
    assert fused.superseded.is_empty()


def test_two_reports_of_a_sensor_that_reports_at_most_once_never_join(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    heard = {"time_start": minutes(0, 0), "lat_deg": 45.0, "lon_deg": east(0, 10)}
    heard |= {"class": "explosion_undetermined", "time_sigma_s": 2.0}

    same = fuse(observed(2, sensor="acoustic", **heard), models=models, settings=settings)
    other = fuse(
        observed(2, sensor=["acoustic", "camera"], **heard), models=models, settings=settings
    )

    assert same.incidents["members"].to_list() == [1, 1]
    assert other.incidents["members"].to_list() == [2]


def test_a_third_sensor_cannot_join_two_reports_that_may_not_be_one(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    heard = observed(
        3,
        sensor=["acoustic", "camera", "acoustic"],
        time_start=minutes(0, 0, 0),
        time_sigma_s=2.0,
        lat_deg=45.0,
        lon_deg=east(0, 50, 100),
        **{"class": "explosion_undetermined"},
    )

    fused = fuse(heard, models=models, settings=settings)

    assert sorted(fused.incidents["members"].to_list()) == [1, 2]


def test_a_lone_report_keeps_its_place_and_gets_its_sensors_spread(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    pixel = observed(1, time_start=minutes(0), lat_deg=[45.1234567], lon_deg=[-29.7654321])

    fused = fuse(pixel, models=models, settings=settings)

    [row] = fused.incidents.rows(named=True)
    assert (row["lat_deg"], row["lon_deg"], row["time"]) == (45.1234567, -29.7654321, NOON)
    assert row["cov_ee_m2"] == row["cov_nn_m2"] == 1e4 + 300**2
    half = timedelta(seconds=1.959963984540054 * (17**2 + (4 * 3600) ** 2) ** 0.5)
    assert abs(row["time_end"] - (NOON + half)) < timedelta(milliseconds=1)
    assert abs(row["time_start"] - (NOON - half)) < timedelta(milliseconds=1)
    assert 0.5 < row["real_p"] < 1
    assert fused.members["membership_p"].to_list() == pytest.approx([row["real_p"]], abs=0.02)
    assert fused.members["role"].to_list() == ["member"]
    assert fused.members["evidence"].to_list() == [None]


def test_a_day_report_stays_alone_and_its_day_is_widened_by_its_error(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    day = datetime(2030, 9, 3, tzinfo=UTC)
    told = observed(
        2,
        sensor="news",
        channel="news",
        time_start=[day, day],
        time_end=[day + timedelta(days=1)] * 2,
        time_sigma_s=0.7 * 86400,
        cov_ee_m2=16e6,
        cov_nn_m2=16e6,
        lat_deg=45.0,
        lon_deg=-30.0,
        **{"class": "artillery_fire", "count_min": 1, "count_qualifier": "at_least"},
    )

    fused = fuse(told, models=models, settings=settings)

    assert fused.incidents["tier"].to_list() == [1, 1]
    row = fused.incidents.row(0, named=True)
    beyond = timedelta(days=1.959963984540054 * (0.7**2 - 1 / 12) ** 0.5)
    assert abs(row["time_start"] - (day - beyond)) < timedelta(milliseconds=1)
    assert abs(row["time_end"] - (day + timedelta(days=1) + beyond)) < timedelta(milliseconds=1)
    assert row["time"] == day + timedelta(hours=12)
    assert row["class"] == "artillery_fire"
    assert json.loads(row["class_p"]) == {"artillery_fire": 0.6, "undetermined": 0.4}
    assert (row["count_min"], row["count_max"], row["count_qualifier"]) == (1, None, "at_least")


def test_a_report_whose_error_is_above_the_bound_is_imprecise(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    vague = observed(
        3,
        time_start=minutes(0, 0, 0),
        lat_deg=45.0,
        lon_deg=east(0, 90_000, 180_000),
        cov_ee_m2=[1e4, 4.0e6, 1e4],
        cov_nn_m2=[1e4, 4.0e6, 1e4],
        time_sigma_s=[60.0, 60.0, 21600.0],
    )

    fused = fuse(vague, models=models, settings=settings)

    assert sorted(fused.incidents["tier"].to_list()) == [0, 1, 1]


def test_copies_become_members_and_add_no_evidence(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    seen = {"time_start": minutes(0, 50), "lat_deg": 45.0, "lon_deg": east(0, 200)}
    seen["channel"] = ["N21", "N20"]
    once = observed(2, object="b" * 64, **seen)
    again = observed(2, object="a" * 64, **seen)

    alone = fuse(once, models=models, settings=settings)
    both = fuse(pl.concat([once, again]), models=models, settings=settings)

    assert both.incidents.equals(alone.incidents)
    assert both.members.height == 4
    assert both.members["object"].cast(pl.String).str.head(1).to_list() == ["a", "a", "b", "b"]
    assert both.members["membership_p"].n_unique() == alone.members["membership_p"].n_unique()


def test_an_imprecise_report_is_as_real_as_true_reports_are_among_all(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    told = {"sensor": "news", "channel": "news", "class": "artillery_fire"}
    news = observed(1, time_start=minutes(0), lat_deg=45.0, lon_deg=-30.0, **told)

    [row] = fuse(news, models=models, settings=settings).incidents.rows(named=True)

    # Precise sensors watched and told of nothing around it: in its own volume, and of it itself.
    unseen_p = math.prod(1 - m.detection_p for name, m in models.items() if name != "news")
    volume_km2_day = (2 * math.pi) ** 1.5 * WIDEN**3 * row["cov_ee_m2"] / 1e6
    volume_km2_day *= row["time_sigma_s"] / 86400
    shrink = SHRINK_KM2_DAY * (1 - unseen_p)
    density = settings.incidents_per_km2_day * shrink / (shrink + volume_km2_day * (1 - unseen_p))
    true = unseen_p * density * 0.35 * (1 + 1.0)
    assert row["real_p"] == pytest.approx(true / (true + 5e-6), rel=1e-12)


@pytest.mark.parametrize("sigma_s", [10.0, 86400 / 12**0.5])
def test_a_day_that_is_certain_is_widened_by_the_sensors_spread_alone(
    observed: Observed, models: Models, settings: FusionSettings, sigma_s: float
) -> None:
    day = datetime(2030, 9, 3, tzinfo=UTC)
    end = day + timedelta(days=1)
    seen = observed(
        1, time_start=[day], time_end=[end], time_sigma_s=sigma_s, lat_deg=45.0, lon_deg=-30.0
    )

    [row] = fuse(seen, models=models, settings=settings).incidents.rows(named=True)

    spread = timedelta(seconds=1.959963984540054 * 4 * 3600)
    assert abs(row["time_start"] - (day - spread)) < timedelta(milliseconds=1)
    assert abs(row["time_end"] - (end + spread)) < timedelta(milliseconds=1)


def test_a_day_is_never_known_better_than_a_clock_time_of_the_same_error(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    day = datetime(2030, 9, 3, tzinfo=UTC)
    told = {"sensor": "news", "channel": "news", "class": "artillery_fire"}
    told |= {"time_sigma_s": 0.7 * 86400, "lat_deg": 45.0, "lon_deg": -30.0}
    dated = observed(1, time_start=[day], time_end=[day + timedelta(days=1)], **told)
    timed = observed(1, time_start=[day + timedelta(hours=12)], **told)

    [date], [clock] = (
        fuse(table, models=models, settings=settings).incidents.rows(named=True)
        for table in (dated, timed)
    )

    assert date["time_start"] <= clock["time_start"]
    assert date["time_end"] >= clock["time_end"]


@pytest.mark.parametrize("objects", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"cov_ee_m2": 1e4}, {"cov_ee_m2": 9e4}),
        ({"time_sigma_s": 17.0}, {"time_sigma_s": 60.0}),
        ({"lat_deg": 45.0}, {"lat_deg": 45.5}),
    ],
)
def test_of_copies_that_differ_the_more_precise_speaks_whichever_file_brought_it(
    observed: Observed,
    models: Models,
    settings: FusionSettings,
    objects: tuple[str, str],
    better: dict[str, float],
    worse: dict[str, float],
) -> None:
    said = {"time_start": minutes(0), "lat_deg": 45.0, "lon_deg": -30.0}
    one, other = (
        observed(1, object=letter * 64, **(said | how))
        for letter, how in zip(objects, (better, worse), strict=True)
    )

    alone = fuse(one, models=models, settings=settings)
    fused = fuse(pl.concat([other, one]), models=models, settings=settings)

    assert fused.incidents.equals(alone.incidents)
    assert fused.members.height == 2


def test_what_forms_no_incident_is_listed_with_the_reason(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    told = observed(
        3,
        time_start=minutes(0, 0, 0),
        lat_deg=[45.0, None, 45.0],
        lon_deg=[-30.0, None, -30.0],
        **{"class": ["alert", "thermal_anomaly", "thermal_anomaly"]},
    )

    fused = fuse(told, models=models, settings=settings)

    assert fused.unlinked.select("row", "why").rows() == [(0, FORMS_NONE), (1, NO_PLACE)]
    assert fused.members["row"].to_list() == [2]


@pytest.mark.parametrize("left", ["nothing", "only an alert"])
def test_no_report_makes_empty_tables_of_the_right_kind(
    observed: Observed, models: Models, settings: FusionSettings, left: str
) -> None:
    told = observed(1, time_start=minutes(0), lat_deg=45.0, lon_deg=-30.0, **{"class": "alert"})
    told = told.clear() if left == "nothing" else told

    fused = fuse(told, models=models, settings=settings)

    assert fused.incidents.schema == empty(INCIDENT).schema
    assert fused.members.schema == empty(MEMBER).schema
    assert fused.superseded.schema == empty(SUPERSEDED).schema
    assert fused.unlinked.schema == empty(UNLINKED).schema
    assert fused.unlinked.height == told.height


def test_tables_have_the_contracted_columns(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    pixels = observed(2, time_start=minutes(0, 0), lat_deg=45.0, lon_deg=east(0, 100))

    fused = fuse(pixels, models=models, settings=settings)

    assert fused.incidents.schema == empty(INCIDENT).schema
    assert fused.members.schema == empty(MEMBER).schema
    assert fused.superseded.schema == empty(SUPERSEDED).schema
    assert fused.incidents["state"].to_list() == ["open"]
    assert fused.incidents["priority"].null_count() == 1


def test_a_silent_sensor_lowers_what_a_lone_report_is_worth(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    pixel = observed(1, time_start=minutes(0), lat_deg=45.0, lon_deg=-30.0)
    only = {"thermal": models["thermal"]}

    few = fuse(pixel, models=only, settings=settings).incidents["real_p"][0]
    many = fuse(pixel, models=models, settings=settings).incidents["real_p"][0]
    news = fuse(pixel, models=only | {"news": models["news"]}, settings=settings)

    # lambda * P(one report) over that plus false alarms; see `likelihood`
    true = 4e-3 * 0.35 * 2.718281828459045**-0.8 * 40 / (40 + 8 * 9.6)
    assert few == pytest.approx(true / (true + 4e-5), rel=1e-9)
    assert many < few
    assert news.incidents["real_p"][0] == few, "news joins nothing, so its silence says nothing"


def test_a_component_above_the_cap_is_cut(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    pixels = observed(40, time_start=minutes(*range(40)), lat_deg=45.0, lon_deg=east(*range(40)))

    whole = fuse(pixels, models=models, settings=settings)
    cut = fuse(pixels, models=models, settings=replace(settings, component_members_max=8))

    assert whole.incidents["members"].max() == 40
    assert cut.incidents["members"].max() == 8


def test_refuses_two_reports_that_give_one_id(
    observed: Observed, models: Models, settings: FusionSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = observed(2, time_start=minutes(0, 0), lat_deg=45.0, lon_deg=east(0, 9000))
    monkeypatch.setattr(stage, "incident_id", lambda _: "i-same")

    with pytest.raises(EvidenceBroken, match="'key-000000' and 'key-000001' give the same"):
        fuse(pixels, models=models, settings=settings)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"sensor": "radar"}, r"observation aaaaaaaaaaaa:0: sensor is 'radar', expected one with"),
        ({"class": "earthquake"}, "class is 'earthquake', expected a known kind"),
        ({"class": "shot"}, "sensor thermal gives class 'shot' no meaning"),
        ({"cov_ee_m2": None}, "covariance is None, 0.0, 10000.0 m2, expected positive definite"),
        ({"cov_en_m2": 1e4}, "covariance is 10000.0, 10000.0, 10000.0 m2, expected positive"),
        ({"cov_nn_m2": float("nan")}, "covariance is 10000.0, 0.0, nan m2, expected positive"),
        ({"time_sigma_s": float("nan")}, "time error is nan s, expected one above 0"),
        ({"time_end": NOON - timedelta(hours=1)}, "expected start before end"),
        ({"dedup_key": None}, "dedup_key is null, expected text"),
        ({"lat_deg": 95.2}, "place is 95.2 N, -30.0 E, expected -90 to 90"),
        ({"lon_deg": float("nan")}, "place is 45.0 N, nan E, expected -90 to 90"),
        ({"row": 1}, "is given twice, expected once"),
    ],
)
def test_refuses_a_row_that_breaks_the_contract(
    observed: Observed,
    models: Models,
    settings: FusionSettings,
    broken: dict[str, object],
    message: str,
) -> None:
    good = {"time_start": NOON, "lat_deg": 45.0, "lon_deg": -30.0, "dedup_key": "k"}
    rows = observed(1, **{**good, **broken})
    rows = pl.concat([rows, observed(1, **good, object="c" * 64)])
    rows = pl.concat([rows, rows[:1]]) if "row" in broken else rows

    with pytest.raises(BadInput, match=message):
        fuse(rows, models=models, settings=settings)


def test_refuses_a_table_without_a_column(
    observed: Observed, models: Models, settings: FusionSettings
) -> None:
    rows = observed(1, time_start=minutes(0), lat_deg=45.0, lon_deg=-30.0).drop("dedup_key")

    with pytest.raises(BadInput, match=r"observations: .*dedup_key"):
        fuse(rows, models=models, settings=settings)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"detection_p": 1.0}, "sensor thermal: detection_p is 1.0, must be above 0 and below 1"),
        ({"repeats_mean": -1.0}, "must be 0 or more"),
        ({"meaning_p": {"thermal_anomaly": {"fire": 1.0}}}, "means 'fire', expected a known kind"),
        ({"meaning_p": {"thermal_anomaly": {"shot": 0.5}}}, "sum to 0.5, expected shares"),
    ],
)
def test_refuses_a_model_that_is_no_model(
    observed: Observed,
    models: Models,
    settings: FusionSettings,
    changed: dict[str, object],
    message: str,
) -> None:
    rows = observed(1, time_start=minutes(0), lat_deg=45.0, lon_deg=-30.0)
    wrong = {"thermal": replace(models["thermal"], **changed)}

    with pytest.raises(BadInput, match=message):
        fuse(rows, models=wrong, settings=settings)
