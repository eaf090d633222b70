"""The second trial promises what its `Setting` says, and tells fusion nothing of the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from trucewatch.errors import BadInput
from trucewatch.simulate.trials import reports, reports_other
from trucewatch.simulate.trials.reports_other import HABITS, Setting, draw

if TYPE_CHECKING:
    from trucewatch.simulate.trials.reports import Reports, Truth

COLUMNS = {
    "dedup_key": pl.String(), "sensor": pl.String(), "class": pl.String(), "tier": pl.UInt8(),
    "x_m": pl.Float64(), "y_m": pl.Float64(), "middle_us": pl.Int64(), "s2_m2": pl.Float64(),
    "u2_s2": pl.Float64(),
}  # fmt: skip


def world(**options: object) -> tuple[Reports, Truth]:
    return draw(Setting(**{"reports": 12_000, "seed": 7, **options}))  # type: ignore[arg-type]


def told(made: tuple[Reports, Truth], sensor: str) -> pl.DataFrame:
    """Return one sensor's true reports with what is true of them."""
    table, truth = made[0].table, made[1]
    table = table.with_columns(incident=pl.Series(truth.incident)).filter(
        (pl.col("sensor") == sensor) & (pl.col("incident") >= 0)
    )
    of = table["incident"].to_numpy()
    place = truth.place[of]
    return table.with_columns(
        of_x_m=place[:, 0] * 1000,
        of_y_m=place[:, 1] * 1000,
        of_t_day=place[:, 2],
        kind=np.array(reports.KINDS)[truth.kind[of]],
        off_day=(table["middle_us"].to_numpy() - reports.START_US) / 86.4e9 - place[:, 2],
    ).with_columns(
        off_m=(pl.col("x_m") - pl.col("of_x_m")), off_y_m=pl.col("y_m") - place[:, 1] * 1e3
    )


def score(made: tuple[Reports, Truth], sensor: str = "acoustic") -> np.ndarray:
    """Return the east error in declared sigmas."""
    own = told(made, sensor)
    return (own["off_m"] / own["s2_m2"].sqrt()).to_numpy()


def test_gives_the_same_tables_and_models_as_the_first_trial() -> None:
    first, _ = reports.draw(reports.Setting(reports=300, seed=1))

    made, truth = world()

    assert made.table.schema == first.table.schema
    assert dict(made.table.schema) == COLUMNS  # and so nothing of the truth
    assert made.models == first.models
    assert set(made.table["sensor"].unique()) == set(reports.SENSORS) == set(HABITS)
    assert truth.incident.shape == (len(made.table),)
    assert truth.place.shape == (len(truth.kind), 3)
    assert truth.log_density is None


def test_the_same_seed_gives_the_same_world_and_another_gives_another() -> None:
    one, two, other = world(), world(), world(seed=8)

    assert one[0].table.equals(two[0].table)
    assert np.array_equal(one[1].incident, two[1].incident)
    assert not one[0].table.head(9).equals(other[0].table.head(9))


@pytest.mark.parametrize("reports_asked", [1, 4, 60])
def test_a_tiny_world_is_a_world(reports_asked: int) -> None:
    for seed in range(10):
        made, truth = world(reports=reports_asked, seed=seed)

        assert dict(made.table.schema) == COLUMNS
        assert len(made.table) == len(truth.incident) < 40 + 6 * reports_asked


def test_rows_are_in_canonical_order_which_tells_nothing_of_the_truth() -> None:
    made, truth = world()
    table = made.table

    ordered = table.sort("tier", "middle_us", "dedup_key")
    keys = table["dedup_key"].cast(pl.Int64).to_numpy()

    assert table.equals(ordered)
    assert table["dedup_key"].n_unique() == len(table)
    assert abs(np.corrcoef(keys, truth.incident)[0, 1]) < 0.03


def test_a_false_alarm_is_an_incident_of_its_own_row() -> None:
    _, truth = world()

    false = np.flatnonzero(truth.incident < 0)

    assert len(false) > 20
    assert np.array_equal(truth.incident[false], -1 - false)
    assert truth.incident.max() < len(truth.place)


@pytest.mark.parametrize("seed", range(20, 26))
def test_density_and_number_are_near_what_is_asked(seed: int) -> None:
    made, truth = world(seed=seed, reports=30_000)

    assert 0.85 < len(truth.place) / (30_000 / reports.REPORTS_PER_INCIDENT) < 1.15
    assert 0.6 < len(made.table) / 30_000 < 1.4
    assert made.incidents_per_km2_day == 4e-3


@pytest.mark.parametrize("sensor", reports.SENSORS)
def test_declared_detection_is_roughly_right_on_average(sensor: str) -> None:
    found = [
        told(w, sensor)["incident"].n_unique() / len(w[1].place) for w in map(seeded, range(8))
    ]

    assert 0.7 < np.mean(found) / reports.SENSORS[sensor].detection_p < 1.4
    assert np.std(found) / np.mean(found) > 0.08  # and not more than roughly


def seeded(seed: int) -> tuple[Reports, Truth]:
    return world(seed=40 + seed, reports=6_000)


def test_errors_have_long_tails() -> None:
    pure = {"stray_p": 0.0, "pass_shared_p": 0.0, "declared_spread_db": 0.0}

    tailed, normal = score(world(**pure, tail_freedom=3)), score(world(**pure, tail_freedom=10_000))

    assert np.mean(np.abs(tailed) > 4) > 4e-3  # a normal error: 6e-5
    assert np.mean(np.abs(normal) > 4) < 2e-3
    assert np.median(np.abs(tailed)) < np.median(np.abs(normal))


def test_strays_are_as_many_as_asked_and_move_nothing_else() -> None:
    with_strays, without = told(world(), "imagery"), told(world(stray_p=0.0), "imagery")

    joined = with_strays.join(without, on="dedup_key")
    moved = (joined["x_m"] - joined["x_m_right"]).abs() > 1e-6

    assert len(joined) == len(without)
    assert 0.01 < moved.mean() < 0.035
    assert (
        joined.drop("x_m", "y_m", "off_m", "off_y_m")
        .filter(~moved)
        .equals(joined.drop("x_m", "y_m", "off_m", "off_y_m").filter(~moved))
    )


def test_reports_of_one_look_share_a_part_of_their_error() -> None:
    def shared(pass_shared_p: float) -> float:
        own = told(world(pass_shared_p=pass_shared_p, stray_p=0.0, reports=60_000), "seismic")
        post = (own["of_x_m"] / 60_000).floor()  # seismic posts lie 60 km apart
        pairs = own.with_columns(post=post, day=own["of_t_day"].floor()).sort("post", "day")
        z = (pairs["off_m"] / pairs["s2_m2"].sqrt()).clip(-3, 3).to_numpy()
        near = np.diff(pairs["of_t_day"].to_numpy()) ** 2 < 0.2**2
        return float(np.corrcoef(z[1:][near], z[:-1][near])[0, 1])

    apart, together = shared(0.0), shared(0.9)

    assert abs(apart) < 0.12
    assert together > 0.35


def test_errors_are_larger_in_the_line_of_sight() -> None:
    own = told(world(stray_p=0.0, pass_shared_p=0.0), "thermal")

    ratio = own["off_m"].abs().median() / own["off_y_m"].abs().median()

    assert ratio > 1.4  # swaths lie along the front: mostly looking east or west


def test_declared_errors_are_off_by_what_is_asked() -> None:
    exact, off = told(world(declared_spread_db=0.0), "acoustic"), told(world(), "acoustic")

    joined = exact.join(off, on="dedup_key")
    db = 10 * (joined["s2_m2_right"] / joined["s2_m2"]).log10().to_numpy()

    assert np.std(db) == pytest.approx(2.5, rel=0.08)
    assert abs(db.mean()) < 0.3
    assert joined["x_m"].equals(joined["x_m_right"].alias("x_m"))


def test_a_wrong_clock_moves_all_reports_of_its_post_alike() -> None:
    right, wrong = told(world(), "acoustic"), told(world(clock_offset_s=60.0), "acoustic")

    joined = right.join(wrong, on="dedup_key").with_columns(
        fast_s=(pl.col("middle_us_right") - pl.col("middle_us")) / 1e6,
        post=(pl.col("of_x_m") / 15_000).floor(),
    )
    by_post = joined.group_by("post").agg(
        pl.col("fast_s").max() - pl.col("fast_s").min(), mean=pl.col("fast_s").mean()
    )

    assert by_post["fast_s"].max() < 1e-3
    assert 40 < by_post["mean"].std() < 80
    assert joined["x_m"].equals(joined["x_m_right"].alias("x_m"))


def test_a_dark_sensor_is_silent_in_the_middle_and_changes_no_other_row() -> None:
    light, dark = world(), world(dark=("acoustic",), dark_p=0.5)

    kept = light[0].table.join(dark[0].table, on="dedup_key", how="semi")
    lost = light[0].table.join(dark[0].table, on="dedup_key", how="anti")

    assert kept.equals(dark[0].table)
    assert lost["sensor"].unique().to_list() == ["acoustic"]
    assert told(dark, "acoustic")["of_t_day"].is_between(7.5, 22.5).sum() == 0
    assert len(told(dark, "acoustic")) > 100


def test_a_sensor_dark_all_the_time_is_missing_but_declared() -> None:
    made, _ = world(dark=("thermal", "patrol"), dark_p=1.0)

    assert set(reports.SENSORS) - set(made.table["sensor"].unique()) == {"thermal", "patrol"}
    assert "thermal" in made.models


def test_incidents_set_off_others_nearby_soon_after() -> None:
    def soon(excited_p: float) -> float:
        place = world(excited_p=excited_p, salvo_p=0.0)[1].place
        t, xy = place[:, 2], place[:, :2]
        near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) < 2
        return float(
            ((t[:, None] - t[None] > 0) & (t[:, None] - t[None] < 0.1) & near).sum() / len(t)
        )

    alone, excited = soon(0.0), soon(0.8)

    assert excited > 5 * alone


def test_salvos_are_incidents_minutes_and_hundreds_of_metres_apart() -> None:
    def close(salvo_p: float) -> float:
        place = world(salvo_p=salvo_p, excited_p=0.0)[1].place
        place = place[np.argsort(place[:, 2])]
        near = np.hypot(*(place[:, None, :2] - place[None, :, :2]).transpose(2, 0, 1)) < 1
        soon = np.abs(place[:, None, 2] - place[None, :, 2]) < 30 / 1440
        return float(((near & soon).sum(axis=1) > 1).mean())

    assert close(0.0) < 0.02
    assert close(0.3) > 0.5


def test_days_differ_from_nights_and_quiet_days_from_others() -> None:
    _, truth = world(excited_p=0.0, reports=60_000)
    day = np.bincount(truth.place[:, 2].astype(int), minlength=30)
    artillery = truth.place[truth.kind == 0, 2] % 1 * 24

    noon, midnight = (
        np.mean(np.abs(artillery - 11) < 3),
        np.mean((artillery < 2) | (artillery > 20)),
    )

    assert (day < 0.4 * np.median(day)).sum() == 6  # a fifth of 30
    assert noon > 2 * midnight


def test_what_is_seen_depends_on_distance_and_on_a_sky_that_sensors_share() -> None:
    made = world(reports=60_000, excited_p=0.0)
    truth = made[1]
    seen = {s: np.isin(np.arange(len(truth.place)), told(made, s)["incident"]) for s in HABITS}

    wide = np.abs(truth.place[:, 1]) > 22
    both = np.corrcoef(seen["thermal"], seen["imagery"])[0, 1]

    assert seen["acoustic"][wide].mean() < 0.5 * seen["acoustic"][~wide].mean()
    assert both > 0.08
    assert abs(np.corrcoef(seen["seismic"], seen["imagery"])[0, 1]) < both / 2


def test_satellites_know_only_between_which_looks_it_was() -> None:
    own = told(world(), "thermal").filter(pl.col("of_x_m") < 190_000)

    looks = (own["middle_us"] / 43.2e9).to_numpy() % 1

    assert np.ptp((looks - looks[0] + 0.5) % 1) < 1e-3  # two looks a day, at fixed hours
    assert own["off_day"].abs().max() < 0.76


def test_repeats_are_uneven_and_often_copies() -> None:
    made = world(reports=40_000)
    of = told(made, "press").group_by("incident").agg(n=pl.len(), x=pl.col("x_m"))
    count = of["n"].to_numpy() - 1

    copies = of.filter(pl.col("n") == 2)["x"].list.diff(null_behavior="drop").list.first().abs()

    assert count.mean() == pytest.approx(1.0, abs=0.15)
    assert count.var() > 2.0 * count.mean()  # Poisson: 1.0
    assert 0.35 < (copies < 250).mean() < 0.65
    assert told(made, "acoustic")["incident"].is_duplicated().sum() == 0


def test_kinds_are_confused_with_their_like_and_more_from_afar() -> None:
    of, still = np.zeros(20_000, np.int64), np.zeros(20_000)
    setting = Setting(reports=1, seed=3)

    near, far = (
        reports_other._said(
            setting, 0, of, reports_other._Looks(np.full((20_000, 2), away_km), of, still)
        )
        for away_km in (0.0, 12.0)  # an acoustic post reaches 12 km
    )
    named = [said[said != "undetermined"] for said in (near, far)]
    wrong = named[1][named[1] != "artillery_fire"]

    assert np.mean(named[0] == "artillery_fire") == pytest.approx(0.9, abs=0.01)
    assert np.mean(named[1] == "artillery_fire") == pytest.approx(0.6, abs=0.01)
    assert np.mean(near == "undetermined") < 0.5 * np.mean(far == "undetermined")
    assert np.mean(wrong == "mine_or_ied") > 0.7  # evenly: 0.33


def test_false_alarms_come_together() -> None:
    made, truth = world(reports=60_000)
    false = made.table.filter(pl.Series(truth.incident < 0)).filter(pl.col("sensor") == "acoustic")
    x, t = false["x_m"].to_numpy(), false["middle_us"].to_numpy()

    close = (np.abs(x[:, None] - x) < 15_000) & (np.abs(t[:, None] - t) < 3.6e9)

    assert len(false) > 40
    assert (close.sum(axis=1) > 1).mean() > 0.3


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ({"excited_p": 1.0}, "excited_p is 1.0, must be 0 to below 1"),
        ({"tail_freedom": 2}, "tail_freedom is 2, must be 3 or more"),
        ({"dark": ("radar",)}, r"dark sensors \['radar'\] are not among the sensors"),
    ],
)
def test_refuses_what_no_world_can_be_made_of(option: dict[str, object], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        world(**option)
