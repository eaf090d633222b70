"""The stipple: what was not observed, no finer than a level may show, and its way back."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report import regenerate as made

from trucewatch.report.bulletin.chart import chart
from trucewatch.report.bulletin.frame import WIDTH, Frame, frame_of
from trucewatch.report.bulletin.movement import read_hindered
from trucewatch.report.bulletin.shown import SIDE_MIN_M, shown, shown_hindered
from trucewatch.report.bulletin.veil import SIDE_MIN, legend_text, veil
from trucewatch.report.bulletin.watched import read_watching, watching_json
from trucewatch.report.daily import render
from trucewatch.report.release import cell_centre, cell_ring
from trucewatch.report.watching import CellShare

if TYPE_CHECKING:
    from types import ModuleType

STEM = "daily-2030-09-14"
M_PER_DEG = 111_195.0


def frame(make: ModuleType) -> Frame:
    nothing = pl.DataFrame(schema={"lat_deg": pl.Float64, "lon_deg": pl.Float64})
    return frame_of(make.sample().zones, nothing)


def rings(path: str) -> list[list[tuple[float, float]]]:
    """Return the corners of every ring but the first, the plane."""
    _, *found = path.removesuffix("Z").split("ZM")
    return [
        [tuple(map(float, corner.split())) for corner in each.split("L")]  # type: ignore[misc]
        for each in found
    ]


def stippled(path: str, left: float, top: float) -> bool:
    """Return whether a pixel is under the stipple: in no ring, as rings are boxes here."""
    return not any(
        min(x for x, _ in ring) < left < max(x for x, _ in ring)
        and min(y for _, y in ring) < top < max(y for _, y in ring)
        for ring in rings(path)
    )


def test_cells_below_the_declared_share_are_stippled_and_others_are_not(make: ModuleType) -> None:
    plane = frame(make)
    watching = make.watching()

    path = veil(watching, plane)

    assert path.startswith(f"M0 0H{WIDTH}V{plane.height}H0ZM")
    for cell in watching.cells:
        (west, south), (east, north) = cell.ring_deg[0], cell.ring_deg[2]
        left, top = plane.pixel((south + north) / 2, (west + east) / 2)
        assert stippled(path, left, top) == (cell.covered_share < 0.3)
    assert stippled(path, 2.0, 2.0)  # beyond the grid


def test_cells_in_a_row_become_one_ring(make: ModuleType) -> None:
    assert len(rings(veil(make.watching(), frame(make)))) == 3  # rows of the grid


def test_small_cells_are_put_together_for_the_eye(make: ModuleType) -> None:
    watching = make.watching(cells=make.cells(0.01))

    path = veil(watching, frame(make))

    for ring in rings(path):
        assert max(y for _, y in ring) - min(y for _, y in ring) == SIDE_MIN
    assert len(path) < 20_000


def test_the_legend_names_the_threshold(make: ModuleType) -> None:
    material = make.watched("three-answers")

    drawn = chart(material, material.incidents)

    assert drawn.legend[-1] == (
        "i-veil",
        "stippled: not observed, covered less than 30 % of the hours, or beyond the ground for "
        "which coverage is known",
    )
    free = make.watching(make.sector("Z1", coverage_min_share=0.0))
    assert "less than" not in legend_text(free)


def test_the_page_draws_it_even_odd_and_without_it_stipples_everything(make: ModuleType) -> None:
    page = render(make.watched("zero-day")).files[f"{STEM}.html"].decode()
    other = render(make.sample()).files[f"{STEM}.html"].decode()

    assert page.count('<path class="veil" fill-rule="evenodd"') == 1
    assert '<rect class="veil"' not in page
    assert "coverage unknown" not in page
    assert '<rect class="veil"' in other


@settings(max_examples=20)
@given(st.floats(-60, 60), st.floats(-170, 170), st.integers(100, 990))
def test_the_public_sees_no_cell_under_a_kilometre(
    lat_deg: float, lon_deg: float, side_m: int
) -> None:
    up = side_m / M_PER_DEG
    over = up / math.cos(math.radians(lat_deg))
    cells = tuple(
        CellShare(
            ring_deg=(
                (lon_deg + x * over, lat_deg + y * up),
                (lon_deg + (x + 1) * over, lat_deg + y * up),
                (lon_deg + (x + 1) * over, lat_deg + (y + 1) * up),
                (lon_deg + x * over, lat_deg + (y + 1) * up),
            ),
            covered_share=((x + y) % 4) / 4,
        )
        for y in range(4)
        for x in range(4)
    )
    watching = made.watching(cells=cells)

    public = shown(watching, "public")

    assert shown(public, "public") == public
    assert len(shown(watching, "mission").cells) == 16
    for cell in public.cells:
        (west, south), _, (east, north), _ = cell.ring_deg
        middle = math.radians((south + north) / 2)
        assert (north - south) * M_PER_DEG >= SIDE_MIN_M
        assert (east - west) * M_PER_DEG * math.cos(middle) >= SIDE_MIN_M
        centre = pl.DataFrame({"lat_deg": [(south + north) / 2], "lon_deg": [(west + east) / 2]})
        assert cell_centre(centre).row(0) == pytest.approx(centre.row(0), abs=2e-6)


def test_a_public_cell_is_the_mean_of_those_whose_middle_it_holds(make: ModuleType) -> None:
    (lat_deg, lon_deg) = cell_centre(pl.DataFrame({"lat_deg": [45.0], "lon_deg": [-30.0]})).row(0)
    ring = cell_ring(lat_deg, lon_deg)
    step = 0.002
    cells = tuple(
        CellShare(
            ring_deg=tuple(
                (lon_deg + x * step + a, lat_deg + b)
                for a, b in ((0.0, 0.0), (step, 0.0), (step, step), (0.0, step))
            ),
            covered_share=share,
        )
        for x, share in ((0, 0.2), (1, 0.6))
    )

    (public,) = shown(make.watching(cells=cells), "public").cells

    assert public == CellShare(ring_deg=ring, covered_share=0.4)


@pytest.mark.parametrize("level", ["public", "mission"])
def test_nothing_public_carries_finer_cells_or_names(make: ModuleType, level: str) -> None:
    material = make.watched("three-answers", level)
    fine = dataclasses.replace(material.watching, cells=make.cells(0.005))

    told = json.loads(render(dataclasses.replace(material, watching=fine)).files[f"{STEM}.json"])[
        "watching"
    ]

    wide = min(cell["ring_deg"][1][0] - cell["ring_deg"][0][0] for cell in told["cells"])
    assert (wide * M_PER_DEG * math.cos(math.radians(45.0)) >= 990) == (level == "public")
    assert told["strangers"] == (["", ""] if level == "public" else ["patrol-9", "uav-7"])


@pytest.mark.parametrize("day", ["three-answers", "zero-day", "hardly-covered"])
def test_the_numbers_give_back_what_the_page_was_made_from(make: ModuleType, day: str) -> None:
    material = make.watched(day)
    files = render(material).files

    read = read_watching(json.loads(files[f"{STEM}.json"]))

    assert read == shown(material.watching, "public")
    assert render(dataclasses.replace(material, watching=read)).files == files


def test_what_hindered_monitors_is_told_the_public_without_asset_words_or_seconds(
    make: ModuleType,
) -> None:
    late = timedelta(seconds=40, microseconds=7)
    met = tuple(dataclasses.replace(each, start=each.start + late) for each in make.HINDERED)
    material = dataclasses.replace(make.watched("zero-day"), hindered=met)

    content = render(material).files[f"{STEM}.json"]

    read = read_hindered(json.loads(content)["movement"])
    assert read == tuple(shown_hindered(each, "public") for each in met)
    assert read == tuple(shown_hindered(each, "public") for each in read)
    assert [each.start for each in read] == [each.start for each in make.HINDERED]
    assert not re.findall(rb"Patrol 3|UAV 2|Pelven|written order|44\.991234", content)
    assert [bool(each.said) for each in read] == [True, False]


def test_a_window_of_its_own_stands_for_the_period_where_no_agreement_is_in_force(
    make: ModuleType,
) -> None:
    watching = shown(make.zero_day(), "public")

    told = json.loads(json.dumps({"watching": watching_json(watching, asked=False)}, default=str))

    read = read_watching(told)
    assert read is not None
    assert read.whole.period == read.whole.window
    assert read_watching({}) is None


def test_every_rate_among_the_numbers_has_its_unit_rule_and_coverage(make: ModuleType) -> None:
    told = json.loads(render(make.watched("three-answers")).files[f"{STEM}.json"])["watching"]

    for sector in (told["whole"], *told["sectors"]):
        for span in ("window", "previous", "period"):
            rate = sector[span]
            assert rate["rule"] == told["rule"] == "seen_by_declared_assets"
            assert set(rate["coverage"]) == {"low_share", "high_share"}
            assert rate["low_per_1000h"] <= rate["middle_per_1000h"] <= rate["high_per_1000h"]
            assert re.match(r"\d+ incidents? seen|none seen", rate["text"])
    assert told["unit"] == "incidents per 1,000 covered hours"
    hours = told["whole"]["window"]["passed_h"]
    assert timedelta(hours=hours) == timedelta(days=1)
