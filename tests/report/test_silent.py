"""A silence is named beside the numbers that it touches, as it was known at the window's end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from trucewatch.records.table import SILENCE
from trucewatch.report.daily import render

if TYPE_CHECKING:
    from types import ModuleType


def said(
    make: ModuleType, start: datetime, end: datetime, expected: float | None
) -> dict[str, str]:
    """Return the text and the numbers of a bulletin with one silence."""
    silence = pl.DataFrame([("firms", start, end, expected)], schema=SILENCE, orient="row")
    files = render(make.material(silences=silence)).files
    found = {name.split(".", 1)[1]: content.decode() for name, content in files.items()}
    return {"txt": " ".join(found["txt"].split()), "json": found["json"]}


def test_a_silence_is_said_and_the_windows_do_not_compare(make: ModuleType) -> None:
    day = timedelta(days=1)

    told = said(make, make.START - day / 2, make.START + day / 2, 40.0)

    assert "Silent beyond their own rhythm: firms, from" in told["txt"]
    assert "in which it used to send about 40 reports" in told["txt"]
    assert "A sensor was silent: see below." in told["txt"]
    assert "so their numbers do not compare" in told["txt"]
    assert "Change in the number that are real" not in told["txt"]


def test_what_came_after_the_window_is_not_yet_known(make: ModuleType) -> None:
    told = said(make, make.START, make.START + timedelta(days=10), 100.0)

    [silence] = json.loads(told["json"])["silences"]
    assert silence["expected_reports"] == pytest.approx(10.0)
    assert "to the end of this window, in which it used to send about 10 reports" in told["txt"]


@pytest.mark.parametrize(("days", "expected"), [((-9, -5), 40.0), ((2, 4), 40.0), ((-1, 1), None)])
def test_another_time_or_an_unknown_number_is_not_said(
    make: ModuleType, days: tuple[int, int], expected: float | None
) -> None:
    start, end = (make.START + timedelta(days=d) for d in days)

    told = said(make, start, end, expected)

    assert "Silent beyond" not in told["txt"]
    assert json.loads(told["json"])["silences"] == []
