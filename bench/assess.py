"""Assessment: incidents set against 24 rules, beside what one writes with geopandas in an hour.

The agreement is made up: 12 zones of 300 corners on open ocean, two rules in each, three of them
with an exemption, and incidents all over a box in which a zone takes up a hundredth part. The peer
joins incidents with zones (`geopandas.sjoin`, points and polygons already built) and applies the
same thresholds with pandas; it has no position error, no exemption, no trace and no order of rows.
Both take the table of incidents and give one row per incident and rule. CPU time, one run.

`measure(..., incidents=1_000_000)` takes ten times as long.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import shapely

from trucewatch.agreement.agreement import Agreement, Status
from trucewatch.agreement.exemption import Asks, Condition, Exemption
from trucewatch.agreement.rule import Modality, Rule, Thresholds
from trucewatch.agreement.version import Version
from trucewatch.agreement.zone import Edges, Zone
from trucewatch.assess import assess, assess_again
from trucewatch.records.facts import Facts
from trucewatch.records.table import INCIDENT

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 3
INCIDENTS = 100_000
ADDED = 1_000  # incidents that come in later
ZONES, CORNERS, RULES = 12, 300, 24
BOX = (-40.0, 42.0, -30.0, 48.0)  # west, south, east, north, degrees
SINCE = datetime(2030, 9, 1, tzinfo=UTC)
DAYS = 60
ACTS = (("artillery_fire", "explosion_impact"), ("uav_activity",))
TEXTS = 20_000  # different class probabilities


def measure(*, data: Path, seed: int, incidents: int = INCIDENTS) -> dict:
    """Return incident-rule pairs a second of ours and of the peer, and their ratio, by round."""
    rng = np.random.default_rng(seed)
    version = Version(agreement=_agreement(rng), object="ab" * 32)
    facts = Facts(as_of=SINCE + timedelta(days=DAYS), incidents=_incidents(rng, incidents))
    before = replace(facts, incidents=facts.incidents.head(-ADDED))
    small = replace(facts, incidents=facts.incidents.head(100))
    assess(small, versions=[version])  # compiles and imports
    rounds = [(_ours(facts, version), _peer(facts, version)) for _ in range(ROUNDS)]
    ours_s, wall_s, peer_s = np.array([(*ours, peer) for ours, peer in rounds]).T
    pairs = incidents * RULES
    metrics = {
        "pairs_per_s": _spread(pairs / ours_s),
        "peer_pairs_per_s": _spread(pairs / peer_s),
        "ratio": _spread(peer_s / ours_s),
        "million_cpu_s": _spread(ours_s / incidents * 1e6),
        "million_wall_s": _spread(wall_s / incidents * 1e6),
        "again_ratio": _spread(np.array([_again(facts, before, version)]) / np.median(ours_s)),
    }
    note = f"{incidents} incidents, {RULES} rules, {ZONES} zones of {CORNERS} corners"
    must = [
        {
            "metric": "again_ratio",
            "op": "<=",
            "bound": 1.0,
            "holds": bool(metrics["again_ratio"]["value"] <= 1.0),
        }
    ]
    return {"name": "assess", "seed": seed, "note": note, "metrics": metrics, "must": must}


def _ours(facts: Facts, version: Version) -> tuple[float, float]:
    wall, start = time.perf_counter(), time.process_time()
    found = assess(facts, versions=[version])
    spent = time.process_time() - start, time.perf_counter() - wall
    if len(found) != len(facts.incidents) * RULES:
        msg = f"{len(found)} rows, expected {len(facts.incidents) * RULES}"
        raise RuntimeError(msg)
    return spent


def _again(facts: Facts, before: Facts, version: Version) -> float:
    assessed = assess(before, versions=[version])
    start = time.process_time()
    assess_again(facts, versions=[version], before=before, assessed=assessed)
    return time.process_time() - start


def _peer(facts: Facts, version: Version) -> float:
    """Return the CPU seconds of a join and thresholds, one frame of outcomes per rule."""
    columns = ("id", "lat_deg", "lon_deg", "class_p", "real_p", "independent")
    table = pd.DataFrame(facts.incidents.select(columns).to_dict(as_series=False))
    places = gpd.GeoDataFrame(
        table[["id"]], geometry=shapely.points(table.lon_deg, table.lat_deg), crs=4326
    )
    zones = gpd.GeoDataFrame(
        {"zone": [zone.id for zone in version.agreement.zones]},
        geometry=[shapely.Polygon(zone.polygon) for zone in version.agreement.zones],
        crs=4326,
    )
    start = time.process_time()
    joined = gpd.sjoin(places, zones, predicate="within")
    shares = pd.DataFrame([json.loads(text) for text in table.class_p]).fillna(0.0)
    frames = []
    for rule in version.agreement.rules:
        inside = table.index.isin(joined.index[joined.zone == rule.zone])
        act_p = shares.reindex(columns=rule.acts, fill_value=0.0).sum(axis=1)
        limits = rule.thresholds
        sure = (act_p >= limits.act_p_on_its_face) & (table.real_p >= limits.real_p_on_its_face)
        sure &= table.independent >= limits.independent_min
        unsaid = act_p < limits.act_p_potential
        outcome = np.select(
            [~inside, unsaid, sure], ["consistent", "indeterminate", "face"], "potential"
        )
        frames.append(pd.DataFrame({"id": table.id, "rule": rule.id, "outcome": outcome}))
    pd.concat(frames)
    return time.process_time() - start


def _agreement(rng: np.random.Generator) -> Agreement:
    zones = tuple(_zone(number, rng) for number in range(ZONES))
    asks = (Asks.NOTIFIED, Asks.INSIDE_NOTIFIED_AREA, Asks.DAYLIGHT)
    blast = Exemption(
        id="E_1",
        activity="demining_blast",
        conditions=tuple(Condition(asks=each, value=None) for each in asks),
        text="",
        source="",
    )
    return Agreement(
        id="bench",
        version=1,
        title="EXERCISE",
        exercise=True,
        status=Status.IN_FORCE,
        effective=SINCE,
        expires=None,
        parties=(),
        definitions={},
        zones=zones,
        rules=tuple(_rule(number) for number in range(RULES)),
        exemptions=(blast,),
        note="",
    )


def _rule(number: int) -> Rule:
    return Rule(
        id=f"R{number:02d}",
        kind="prohibited_act",
        clause="",
        source="",
        modality=Modality.FORBIDDEN,
        acts=ACTS[number // ZONES],
        zone=f"Z{number % ZONES}",
        who=(),
        terms=(),
        counting_rule="incident",
        thresholds=Thresholds(),
        exemptions=("E_1",) if number % 8 == 0 else (),
    )


def _zone(number: int, rng: np.random.Generator) -> Zone:
    """A star of 300 corners with teeth, 20 to 110 km across."""
    west, south, east, north = BOX
    lon_deg, lat_deg = rng.uniform(west, east), rng.uniform(south, north)
    angle = np.sort(rng.uniform(0, 2 * np.pi, CORNERS))
    size_deg = rng.uniform(0.1, 0.5) * (1 + 0.2 * np.sin(5 * angle))
    size_deg *= 1 + 0.03 * rng.normal(size=CORNERS)
    corners = zip(
        (lon_deg + 1.4 * size_deg * np.cos(angle)).tolist(),
        (lat_deg + size_deg * np.sin(angle)).tolist(),
        strict=True,
    )
    return Zone(
        id=f"Z{number}",
        kind="zone",
        polygon=tuple(corners),
        edges=Edges.STRAIGHT,
        since=None,
        until=None,
        text="",
    )


def _incidents(rng: np.random.Generator, count: int) -> pl.DataFrame:
    west, south, east, north = BOX
    share = np.round(rng.uniform(0, 1, TEXTS), 4)
    texts = [json.dumps({"artillery_fire": p, "undetermined": round(1 - p, 4)}) for p in share]
    start_us = rng.integers(0, DAYS * 86_400_000_000, count) + int(SINCE.timestamp() * 1e6)
    variance_m2 = rng.lognormal(np.log(800.0), 0.8, count) ** 2
    start = pl.Series(start_us).cast(pl.Datetime("us", "UTC"))
    columns = {
        "id": [f"i-{number:012x}" for number in rng.permutation(count)],
        "time": start,
        "time_start": start,
        "time_end": start + timedelta(minutes=2),
        "lat_deg": rng.uniform(south, north, count),
        "lon_deg": rng.uniform(west, east, count),
        "cov_ee_m2": variance_m2,
        "cov_en_m2": np.zeros(count),
        "cov_nn_m2": variance_m2,
        "class_p": pl.Series(texts).gather(rng.integers(0, TEXTS, count)),
        "real_p": rng.uniform(0.5, 1, count),
        "independent": rng.integers(1, 4, count),
    }
    table = pl.DataFrame(columns)
    missing = [pl.lit(None).alias(name) for name in INCIDENT if name not in columns]
    return table.with_columns(missing).select(
        pl.col(name).cast(kind) for name, kind in INCIDENT.items()
    )


def _spread(values: np.ndarray) -> dict[str, float]:
    """Median, with the smallest and the largest round."""
    return {
        "value": float(np.median(values)),
        "low": float(values.min()),
        "high": float(values.max()),
    }
