"""A second trial, built otherwise: incidents that set off others, sensors that err as real ones do.

The classes, the sensors and the declared models are those of `reports`; the mechanics are not, so
that the declared figures are only roughly right. Incidents are those of `other_incidents`. What a
sensor sees depends on distance, hour and a sky that sensors share. Errors have long tails, a
direction, a part common to one look, and strays; what is declared of them is off as well.
Satellites and the press know only between which two looks something happened. Repeats are uneven
and often copies. False alarms come of ordinary fires, machinery and mistaken hours.

Source: shapes follow how incidents are reported by missions and open sources; the sizes are
invented. No fusion setting was chosen on them, nor they on any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.simulate.trials.other_incidents import incidents
from trucewatch.simulate.trials.other_setting import Setting, stream
from trucewatch.simulate.trials.reports import (
    IMPRECISE,
    KIND_P,
    KINDS,
    REPORTS_PER_INCIDENT,
    SENSORS,
    START_US,
    Reports,
    Truth,
    models,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["HABITS", "Habit", "Setting", "draw"]

_US_PER_DAY = 86_400_000_000
_S_PER_DAY = 86_400.0
_M_PER_KM = 1000.0

_CLOUD_KM, _CLOUD_LASTS_P = 150.0, 0.7  # one sky for each; correlation from day to day
_SEEN_SPREAD, _RATE_SPREAD = 0.4, 0.25  # log-normal: of one post's day, of one sensor
_SEEN_P_MAX = 0.97
_SIZE_SPREAD = 0.3  # log-normal: of the real one-sigma error between reports
_ALONG, _ACROSS = 1.3, 0.5568  # error in the line of sight and across; mean square 1
_STRAY_KM = 12.0  # mean displacement of what is put in the wrong place
_LATE_P = 0.08  # not in the first look after it but in the second
_COPIED_P, _COPY_KM = 0.5, 0.05  # repeats that take over the place of the first report
_NAMED_NEARER_P = 0.15  # kind named better next to a post, worse at the end of its reach
_ALIKE = np.array((3, 2, 1, 0))  # the kind that each is mostly mistaken for
_ALIKE_P = 0.7
_FIRES_PER_KM2_DAY, _FIRE_KM, _FIRE_DAY = 5e-5, 4.0, 1.0  # ordinary fires; their size, duration
_FIRE_DAY_HOUR, _FIRE_DAY_SPREAD = 14 / 24, 2 / 24  # they burn in the afternoon
_SITES_PER_KM2, _SITE_KM = 3e-3, 0.3  # machinery
_WORK_DAY = (8 / 24, 18 / 24)
_MISTAKEN_KM, _MISTAKEN_MEAN, _MISTAKEN_DAY = 6.0, 6, 1 / 24  # reports of a mistaken hour


class Habit(NamedTuple):
    """How a sensor looks at the ground; a post is a station, a base, a town or a swath."""

    spacing_km: float  # between posts
    reach_km: float  # where half is seen of what is seen at the post
    cloud_p: float  # lost under full cloud
    night_db: float  # seen at midnight over seen at noon, 20 log10
    pass_day: float  # one look: reports of one post within it share a part of their error
    between: bool  # knows only between which two looks it was; has a clock otherwise
    false_p: tuple[float, float, float, float]  # fires, machinery, mistaken hours, anything


HABITS: Mapping[str, Habit] = {
    "acoustic": Habit(15, 12, 0.0, 3.0, 1 / 24, False, (0.1, 0.3, 0.5, 0.1)),  # noqa: FBT003
    "imagery": Habit(120, 80, 0.9, 0.0, 8.5, True, (0.4, 0.4, 0.0, 0.2)),  # noqa: FBT003
    "patrol": Habit(25, 15, 0.1, -6.0, 0.25, False, (0.2, 0.1, 0.3, 0.4)),  # noqa: FBT003
    "press": Habit(40, 40, 0.0, -2.0, 1.0, True, (0.3, 0.1, 0.3, 0.3)),  # noqa: FBT003
    "seismic": Habit(60, 60, 0.0, 2.0, 1.0, False, (0.0, 0.6, 0.3, 0.1)),  # noqa: FBT003
    "thermal": Habit(200, 150, 0.9, 2.0, 0.5, True, (0.5, 0.3, 0.05, 0.15)),  # noqa: FBT003
    "uav_camera": Habit(12, 6, 0.5, -3.0, 0.125, False, (0.2, 0.3, 0.3, 0.2)),  # noqa: FBT003
}
"""The real behaviour of the sensors that `reports.SENSORS` declares."""


class _Ground(NamedTuple):
    """What all sensors share; km and days."""

    length_km: float
    cloud: Floats  # (days, stretches), 0 to 1
    fires: Floats  # (k, 3) beginnings of ordinary fires
    sites: Floats  # (k, 2) machinery


class _Posts(NamedTuple):
    """Where one sensor looks from, (k,) each."""

    place: Floats  # (k, 2) km
    phase: Floats  # of its looks, share of one
    clock: Floats  # day fast


class _Looks(NamedTuple):
    """How one sensor stands to reports (n,)."""

    away: Floats  # (n, 2) km from the post
    number: Ints  # of the look, over all posts
    time: Floats  # day, as told


def draw(setting: Setting) -> tuple[Reports, Truth]:
    """Return the reports of one trial, and the truth apart from them."""
    n = max(1, round(setting.reports / REPORTS_PER_INCIDENT))
    area_km2_day = n / setting.incidents_per_km2_day
    ground = _ground(setting, area_km2_day / (setting.width_km * setting.span_day))
    place, kind = incidents(setting, n, ground.length_km)
    parts = [_reported(setting, number, (place, kind), ground) for number in range(len(SENSORS))]
    table, incident = _in_order(pl.concat(parts), setting)
    reports = Reports(
        table=table, models=models(), incidents_per_km2_day=setting.incidents_per_km2_day
    )
    return reports, Truth(incident=incident, place=place, kind=kind, log_density=None)


def _ground(setting: Setting, length_km: float) -> _Ground:
    sky = stream(setting, "sky")
    days, stretches = int(np.ceil(setting.span_day)), int(length_km / _CLOUD_KM) + 1
    wet = sky.normal(size=(days, stretches))
    for day in range(1, days):
        wet[day] = _CLOUD_LASTS_P * wet[day - 1] + np.sqrt(1 - _CLOUD_LASTS_P**2) * wet[day]
    rng = stream(setting, "ordinary")
    area_km2 = length_km * setting.width_km
    season_day = (0.2 + 0.5 * rng.random()) * setting.span_day
    fires = rng.random((1 + round(_FIRES_PER_KM2_DAY * area_km2 * setting.span_day), 3))
    fires = (fires - (0, 0.5, 0)) * (length_km, setting.width_km, 0.3 * setting.span_day)
    sites = (rng.random((1 + round(_SITES_PER_KM2 * area_km2), 2)) - (0, 0.5)) * (
        length_km,
        setting.width_km,
    )
    fires[:, 2] += season_day
    cloud = 1 / (1 + np.exp(-1.7 * wet))  # about even between 0 and 1
    return _Ground(length_km, cloud, fires, sites)


def _posts(setting: Setting, number: int, ground: _Ground) -> _Posts:
    habit = HABITS[list(SENSORS)[number]]
    rng = stream(setting, "posts", number)
    n = int(ground.length_km / habit.spacing_km) + 1
    x_km = (np.arange(n) + 0.5 + 0.3 * (rng.random(n) - 0.5)) * habit.spacing_km
    place = np.column_stack((x_km, rng.normal(0, setting.width_km / 8, n)))
    clock = stream(setting, "clocks", number).normal(size=n) * setting.clock_offset_s / _S_PER_DAY
    return _Posts(place, rng.random(n), clock)


def _post_of(at: Floats, posts: _Posts, habit: Habit) -> Ints:
    post: Ints = np.floor(at[:, 0] / habit.spacing_km).astype(np.int64)
    return post.clip(0, len(posts.place) - 1)


def _reported(
    setting: Setting, number: int, happened: tuple[Floats, Ints], ground: _Ground
) -> pl.DataFrame:
    """Return the reports of one sensor: true ones, then false alarms."""
    (place, kind), (name, sensor) = happened, list(SENSORS.items())[number]
    posts = _posts(setting, number, ground)
    seen, first = _seen(setting, number, place, (ground, posts))
    false, false_kind = _false_alarms(setting, number, ground, posts)
    at, of = np.concatenate((place[seen], false)), np.concatenate((kind[seen], false_kind))
    n = len(at)
    looks = _looks(setting, number, at, posts)
    size_km, error_km = _errors(
        setting, number, looks, np.concatenate((first, np.arange(len(first), n)))
    )
    told_m = (at[:, :2] + error_km) * _M_PER_KM
    off_db = stream(setting, "declared", number).normal(size=n) * setting.declared_spread_db
    dark = np.abs(at[:, 2] / setting.span_day - 0.5) <= setting.dark_p / 2
    return pl.DataFrame(
        {
            "sensor": np.full(n, name),
            "class": _said(setting, number, of, looks),
            "tier": np.full(n, int(name in IMPRECISE), np.uint8),
            "x_m": told_m[:, 0],
            "y_m": told_m[:, 1],
            "middle_us": START_US + np.rint(looks.time * _US_PER_DAY).astype(np.int64),
            "s2_m2": np.square(size_km * _M_PER_KM * 10 ** (off_db / 20)),
            "u2_s2": np.full(n, (sensor.sigma_day * _S_PER_DAY) ** 2),
            "incident": np.concatenate((seen, np.full(n - len(seen), -1))),
            "dark": dark if name in setting.dark else np.zeros(n, bool),
        }
    )


def _seen(
    setting: Setting, number: int, place: Floats, where: tuple[_Ground, _Posts]
) -> tuple[Ints, Ints]:
    """Return which incident each true report is of, and the row of the first report of it."""
    (ground, posts), (name, sensor) = where, list(SENSORS.items())[number]
    habit = HABITS[name]
    rng = stream(setting, "seen", number)
    mood = np.exp(rng.normal(0, _SEEN_SPREAD, (len(ground.cloud), len(posts.place))))
    level = sensor.detection_p * np.exp(rng.normal(0, _RATE_SPREAD))
    day, post = place[:, 2].astype(np.int64), _post_of(place, posts, habit)
    away_km = np.hypot(*(place[:, :2] - posts.place[post]).T)
    seen_p = 0.5 ** np.square(away_km / habit.reach_km) * mood[day, post]
    cloud = ground.cloud[day, (place[:, 0] / _CLOUD_KM).astype(np.int64)]
    seen_p *= 1 - habit.cloud_p * cloud
    seen_p *= 10 ** (habit.night_db / 40 * np.cos(2 * np.pi * place[:, 2]))
    seen_p *= level * len(place) / max(float(seen_p.sum()), 1e-9)  # on average as declared
    seen = np.flatnonzero(rng.random(len(place)) < seen_p.clip(0, _SEEN_P_MAX))
    rng = stream(setting, "repeats", number)
    mean = sensor.repeats_mean * rng.gamma(1.0, size=len(seen))  # some are told over and over
    count = rng.geometric(1 / (1 + mean))
    return np.repeat(seen, count), np.repeat(count.cumsum() - count, count)


def _looks(setting: Setting, number: int, at: Floats, posts: _Posts) -> _Looks:
    name, sensor = list(SENSORS.items())[number]
    habit, n = HABITS[name], len(at)
    rng = stream(setting, "times", number)
    post = _post_of(at, posts, habit)
    phase = posts.phase[post]
    look = np.floor(at[:, 2] / habit.pass_day + phase)
    if habit.between:
        look += rng.random(n) < _LATE_P
        time = (look + 0.5 - phase) * habit.pass_day
    else:
        time = at[:, 2] + _student(rng, setting, (n,)) * sensor.sigma_day
    most = 2 * int(setting.span_day / habit.pass_day) + 5
    number_of = post * most + look.astype(np.int64)
    return _Looks(at[:, :2] - posts.place[post], number_of, time + posts.clock[post])


def _student(rng: np.random.Generator, setting: Setting, shape: tuple[int, ...]) -> Floats:
    """Return draws with long tails and variance 1."""
    freedom = setting.tail_freedom
    drawn: Floats = rng.standard_t(freedom, shape) * np.sqrt((freedom - 2) / freedom)
    return drawn


def _errors(setting: Setting, number: int, looks: _Looks, first: Ints) -> tuple[Floats, Floats]:
    """Return the real one-sigma error (n,) and the error (n, 2) of each report, km."""
    sensor, n = list(SENSORS.values())[number], len(first)
    rng = stream(setting, "errors", number)
    size_km = sensor.sigma_km * np.exp(rng.normal(0, _SIZE_SPREAD, n))
    along, across = _student(rng, setting, (2, n)) * np.array(((_ALONG,), (_ACROSS,)))
    sight = looks.away / np.maximum(np.hypot(*looks.away.T), 1e-9)[:, None]
    aside = sight[:, ::-1] * (-1, 1)
    own = along[:, None] * sight + across[:, None] * aside
    different, which = np.unique(looks.number, return_inverse=True)
    shift = stream(setting, "passes", number).normal(size=(len(different), 2))[which]
    shared_p = setting.pass_shared_p
    error = size_km[:, None] * (np.sqrt(1 - shared_p) * own + np.sqrt(shared_p) * shift)
    rng = stream(setting, "strays", number)
    angle, far_km = rng.random(n) * 2 * np.pi, rng.exponential(_STRAY_KM, n)
    stray = (rng.random(n) < setting.stray_p) * far_km
    error += stray[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    copied = (rng.random(n) < _COPIED_P) & (first != np.arange(n))
    copy = error[first] + rng.normal(0, _COPY_KM, (n, 2))
    return size_km, np.where(copied[:, None], copy, error)


def _said(setting: Setting, number: int, of: Ints, looks: _Looks) -> NDArray[np.str_]:
    """Return what a sensor says that happenings of these kinds are; better from near."""
    (name, sensor), n = list(SENSORS.items())[number], len(of)
    rng = stream(setting, "said", number)
    far = (np.hypot(*looks.away.T) / HABITS[name].reach_km).clip(0, 1)
    hit_p = (sensor.hit_p + _NAMED_NEARER_P * (1 - 2 * far)).clip(0, 1)
    any_other = (of + 1 + rng.integers(0, len(KINDS) - 1, n)) % len(KINDS)
    wrong = np.where(rng.random(n) < _ALIKE_P, _ALIKE[of], any_other)
    named = np.array(KINDS)[np.where(rng.random(n) < hit_p, of, wrong)]
    return np.where(rng.random(n) < sensor.mute_p * (0.5 + far), "undetermined", named)


def _false_alarms(
    setting: Setting, number: int, ground: _Ground, posts: _Posts
) -> tuple[Floats, Ints]:
    """Return place (n, 3) and seeming kind of fires, machinery, mistaken hours and the rest."""
    name, sensor = list(SENSORS.items())[number]
    rng = stream(setting, "false", number)
    mean = sensor.false_alarms_per_km2_day * ground.length_km * setting.width_km
    mean *= setting.span_day * np.exp(rng.normal(0, _RATE_SPREAD))
    n = rng.poisson(mean * np.array(HABITS[name].false_p))
    days = len(ground.cloud)
    fire = ground.fires[rng.integers(0, len(ground.fires), n[0])]
    fire = fire + rng.normal(size=(n[0], 3)) * (_FIRE_KM, _FIRE_KM, 0)
    burning = np.floor(fire[:, 2] + rng.exponential(_FIRE_DAY, n[0])) + _FIRE_DAY_HOUR
    fire[:, 2] = burning + rng.normal(0, _FIRE_DAY_SPREAD, n[0])
    site = rng.integers(0, len(ground.sites), n[1])
    near = ground.sites[site] + rng.normal(0, _SITE_KM, (n[1], 2))
    worked = rng.integers(0, days, n[1]) + rng.uniform(*_WORK_DAY, n[1])
    hour = rng.integers(0, n[2] // (1 + _MISTAKEN_MEAN) + 1, n[2])
    which = rng.integers(0, len(posts.place), n[2])[hour]
    began = (rng.random(n[2]) * setting.span_day)[hour]
    wrong = posts.place[which] + rng.normal(0, _MISTAKEN_KM, (n[2], 2))
    rest = (rng.random((n[3], 3)) - (0, 0.5, 0)) * (
        ground.length_km, setting.width_km, setting.span_day,
    )  # fmt: skip
    place = np.concatenate(
        (
            fire,
            np.column_stack((near, worked)),
            np.column_stack((wrong, began + rng.random(n[2]) * _MISTAKEN_DAY)),
            rest,
        )
    )
    kind = rng.choice(len(KINDS), len(place), p=KIND_P)
    kind[n[0] : n[0] + n[1]] = site % len(KINDS)  # a machine always seems the same
    place[:, 2] %= setting.span_day
    return place, kind


def _in_order(table: pl.DataFrame, setting: Setting) -> tuple[pl.DataFrame, Ints]:
    """Return the table in canonical order, keys by chance, and the incident column apart."""
    keys = stream(setting, "keys").permutation(len(table))
    table = (
        table.with_columns(dedup_key=pl.Series(keys).cast(pl.String).str.zfill(9))
        .filter(~pl.col("dark"))
        .sort("tier", "middle_us", "dedup_key")
    )
    incident = table["incident"].to_numpy().copy()
    false = incident < 0
    incident[false] = -1 - np.flatnonzero(false)
    return table.drop("incident", "dark"), incident
