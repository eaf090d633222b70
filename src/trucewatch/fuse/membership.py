"""To which incident each report belongs, with a probability that means what it says.

Precise reports get theirs from sampled groupings (`belong`), imprecise ones from the places of the
precise incidents (`soft`). "None" stands beside them: no fused group stands for what the report
speaks of, or it is a false alarm. `evaluate.membership` measures how often such chances come true.

Links that analysts made are not known here: a report that one of them moved has the chance that the
sensors alone give it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.fuse.belong import Belonging, belong
from trucewatch.fuse.groups import Groups, grouped, numbered
from trucewatch.fuse.likelihood import COLUMNS, S2, U2, T, X, Y
from trucewatch.fuse.sample import seeds_of
from trucewatch.fuse.silence import watching
from trucewatch.fuse.soft import Known, Soft, Source, soften
from trucewatch.fuse.weigh import evidence_of
from trucewatch.records.table import SILENCE, empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from trucewatch.fuse.associate import Association
    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

FLOOR_P = 0.01  # smaller chances are left out; they are many and change nothing that is decided
NONE = -1
MEMBERSHIP = {"report": pl.Int64(), "incident": pl.Int64(), "p": pl.Float64()}
_M_PER_KM = 1000.0
_S_PER_DAY = 86400.0
_US_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Memberships:
    """How sure each report's place is.

    Attributes:
        table: `MEMBERSHIP`: row of a report, number of an incident or `NONE`, chance; by report,
            `NONE` first. An imprecise report is of precise incidents or of none of them. Chances
            under `FLOOR_P` are missing, so those of a report add up to 1 or a little less.
        real_p: Chance that the incident happened, one per incident. For that of an imprecise report
            alone: that it speaks of an incident which no precise group stands for.
        evidence: Log Bayes factor of joining the rest of its incident, natural-log units, one per
            report; NaN where it is alone.
    """

    table: pl.DataFrame
    real_p: NDArray[np.float64]
    evidence: NDArray[np.float64]


class _Parts(NamedTuple):
    """Precise part of an association.

    Attributes:
        groups: Reports by incident.
        number: Number of each report's incident.
    """

    groups: Groups
    number: NDArray[np.int64]


def memberships(
    association: Association,
    reports: pl.DataFrame,
    *,
    models: Mapping[str, SensorModel],
    settings: FusionSettings,
    silences: pl.DataFrame | None = None,
) -> Memberships:
    """Return the chances of membership of all reports.

    A function of the set of reports: their order as given to the stage does not matter.

    Args:
        association: Of `reports`.
        reports: As given to `associate`.
        models: Detection model of every sensor in `reports`.
        settings: The mission's.
        silences: When sensors were silent beyond chance (`silence.silences`), if known.
    """
    precise = _parts(association)
    n = len(precise.number)
    sharp = _precise(association, precise)
    known = _known(association, precise, sharp)
    vague = reports[n:]
    soft = soften(
        _places(vague),
        _source(vague, models, settings, empty(SILENCE) if silences is None else silences),
        known,
        floor_p=FLOOR_P,
    )
    evidence = evidence_of(
        association.matrix, association.sensor, precise.groups, association.terms
    )
    lone = precise.groups.start.size - 1
    return Memberships(
        table=_table(sharp, soft, n),
        real_p=np.concatenate((association.real_p[:lone], soft.own_p)),
        evidence=np.concatenate((evidence, np.full(len(soft.own_p), math.nan))),
    )


def _parts(association: Association) -> _Parts:
    groups = grouped(association.clustered.label)
    return _Parts(groups, numbered(groups))


def _precise(association: Association, precise: _Parts) -> Belonging:
    """Return the chances of precise reports, by incident number."""
    label, _, component = association.clustered
    found = belong(
        (association.matrix, association.sensor),
        (label, component),
        association.terms,
        seeds=seeds_of(association.matrix),
        floor_p=FLOOR_P,
    )
    number = np.where(found.incident < 0, NONE, precise.number[found.incident])
    return found._replace(incident=number)


def _known(association: Association, precise: _Parts, found: Belonging) -> Known:
    """Return the precise incidents as sources of imprecise reports.

    A group stands for an incident as surely as its surest member is of it.
    """
    number, matrix = precise.number, association.matrix
    incidents = len(precise.groups.start) - 1
    place = np.zeros((incidents, COLUMNS))
    for error, axes in ((S2, (X, Y)), (U2, (T,))):
        weight = 1 / matrix[:, error]
        total = np.bincount(number, weight, incidents)
        place[:, error] = 1 / total
        for axis in axes:
            place[:, axis] = np.bincount(number, weight * matrix[:, axis], incidents) / total
    own = found.incident == number[found.row]
    stands_p = np.zeros(incidents)
    np.maximum.at(stands_p, found.incident[own], found.p[own])
    none = found.incident == NONE
    hidden = np.bincount(number[found.row[none]], found.p[none], incidents)
    several = np.diff(precise.groups.start) > 1  # alone and of none is a false alarm
    return Known(place, stands_p, np.where(several, hidden, 0.0))


def _places(vague: pl.DataFrame) -> NDArray[np.float64]:
    place = np.zeros((vague.height, COLUMNS))
    for axis, name, unit in (
        (X, "x_m", _M_PER_KM),
        (Y, "y_m", _M_PER_KM),
        (T, "middle_us", _US_PER_DAY),
        (S2, "s2_m2", _M_PER_KM**2),
        (U2, "u2_s2", _S_PER_DAY**2),
    ):
        place[:, axis] = vague[name].to_numpy() / unit
    return place


def _source(
    vague: pl.DataFrame,
    models: Mapping[str, SensorModel],
    settings: FusionSettings,
    silences: pl.DataFrame,
) -> Source:
    sharp = sorted(set(models) - set(settings.imprecise_sensors))
    missed_p = np.array([1 - models[name].detection_p for name in sharp])
    watched = watching(vague["middle_us"].to_numpy(), silences, sensors=sharp)
    sensor = vague["sensor"]
    reports = {n: m.detection_p * (1 + m.repeats_mean) for n, m in models.items()}
    false = {n: m.false_alarms_per_km2_day for n, m in models.items()}
    return Source(
        reports_mean=sensor.replace_strict(reports, return_dtype=pl.Float64).to_numpy(),
        false_per_km2_day=sensor.replace_strict(false, return_dtype=pl.Float64).to_numpy(),
        seen_p=1 - np.where(watched, missed_p, 1.0).prod(axis=1),
        usual_p=float(1 - missed_p.prod()),
        incidents_per_km2_day=settings.incidents_per_km2_day,
    )


def _table(sharp: Belonging, vague: Soft, n: int) -> pl.DataFrame:
    """Return both kinds of reports, the precise ones first as in the canonical order."""
    none_p = vague.own_p + vague.false_p
    far = np.flatnonzero(none_p >= FLOOR_P)
    columns: Iterable[tuple[NDArray[np.generic], ...]] = (
        (sharp.row, n + vague.row, n + far),
        (sharp.incident, vague.incident, np.full(len(far), NONE)),
        (sharp.p, vague.pair_p, none_p[far]),
    )
    whole = (np.concatenate(parts) for parts in columns)
    table = pl.DataFrame(dict(zip(MEMBERSHIP, whole, strict=True)), schema=MEMBERSHIP)
    return table.sort("report", "incident")
