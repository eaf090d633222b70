"""The golden bulletins, and that nothing but the material changes them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import NotFound
from trucewatch.report import product, products
from trucewatch.report.daily import render

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize("level", ["public", "mission"])
def test_writes_the_golden_files(make: ModuleType, level: str) -> None:
    folder = make.SAMPLES / level

    files = render(make.sample(level)).files

    assert sorted(files) == sorted(path.name for path in folder.iterdir())
    for name, content in files.items():
        assert content == (folder / name).read_bytes(), f"{name}: run tests/report/regenerate.py"


@pytest.mark.parametrize("level", ["public", "mission"])
def test_order_of_rows_does_not_matter(make: ModuleType, level: str) -> None:
    sample = make.sample(level)
    shuffled = dataclasses.replace(
        sample,
        incidents=sample.incidents.reverse(),
        previous=sample.previous.reverse(),
        assessments=sample.assessments.reverse(),
        reports=sample.reports.reverse(),
    )

    assert render(shuffled).files == render(sample).files


def test_names_files_by_day_and_keeps_the_release_table_apart(make: ModuleType) -> None:
    names = list(render(make.sample()).files)

    day = "daily-2030-09-14"
    ends = ("html", "txt", "json", "release.jsonl", "csv", "geojson")
    assert names == [f"{day}.{end}" for end in ends]


def test_products_are_found_by_file_name() -> None:
    assert products() == ("daily",)
    assert product("daily") is render


def test_refuses_a_product_that_nobody_wrote() -> None:
    with pytest.raises(NotFound, match="'weekly' is not known, expected one of daily"):
        product("weekly")


def test_what_all_products_share_is_no_product() -> None:
    with pytest.raises(NotFound, match="'material' is not known"):
        product("material")
