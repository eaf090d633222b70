"""The samples of each kind of rule: an agreement, incidents, and what is expected of them.

`python tests/assess/regenerate.py` writes `samples/KIND/expected.jsonl` anew. Read the difference
before keeping it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from trucewatch.agreement.parse import parse
from trucewatch.assess import assess, kinds
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.instant import parse_instant
from trucewatch.records.table import INCIDENT, TIME

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

SAMPLES = Path(__file__).parent / "samples"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Attributes: agreement, its SHA-256, incidents, and the lines of `expected.jsonl`."""

    agreement: Agreement
    agreement_object: str
    incidents: pl.DataFrame
    expected: list[str]


def load(kind: str) -> Sample:
    folder = SAMPLES / kind
    for name in ("agreement.yaml", "incidents.jsonl", "expected.jsonl"):
        assert (folder / name).exists(), f"rule kind {kind!r} has no sample: add {folder / name}"
    raw = (folder / "agreement.yaml").read_bytes()
    return Sample(
        agreement=parse(raw, name=f"{kind}/agreement.yaml"),
        agreement_object=sha256_hex(raw),
        incidents=incidents((folder / "incidents.jsonl").read_text()),
        expected=(folder / "expected.jsonl").read_text().splitlines(),
    )


def incidents(text: str) -> pl.DataFrame:
    rows = [json.loads(line) for line in text.splitlines()]
    times = [name for name, kind in INCIDENT.items() if kind == TIME]
    parsed = [row | {t: parse_instant(row[t], where="sample") for t in times} for row in rows]
    return pl.DataFrame(parsed, schema=INCIDENT)


def lines(assessments: pl.DataFrame) -> list[str]:
    """One canonical JSON line per assessment, its trace unpacked so that a diff can be read."""
    rows: list[dict[str, Any]] = [
        row | {"trace": json.loads(row["trace"])} for row in assessments.iter_rows(named=True)
    ]
    return [canonical(row).decode() for row in rows]


def assessed(sample: Sample) -> pl.DataFrame:
    return assess(
        sample.incidents, agreement=sample.agreement, agreement_object=sample.agreement_object
    )


def main() -> None:
    for kind in kinds():
        target = SAMPLES / kind / "expected.jsonl"
        target.touch()
        target.write_text("".join(f"{line}\n" for line in lines(assessed(load(kind)))))


if __name__ == "__main__":
    main()
