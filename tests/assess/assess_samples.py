"""The samples of each kind of rule: an agreement, what is known, and what is expected of it.

A folder `samples/KIND` holds `agreement.yaml`, `expected.jsonl` and whichever of these it needs:

- `incidents.jsonl`: rows of `records.table.INCIDENT`;
- `tracks.jsonl`: rows of `records.table.TRACK`;
- `logbook.jsonl`: acts in log order, each the members of a predicate (`act`, `at`, `by`, `detail`,
  `note`, `objects`, `of`) with `kind`, `entry` and `logged_at`; `note` and `of` may be left out for
  null, and `objects` where there are none;
- `as_of`: an instant; the newest time of the others when there is no such file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from trucewatch.agreement.parse import parse
from trucewatch.agreement.party import Role
from trucewatch.agreement.version import Version
from trucewatch.assess import assess
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.logbook.reading import every, read_step
from trucewatch.records.table import INCIDENT, TIME, TRACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.records.logbook.machine import Record

SAMPLES = Path(__file__).parent / "samples"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Attributes: its folder, what is known, the version of the agreement, and what is expected."""

    folder: Path
    facts: Facts
    version: Version
    expected: list[str]

    @property
    def agreement(self) -> Agreement:
        return self.version.agreement


def load(kind: str) -> Sample:
    folder = SAMPLES / kind
    for name in ("agreement.yaml", "expected.jsonl"):
        assert (folder / name).exists(), f"rule kind {kind!r} has no sample: add {folder / name}"
    raw = (folder / "agreement.yaml").read_bytes()
    return Sample(
        folder=folder,
        facts=facts(folder),
        version=Version(
            agreement=parse(raw, name=f"{kind}/agreement.yaml"), object=sha256_hex(raw)
        ),
        expected=(folder / "expected.jsonl").read_text().splitlines(),
    )


def swapped(sample: Sample) -> Sample:
    """The same with the ids of the first two parties exchanged in the agreement and the logbook."""
    one, other = [party.id for party in sample.agreement.parties if party.role is Role.PARTY][:2]

    def swap(text: str) -> str:
        turned = {one: other, other: one}
        return re.sub(rf"\b({one}|{other})\b", lambda found: turned[found[0]], text)

    raw = swap((sample.folder / "agreement.yaml").read_text()).encode()
    agreement = parse(raw, name=sample.folder.name)
    return replace(
        sample,
        version=replace(sample.version, agreement=agreement),
        facts=facts(sample.folder, turn=swap),
    )


def facts(folder: Path, turn: Callable[[str], str] = str) -> Facts:
    """What the files of a folder say, the logbook turned by `turn` first."""
    incidents = table(_text(folder / "incidents.jsonl"), INCIDENT)
    tracks = table(_text(folder / "tracks.jsonl"), TRACK)
    book = turn(_text(folder / "logbook.jsonl"))
    entries = [json.loads(line) for line in book.splitlines()]
    for entry in entries:  # a list of ids is in order, in the log as here
        entry["detail"] |= {
            k: sorted(v) for k, v in entry["detail"].items() if k == "guarantees_from"
        }
    given = _text(folder / "as_of").strip()
    times = [*incidents["time_end"], *tracks["time"], *(_instant(e["logged_at"]) for e in entries)]
    return Facts(
        as_of=_instant(given) if given else max(times, default=_NEVER),
        incidents=incidents,
        tracks=tracks,
        logbook=logbook(entries),
    )


def table(text: str, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Rows of JSON lines; a column that a row leaves out is null."""
    times = [name for name, kind in schema.items() if kind == TIME]
    rows = [json.loads(line) for line in text.splitlines()]
    parsed = [row | {t: _instant(row[t]) for t in times} for row in rows]
    return pl.DataFrame(parsed, schema=schema)


def logbook(entries: list[dict[str, Any]]) -> tuple[Record, ...]:
    """Records that acts make, each read with the strictness of the log."""
    steps = [
        read_step(
            entry["kind"],
            {"note": None, "objects": [], "of": None}
            | {k: v for k, v in entry.items() if k not in {"kind", "entry", "logged_at"}},
            entry=entry["entry"],
            logged_at=_instant(entry["logged_at"]),
        )
        for entry in entries
    ]
    return tuple(every(steps).values())


def lines(assessments: pl.DataFrame) -> list[str]:
    """One canonical JSON line per assessment, its trace unpacked so that a diff can be read."""
    rows: list[dict[str, Any]] = [
        row | {"trace": json.loads(row["trace"])} for row in assessments.iter_rows(named=True)
    ]
    return [canonical({k: _plain(v) for k, v in row.items()}).decode() for row in rows]


def assessed(sample: Sample) -> pl.DataFrame:
    return assess(sample.facts, versions=[sample.version])


def _plain(value: object) -> Any:
    return instant_text(value) if isinstance(value, datetime) else value


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _instant(text: str) -> datetime:
    return parse_instant(text, where="sample")
