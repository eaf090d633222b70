"""The reliability diagram: what is drawn where, and that it is sound, plain, self-contained SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate.diagram import WIDTH, Decile, Panel, diagram, panels
from trucewatch.evaluate.share import exact_share

SVG = "{http://www.w3.org/2000/svg}"
SIDE = 160
ONE = Panel("best incident", [Decile(0.25, 0.5, 40), Decile(0.75, 1.0, 80)])


def drawn(*given: Panel) -> ET.Element:
    return ET.fromstring(diagram(given))  # noqa: S314 - our own text


def test_a_point_stands_at_what_was_predicted_and_what_was_so() -> None:
    points = list(drawn(ONE).iter(f"{SVG}circle"))

    at = [(float(p.attrib["cx"]) / SIDE, 1 - float(p.attrib["cy"]) / SIDE) for p in points]
    assert at == [(0.25, 0.5), (0.75, 1.0)]


def test_the_line_through_a_point_is_its_binomial_interval() -> None:
    share = exact_share(20, 40)

    line = next(p for p in drawn(ONE).iter(f"{SVG}path") if p.attrib["class"] == "i")
    across, low, high = map(float, re.findall(r"[\d.]+", line.attrib["d"]))

    assert across == 0.25 * SIDE
    assert 1 - low / SIDE == pytest.approx(share.low_p, abs=1e-3)
    assert 1 - high / SIDE == pytest.approx(share.high_p, abs=1e-3)


def test_bars_are_as_tall_as_the_counts() -> None:
    bars = [b for b in drawn(ONE).iter(f"{SVG}rect") if b.attrib.get("class") == "b"]

    heights = [int(b.attrib["height"]) for b in bars]
    assert heights[1] == 2 * heights[0] > 0


def test_every_part_of_seven_panels_lies_inside_the_picture() -> None:
    picture = drawn(*[ONE] * 7)
    low = [g.attrib["transform"] for g in picture.iter(f"{SVG}g")]
    corners = [tuple(map(int, re.findall(r"\d+", t))) for t in low]

    assert len(set(corners)) == 7
    assert max(left for left, _ in corners) + SIDE < WIDTH
    assert max(top for _, top in corners) + SIDE + 46 + 34 + 16 < int(picture.attrib["height"])


def test_the_picture_is_told_in_words_and_fetches_nothing() -> None:
    text = diagram([Panel("best incident", [Decile(0.25, 0.5, 1000), Decile(0.1, 0.9, 999)])])

    assert (
        'aria-label="Reliability, predicted against observed by decile. best incident: at' in text
    )
    assert "0.250 off" in text
    assert re.findall(r"https?://\S+", text) == ['http://www.w3.org/2000/svg"']
    assert "url(" not in text
    assert diagram([ONE]) == diagram([ONE])


def test_a_title_cannot_end_the_markup() -> None:
    title = 'a"></svg><script>'

    picture = drawn(Panel(title, ONE.deciles))

    assert [t.text for t in picture.iter(f"{SVG}text") if t.attrib.get("class") == "t"] == [title]


def test_a_panel_without_a_prediction_is_drawn_empty() -> None:
    picture = drawn(Panel("nothing", []))

    assert list(picture.iter(f"{SVG}circle")) == []


@pytest.mark.parametrize(
    "decile", [Decile(1.2, 0.5, 3), Decile(0.5, -0.1, 3), Decile(0.5, float("nan"), 3),
               Decile(0.5, 0.5, 0)],
)  # fmt: skip
def test_refuses_what_is_no_decile(decile: Decile) -> None:
    with pytest.raises(BadInput, match=r"best incident: .* is no decile"):
        diagram([Panel("best incident", [decile])])


def test_refuses_to_draw_nothing() -> None:
    with pytest.raises(BadInput, match="diagram: has no panel"):
        diagram([])


def test_deciles_of_an_evaluation_become_panels() -> None:
    found = panels({"none": [{"predicted": 0.1, "observed": 0.2, "n": 10}]})

    assert found == [Panel("none", [Decile(0.1, 0.2, 10)])]
