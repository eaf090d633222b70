"""What kind of happening a group's reports speak of.

Each sensor says what a report of each class turned out to be (`SensorModel.meaning_p`). Different
sensors, and different classes of one sensor, are taken as independent given the kind (naive Bayes),
and "undetermined" as compatible with every kind. Repeated looks of one sensor count once: what it
cannot tell apart it cannot tell apart twice.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.records.canonical import canonical
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.records.sensor import SensorModel

UNDETERMINED = "undetermined"
_SUM_TOLERANCE_P = 1e-9
_BETWEEN, _AND = "\x1f", "\x1e"  # unit and record separators: no sensor or class holds them


def kinds(meanings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the probability of each kind, by name; they sum to 1.

    With u_i for "undetermined" in meaning i, a kind weighs prod(m_i + u_i) - prod(u_i) and
    "undetermined" prod(u_i). Meanings that exclude each other leave "undetermined" alone.

    Example:
        >>> kinds([{"shot": 0.5, "undetermined": 0.5}, {"shot": 0.5, "undetermined": 0.5}])
        {'shot': 0.75, 'undetermined': 0.25}
    """
    names = sorted({name for meaning in meanings for name in meaning} - {UNDETERMINED})
    open_p = math.prod(meaning.get(UNDETERMINED, 0.0) for meaning in meanings)
    weight = {
        name: math.prod(m.get(name, 0.0) + m.get(UNDETERMINED, 0.0) for m in meanings) - open_p
        for name in names
    }
    weight[UNDETERMINED] = open_p
    total = math.fsum(weight.values())
    if total <= 0:
        return {UNDETERMINED: 1.0}
    return {name: weight[name] / total for name in sorted(weight) if weight[name] > 0}


def likeliest(probabilities: Mapping[str, float]) -> str:
    """Return the kind with the greatest probability; the first by name when several have it.

    Example:
        >>> likeliest({"shot": 0.5, "burst": 0.5})
        'burst'
    """
    return min(probabilities, key=lambda name: (-probabilities[name], name))


def check_meanings(name: str, model: SensorModel) -> None:
    """Refuse a sensor whose meanings are not probabilities of known kinds.

    Raises:
        BadInput: An unknown kind, a negative probability, or a sum that is not 1.
    """
    for reported, meaning in model.meaning_p.items():
        unknown = sorted(set(meaning) - set(HAPPENINGS))
        if unknown:
            problem = f"class {reported!r} means {unknown[0]!r}, expected a known kind"
            raise BadInput(f"sensor {name}", problem)  # noqa: EM102
        total_p = math.fsum(meaning.values())
        if min(meaning.values(), default=-1) < 0 or abs(total_p - 1) > _SUM_TOLERANCE_P:
            problem = f"meanings of {reported!r} sum to {total_p}, expected shares that sum to 1"
            raise BadInput(f"sensor {name}", problem)  # noqa: EM102


def classes(members: pl.DataFrame, models: Mapping[str, SensorModel]) -> pl.DataFrame:
    """Return `incident`, `class` and `class_p` (canonical JSON), one row per incident.

    Args:
        members: Distinct reports with `incident`, `sensor` and `class`.
        models: Their sensors' meanings.
    """
    said = (
        members.select("incident", "sensor", "class")
        .unique()
        .sort("incident", "sensor", "class")
        .group_by("incident", maintain_order=True)
        .agg(pl.concat_str("sensor", pl.lit(_BETWEEN), "class").str.join(_AND).alias("said"))
    )
    named = [_named(text, models) for text in said["said"].unique().sort()]
    meant = pl.DataFrame(
        named,
        schema={"said": pl.String, "class": pl.String, "class_p": pl.String},
        orient="row",
    )
    return said.join(meant, on="said", how="left", maintain_order="left").drop("said")


def _named(text: str, models: Mapping[str, SensorModel]) -> tuple[str, str, str]:
    pairs = [pair.split(_BETWEEN) for pair in text.split(_AND)]
    found = kinds([models[sensor].meaning_p[reported] for sensor, reported in pairs])
    return text, likeliest(found), canonical(found).decode()
