"""Of texts that followed each other, each ends where a later one takes effect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.agreement import Agreement, Status
from trucewatch.agreement.force import Force, in_force
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.agreement.version import successive
from trucewatch.errors import BadAgreement

START = datetime(2030, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DEMO = replace(parse(shipped_bytes("demo-truce"), name="demo-truce.yaml"), expires=None)


def text(number: int, from_day: int | None, *, until_day: int | None = None) -> Agreement:
    return replace(
        DEMO,
        version=number,
        status=Status.NOT_IN_FORCE if from_day is None else Status.IN_FORCE,
        effective=None if from_day is None else START + from_day * DAY,
        expires=None if until_day is None else START + until_day * DAY,
    )


def test_a_text_ends_when_the_next_takes_effect() -> None:
    found = successive([(text(1, 0), "a" * 64), (text(2, 10), "b" * 64)])

    assert [version.agreement.version for version in found] == [1, 2]
    assert [version.agreement.expires for version in found] == [START + 10 * DAY, None]
    assert [version.object for version in found] == ["a" * 64, "b" * 64]
    assert not any(version.what_if for version in found)


def test_a_text_that_ends_earlier_leaves_a_gap() -> None:
    first, _ = successive([(text(1, 0, until_day=5), ""), (text(2, 10), "")])

    assert first.agreement.expires == START + 5 * DAY


def test_a_text_that_is_not_in_force_ends_none() -> None:
    first, second = successive([(text(1, 0), ""), (text(2, None), "")])

    assert first.agreement.expires is None
    assert second.agreement.effective is None


def test_a_text_sealed_again_takes_the_place_of_the_earlier_one() -> None:
    found = successive([(text(2, 10), "b"), (text(1, 0), "a"), (text(2, 12), "c")])

    assert [version.object for version in found] == ["a", "c"]
    assert found[0].agreement.expires == START + 12 * DAY


def test_no_text_gives_no_version() -> None:
    assert successive([]) == ()


def test_refuses_texts_of_two_agreements() -> None:
    other = replace(text(2, 10), id="other-truce")

    with pytest.raises(BadAgreement, match="version 2: id is other-truce, must be demo-truce as"):
        successive([(text(1, 0), ""), (other, "")])


def test_refuses_a_later_version_that_takes_effect_earlier() -> None:
    with pytest.raises(BadAgreement, match="version 2: takes effect 2030-09-01T00:00:00"):
        successive([(text(1, 5), ""), (text(2, 0), "")])


@given(
    days=st.lists(st.integers(0, 40), min_size=1, max_size=6).map(sorted),
    at=st.integers(0, 60),
)
def test_no_instant_has_two_versions_in_force(days: list[int], at: int) -> None:
    versions = successive([(text(number, day), "") for number, day in enumerate(days, 1)])
    instant = START + at * DAY

    holds = [
        version.agreement.version
        for version in versions
        if in_force(version.agreement, instant, instant) is Force.YES
    ]

    latest = [number for number, day in enumerate(days, 1) if day <= at]
    assert holds == latest[-1:]
