"""What kind of happening a group's reports speak of.

Each sensor says what a report of each class turned out to be (`SensorModel.meaning_p`), where kinds
are as frequent as the mission says. By Bayes a report of meaning m then speaks for kind k by

    L(k) = m(k) / frequency(k) + m(undetermined),

so that the frequencies count once however many sensors report, and a report that tells nothing
changes nothing. A numeric feature speaks by its densities in the same way. Different sensors,
different classes of one sensor, and features are taken as independent given the kind (naive Bayes).
Repeated looks of one sensor count once: what it cannot tell apart it cannot tell apart twice.

"Undetermined" weighs what no report told: the product of the shares that tell nothing. It never
weighs less than the chance that a happening is of no kind that has a name here, for which every
report is as good as any other. So reports that exclude each other leave it undetermined.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from trucewatch.records.sensor import FeatureModel, SensorModel

    Floats = NDArray[np.float64]

UNDETERMINED = "undetermined"
NAMELESS_P = 0.01
"""Chance that a happening is of no kind that has a name here. Assumed; a mission may give its own
as the frequency of "undetermined"."""
DIGITS = 6  # of a printed probability: no model here is good to more
_WHOLE = 10**DIGITS
_LOG_MAX = 300.0  # of a ratio of densities: beyond it nothing changes, and nothing overflows
_SUM_TOLERANCE_P = 1e-9
_BETWEEN, _AND = "\x1f", "\x1e"  # unit and record separators: no sensor or class holds them


class Frequencies(NamedTuple):
    """How often each kind is there.

    Attributes:
        names: Of the kinds, sorted, without "undetermined".
        known_p: Frequency of each among them; sums to 1.
        nameless_p: Chance of none of them.
    """

    names: tuple[str, ...]
    known_p: Floats
    nameless_p: np.float64


class Told(NamedTuple):
    """What was said of some incidents, as factors; one row each.

    Attributes:
        for_kind: (n, kinds) product of L(k).
        nothing: (n, kinds) the part of it that tells nothing.
        nameless: (n,) the same product for a happening of no kind.
    """

    for_kind: Floats
    nothing: Floats
    nameless: Floats


def frequencies(
    models: Mapping[str, SensorModel], kind_p: Mapping[str, float] | None = None
) -> Frequencies:
    """Return the frequencies of all kinds that the sensors can mean.

    Args:
        models: Of the sensors.
        kind_p: How often the mission expects each kind; with "undetermined", how often none of
            them. None or empty: all alike. One that is not above 0 (and below 1 for
            "undetermined"), or that lacks a kind that a sensor can mean, is refused with
            `BadInput`.
    """
    meant = {kind for m in models.values() for said in m.meaning_p.values() for kind in said}
    meant |= {kind for m in models.values() for f in m.feature_p.values() for kind in f.normal}
    return _frequencies(meant, kind_p)


def _frequencies(meant: set[str], kind_p: Mapping[str, float] | None) -> Frequencies:
    given = dict(kind_p or dict.fromkeys(meant, 1.0))
    nameless_p = given.pop(UNDETERMINED, NAMELESS_P) if kind_p else NAMELESS_P
    given.pop(UNDETERMINED, None)
    missing = sorted(meant - set(given) - {UNDETERMINED})
    if missing:
        raise BadInput("kind_p", f"{missing[0]!r} is missing, expected each kind that is reported")
    for name, expected_p in {**given, UNDETERMINED: nameless_p}.items():
        if not 0 < expected_p < (1 if name == UNDETERMINED else math.inf):
            problem = f"{name!r} is {expected_p}, must be above 0, and below 1 for undetermined"
            raise BadInput("kind_p", problem)
    names = tuple(sorted(given))
    known = np.array([given[name] for name in names])
    return Frequencies(names, known / known.sum(), np.float64(nameless_p))


def kinds(
    meanings: Sequence[Mapping[str, float]], kind_p: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return the probability of each kind, by name; they sum to 1.

    With u_i for "undetermined" in meaning m_i and frequency f, a kind weighs
    f (prod(m_i / f + u_i) - prod(u_i)), and "undetermined" prod(u_i) but at least `NAMELESS_P`.
    Meanings that exclude each other leave "undetermined" alone.

    Args:
        meanings: What each report means; see `SensorModel.meaning_p`.
        kind_p: As in `frequencies`; None: the kinds that are meant, all alike.

    Example:
        >>> kinds([{"shot": 0.5, "undetermined": 0.5}, {"shot": 0.5, "undetermined": 0.5}])
        {'shot': 0.75, 'undetermined': 0.25}
    """
    expected = _frequencies({name for meaning in meanings for name in meaning}, kind_p)
    found = _weighed(_words(meanings, expected), expected)[0]
    names = sorted((*expected.names, UNDETERMINED))
    return {name: p for name, p in zip(names, found.tolist(), strict=True) if p > 0}


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
        BadInput: An unknown kind, a negative probability, or a sum that is not 1; a feature with
            a spread that is not above 0 or a share that is not inside 0 to 1.
    """
    where = f"sensor {name}"
    for reported, meaning in model.meaning_p.items():
        unknown = sorted(set(meaning) - set(HAPPENINGS))
        if unknown:
            problem = f"class {reported!r} means {unknown[0]!r}, expected a known kind"
            raise BadInput(where, problem)
        total_p = math.fsum(meaning.values())
        if min(meaning.values(), default=-1) < 0 or abs(total_p - 1) > _SUM_TOLERANCE_P:
            problem = f"meanings of {reported!r} sum to {total_p}, expected shares that sum to 1"
            raise BadInput(where, problem)
    for feature, spread in model.feature_p.items():
        _check_feature(f"{where}: feature {feature!r}", spread)


def _check_feature(where: str, model: FeatureModel) -> None:
    unknown = sorted(set(model.normal) - (set(HAPPENINGS) - {UNDETERMINED}))
    if unknown:
        raise BadInput(where, f"tells {unknown[0]!r}, expected a known kind")
    for mean, sd in (model.broad, *model.normal.values()):
        if not (math.isfinite(mean) and 0 < sd < math.inf):
            raise BadInput(
                where, f"spread is {mean}, {sd}, expected a mean and a deviation above 0"
            )
    if not 0 < model.broad_p < 1:
        raise BadInput(where, f"broad_p is {model.broad_p}, must be above 0 and below 1")


def classes(
    members: pl.DataFrame,
    models: Mapping[str, SensorModel],
    *,
    kind_p: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """Return `incident`, `class` and `class_p` (canonical JSON), one row per incident.

    Probabilities have six decimals and sum to 1; kinds with none are left out. Those of
    "undetermined" are always above 0.

    Args:
        members: Distinct reports with `incident`, `sensor` and `class`; with a struct column
            `features` where sensors declare some. The median of a sensor's reports counts as one.
        models: Their sensors' meanings and features.
        kind_p: As in `frequencies`; a bad one is refused with `BadInput`.
    """
    expected = frequencies(models, kind_p)
    said = (
        members.select("incident", "sensor", "class")
        .unique()
        .sort("incident", "sensor", "class")
        .group_by("incident", maintain_order=True)
        .agg(pl.concat_str("sensor", pl.lit(_BETWEEN), "class").str.join(_AND).alias("said"))
    )
    texts = said["said"].unique().sort()
    spoken = [_words(_meanings(text, models), expected) for text in texts]
    told = Told(*(np.concatenate(part) for part in zip(*spoken, strict=True)))
    row = said["said"].cast(pl.Enum(texts)).to_physical().to_numpy()
    features = list(_features(members, models, said["incident"]))
    if features:
        told, row = Told(*(part[row] for part in told)), np.arange(said.height)
    for values, model in features:
        told = _with_feature(told, values, model, expected)
    names = sorted((*expected.names, UNDETERMINED))
    return said.select("incident").hstack(_spelled(_weighed(told, expected), names)[row])


def blended(heard: pl.DataFrame, alone: pl.DataFrame, chance: pl.DataFrame) -> pl.DataFrame:
    """Return classes in which what some reports add counts by the chance that they belong.

    Args:
        heard: `classes` of all members.
        alone: The same without those reports, for the incidents that hold any.
        chance: `incident` and `membership_p` of those reports.
    """
    both = heard.join(alone, on="incident", suffix="_alone").join(chance, on="incident")
    if both.is_empty():
        return heard
    said = [[json.loads(text) for text in both[c]] for c in ("class_p", "class_p_alone")]
    names = sorted({name for side in said for shares in side for name in shares} | {UNDETERMINED})
    with_, without = (
        np.array([[shares.get(name, 0.0) for name in names] for shares in side]) for side in said
    )
    p = both["membership_p"].to_numpy()[:, None]
    mixed = _spelled(p * with_ + (1 - p) * without, names)
    return heard.update(mixed.with_columns(both["incident"]), on="incident")


def _meanings(text: str, models: Mapping[str, SensorModel]) -> list[Mapping[str, float]]:
    pairs = [pair.split(_BETWEEN) for pair in text.split(_AND)]
    return [models[sensor].meaning_p[reported] for sensor, reported in pairs]


def _words(meanings: Sequence[Mapping[str, float]], expected: Frequencies) -> Told:
    """Return what some meanings tell of one incident, as one row."""
    told = np.array([[m.get(name, 0.0) for name in expected.names] for m in meanings])
    nothing = np.array([[m.get(UNDETERMINED, 0.0)] for m in meanings])
    return Told(
        (told / expected.known_p + nothing).prod(axis=0, keepdims=True),
        np.broadcast_to(nothing.prod(axis=0, keepdims=True), (1, len(expected.names))),
        np.ones(1),
    )


def _features(
    members: pl.DataFrame, models: Mapping[str, SensorModel], incident: pl.Series
) -> Iterator[tuple[Floats, FeatureModel]]:
    """Yield each declared feature that was measured: one value per incident, NaN for none."""
    held = members.schema.get("features")
    measured = {field.name for field in held.fields} if isinstance(held, pl.Struct) else set()
    for sensor in sorted(models):
        for name, model in sorted(models[sensor].feature_p.items()):
            if name not in measured:
                continue
            value = pl.col("features").struct.field(name).cast(pl.Float64)
            of_sensor = members.filter(pl.col("sensor") == sensor).select("incident", value=value)
            if model.log10:
                of_sensor = of_sensor.filter(pl.col("value") > 0)
                of_sensor = of_sensor.with_columns(pl.col("value").log10())
            found = (
                of_sensor.filter(pl.col("value").is_finite())
                .group_by("incident")
                .agg(pl.col("value").median())
            )
            values = incident.to_frame().join(
                found, on="incident", how="left", maintain_order="left"
            )
            yield values["value"].fill_null(math.nan).to_numpy(), model


def _with_feature(told: Told, values: Floats, model: FeatureModel, expected: Frequencies) -> Told:
    """Return what is told with one more feature; NaN tells nothing.

    Of a kind that the feature does not tell apart it says what it says of anything: `broad`.
    """
    known = ~np.isnan(values)
    at = values[known]
    log_broad = _log_normal(at, model.broad)
    nothing = np.ones((len(at), len(expected.names)))
    for_kind = nothing.copy()
    for name, spread in model.normal.items():
        k = expected.names.index(name)
        telling = np.exp(np.minimum(_log_normal(at, spread) - log_broad, _LOG_MAX))
        nothing[:, k] = model.broad_p
        for_kind[:, k] = model.broad_p + (1 - model.broad_p) * telling
    mean = for_kind @ expected.known_p
    new = Told(*(part.copy() for part in told))
    new.for_kind[known] *= for_kind / mean[:, None]
    new.nothing[known] *= nothing / mean[:, None]
    new.nameless[known] /= mean
    return new


def _log_normal(at: Floats, spread: tuple[float, float]) -> Floats:
    mean, sd = spread
    found: Floats = -0.5 * np.square((at - mean) / sd) - math.log(sd)
    return found


def _weighed(told: Told, expected: Frequencies) -> Floats:
    """Return the probabilities, (n, kinds and "undetermined" in order of name); rows sum to 1."""
    weight = expected.known_p * np.maximum(told.for_kind - told.nothing, 0)
    untold = np.maximum(told.nothing @ expected.known_p, expected.nameless_p * told.nameless)
    place = int(np.searchsorted(expected.names, UNDETERMINED))
    weight = np.insert(weight, place, untold, axis=1)
    found: Floats = weight / weight.sum(axis=1, keepdims=True)
    return found


def _spelled(found: Floats, names: Sequence[str]) -> pl.DataFrame:
    """Return `class` and `class_p` of each row.

    What rounding leaves over goes to the likeliest kind. A part of a million has at most six digits
    and no exponent, so its canonical spelling is plain.
    """
    part = np.rint(found * _WHOLE).astype(np.int64)
    undetermined = part[:, names.index(UNDETERMINED)]
    np.maximum(undetermined, 1, out=undetermined)
    rows = np.arange(len(part))
    part[rows, part.argmax(axis=1)] += _WHOLE - part.sum(axis=1)
    table = pl.DataFrame(part, schema=[*names], orient="row")
    return table.select(
        pl.Series("class", np.array(names)[part.argmax(axis=1)], pl.String),
        class_p=pl.concat_str(
            pl.lit("{"),
            pl.concat_str([_entry(name) for name in names], separator=",", ignore_nulls=True),
            pl.lit("}"),
        ),
    )


def _entry(name: str) -> pl.Expr:
    """Return the text of one kind's probability, from parts of a million; null when it has none."""
    part = pl.col(name)
    digits = part.cast(pl.String).str.zfill(DIGITS).str.strip_chars_end("0")
    text = pl.when(part == _WHOLE).then(pl.lit("1")).otherwise(pl.lit("0.") + digits)
    return pl.when(part > 0).then(pl.lit(f'"{name}":') + text)
