"""The page: self-contained, escaped, accessible, small."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from trucewatch.report.daily import render
from trucewatch.report.material import Material, NamedPlace

if TYPE_CHECKING:
    from types import ModuleType

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Collects tags, ids, references and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(material: Material) -> str:
    return render(material).files["daily-2030-09-14.html"].decode()


def outline(text: str) -> Outline:
    parser = Outline()
    parser.feed(text)
    return parser


def crowd(make: ModuleType, n: int, level: str) -> Material:
    draw = np.random.default_rng(7)
    rows = [
        make.incident(
            f"{place}", lat_deg=float(draw.uniform(44.7, 45.3)),
            lon_deg=float(draw.uniform(-30.6, -29.4)), real_p=float(draw.uniform(0.1, 1)),
            time=make.START + timedelta(seconds=place), state=("open", "probable")[place % 2],
        )
        for place in range(n)
    ]  # fmt: skip
    sample = make.sample(level)
    return dataclasses.replace(
        sample, incidents=make.incidents(*rows), assessments=sample.assessments.clear()
    )


def test_asks_for_nothing_and_runs_nothing(make: ModuleType) -> None:
    text = page(make.sample())

    assert not re.findall(r"https?:|src=|@import|<script|<link|javascript:", text)
    assert not [name for name in re.findall(r"url\(([^)]*)\)", text) if not name.startswith("#")]
    for tag, attributes in outline(text).tags:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag


def test_its_policy_allows_its_own_style_and_nothing_else(make: ModuleType) -> None:
    text = page(make.sample())
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)

    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text


@pytest.mark.parametrize("level", ["public", "mission"])
def test_is_well_formed_and_every_reference_has_its_target(make: ModuleType, level: str) -> None:
    found = outline(page(make.sample(level)))

    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    wanted = {
        str(value).lstrip("#")
        for _, attributes in found.tags
        for name, value in attributes.items()
        if name in {"href", "aria-labelledby"}
    }
    assert not found.open
    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)


def test_every_heading_cell_has_its_scope_and_every_table_its_caption(make: ModuleType) -> None:
    found = outline(page(make.sample("mission"))).tags

    assert all(attributes.get("scope") for tag, attributes in found if tag == "th")
    tags = [tag for tag, _ in found]
    assert tags.count("caption") == tags.count("table") > 4
    assert tags.count("h1") == 1


def test_text_from_outside_is_escaped_wherever_it_stands(make: ModuleType) -> None:
    attack = "<img src=x onerror=alert(1)>\"&'</style></title>"
    place = NamedPlace(name=attack, lat_deg=45.0, lon_deg=-30.0)
    sample = make.sample("mission")
    loaded = dataclasses.replace(
        sample,
        mission_name=attack, agreement_title=attack, agreement_status=attack, origin=attack,
        corrections=(attack,), code_version=attack, places=(place,),
        rules=(dataclasses.replace(sample.rules[0], clause=attack, zone=attack),),
        refused=(dataclasses.replace(sample.refused[0], file=attack, problem=attack),),
        reports=sample.reports.with_columns(sensor=pl.lit(attack)),
    )  # fmt: skip

    text = page(loaded)

    assert "<img" not in text
    assert text.count("&lt;img") >= 10
    assert text.count("</style>") == text.count("</title>") - 1 == 1
    assert not outline(text).open


def test_control_characters_act_neither_in_a_terminal_nor_on_a_page(make: ModuleType) -> None:
    loaded = dataclasses.replace(
        make.sample("mission"), corrections=("a\x1b[2Jb\u202ec\r\nd\x00e",)
    )

    for content in list(render(loaded).files.values())[:3]:
        assert not re.findall("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", content.decode())


@pytest.mark.parametrize("level", ["public", "mission"])
def test_a_day_of_1500_incidents_stays_small_and_says_where_the_rest_is(
    make: ModuleType, level: str
) -> None:
    text = page(crowd(make, 1500, level))

    assert len(text.encode()) <= 250_000
    assert "1,470 more incidents of this window: see the release table" in text
    assert "several incidents, with their number" in text
    assert text.count('class="cnt"') <= 300


def test_counted_circles_add_up(make: ModuleType) -> None:
    text = page(crowd(make, 800, "mission"))
    shown = re.findall(r'<text class="n"[^>]*>(\d+)</text>', text)
    single = len(re.findall(r'<circle class="m ', text))

    assert sum(map(int, shown)) + single == 800


def test_mission_maps_draw_ellipses_and_public_ones_do_not(make: ModuleType) -> None:
    wide = make.incident("x", cov_ee_m2=4e6, cov_en_m2=0.0, cov_nn_m2=1e6)
    sample = dataclasses.replace(
        make.sample("mission"), incidents=make.incidents(wide),
        assessments=make.sample().assessments.clear(),
    )  # fmt: skip

    assert 'class="ell"' in page(sample)
    assert 'class="ell"' not in page(dataclasses.replace(sample, level="public"))
