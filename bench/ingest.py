"""Bulk ingest (seal, unpack, parse, archive, desk) of FIRMS CSV beside bare Polars.

The peer does the least that gives a Parquet file: `read_csv` of the same compressed file and
`write_parquet` with its defaults. It hashes, fsyncs, checks and indexes nothing.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import create

YEARS = (2018, 2019, 2020, 2021)
PAIRS = 9
MUST_RATIO = 0.4  # design: bulk ingest at least 0.4 of bare Polars
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def measure(*, data: Path, seed: int) -> dict:
    """Return the ratio of speeds (ours over bare Polars), pair by pair, first pair left out."""
    with tempfile.TemporaryDirectory() as folder:
        files, note = _files(data, Path(folder), seed)
        pairs = [_pair(files, Path(folder) / f"pair{i}") for i in range(PAIRS + 1)][1:]
    ours, bare = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    ratio = bare / ours
    metrics = {
        "ratio_to_bare_polars": _spread(ratio),
        "ours_s": _spread(ours),
        "bare_polars_s": _spread(bare),
        "rows_per_s": _spread(pairs[0][2] / ours),
    }
    holds = bool(metrics["ratio_to_bare_polars"]["value"] >= MUST_RATIO)
    must = [{"metric": "ratio_to_bare_polars", "op": ">=", "bound": MUST_RATIO, "holds": holds}]
    return {"name": "ingest", "seed": seed, "note": note, "metrics": metrics, "must": must}


def _spread(values: np.ndarray) -> dict[str, float]:
    """Median, with the smallest and the largest of the pairs."""
    return {
        "value": float(np.median(values)),
        "low": float(values.min()),
        "high": float(values.max()),
    }


def _files(data: Path, folder: Path, seed: int) -> tuple[list[Path], str]:
    real = [data / f"fires_{year}.csv.gz" for year in YEARS]
    if all(p.is_file() for p in real):
        return real, "four years of real archive rows"
    rng = np.random.default_rng(seed)
    made = []
    for year in YEARS:
        n = 100_000
        day = np.sort(rng.integers(0, 365, n)).astype("timedelta64[D]")
        table = pl.DataFrame({
            "latitude": rng.uniform(44, 53, n).round(6),
            "longitude": rng.uniform(22, 41, n).round(6),
            "acq_date": np.datetime64(f"{year}-01-01") + day,
            "instrument": rng.choice(["VIIRS", "MODIS?"], n, p=[0.78, 0.22]),
        })  # fmt: skip
        made.append(folder / f"fires_{year}.csv.gz")
        made[-1].write_bytes(gzip.compress(table.write_csv().encode(), 6))
    return made, "made-up archive rows; the real ones were not found"


def _pair(files: list[Path], folder: Path) -> tuple[float, float, int]:
    """Return seconds of ours, seconds of bare Polars and rows, measured one after the other."""
    folder.mkdir()
    home = folder / "mission"
    create(home, clock=SimulatedClock(NOW))
    start = time.perf_counter()
    intakes = list(ingest(Home(home), "firms", files, clock=SimulatedClock(NOW)))
    ours_s = time.perf_counter() - start
    start = time.perf_counter()
    for path in files:
        pl.read_csv(path).write_parquet(folder / f"{path.name}.parquet")
    bare_s = time.perf_counter() - start
    return ours_s, bare_s, sum(i.accepted for i in intakes)
