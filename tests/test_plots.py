"""The plots of the pages are current, can be read, and show what the page says of them."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs import generate  # noqa: E402 - the clone is no installed package
from docs.plots import zero  # noqa: E402
from docs.plots.month import CLOUDY, DAY_H, DAYS, DENIED, JAMMED, month  # noqa: E402

from trucewatch.measure.holding.answer import Answer  # noqa: E402

SEEDS = range(101, 141)
LETTER_PX = 8.0  # of 13 px text, on the wide side
TRUTH = 1_000 * zero.RATE_PER_DAY / DAY_H
PAGE = ROOT / "docs" / "explanation" / "zero-is-not-zero.md"


@pytest.mark.parametrize("name", zero.NAMES)
def test_a_picture_is_what_the_code_draws_today(name: str) -> None:
    held = (ROOT / "docs" / "images" / f"{name}.svg").read_text()

    assert held == zero.plots()[name].svg, "stale: run `python -m docs.generate`"


def test_a_stale_picture_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "images").mkdir()
    monkeypatch.setattr(generate, "DOCS", tmp_path)

    found = {path for path in generate.stale() if path.suffix == ".svg"}

    assert {path.name for path in found} == {f"{name}.svg" for name in zero.NAMES}


def test_drawing_again_gives_the_same_bytes() -> None:
    first = zero.plots()
    zero.plots.cache_clear()
    zero.told.cache_clear()

    assert zero.plots() == first


@pytest.mark.parametrize("name", zero.NAMES)
def test_a_picture_fetches_nothing_and_is_rounded(name: str) -> None:
    svg = zero.plots()[name].svg

    assert re.findall(r"\w+://[^\"' ]+", svg) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in svg
    assert "<script" not in svg
    assert "nan" not in svg
    assert re.findall(r"\d\.\d\d", svg) == []


@pytest.mark.parametrize("name", zero.NAMES)
def test_text_is_large_enough_and_stays_on_the_picture(name: str) -> None:
    root = ET.fromstring(zero.plots()[name].svg)  # noqa: S314 - our own bytes
    space = "{http://www.w3.org/2000/svg}"
    wide = float(root.attrib["width"])

    assert min(map(int, re.findall(r"font: (\d+)px", zero.plots()[name].svg))) >= 12
    assert root.attrib["aria-label"] == zero.plots()[name].alt
    said = root.findall(f"{space}text")
    assert said
    for each in said:
        kind, size = each.get("class", ""), len(each.text or "") * LETTER_PX
        left = float(each.attrib["x"]) - size * (1 if "e" in kind else 0.5 if "m" in kind else 0)
        assert left >= 0, each.text
        assert left + size <= wide, each.text


@pytest.mark.parametrize("name", zero.NAMES)
def test_the_page_shows_the_picture_with_its_words(name: str) -> None:
    text = PAGE.read_text()

    assert f"![{zero.plots()[name].alt}](../images/{name}.svg)" in text
    assert zero.plots()[name].caption in text


def test_what_is_lost_lowers_what_is_covered_and_nothing_that_happens() -> None:
    months = [month(zero.RATE_PER_DAY, seed=seed) for seed in SEEDS]
    happened = np.mean([each.happened for each in months], axis=0)
    seen = np.mean([each.seen for each in months], axis=0)
    share = months[0].covered_h / DAY_H

    ordinary = [day for day in range(DAYS) if day not in {*DENIED, *JAMMED, *CLOUDY}]
    for spell in (DENIED, JAMMED, CLOUDY):
        assert share[spell].max() < share[ordinary].min() - 0.1
        assert happened[spell].mean() == pytest.approx(zero.RATE_PER_DAY, abs=0.7)  # 3 errors
    assert seen == pytest.approx(zero.RATE_PER_DAY * share, abs=4 * (8 / len(SEEDS)) ** 0.5)


def test_the_lines_of_the_days_hold_the_truth_as_often_as_they_say() -> None:
    held = []
    for seed in SEEDS:
        low, _, high = zero.ends(month(zero.RATE_PER_DAY, seed=seed))
        held.append((low <= TRUTH) & (high >= TRUTH))

    assert np.mean(held) == pytest.approx(0.91, abs=0.025)  # 1,200 days: 3 standard errors


def test_a_zero_has_its_bound_alone() -> None:
    of = zero.told()
    low, middle, high = zero.ends(of)
    (zeros,) = np.nonzero(of.seen == 0)

    assert len(zeros)
    assert (low[zeros] == 0).all()
    assert np.isnan(middle[zeros]).all()
    assert high[zeros] == pytest.approx(-1_000 * np.log(0.05) / of.covered_h[zeros])


def test_no_month_is_called_the_wrong_way_round() -> None:
    # at most 5 %: more than 4 of 40 has chance .05 even then
    calm = [zero.answers(month(zero.CALM_PER_DAY, seed=seed)) for seed in SEEDS]
    worse = [zero.answers(month(zero.RATE_PER_DAY, seed=seed)) for seed in SEEDS]
    bare = [zero.answers(month(zero.RATE_PER_DAY, seed=seed, bare=True)) for seed in SEEDS]

    assert sum(Answer.NOT_HOLDING in each for each in calm) <= 4
    assert sum(Answer.HOLDING in each for each in worse) <= 4
    assert {answer for each in bare for answer in each} == {Answer.CANNOT_TELL}
