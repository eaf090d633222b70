"""Each subject is judged under the text that was in force when it happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
from assess_samples import load
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.agreement.force import Force, in_force
from trucewatch.agreement.version import Version, successive
from trucewatch.assess import assess
from trucewatch.assess._under import under
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.table import TIME

SAMPLE = load("prohibited_act")
FACE = SAMPLE.facts.incidents.filter(pl.col("id") == "i-on-its-face")
FIRST = datetime(2030, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def text(number: int, since: datetime | None, until: datetime | None = None) -> tuple:
    agreement = replace(SAMPLE.agreement, version=number, effective=since, expires=until)
    return agreement, f"{number:02d}" * 32


def rows(versions: tuple[Version, ...], start: datetime, end: datetime) -> list[tuple]:
    incident = FACE.with_columns(
        pl.lit(start, dtype=TIME).alias("time_start"), pl.lit(end, dtype=TIME).alias("time_end")
    )
    found = assess(replace(SAMPLE.facts, incidents=incident), versions=versions)
    return (
        found.filter(pl.col("rule") == "R01")
        .select("agreement_version", "agreement", "outcome", "why")
        .rows()
    )


AMENDED = successive([text(1, FIRST), text(2, FIRST + 9 * DAY, FIRST + 20 * DAY)])


def test_scenario_11_an_amended_text_holds_for_what_happens_under_it() -> None:
    early, late = (rows(AMENDED, FIRST + n * DAY, FIRST + n * DAY) for n in (3, 12))

    assert early == [(1, "01" * 32, Outcome.BREACH_ON_ITS_FACE, "")]
    assert late == [(2, "02" * 32, Outcome.BREACH_ON_ITS_FACE, "")]


def test_what_lies_over_the_change_is_judged_under_both_and_wholly_under_neither() -> None:
    change = FIRST + 9 * DAY

    found = rows(AMENDED, change - timedelta(seconds=1), change)

    assert [(row[0], row[2], row[3]) for row in found] == [
        (1, Outcome.INDETERMINATE, Missing.TIME),
        (2, Outcome.INDETERMINATE, Missing.TIME),
    ]


def test_after_the_end_it_is_judged_under_the_last_and_before_under_the_first() -> None:
    after = rows(AMENDED, FIRST + 30 * DAY, FIRST + 30 * DAY)
    before = rows(AMENDED, FIRST - DAY, FIRST - DAY)

    assert [(row[0], row[2]) for row in (*before, *after)] == [
        (1, Outcome.NO_RULE),
        (2, Outcome.NO_RULE),
    ]


def test_between_two_texts_it_is_judged_under_the_earlier() -> None:
    apart = successive([text(1, FIRST, FIRST + DAY), text(2, FIRST + 9 * DAY)])

    found = rows(apart, FIRST + 5 * DAY, FIRST + 5 * DAY)

    assert [(row[0], row[2]) for row in found] == [(1, Outcome.NO_RULE)]


def test_scenario_11_a_what_if_is_set_against_everything() -> None:
    agreement, sealed = text(2, FIRST - 90 * DAY)
    trial = Version(agreement=agreement, object=sealed, what_if=True)

    found = rows((trial,), FIRST - DAY, FIRST - DAY)

    assert found == [(2, sealed, Outcome.BREACH_ON_ITS_FACE, "")]


def test_a_what_if_beside_the_real_ones_takes_nothing_from_them() -> None:
    agreement, sealed = text(9, FIRST - 90 * DAY)
    trial = Version(agreement=agreement, object=sealed, what_if=True)

    found = rows((*AMENDED, trial), FIRST + DAY, FIRST + DAY)

    assert [row[0] for row in found] == [1, 9]


def test_records_and_tracks_are_divided_like_incidents() -> None:
    sample = load("silence_window")
    agreement = replace(sample.agreement, effective=FIRST)
    later = replace(agreement, version=2, effective=FIRST + DAY)
    versions = successive([(agreement, "01" * 32), (later, "02" * 32)])
    times = pl.DataFrame(
        {"time_start": [None, FIRST], "time_end": [None, None]},
        schema={"time_start": TIME, "time_end": TIME},
    )

    found = under(times, versions, as_of=FIRST + 2 * DAY)

    assert [column.to_list() for column in found] == [[False, True], [True, True]]


hours = st.integers(-100, 400).map(lambda count: FIRST + timedelta(hours=count))


@settings(deadline=None)
@given(
    st.lists(hours, min_size=1, max_size=4, unique=True).map(sorted),
    st.one_of(st.none(), hours),
    hours,
    st.integers(0, 100),
)
def test_every_interval_falls_under_what_was_in_force_or_under_one_text(
    effects: list[datetime], expires: datetime | None, start: datetime, length_h: int
) -> None:
    ends = [expires if expires and expires > since else None for since in effects]
    versions = successive(
        [
            text(n, since, until)
            for n, (since, until) in enumerate(zip(effects, ends, strict=True), 1)
        ]
    )
    end = start + timedelta(hours=length_h)
    times = pl.DataFrame(
        {"time_start": [start], "time_end": [end]}, schema={"time_start": TIME, "time_end": TIME}
    )

    found = [bool(column[0]) for column in under(times, versions, as_of=end)]

    held = [in_force(version.agreement, start, end) is not Force.NO for version in versions]
    begun = [n for n, since in enumerate(effects) if since <= end]
    if len(versions) > 1 and not any(held):
        held[begun[-1] if begun else 0] = True
    assert found == (held if len(versions) > 1 else [True])
