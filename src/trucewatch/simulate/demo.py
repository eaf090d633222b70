"""The demonstration world: a fictional truce on fictional ground in the open Atlantic.

120 x 80 km around 45 N 30 W, where there is only sea. Places and parties are invented. Some 300
happenings in 30 days: acts of four kinds, most of them in hot spots near the line, and fires that
are nobody's act. What watches it is in `parts.demo_watch`. Rates and chances are assumptions,
chosen to look like real files.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.simulate.parts.acts import Acts, acts
from trucewatch.simulate.parts.damage import interrupted, with_damaged_row
from trucewatch.simulate.parts.demo_watch import POSTS, staged, watch
from trucewatch.simulate.parts.downloads import downloads
from trucewatch.simulate.parts.fires import Burning, fires
from trucewatch.simulate.parts.ground import Ground, Settlement
from trucewatch.simulate.parts.ordinary import gas_flare, harvest
from trucewatch.simulate.parts.overpass import passes
from trucewatch.simulate.parts.posts import post_text
from trucewatch.simulate.parts.press import Press, reports
from trucewatch.simulate.parts.sky import sky
from trucewatch.simulate.parts.streams import stream
from trucewatch.simulate.parts.thermal import View, false_alarms, pixels, reported
from trucewatch.simulate.parts.weeklies import weeklies
from trucewatch.simulate.world import World, merged_links, numbered, told_truth

if TYPE_CHECKING:
    from trucewatch.simulate.parts.filed import Filed

START = datetime(2030, 9, 1, tzinfo=UTC)
AGREEMENT = "demo-truce"

GROUND = Ground(
    centre_lat_deg=45.0,
    centre_lon_deg=-30.0,
    width_km=120.0,
    height_km=80.0,
    settlements=(
        Settlement(name="Pelven", x_m=-44_000, y_m=4_500),
        Settlement(name="Dunmarsh", x_m=-27_500, y_m=-7_000),
        Settlement(name="Ilmery", x_m=-9_000, y_m=8_500),
        Settlement(name="Orva Ferry", x_m=3_500, y_m=-3_000),
        Settlement(name="Saint Bryde", x_m=21_000, y_m=6_000),
        Settlement(name="Brennow", x_m=37_500, y_m=-9_500),
        Settlement(name="Marl Quay", x_m=51_000, y_m=12_000),
        Settlement(name="Teswick", x_m=-35_000, y_m=25_500),
        Settlement(name="Ostmere", x_m=12_000, y_m=29_000),
        Settlement(name="Vantrel", x_m=-15_500, y_m=-27_000),
        Settlement(name="Low Ferrin", x_m=29_500, y_m=-31_000),
    ),
)
FLARE_SITE_M = (-52_000.0, -30_000.0)

ACTS = Acts(
    acts_per_day_mean=8.0,
    kinds={
        "artillery_fire": 0.40,
        "uav_activity": 0.25,
        "small_arms_fire": 0.25,
        "airstrike": 0.10,
    },
)
BURNING = {
    "artillery_fire": Burning(ignition_p=0.70, duration_h=8.0, power_mw=6.0, radius_m=100.0),
    "airstrike": Burning(ignition_p=0.90, duration_h=10.0, power_mw=15.0, radius_m=150.0),
    "uav_activity": Burning(ignition_p=0.50, duration_h=7.0, power_mw=6.0, radius_m=50.0),
    "small_arms_fire": Burning(ignition_p=0.15, duration_h=5.0, power_mw=4.0, radius_m=80.0),
    "harvest": Burning(ignition_p=1.00, duration_h=4.0, power_mw=15.0, radius_m=250.0),
    "gas_flare": Burning(ignition_p=1.00, duration_h=8.0, power_mw=4.0, radius_m=10.0),
}
PRESS = Press(
    report_p={
        "artillery_fire": 0.50,
        "airstrike": 0.80,
        "uav_activity": 0.60,
        "small_arms_fire": 0.35,
    },
    rumours_per_day=0.4,
    others_per_day=1.5,
)
HARVEST_FIRES_PER_DAY = 1.4
FLARE_LIT_P = 0.7
FALSE_ALARMS_PER_KM2_DAY = 8e-5

_PRESS_TEXT = """\
[coverage.PRESS]
sensor = "news"
# Share of the acts in the security zone that any outlet reports, of 1,063 acts of seeds 101 to 108.
# Satellites are no asset here: what they see is heat, and heat is no act.
detects = { artillery_fire = 0.36, airstrike = 0.56, uav_activity = 0.44, small_arms_fire = 0.23 }
source = "an exercise: counted in eight other worlds of the same kind"
always = true

"""
_HOLDING_TEXT = """\
[holding]
tolerated_per_1000h = 500
coverage_min_share = 0.2
counts = ["artillery_fire", "airstrike", "uav_activity", "small_arms_fire"]
"""

_IMPOSSIBLE_DAY = 6  # whose download holds a row with an impossible latitude
_INTERRUPTED_DAY = 9  # whose download first broke off


def world(*, seed: int, days: int) -> World:
    """Return the demonstration world; see `trucewatch.simulate.simulate`."""
    chance = numbered(
        acts(GROUND, ACTS, days=days, rng=stream(seed, "acts")),
        *_ordinary(seed=seed, days=days),
    )
    firms = downloads(_seen(chance, seed=seed, days=days), start=START, days=days)
    first_news = sum(len(f.links) for f in firms)  # more than there are distinct pixels
    told = reports(chance, GROUND, PRESS, days=days, rng=stream(seed, "press"))
    told = told.with_row_index("report", offset=first_news)
    news = weeklies(told, GROUND, start=START, days=days)

    filed, damage = _damaged(firms, news)
    happenings = pl.concat([chance, staged(days=days, first=len(chance))])
    watched, saw = watch(happenings, GROUND, seed=seed, start=START, days=days)
    filed += watched
    filed.sort(key=lambda f: (f.received_at, f.name))
    links = merged_links(filed)
    return World(
        name="demo",
        seed=seed,
        days=days,
        start=START,
        ground=GROUND,
        agreement=AGREEMENT,
        files={f.name: (f.sensor, f.content) for f in filed},
        arrivals={f.name: f.received_at for f in filed},
        truth=told_truth(happenings, links, ground=GROUND, start=START),
        links=links,
        notes=_notes(seed=seed, days=days) + damage,
        settings=settings(),
        sightings=saw,
    )


def settings() -> str:
    """Return what a mission there declares of coverage, and as tolerated; the true rate is 185."""
    posts = "".join(post_text(post, GROUND) for post in POSTS)
    return f"{posts}{_PRESS_TEXT}{_HOLDING_TEXT}"


def amended() -> bytes:
    """Return the second version of the truce, which takes effect on its eleventh day."""
    return files("trucewatch.simulate").joinpath("demo-truce-2.yaml").read_bytes()


def _ordinary(*, seed: int, days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = stream(seed, "ordinary")
    lit = harvest(GROUND, fires_per_day_mean=HARVEST_FIRES_PER_DAY, days=days, rng=rng)
    return lit, gas_flare(FLARE_SITE_M, lit_p=FLARE_LIT_P, days=days, rng=rng)


def _seen(happenings: pl.DataFrame, *, seed: int, days: int) -> pl.DataFrame:
    """Return what the satellites report of the happenings, numbered in the column `report`."""
    view = View(
        ground=GROUND,
        passes=passes(GROUND, days=days),
        weather=sky(days=days, rng=stream(seed, "sky")),
        days=days,
    )
    burning = fires(happenings, BURNING, rng=stream(seed, "fires"))
    rng = stream(seed, "pixels")
    false = false_alarms(
        view, false_per_km2_day=FALSE_ALARMS_PER_KM2_DAY, rng=stream(seed, "false alarms")
    )
    hot = pl.concat([pixels(view, burning, rng=rng), false])
    return reported(view, hot, rng=rng).with_row_index("report")


def _damaged(firms: list[Filed], news: list[Filed]) -> tuple[list[Filed], tuple[str, ...]]:
    """Return all files, some of them damaged, and a sentence about each."""
    impossible = min(_IMPOSSIBLE_DAY, len(firms) - 1)
    broken = min(_INTERRUPTED_DAY, len(firms) - 1)
    torn = interrupted(firms[broken])
    date = START + timedelta(days=impossible)
    line = f"95.2,-30.01234,{date:%Y-%m-%d},0312,N20,1.9,301.2,286.4,0.42,0.4,n,N,2.0NRT"
    firms[impossible] = with_damaged_row(firms[impossible], line, row=3)
    news[0] = with_damaged_row(news[0], f"{START:%Y%m%d},-30.01234", row=5)
    notes = (
        f"{firms[impossible].name}: one record has latitude 95.2, to be refused",
        f"{news[0].name}: one record has lost its last fields, to be refused",
        f"{torn.name}: the download broke off, the whole file is to be refused",
    )
    return [*firms, torn, *news], notes


def _notes(*, seed: int, days: int) -> tuple[str, ...]:
    return (
        "EXERCISE: fictional ground in the open Atlantic; places, parties and acts are invented",
        f"world demo, seed {seed}, {days} days from {START:%Y-%m-%d} 00:00 UTC",
        "firms files hold the last two days each, so nearly every pixel comes twice",
        "news files hold one week each; they name a settlement and a day, not a point and an hour",
        "watch and spotrep files hold what cameras, microphones, patrols and a drone said",
        "links.parquet says of every record which true incident it is of, none for a false alarm",
    )
