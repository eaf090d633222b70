"""Renew the golden records of every sensor: `./tw golden` in a clone.

For each `tests/observe/samples/NAME/input*.csv` it writes `expected.jsonl` (every observation) and
`refused.jsonl` (every refusal and the missing columns). Read the difference before keeping it.
A sensor that needs settings of its own finds them in `settings.toml` beside its sample.
"""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.observe import sensor, sensors
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.source import Source

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.observe import Sensor
    from trucewatch.records.batch import Batch

SAMPLES = Path(__file__).parent / "observe" / "samples"
LOGGED_AT = datetime(2030, 12, 1, tzinfo=UTC)


def inputs(name: str) -> list[Path]:
    """Return the sample inputs of one sensor in order; the first is `input.EXT`."""
    return sorted((SAMPLES / name).glob("input*.*"), key=lambda path: path.stem)


def source_of(raw: bytes, chosen: Sensor, *, logged_at: datetime = LOGGED_AT) -> Source:
    """Return the source that a sample would have in a mission.

    The settings are the sensor's defaults, and what `settings.toml` beside the sample says.
    """
    file = SAMPLES / vars(chosen)["__name__"].rpartition(".")[2] / "settings.toml"
    own = tomllib.loads(file.read_text()) if file.is_file() else {}
    settings = {**chosen.SETTINGS, **own}
    return Source(name="sample", object=sha256_hex(raw), logged_at=logged_at, settings=settings)


def read(chosen: Sensor, raw: bytes) -> Batch:
    """Return what a sensor makes of some bytes."""
    return chosen.read(raw, source=source_of(raw, chosen))


def lines(table: pl.DataFrame, **more: object) -> list[str]:
    """Return each row as one line of JSON, times as text."""
    rows = table.to_dicts()
    return [json.dumps(more | row, default=str, ensure_ascii=False) for row in rows]


def golden(name: str) -> dict[str, list[str]]:
    """Return the lines of both golden files of one sensor, by file name."""
    chosen = sensor(name)
    expected: list[str] = []
    refused: list[str] = []
    for path in inputs(name):
        batch = read(chosen, path.read_bytes())
        expected += lines(batch.observations, file=path.name)
        refused += [json.dumps({"file": path.name, "missing": batch.missing})]
        refused += lines(batch.refused, file=path.name)
    return {"expected.jsonl": expected, "refused.jsonl": refused}


def renew() -> None:
    """Write the golden files of every sensor."""
    for name in sensors():
        for file, written in golden(name).items():
            (SAMPLES / name / file).write_text("".join(f"{line}\n" for line in written))


if __name__ == "__main__":
    renew()
