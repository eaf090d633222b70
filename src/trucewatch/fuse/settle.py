"""In which incident each report is counted, once the chances are known.

Precise reports stay where merging put them. An imprecise one is counted in a precise incident when
it is likelier than not of that one; else it stays an incident of its own, as real as it is likely
to speak of something that no precise report told. Lesser chances are kept as possible members. What
analysts say of imprecise reports outweighs the chances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.fuse.groups import connect, grouped, numbered
from trucewatch.fuse.links import Links
from trucewatch.fuse.membership import NONE
from trucewatch.fuse.weigh import REAL_P_MAX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.bound import Bound
    from trucewatch.fuse.groups import Groups
    from trucewatch.fuse.membership import Memberships

JOIN_P = 0.5  # likelier than not
POSSIBLE_P = 0.05  # lesser chances are many, and nobody would look at them
COUNTED, POSSIBLE = "member", "possible"


class Said(NamedTuple):
    """What analysts say, divided by who must act on it.

    Attributes:
        links: Between precise reports; for `associate`.
        together: Pairs (k, 2) of an imprecise report and the one that it goes with, low row last.
        apart: Pairs (k, 2) of an imprecise report and another that it must not go with.
        closed: Number of the locked set of every report, or -1.
    """

    links: Links
    together: NDArray[np.int64]
    apart: NDArray[np.int64]
    closed: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The incidents, and who is in them.

    Attributes:
        groups: All reports by the incident that they are counted in.
        real_p: One per incident.
        pairs: `report` and `incident` (numbers), `membership_p`, `role` (`COUNTED` once for each
            report, `POSSIBLE` any number of times) and `evidence` (natural-log units, or null).
    """

    groups: Groups
    real_p: NDArray[np.float64]
    pairs: pl.DataFrame


def divide(bound: Bound, n: int) -> Said:
    """Return what analysts say, for precise reports (the first n rows) and for the others.

    Precise reports that go together only through an imprecise one go together as well.
    """
    least = np.arange(len(bound.closed))
    connect(least, *np.ascontiguousarray(bound.together.T))
    rows = np.flatnonzero(np.bincount(least, minlength=len(least))[least] > 1)
    rows = rows[np.lexsort((rows, least[rows]))]
    goes, with_ = rows, least[rows]  # the least row is precise where any is: they come first
    sharp = (goes < n) & (goes != with_)
    vague = (goes >= n) & (goes != with_)
    apart = bound.apart[bound.apart[:, 1] >= n]
    return Said(
        links=Links(
            np.column_stack((with_[sharp], goes[sharp])),
            bound.apart[bound.apart[:, 1] < n],
            bound.closed[:n],
        ),
        together=np.column_stack((goes[vague], with_[vague])),
        apart=np.concatenate((apart[:, ::-1], apart[apart[:, 0] >= n])),
        closed=bound.closed,
    )


def settle(label: NDArray[np.int64], found: Memberships, said: Said) -> Settled:
    """Return where each report is counted.

    Args:
        label: Least row of each precise report's incident.
        found: Chances of all reports; its incidents are numbered by least row, precise ones first.
        said: What analysts say.
    """
    n, total = len(label), len(said.closed)
    least = np.unique(label)  # row of each precise incident's number
    whole = np.concatenate((label, np.arange(n, total)))
    own_p = np.zeros(total)
    own_p[np.concatenate((least, np.arange(n, total)))] = found.real_p
    whole[said.together[:, 0]] = whole[said.together[:, 1]]
    none_p = np.ones(total)  # an analyst's incident happened if any of its parts did
    np.multiply.at(none_p, whole, 1 - own_p)
    found = _conditioned(found, whole, least, said)
    own_p[n:] = np.maximum(own_p[n:], found.real_p[len(least) :])
    merged = np.unique(whole[said.together[:, 0]])
    own_p[merged] = np.minimum(1 - none_p[merged], REAL_P_MAX)
    _join(found.table, whole, least, said)
    groups = grouped(whole)
    return Settled(
        groups=groups,
        real_p=own_p[groups.row[groups.start[:-1]]],
        pairs=_pairs(found, groups, least, n),
    )


def _conditioned(
    found: Memberships, whole: NDArray[np.int64], least: NDArray[np.int64], said: Said
) -> Memberships:
    """Return the chances of imprecise reports given what analysts ruled out for them."""
    n = len(said.links.closed)
    report, incident, p = (found.table[name].to_numpy() for name in ("report", "incident", "p"))
    told = (report >= n) & (incident != NONE)
    into = least[np.where(told, incident, 0)] if len(least) else np.zeros_like(incident)
    kept_apart = said.apart[:, 0] * len(whole) + whole[said.apart[:, 1]]
    ruled_out = told & (
        np.isin(report * len(whole) + into, kept_apart) | (said.closed[report] != said.closed[into])
    )
    if not ruled_out.any():
        return found
    lost_p = np.bincount(report[ruled_out], p[ruled_out], len(whole))
    factor = 1 / np.maximum(1 - lost_p, 1e-9)
    table = found.table.with_columns(p=np.minimum(p * factor[report], 1.0)).filter(~ruled_out)
    real_p = found.real_p.copy()
    real_p[len(least) :] = np.minimum(real_p[len(least) :] * factor[n:], REAL_P_MAX)
    return replace(found, table=table, real_p=real_p)


def _join(
    table: pl.DataFrame, whole: NDArray[np.int64], least: NDArray[np.int64], said: Said
) -> None:
    """Put imprecise reports into the precise incident that they are likelier than not of.

    The likeliest joins first, so that of two reports that an analyst keeps apart the surer stays.
    """
    likely = table.filter((pl.col("p") >= JOIN_P) & (pl.col("incident") != NONE))
    likely = likely.filter(pl.col("report") >= len(said.links.closed))
    likely = likely.sort("report", "incident").unique("report", keep="first", maintain_order=True)
    likely = likely.sort("p", "report", descending=[True, False])
    report, into = likely["report"].to_numpy(), least[likely["incident"].to_numpy()]
    free = (said.closed[report] == said.closed[into]) & ~np.isin(report, said.together)
    report, into = report[free], into[free]
    spoken = np.isin(report, said.apart[:, 0])
    whole[report[~spoken]] = into[~spoken]
    for one, target in zip(report[spoken], into[spoken], strict=True):  # a few, by hand of people
        others = said.apart[said.apart[:, 0] == one, 1]
        if not (whole[others] == target).any():
            whole[one] = target


def _pairs(found: Memberships, groups: Groups, least: NDArray[np.int64], n: int) -> pl.DataFrame:
    """Return every report with the incident that it is counted in, and with possible others."""
    number = numbered(groups)
    report, old, p = (found.table[name].to_numpy() for name in ("report", "incident", "p"))
    own = np.where(groups.row[groups.start[number[report]]] >= n, number[report], NONE)
    alone = own if not len(least) else np.where(old == NONE, own, number[least[old]])
    chances = pl.DataFrame({"report": report, "incident": alone, "membership_p": p}).filter(
        pl.col("incident") != NONE
    )
    counted = pl.DataFrame(
        {"report": np.arange(len(number)), "incident": number, "evidence": found.evidence}
    ).with_columns(role=pl.lit(COUNTED), evidence=pl.col("evidence").fill_nan(None))
    joined = chances.join(counted, on=["report", "incident"], how="full", coalesce=True)
    return joined.with_columns(
        pl.col("membership_p").fill_null(0.0), pl.col("role").fill_null(POSSIBLE)
    ).filter((pl.col("role") == COUNTED) | (pl.col("membership_p") >= POSSIBLE_P))
