"""Scores of fused incidents on cases made by hand, and on a whole world."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate.found import Score, found, metrics
from trucewatch.evaluate.judged import judged
from trucewatch.records.table import INCIDENT, MEMBER, empty
from trucewatch.simulate import simulate
from trucewatch.simulate.parts.filed import LINK

# Object `aa` holds rows 0 to 5, object `bb` repeats rows 2 to 5 of it (as its rows 0 to 3) and adds
# row 4; object `cc` is a news file. Reports 0, 1, 2 are of incident 0; 3, 4 of 1; 5 is a false
# alarm; 6 is of 2; news report 7 is of 0, news report 8 is a rumour. Incident 3 left no report.
FILES = {"aa": "a.csv", "bb": "b.csv", "cc": "c.csv"}
ROWS = [
    ("a.csv", 0, "firms", 0, 0, False),
    ("a.csv", 1, "firms", 1, 0, False),
    ("a.csv", 2, "firms", 2, 0, False),
    ("a.csv", 3, "firms", 3, 1, False),
    ("a.csv", 4, "firms", 4, 1, False),
    ("a.csv", 5, "firms", 5, None, False),
    ("b.csv", 0, "firms", 2, 0, False),
    ("b.csv", 1, "firms", 3, 1, False),
    ("b.csv", 2, "firms", 4, 1, False),
    ("b.csv", 3, "firms", 5, None, False),
    ("b.csv", 4, "firms", 6, 2, False),
    ("b.csv", 5, "firms", None, None, True),
    ("c.csv", 0, "news", 7, 0, False),
    ("c.csv", 1, "news", 8, None, False),
]
LINKS = pl.DataFrame(ROWS, schema=LINK, orient="row")
TRUTH = pl.DataFrame({"incident": pl.Series([0, 1, 2, 3], dtype=pl.UInt32)})
OBJECT = {name: sha for sha, name in FILES.items()}


def score(groups: dict[str, list[int]], *, more_ids: tuple[str, ...] = ()) -> Score:
    """Score a grouping of reports by number; every copy of a report becomes a member."""
    rows = [
        (name, OBJECT[file], row, 1.0)
        for name, reports in groups.items()
        for file, row, _, report, _, _ in ROWS
        if report is not None and report in reports
    ]
    return score_of(rows, ids=(*groups, *more_ids))


def counted(rows: list[tuple[str, str, int, float]]) -> pl.DataFrame:
    return pl.DataFrame([(*row, "member", None) for row in rows], schema=MEMBER, orient="row")


def score_of(rows: list[tuple[str, str, int, float]], *, ids: tuple[str, ...]) -> Score:
    members = counted(rows)
    incidents = pl.concat([empty(INCIDENT), pl.DataFrame({"id": ids})], how="diagonal")
    return found(TRUTH, LINKS, members, incidents, files=FILES, rng=np.random.default_rng(0))


def test_a_perfect_grouping_scores_one_in_everything() -> None:
    made = score({"i-a": [0, 1, 2, 7], "i-b": [3, 4], "i-c": [6]})

    for findings in (made.every, made.precise):
        assert findings.recall.value_p == findings.precision.value_p == 1.0
        assert findings.split.value_p == 0.0
        assert findings.bcubed.f1.value_p == 1.0
        assert (findings.detectable, findings.fused) == (3, 3)


def test_all_singletons_find_everything_but_split_it() -> None:
    made = score({f"i-{r}": [r] for r in range(9)})

    assert made.every.recall.value_p == 1.0
    assert made.every.precision.value_p == pytest.approx(7 / 9)  # 5 and 8 are nothing
    assert made.every.split.value_p == pytest.approx(2 / 3)  # incidents 0 and 1
    assert made.every.bcubed.precision.value_p == 1.0
    assert made.every.bcubed.recall.value_p == pytest.approx((1 + 1 + 1 + 1 + 1) / 9)
    assert made.precise.bcubed.recall.value_p == pytest.approx((1 + 1 + 1 + 1) / 7)


def test_all_in_one_finds_nothing() -> None:
    made = score({"i-all": list(range(9))})

    assert made.every.recall.value_p == 0.0  # 4 of 9 is no majority
    assert made.every.precision.value_p == 0.0
    assert made.every.split.value_p is None
    assert made.every.bcubed.recall.value_p == 1.0
    assert made.every.bcubed.precision.value_p == pytest.approx((16 + 4 + 1 + 1 + 1) / 81)


def test_half_of_the_members_is_no_majority() -> None:
    made = score({"i-a": [3, 4, 5, 6]})

    assert made.precise.recall.value_p == 0.0
    assert made.precise.precision.value_p == 0.0


def test_a_pixel_in_two_downloads_is_one_report() -> None:
    # Reports 3 and 4 come twice. By rows, incident 1 would hold 4 of the 7 members.
    made = score({"i-a": [0, 1, 3, 4, 7]})

    assert made.every.recall.value_p == pytest.approx(1 / 3)
    assert made.every.precision.value_p == 1.0
    true_of_majority_p = made.every.bcubed.precision.value_p
    assert true_of_majority_p == pytest.approx((3 * 3 / 5 + 2 * 2 / 5 + 1 + 1) / 7)


def test_false_alarms_that_are_left_alone_cost_and_earn_nothing() -> None:
    without = score({"i-a": [0, 1, 2, 7], "i-b": [3, 4], "i-c": [6]})
    with_alarm = score({"i-a": [0, 1, 2, 7], "i-b": [3, 4], "i-c": [6], "i-d": [5]})

    assert without.precise.precision.value_p == 1.0
    assert with_alarm.precise.precision.value_p == pytest.approx(3 / 4)
    assert with_alarm.precise.recall.value_p == without.precise.recall.value_p == 1.0


def test_reports_that_no_incident_took_count_against_recall() -> None:
    made = score({"i-a": [0, 1, 2, 7]})

    assert made.every.recall.value_p == pytest.approx(1 / 3)
    assert made.every.bcubed.recall.value_p == pytest.approx((4 + 2 * 0.5 + 1) / 7)


def test_an_incident_without_any_report_cannot_be_found_and_is_not_expected() -> None:
    assert score({"i-a": [0]}).every.detectable == 3


def test_an_incident_without_members_is_not_scored() -> None:
    assert score({"i-a": [0, 1, 2]}, more_ids=("i-empty",)).every.fused == 1


def test_a_report_in_two_incidents_goes_to_the_likelier_then_to_the_least_id() -> None:
    rows = [("i-a", "aa", 0, 0.4), ("i-b", "aa", 0, 0.6), ("i-d", "aa", 3, 0.5),
            ("i-c", "bb", 1, 0.5)]  # fmt: skip
    members = counted(rows)

    table = judged(LINKS, members, files=FILES)

    taken = table.filter(pl.col("fused").is_not_null())
    assert dict(taken.select("report", "fused").rows()) == {0: "i-b", 3: "i-c"}


def test_a_possible_membership_is_not_looked_at() -> None:
    rows = [("i-a", "aa", 0, 0.4, "member", None), ("i-b", "aa", 0, 0.6, "possible", None)]
    members = pl.DataFrame(rows, schema=MEMBER, orient="row")

    table = judged(LINKS, members, files=FILES)

    assert table.filter(pl.col("report") == 0)["fused"].to_list() == ["i-a"]


def test_no_incident_at_all_scores_zero_not_an_error() -> None:
    made = score({})

    assert made.every.recall.value_p == 0.0
    assert made.every.precision.value_p is None
    assert made.every.bcubed.precision.value_p == 1.0  # every report stays alone


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("i-a", "dd", 0, 1.0), "member of i-a, object dd, row 0: object is not among the files"),
        (("i-a", "aa", 77, 1.0), "member of i-a, object aa, row 77: row is not in the truth"),
        (("i-a", "bb", 5, 1.0), "object bb, row 5: row is damaged, must have been refused"),
        (("i-z", "aa", 0, 1.0), "member: incident i-z is not in the incidents"),
    ],
)
def test_refuses_members_that_the_truth_does_not_know(
    row: tuple[str, str, int, float], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        score_of([row], ids=("i-a",))


def test_refuses_links_to_an_incident_that_never_happened() -> None:
    members = counted([("i-a", "aa", 0, 1.0)])
    incidents = pl.DataFrame({"id": ["i-a"]})

    with pytest.raises(BadInput, match="link: incident 2 is not in the truth"):
        found(TRUTH[:2], LINKS, members, incidents, files=FILES, rng=np.random.default_rng(0))


def test_metrics_are_json_with_value_low_and_high() -> None:
    made = metrics(score({"i-a": [0, 1, 2, 7], "i-b": [3, 4, 5]}))

    names = ("recall", "precision", "split", "bcubed_precision", "bcubed_recall", "bcubed_f1")
    assert list(made) == [*names, *(f"{name}_precise" for name in names)]
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    for figure in made.values():
        assert list(figure) == ["value", "low", "high"]
        assert figure["value"] is not None
        assert 0.0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1.0


def test_the_order_of_the_tables_does_not_matter() -> None:
    world = simulate("demo", seed=1, days=5)
    members, incidents = by_truth(world)
    mixed = members.sample(fraction=1.0, shuffle=True, seed=1)

    scores = [
        found(world.truth, links, table, incidents, files=world.objects,
              rng=np.random.default_rng(0))
        for links, table in ((world.links, members), (world.links.reverse(), mixed))
    ]  # fmt: skip

    assert scores[0] == scores[1]


def test_an_oracle_on_a_whole_world_scores_one() -> None:
    world = simulate("demo", seed=2, days=20)
    members, incidents = by_truth(world)

    made = found(
        world.truth, world.links, members, incidents, files=world.objects,
        rng=np.random.default_rng(0),
    )  # fmt: skip

    seen = world.sightings.filter("saw")["incident"].unique().implode()
    told = pl.col("reports_firms") + pl.col("reports_news") > 0
    detectable = world.truth.filter(told | pl.col("incident").is_in(seen))
    assert made.every.detectable == len(detectable)
    assert made.precise.detectable == len(world.truth.filter(pl.col("reports_firms") > 0))
    for findings in (made.every, made.precise):
        assert findings.recall.value_p == findings.precision.value_p == 1.0
        assert findings.bcubed.f1.value_p == 1.0
        assert 0.9 < findings.recall.low_p < 1.0


def by_truth(world) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Members and incidents of a fusion that knows the truth."""
    sha_of = {name: sha for sha, name in world.objects.items()}
    true = world.links.filter(pl.col("incident").is_not_null() & pl.col("file").is_in(list(sha_of)))
    members = true.select(
        incident="i-" + pl.col("incident").cast(pl.String),
        object=pl.col("file").replace_strict(sha_of).cast(pl.Categorical),
        row="row",
        membership_p=pl.lit(1.0),
        role=pl.lit("member"),
        evidence=pl.lit(None, pl.Float64),
    )
    return members, members.select(id=pl.col("incident").unique())
