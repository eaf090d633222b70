"""The text for lawyers says what the file says, in 80 columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped, shipped_bytes
from trucewatch.agreement.show import show

DEMO = parse(shipped_bytes("demo-truce"), name="demo-truce.yaml")


@pytest.mark.parametrize("name", shipped())
def test_fits_a_terminal_and_marks_the_exercise(name: str) -> None:
    text = show(parse(shipped_bytes(name), name=name))

    assert text.startswith("EXERCISE\n")
    assert max(map(len, text.splitlines())) <= 80
    assert "violation" not in text.lower()
    assert "Nobody has adopted this" in " ".join(text.split())


def test_shows_dates_parties_corners_and_limits() -> None:
    text = " ".join(show(DEMO).split())

    for said in (
        "Takes effect: 2030-09-01 00:00:00+00:00",
        "Ends before: 2030-10-31 00:00:00+00:00",
        "ALPHA (party) Fictional party north of the line",
        "44.825000 N 30.635000 W",
        "Who is bound: ALPHA, BRAVO.",
        "Counts as inside from P(inside) 0.95, as outside up to 0.05",
        "Counted as: osce_unit. Checked as: prohibited_act.",
    ):
        assert said in text


def test_shows_what_is_absent_in_words() -> None:
    bare = replace(DEMO, parties=(), definitions={}, zones=(), rules=(), expires=None, note="")

    text = show(bare)

    assert text.count("  None.") == 5
    assert "Ends before:  none named" in text
    assert "Note" not in text


def test_says_how_many_corners_it_leaves_to_the_file() -> None:
    zone = replace(DEMO.zones[0], polygon=DEMO.zones[0].polygon * 2, since=DEMO.effective)

    text = show(replace(DEMO, zones=(zone,)))

    assert "and 8 more, in the file" in text
    assert "Valid from 2030-09-01 00:00:00+00:00 until the end." in text
