"""A simulated world: what was delivered, and what really happened."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.canonical import sha256_hex
from trucewatch.simulate.parts.filed import LINK, TRUTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from trucewatch.simulate.parts.filed import Filed
    from trucewatch.simulate.parts.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything about one simulated world.

    Attributes:
        name: Which world.
        seed: What it grew from.
        days: Its length.
        start: When it begins, midnight UTC.
        ground: Where it lies.
        agreement: Name of the shipped agreement that is in force there.
        files: By file name, in the order of receipt: the sensor module that reads it, its bytes.
        arrivals: When a mission would have received each file.
        truth: `filed.TRUTH`, by incident.
        links: `filed.LINK`, by file in order of receipt and row.
        notes: What a reader should know, in sentences.
        settings: Sections of `mission.toml` that a mission there needs; "" when it needs none.
        agreement_text: Text of the agreement where none of that name is shipped.
        sightings: `sightings.SIGHTING`, where it is known which asset saw what.
    """

    name: str
    seed: int
    days: int
    start: datetime
    ground: Ground
    agreement: str
    files: Mapping[str, tuple[str, bytes]]
    arrivals: Mapping[str, datetime]
    truth: pl.DataFrame
    links: pl.DataFrame
    notes: tuple[str, ...]
    settings: str = ""
    agreement_text: bytes = b""
    sightings: pl.DataFrame | None = None

    @property
    def objects(self) -> dict[str, str]:
        """File names by the SHA-256 of their bytes, as scores need them."""
        return {sha256_hex(content): name for name, (_, content) in self.files.items()}

    def outputs(self) -> dict[str, bytes]:
        """Return what is written to disk: the files, the truth, notes, and what a mission needs."""
        written = {name: content for name, (_, content) in self.files.items()}
        written["truth.parquet"] = _parquet(self.truth)
        written["links.parquet"] = _parquet(self.links)
        if self.sightings is not None:
            written["sightings.parquet"] = _parquet(self.sightings)
        if self.agreement_text:
            written["agreement.yaml"] = self.agreement_text
        if self.settings:
            written["settings.toml"] = self.settings.encode()
        written["notes.txt"] = "".join(f"{note}\n" for note in self.notes).encode()
        return written


def numbered(*happenings: pl.DataFrame) -> pl.DataFrame:
    """Return all happenings in one table by time, numbered from 0 in the column `incident`."""
    ordered = pl.concat(happenings).sort("time_s", "x_m", "y_m")
    return ordered.with_row_index("incident")


def merged_links(filed: Sequence[Filed]) -> pl.DataFrame:
    """Return the links of all files in one table, `filed.LINK`."""
    links = pl.concat([f.links for f in filed])
    return links.select(pl.col(name).cast(kind) for name, kind in LINK.items())


def told_truth(
    happenings: pl.DataFrame, links: pl.DataFrame, *, ground: Ground, start: datetime
) -> pl.DataFrame:
    """Return `filed.TRUTH`: numbered happenings, and how many distinct reports came of each."""
    lat_deg, lon_deg = ground.degrees(happenings["x_m"].to_numpy(), happenings["y_m"].to_numpy())
    time_us = (pl.col("time_s") * 1e6).round().cast(pl.Int64)
    of = links.filter(~pl.col("damaged") & pl.col("incident").is_not_null())
    counts = of.group_by("incident").agg(
        pl.col("report").filter(pl.col("sensor") == sensor).n_unique().alias(f"reports_{sensor}")
        for sensor in ("firms", "news")
    )
    return (
        happenings.with_columns(
            time=pl.lit(start) + pl.duration(microseconds=time_us),
            lat_deg=pl.Series(lat_deg),
            lon_deg=pl.Series(lon_deg),
            ordinary=pl.col("cause") != "act",
        )
        .join(counts, on="incident", how="left", maintain_order="left")
        .with_columns(pl.col("reports_firms", "reports_news").fill_null(0))
        .select(pl.col(name).cast(kind) for name, kind in TRUTH.items())
    )


def _parquet(table: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    table.write_parquet(out)
    return out.getvalue()
