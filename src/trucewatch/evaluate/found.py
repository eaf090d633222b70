"""How many true incidents were found, and how much of what was fused is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.evaluate.bcubed import BCubed, bcubed
from trucewatch.evaluate.judged import judged
from trucewatch.evaluate.share import Share, exact_share

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

PRECISE = ("firms",)  # sensors that say where and when; the press names a settlement and a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Scores over one set of reports.

    Attributes:
        detectable: True incidents with at least one report.
        found: How many of them were found.
        fused: Fused incidents with at least one member.
        recall: Share of the detectable incidents that were found: more than half of the distinct
            members of some fused incident are of it.
        precision: Share of the fused incidents that are true: more than half of their distinct
            members are of one and the same true incident.
        split: Share of the found incidents that were found more than once; precision does not
            punish that.
        bcubed: Agreement of the two groupings, report by report.
    """

    detectable: int
    found: int
    fused: int
    recall: Share
    precision: Share
    split: Share
    bcubed: BCubed


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Scores over all reports, and over the precise ones alone.

    Attributes:
        every: All sensors. Reports of the press are vague by nature, so this is bounded by them.
        precise: Sensors in `PRECISE` only; other members of an incident are left out.
    """

    every: Findings
    precise: Findings


def found(
    truth: pl.DataFrame,
    links: pl.DataFrame,
    members: pl.DataFrame,
    incidents: pl.DataFrame,
    *,
    files: Mapping[str, str],
    rng: np.random.Generator,
) -> Score:
    """Return how well fused incidents agree with what really happened.

    Tables that do not belong together (a member, a row or an incident that the other table does not
    know) are refused with `BadInput`.

    Args:
        truth: What happened; see `simulate.parts.filed.TRUTH`; of it only `incident` is read.
        links: What each data record is; see `simulate.parts.filed.LINK`.
        members: `records.table.MEMBER`, copies in overlapping downloads included.
        incidents: `records.table.INCIDENT`; of it only `id` is read.
        files: File name of each object, by the SHA-256 of its bytes; see `World.objects`.
        rng: Random numbers of the bootstrap.
    """
    _known(links["incident"].drop_nulls(), truth["incident"], "link", "the truth")
    _known(members["incident"], incidents["id"], "member", "the incidents")
    table = judged(links, members, files=files)
    sharp = table.filter(pl.col("sensor").is_in(PRECISE))
    return Score(
        every=_findings(table, rng),
        precise=_findings(sharp, rng),
    )


def metrics(score: Score) -> dict[str, dict[str, float | None]]:
    """Return every figure by name as `{"value", "low", "high"}`, ready for JSON.

    Names without a suffix are over all reports; those with `_precise` over the precise ones.
    `value` is null when there was nothing to take a share of.
    """
    named: dict[str, Share] = {}
    for suffix, findings in (("", score.every), ("_precise", score.precise)):
        named |= {
            f"recall{suffix}": findings.recall,
            f"precision{suffix}": findings.precision,
            f"split{suffix}": findings.split,
            f"bcubed_precision{suffix}": findings.bcubed.precision,
            f"bcubed_recall{suffix}": findings.bcubed.recall,
            f"bcubed_f1{suffix}": findings.bcubed.f1,
        }
    return {
        name: {"value": s.value_p, "low": s.low_p, "high": s.high_p} for name, s in named.items()
    }


def _findings(table: pl.DataFrame, rng: np.random.Generator) -> Findings:
    taken = table.filter(pl.col("fused").is_not_null())
    sizes = taken.group_by("fused").agg(size=pl.len())
    majority = (
        taken.filter(pl.col("true").is_not_null())
        .group_by("fused", "true")
        .agg(same=pl.len())
        .join(sizes, on="fused")
        .filter(2 * pl.col("same") > pl.col("size"))
    )
    times = majority.group_by("true").agg(times=pl.len())
    detectable = table["true"].drop_nulls().n_unique()
    true, fused = _groups(table)
    return Findings(
        detectable=detectable,
        found=len(times),
        fused=len(sizes),
        recall=exact_share(len(times), detectable),
        precision=exact_share(len(majority), len(sizes)),
        split=exact_share(int((times["times"] > 1).sum()), len(times)),
        bcubed=bcubed(true, fused, rng=rng),
    )


def _groups(table: pl.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the true and the fused group of each report; a null is a group of its own."""
    alone = -1 - np.arange(len(table))
    true = table["true"].cast(pl.Int64).fill_null(pl.Series(alone, dtype=pl.Int64))
    fused = table["fused"].rank("dense").cast(pl.Int64).fill_null(pl.Series(alone, dtype=pl.Int64))
    return true.to_numpy(), fused.to_numpy()


def _known(used: pl.Series, declared: pl.Series, what: str, where: str) -> None:
    unknown = used.filter(~used.is_in(declared.implode()))
    if len(unknown):
        raise BadInput(what, f"incident {unknown[0]} is not in {where}, expected one that is")
