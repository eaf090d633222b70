"""Exchanging the sides exchanges what is said of them, and nothing else.

Labels, datums, zones, posts and clocks of the parties change places, and the ground is reflected;
see `mirror_worlds`. Every outcome, every trace and every sentence of the bulletin must be the image
of what it was. The sun alone is not reflected: its height is left out, and no time is near dusk.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from trucewatch.assess import assess, kinds
from trucewatch.geo.belt import disc
from trucewatch.records.logbook.standing import row, summary
from trucewatch.records.table import INCIDENT, SILENCE, empty
from trucewatch.report.daily import render
from trucewatch.report.material import REPORT_COLUMNS, Material, RuleRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def _worlds() -> ModuleType:
    """`mirror_worlds`, loaded by path: tests are no package."""
    name = "mirror_worlds"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


worlds = _worlds()
SEEDS = range(3)
REDRAWN = 2  # the world whose image has its lines drawn from the other end
CHANCE = 1e-5  # corners of areas are rounded to 0.1 m, and then probabilities to 6 digits
LENGTH = 0.11  # metres and minutes are rounded to a tenth
KEY = ["subject_kind", "subject", "rule", "agreement_version", "measured_from"]
FREE = {"text_only"}  # a kind that says nothing


@lru_cache
def pair(seed: int) -> tuple[Any, Any]:
    world = worlds.world(seed)
    return world, worlds.mirrored(world, redrawn=seed == REDRAWN)


@lru_cache
def found(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is said of a world and of its image."""
    one, other = (assess(each.facts(), versions=[each.version()]) for each in pair(seed))
    return one, other


def assessed(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same, the world's own rows under the names and in the order of its image."""
    one, other = (each.drop("agreement") for each in found(seed))
    turned = one.with_columns(
        pl.col("measured_from").map_elements(worlds.exchanged, return_dtype=pl.String)
    )
    return turned.sort(KEY), other.sort(KEY)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_outcome_is_the_image_of_what_it_was(seed: int) -> None:
    one, other = assessed(seed)

    plain = [*KEY, "time_start", "time_end", "outcome", "why"]
    assert other.select(plain).rows() == one.select(plain).rows()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_chance_and_every_trace_is_the_image_of_what_it_was(seed: int) -> None:
    one, other = assessed(seed)

    for name, before, after in zip(
        one["rule"], _told(one, worlds.exchanged), _told(other), strict=True
    ):
        difference = _differs(before, after)
        assert not difference, f"{name}: {difference}"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sentence_of_the_bulletin_is_the_image_of_what_it_was(seed: int) -> None:
    one, other = map(_bulletin, pair(seed), found(seed))

    assert other == _reflected(worlds.exchanged(one))
    assert "ALPHA" not in one


@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_of_the_logbook_is_the_image_of_what_it_was(seed: int) -> None:
    one, other = (each.facts().logbook for each in pair(seed))

    assert [summary(each) for each in other] == [worlds.exchanged(summary(each)) for each in one]
    assert [row(each)["state"] for each in other] == [row(each)["state"] for each in one]


def test_an_image_of_an_image_is_the_world_itself() -> None:
    world, image = pair(0)

    twice = worlds.mirrored(image)

    assert image != world
    assert twice[1:] == world[1:]
    assert twice.agreement | {"effective": ""} == world.agreement | {"effective": ""}


def test_the_worlds_speak_of_every_kind_of_rule_and_of_every_outcome() -> None:
    kind_of = {rule.id: rule.kind for rule in pair(0)[0].version().agreement.rules}
    told = pl.concat(assessed(seed)[0] for seed in SEEDS)
    by_kind: dict[str, set[str]] = {}
    for name, outcome in told.select("rule", "outcome").iter_rows():
        by_kind.setdefault(kind_of[name], set()).add(outcome)

    assert set(by_kind) == set(kinds()) - FREE
    assert set().union(*by_kind.values()) == {
        *("no_rule", "consistent", "exempt", "indeterminate"),
        *("potential_breach", "breach_on_its_face"),
    }
    assert [kind for kind, outcomes in by_kind.items() if len(outcomes) < 2] == []


@pytest.mark.parametrize("radius_m", [500, 1000, 2000, 9000, 15_000])
def test_a_disc_leans_to_no_side(radius_m: float) -> None:
    shape = disc(worlds.MERIDIAN_DEG, 45.0, radius_m).shape()

    west, _, east, _ = shape.bounds
    assert west + east == pytest.approx(2 * worlds.MERIDIAN_DEG, abs=1e-9)
    assert shape.centroid.x == pytest.approx(worlds.MERIDIAN_DEG, abs=1e-9)


def test_a_line_that_is_better_known_on_one_side_alone_would_be_found_out() -> None:
    one, other = assessed(0)
    _, image = pair(0)
    unfair = json.loads(json.dumps(image.agreement))
    unfair["lines"][0]["accuracy_m"] = 9_000

    told = assess(image.facts(), versions=[image._replace(agreement=unfair).version()])

    own = [each.filter(rule="R05")["outcome"].to_list() for each in (one, other, told.sort(KEY))]
    assert own[0] == own[1]
    assert own[0] != own[2]


def _told(rows_of: pl.DataFrame, turn: Callable[[str], str] = str) -> list[Any]:
    rows = rows_of.select("inside_p", "trace").iter_rows()
    return [[inside_p, json.loads(turn(trace))] for inside_p, trace in rows]


def _differs(one: Any, other: Any, where: str = "") -> str:
    """Where two values differ by more than they are rounded by, or "" when they do not."""
    if where.endswith(".lowest_deg"):  # of the sun
        return ""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        each = (_differs(one[key], other[key], f"{where}.{key}") for key in one)
        return next(filter(None, each), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        each = (_differs(a, b, f"{where}[{n}]") for n, (a, b) in pairs)
        return next(filter(None, each), "")
    if isinstance(one, float) or isinstance(other, float):
        slack = CHANCE if abs(one or 0) <= 1 else LENGTH
        alike = one == other or (None not in (one, other) and abs(one - other) <= slack)
        return "" if alike else f"{where}: {one} and {other}"
    return "" if one == other else f"{where}: {one!r} and {other!r}"


def _bulletin(world: Any, assessments: pl.DataFrame) -> str:
    incidents = world.facts().incidents
    start = worlds.START
    agreement = world.version().agreement
    material = Material(
        mission_name="World", exercise=True, level="mission", day=date(2030, 10, 20), number=1,
        window_start=start, window_end=start + timedelta(days=worlds.DAYS + 5), time_zone="UTC",
        incidents=incidents, previous=empty(INCIDENT), assessments=assessments,
        rules=tuple(
            RuleRow(id=rule.id, clause=rule.clause, zone=rule.zone) for rule in agreement.rules
        ),
        agreement_title=agreement.title, agreement_status="in force", in_force=True,
        reports=pl.DataFrame(schema=dict.fromkeys(REPORT_COLUMNS, pl.String)),
        unlinked_n=0, refused=(), refused_n=0, input_size=1, input_root="ab" * 32,
        origin="world.invalid/log", code_version="0.1.0", silences=empty(SILENCE),
    )  # fmt: skip
    files = render(material).files
    [text] = [content.decode() for name, content in files.items() if name.endswith(".txt")]
    return re.sub(r"\b[0-9a-f]{16,64}\b", "hash", text)


def _reflected(text: str) -> str:
    """A bulletin with every longitude reflected."""
    turn = -2 * worlds.MERIDIAN_DEG
    return re.sub(r"(\d+\.\d{3}) W", lambda found: f"{turn - float(found[1]):.3f} W", text)
