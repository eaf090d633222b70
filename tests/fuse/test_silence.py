"""A sensor's own rhythm says which gap is too long to be chance."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from trucewatch.fuse.silence import SIGNS_MIN, silences, watching

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
START_US = 1_900_000_000_000_000


def passes(rng: np.random.Generator, *, days: int) -> np.ndarray:
    """Two passes a day, a pixel burst each, a day in seven without a pixel for cloud."""
    day = np.arange(days)[rng.random(days) > 0.15]
    at = np.concatenate((day * DAY_US + 9 * HOUR_US, day * DAY_US + 21 * HOUR_US))
    at = at[rng.random(len(at)) > 0.15]
    at = np.repeat(at, 1 + rng.poisson(20, len(at)))
    return START_US + at + rng.integers(0, HOUR_US // 4, len(at))


def press(rng: np.random.Generator, *, days: int) -> np.ndarray:
    """A handful of messages each day, fewer at weekends, none at night."""
    mean = np.where(np.arange(days) % 7 < 5, 6.0, 1.5)
    day = np.repeat(np.arange(days), rng.poisson(mean))
    return START_US + day * DAY_US + rng.integers(7 * HOUR_US, 23 * HOUR_US, len(day))


def table(**times_us: np.ndarray) -> pl.DataFrame:
    return pl.concat(
        [
            pl.DataFrame({"sensor": [name] * len(t), "middle_us": pl.Series(t, dtype=pl.Int64)})
            for name, t in times_us.items()
        ]
    )


@pytest.mark.parametrize("rhythm", [passes, press])
def test_an_ordinary_year_claims_hardly_any_silence(rhythm) -> None:
    claimed = sum(
        len(silences(table(it=rhythm(np.random.default_rng(seed), days=365)), sensors=["it"]))
        for seed in range(700, 730)
    )

    assert claimed <= 3  # .1 a sensor-year


@pytest.mark.parametrize("rhythm", [passes, press])
def test_a_week_without_a_report_is_found(rhythm) -> None:
    middle = pl.lit(START_US + 63 * DAY_US)
    found = 0
    for seed in range(730, 750):
        times = rhythm(np.random.default_rng(seed), days=120)
        gone = (times > START_US + 60 * DAY_US) & (times < START_US + 67 * DAY_US)
        claimed = silences(table(it=times[~gone]), sensors=["it"])
        start, end = (pl.col(side).dt.timestamp("us") for side in ("start", "end"))
        held = claimed.filter((start < middle) & (end > middle))
        found += len(held)
        assert held["expected"].is_between(0.2 * gone.sum(), 2 * gone.sum() + 5).all()

    assert found >= 18  # of 20; it is 98 of 100 for the satellite, all for the press


def test_a_silence_at_the_end_reaches_to_the_last_report_of_any_sensor() -> None:
    rng = np.random.default_rng(751)
    lead, other = passes(rng, days=60), press(rng, days=75)

    found = silences(table(lead=lead, other=other), sensors=["lead", "other"])

    assert found["sensor"].to_list() == ["lead"]
    assert found["start"].dt.timestamp("us")[0] == lead.max()
    assert found["end"].dt.timestamp("us")[0] == other.max()


def test_a_sensor_that_never_reported_is_silent_throughout() -> None:
    rng = np.random.default_rng(752)
    other = press(rng, days=30)

    found = silences(table(other=other), sensors=["camera", "other"])

    assert found.row(0, named=True)["sensor"] == "camera"
    assert found["expected"][0] is None
    assert found["start"].dt.timestamp("us")[0] == other.min()


def test_too_few_signs_of_life_claim_nothing() -> None:
    times = START_US + np.arange(SIGNS_MIN - 1) ** 3 * DAY_US

    assert silences(table(it=times), sensors=["it"]).is_empty()


def test_the_order_of_reports_changes_nothing() -> None:
    rng = np.random.default_rng(753)
    reports = table(lead=passes(rng, days=60), other=press(rng, days=90))

    found = silences(reports, sensors=["lead", "other"])

    assert found.equals(
        silences(reports.sample(fraction=1.0, shuffle=True, seed=3), sensors=["other", "lead"])
    )


def test_a_sensor_watches_except_inside_its_silences() -> None:
    rng = np.random.default_rng(754)
    lead, other = passes(rng, days=60), press(rng, days=75)
    found = silences(table(lead=lead, other=other), sensors=["lead", "other"])
    times = np.array([lead.max(), lead.max() + 1, other.max() - 1, other.max()])

    watched = watching(times, found, sensors=["lead", "other"])

    assert watched.tolist() == [[True, True], [False, True], [False, True], [True, True]]
