"""What kind of happening: words and features, worked out by hand and by counting."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.fuse.kind import NAMELESS_P, check_meanings, classes, frequencies, kinds, likeliest
from trucewatch.records.canonical import canonical
from trucewatch.records.sensor import FeatureModel, SensorModel

LOUDNESS = FeatureModel(
    normal={"shot": (0.0, 0.5), "burst": (2.0, 0.5)}, broad=(1.0, 3.0), broad_p=0.1
)
MODEL = SensorModel(
    detection_p=0.4,
    repeats_mean=0.5,
    false_alarms_per_km2_day=1e-5,
    spread_m=100.0,
    spread_s=60.0,
    channel_gap_s=600.0,
    meaning_p={
        "shot": {"shot": 0.8, "burst": 0.1, "undetermined": 0.1},
        "burst": {"shot": 0.2, "burst": 0.8},
        "undetermined": {"undetermined": 1.0},
    },
    source="invented for tests",
)
MODELS = {
    "array": replace(MODEL, feature_p={"loudness_db": LOUDNESS}),
    "camera": replace(MODEL, meaning_p={**MODEL.meaning_p, "flare": {"flare": 1.0}}),
}


def members(*rows: tuple[int, str, str, float | None]) -> pl.DataFrame:
    columns = {"incident": pl.Int64, "sensor": pl.String, "class": pl.String, "db": pl.Float64}
    table = pl.DataFrame(rows, schema=columns, orient="row")
    return table.with_columns(features=pl.struct(loudness_db="db")).drop("db")


def told(table: pl.DataFrame, **given: dict[str, float]) -> list[dict[str, float]]:
    return [json.loads(text) for text in classes(table, MODELS, **given)["class_p"]]


def test_one_meaning_is_kept_as_it_is() -> None:
    meaning = {"undetermined": 0.96, "explosion_undetermined": 0.04}

    assert kinds([meaning]) == pytest.approx(meaning, abs=1e-15)


def test_a_kind_that_only_one_sensor_knows_survives_the_other() -> None:
    found = kinds([{"undetermined": 0.96, "burst": 0.04}, {"shot": 0.9, "undetermined": 0.1}])

    assert likeliest(found) == "shot"
    assert math.fsum(found.values()) == pytest.approx(1)


def test_meanings_that_exclude_each_other_leave_it_undetermined() -> None:
    assert kinds([{"shot": 1.0}, {"burst": 1.0}]) == {"undetermined": 1.0}


def test_a_certain_meaning_still_leaves_the_chance_of_no_known_kind() -> None:
    found = kinds([{"shot": 1.0}])

    assert found["undetermined"] == pytest.approx(NAMELESS_P / (1 + NAMELESS_P))


def test_equal_kinds_are_told_by_name() -> None:
    assert likeliest({"shot": 0.5, "burst": 0.5}) == "burst"


def test_frequencies_count_once_however_many_sensors_report() -> None:
    frequency_p = {"shot": 0.9, "burst": 0.1}
    says_p = {"shot": 0.7, "burst": 0.3}  # chance to say "shot" for each kind
    joint = {kind: frequency_p[kind] * says_p[kind] for kind in frequency_p}
    meaning = {kind: p / sum(joint.values()) for kind, p in joint.items()}

    for reports in (1, 2, 5):
        found = kinds([meaning] * reports, frequency_p)

        exact = {kind: frequency_p[kind] * says_p[kind] ** reports for kind in frequency_p}
        odds = found["shot"] / found["burst"]
        assert odds == pytest.approx(exact["shot"] / exact["burst"])


def test_a_report_that_tells_nothing_changes_nothing() -> None:
    meaning = {"shot": 0.7, "burst": 0.2, "undetermined": 0.1}

    found = kinds([meaning, {"undetermined": 1.0}], {"shot": 0.3, "burst": 0.7})

    assert found == pytest.approx(meaning)


SHARES = st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any)
NAMES = ("shot", "burst", "undetermined")


def meanings_of(rows: list[list[int]]) -> list[dict[str, float]]:
    return [{n: v / sum(r) for n, v in zip(NAMES, r, strict=True)} for r in rows]


@given(rows=st.lists(SHARES, min_size=1, max_size=4), turn=st.randoms())
def test_kinds_are_probabilities_whatever_the_order(rows: list[list[int]], turn: object) -> None:
    meanings = meanings_of(rows)
    shuffled = meanings.copy()
    turn.shuffle(shuffled)

    found = kinds(meanings)

    assert math.fsum(found.values()) == pytest.approx(1)
    assert min(found.values()) > 0
    assert kinds(shuffled) == pytest.approx(found, abs=1e-12)


@given(rows=st.lists(SHARES, min_size=1, max_size=4), shot_p=st.floats(0.05, 0.95))
def test_kinds_agree_with_the_sum_over_all_ways_to_be_told(
    rows: list[list[int]], shot_p: float
) -> None:
    meanings = meanings_of(rows)
    frequency_p = {"shot": shot_p, "burst": 1 - shot_p}
    weight = dict.fromkeys(NAMES, 0.0)
    for kind, p in frequency_p.items():  # each report tells the kind, or tells nothing
        for tells in product((True, False), repeat=len(meanings)):
            chance = p
            for meaning, does in zip(meanings, tells, strict=True):
                chance *= meaning[kind] / p if does else meaning["undetermined"]
            weight[kind if any(tells) else "undetermined"] += chance
    weight["undetermined"] = max(weight["undetermined"], NAMELESS_P)

    found = kinds(meanings, frequency_p)

    expected = {n: w / sum(weight.values()) for n, w in weight.items() if w > 0}
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_table_tells_what_single_meanings_tell() -> None:
    table = members(
        (4, "array", "shot", None),
        (4, "camera", "shot", None),
        (7, "camera", "burst", None),
        (9, "array", "undetermined", None),
    )
    frequency_p = {"shot": 0.5, "burst": 0.3, "flare": 0.2}
    said = MODEL.meaning_p

    found = classes(table, MODELS, kind_p=frequency_p)

    expected = [[said["shot"]] * 2, [said["burst"]], [said["undetermined"]]]
    assert found["incident"].to_list() == [4, 7, 9]
    assert found["class"].to_list() == ["shot", "burst", "undetermined"]
    for text, meanings in zip(found["class_p"], expected, strict=True):
        assert json.loads(text) == pytest.approx(kinds(meanings, frequency_p), abs=2e-6)


def test_repeated_looks_of_one_sensor_count_once() -> None:
    once = members((0, "array", "shot", 1.9))
    thrice = members(*[(0, "array", "shot", db) for db in (1.9, 0.1, 5.0)])

    assert told(thrice) == told(once)


def test_a_feature_speaks_by_its_densities() -> None:
    table = members((0, "array", "undetermined", 1.7))
    frequency_p = {"shot": 0.8, "burst": 0.1, "flare": 0.1}

    (found,) = told(table, kind_p=frequency_p)

    def density(at: float, middle: float, sd: float) -> float:
        return math.exp(-(((at - middle) / sd) ** 2) / 2) / sd

    broad = density(1.7, *LOUDNESS.broad)
    weight = {
        kind: p * 0.9 * density(1.7, *LOUDNESS.normal[kind])
        for kind, p in frequency_p.items()
        if kind in LOUDNESS.normal
    }
    weight["undetermined"] = broad * (0.1 * 0.9 + 0.1)  # nothing told; of a flare never anything
    expected = {kind: w / sum(weight.values()) for kind, w in weight.items()}
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_reading_that_no_kind_explains_tells_nothing() -> None:
    (found,) = told(members((0, "array", "undetermined", 40.0)))

    assert found["undetermined"] > 0.999


@pytest.mark.parametrize("reading", [None, math.nan, math.inf])
def test_a_feature_that_was_not_measured_changes_nothing(reading: float | None) -> None:
    table = members((0, "array", "shot", reading), (1, "camera", "shot", 2.0))

    found = told(table)

    assert found[0] == found[1], "the camera declares no loudness"
    assert found == told(table.drop("features"))


def test_a_feature_by_its_logarithm_must_be_above_zero() -> None:
    power = replace(LOUDNESS, log10=True)
    models = {**MODELS, "array": replace(MODEL, feature_p={"loudness_db": power})}
    rows = [(0, "array", "undetermined", 100.0), (1, "array", "undetermined", -1.0)]

    found = classes(members(*rows), models)["class"]

    assert found.to_list() == ["burst", "undetermined"]


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(["array", "camera"]),
            st.sampled_from(["shot", "burst", "undetermined"]),
            st.none() | st.floats(-5, 5),
        ),
        min_size=1,
        max_size=12,
    ),
    turn=st.randoms(),
)
def test_classes_are_canonical_sum_to_one_and_never_rule_out_undetermined(
    rows: list[tuple[int, str, str, float | None]], turn: object
) -> None:
    shuffled = rows.copy()
    turn.shuffle(shuffled)

    found = classes(members(*rows), MODELS)

    for said, text in found.select("class", "class_p").iter_rows():
        shares = json.loads(text)
        assert text == canonical(shares).decode()
        assert round(sum(shares.values()) * 10**6) == 10**6
        assert shares["undetermined"] > 0
        assert said == likeliest(shares)
    assert classes(members(*shuffled), MODELS).equals(found)


def test_kinds_are_alike_frequent_unless_the_mission_says_otherwise() -> None:
    found = frequencies(MODELS)

    assert found.names == ("burst", "flare", "shot")
    assert found.known_p == pytest.approx(np.full(3, 1 / 3))
    assert found.nameless_p == NAMELESS_P


def test_the_mission_may_say_how_often_a_kind_has_no_name() -> None:
    found = kinds([{"shot": 1.0}], {"shot": 1.0, "undetermined": 0.2})

    assert found["undetermined"] == pytest.approx(0.2 / 1.2)


@pytest.mark.parametrize(
    ("kind_p", "problem"),
    [
        ({"shot": 0.5, "burst": 0.5}, "kind_p: 'flare' is missing, expected each kind"),
        ({"shot": 0.0, "burst": 0.5, "flare": 0.5}, "'shot' is 0.0, must be above 0"),
        ({"shot": math.nan, "burst": 0.5, "flare": 0.5}, "'shot' is nan, must be above 0"),
        (
            {"shot": 1, "burst": 1, "flare": 1, "undetermined": 1.0},
            "'undetermined' is 1.0, must be .* below 1",
        ),
    ],
)
def test_refuses_frequencies_that_cannot_be(kind_p: dict[str, float], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        frequencies(MODELS, kind_p)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"normal": {"bang": (0.0, 1.0)}}, "feature 'loudness_db': tells 'bang', expected a known"),
        ({"normal": {"undetermined": (0.0, 1.0)}}, "tells 'undetermined', expected a known kind"),
        ({"normal": {"shot": (0.0, 0.0)}}, "spread is 0.0, 0.0, expected a mean and"),
        ({"broad": (0.0, math.nan)}, "spread is 0.0, nan, expected a mean and"),
        ({"broad": (math.inf, 1.0)}, "spread is inf, 1.0, expected a mean and"),
        ({"broad_p": 0.0}, "broad_p is 0.0, must be above 0 and below 1"),
        ({"broad_p": 1.0}, "broad_p is 1.0, must be above 0 and below 1"),
    ],
)
def test_refuses_a_feature_that_cannot_be(change: dict[str, object], problem: str) -> None:
    model = replace(MODEL, feature_p={"loudness_db": replace(LOUDNESS, **change)})

    with pytest.raises(BadInput, match=problem):
        check_meanings("array", model)
