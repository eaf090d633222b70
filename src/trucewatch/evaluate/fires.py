"""Score the thermal conflict score on real fires, against incidents that somebody geolocated.

Fire pixels of several years, incidents of one; that year is tested, the baseline years tell what
burns in peace. The score is not fitted: it has no coefficient that was, and every year is held
against an ordinary year made of the other ones. Labels are incomplete, the years differ more than
chance within a year, and no fire dates an incident: see docs/explanation/fires.md. Beside it
stands the p-value of the background, each ordinary year against the others; see
`fires_background`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evaluate.figures import Measured, must
from trucewatch.evaluate.fires_alarms import (
    FLAGGED_P,
    alarms,
    ceiling,
    flag_above,
    flagged,
    labelled_by_tenth,
)
from trucewatch.evaluate.fires_asked import Asked, control_of, people_of, world_of
from trucewatch.evaluate.fires_background import background, layers_of, under_cloud
from trucewatch.evaluate.fires_hits import hits, pixels_of
from trucewatch.evaluate.fires_ranks import REPEATS, REPEATS_QUICK, blocks_of
from trucewatch.evaluate.fires_rows import rows_of
from trucewatch.evaluate.fires_told import (
    control,
    null_years,
    over_naive,
    over_null,
    references,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trucewatch.evaluate.figures import Figure
    from trucewatch.evaluate.fires_asked import World
    from trucewatch.evaluate.fires_hits import Pixels
    from trucewatch.evaluate.fires_rows import Compared, Rows

BOUNDS: Mapping[str, float] = {
    "auc_unlabelled": 0.77,
    "auc_season": 0.85,
    "auc_placebo": 0.81,
    "auc_unlabelled_no_static": 0.81,
    "auc_season_no_static": 0.89,
    "auc_placebo_no_static": 0.87,
}
CANNOT_SAY = (
    "which single fire was set by war: no fire has a true label, most incidents no geolocation",
    "when an incident happened: fires at the same places on other days score nearly as high",
    "a probability: shares of labelled fires are floors, shares beyond peace years are of many",
    "who set a fire",
    "that nothing burned where nothing was seen: cloud hides most of it",
)


class Told(Measured):
    """What this evaluation found, with what it cannot say.

    Attributes:
        interval: What the ends of every figure are.
        layers: Files of grids and weather that were read, by what they hold.
        counts: Of rows in each set.
        cannot_say: What no figure here says.
    """

    interval: str
    layers: dict[str, str]
    counts: dict[str, int]
    cannot_say: list[str]


def measure(
    *,
    seed: int,
    quick: bool = False,
    asked: Asked | None = None,
    say: Callable[[str], None] | None = None,
) -> Told:
    """Return how well the score tells fires near incidents from others, and which bounds hold.

    Args:
        seed: Of the bootstrap.
        quick: 20 draws of blocks, in place of 200.
        asked: Files and years.
        say: Told what is being done.

    Returns:
        Figures with ends from 5 to 95 %, which bounds hold, counts and what cannot be said.

    Raises:
        BadInput: Files are missing, cannot be read, or do not go together.
    """
    if asked is None:
        raise BadInput("--fires", "is missing, expected files of fire pixels and --events")
    tell = say or (lambda _: None)
    tell("Scoring fire cell-days ...")
    world = world_of(asked)
    rows = rows_of(
        world.fires, world.grid, world.compared, world.incidents, people_of(asked, world.grid)
    )
    repeats = REPEATS_QUICK if quick else REPEATS
    tell(f"Drawing blocks of {len(rows.year):,} fire cell-days {repeats} times ...")
    metrics = _metrics(asked, world, rows, seed=seed, repeats=repeats)
    musts = [must(rule, metrics) for rule in _rules(metrics)]
    if asked.background:
        layers = layers_of(asked.layers, world.grid)
        found, promised = background(
            world.fires, layers, years=world.compared.baseline, seed=seed, quick=quick, say=say
        )
        spots = _pixels(world, rows).spots
        metrics |= found | under_cloud(world.incidents, spots, layers, world.compared.tested)
        musts += promised
    return {
        "name": "fires",
        "seed": seed,
        "note": _note(world.compared, rows),
        "metrics": metrics,
        "must": musts,
        "layers": {kind: name for kind, (name, _) in asked.layers.items()},
        "counts": _counts(world.compared, rows, len(world.incidents.day)),
        "cannot_say": list(CANNOT_SAY),
        "interval": "5 to 95 %, blocks of 1 degree x 7 days drawn again",
    }


def _metrics(
    asked: Asked, world: World, rows: Rows, *, seed: int, repeats: int
) -> dict[str, Figure]:
    compared = world.compared
    at = rows.at
    blocks = blocks_of(at.day, at.lat_deg, at.lon_deg, seed=seed, repeats=repeats)
    sets = references(rows, compared.tested, placebo=asked.placebo)
    metrics = dict(told(rows, sets, blocks, compared.tested))
    metrics |= over_naive(metrics, sets)
    if asked.placebo:
        metrics |= dict(null_years(rows, compared.peace, blocks))
        metrics |= over_null(metrics, compared.peace)
    inside = control_of(asked, world.grid)
    if inside is not None:
        metrics |= dict(control(rows, inside[at.row, at.column], blocks, compared.tested))
    metrics |= dict(alarms(rows, compared, blocks))
    metrics |= dict(flagged(rows, compared, blocks))
    metrics |= dict(labelled_by_tenth(rows, compared, blocks))
    metrics |= dict(ceiling(rows, compared))
    pixels = _pixels(world, rows)
    return metrics | dict(hits(world.incidents, pixels, seed=seed, repeats=repeats))


def _pixels(world: World, rows: Rows) -> Pixels:
    above = flag_above(rows, world.compared, FLAGGED_P[1])
    return pixels_of(world.fires, world.grid, rows, world.compared.tested, above)


def _rules(metrics: Mapping[str, Figure]) -> Iterator[str]:
    """Yield what is promised of the figures that were measured."""
    yield from (f"{name} >= {bound}" for name, bound in BOUNDS.items() if name in metrics)
    above = ("low_over_naive_", "placebo_over_")
    yield from (f"{name} > 0" for name in metrics if name.startswith(above))


def _counts(compared: Compared, rows: Rows, incidents: int) -> dict[str, int]:
    this = rows.year == compared.tested
    return {
        "incidents": incidents,
        "labelled": int((this & rows.labelled).sum()),
        "unlabelled": int((this & ~rows.labelled).sum()),
        "season": int((~this).sum()),
        "placebo": int((~this & rows.labelled).sum()),
        "shifted": int((this & rows.shifted).sum()),
        "labelled_no_static": int((this & rows.labelled & ~rows.static).sum()),
        "placebo_no_static": int((~this & rows.labelled & ~rows.static).sum()),
    }


def _note(compared: Compared, rows: Rows) -> str:
    this = rows.year == compared.tested
    peace = ", ".join(map(str, compared.peace))
    return (
        f"fire cell-days of {compared.tested}, days {compared.first_day + 1} to "
        f"{compared.last_day + 1}: {int((this & rows.labelled).sum()):,} within 5 km and 1 day of "
        f"a geolocated incident, {int((this & ~rows.labelled).sum()):,} not, of which some are of "
        f"war as well; peace years {peace}. The score says where it burns as in war, not when. "
        "One of 42 sums compared on the first half of 2022: not fitted, but that half was seen. "
        "No score here is a probability; see docs/explanation/fires.md."
    )
