"""The daily incident bulletin: a page, text, the numbers as JSON, and the release table thrice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trucewatch.records.canonical import sha256_hex
from trucewatch.report.bulletin.check import check
from trucewatch.report.bulletin.compose import compose
from trucewatch.report.bulletin.draft import Draft
from trucewatch.report.bulletin.figures import figures
from trucewatch.report.bulletin.numbers import numbers
from trucewatch.report.bulletin.page import page
from trucewatch.report.bulletin.plain import plain
from trucewatch.report.bulletin.shown import shown, shown_hindered
from trucewatch.report.bulletin.wording import Clock
from trucewatch.report.counting.features import features
from trucewatch.report.counting.rules import counts_of
from trucewatch.report.counting.spreadsheet import spreadsheet
from trucewatch.report.counting.table import WINDOWS, read_table
from trucewatch.report.material import Material, Rendered
from trucewatch.report.release import lines, read_released, release

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from trucewatch.report.release import Released


def render(material: Material) -> Rendered:
    """Return `daily-DAY.html`, `.txt` and `.json`, and the release table in three forms.

    `.release.jsonl` is the table; `.csv` and `.geojson` are functions of its bytes.

    The same material gives the same bytes. All numbers about incidents are functions of the
    release table; its hash stands in the page, the text and the numbers. Material that contradicts
    itself is refused with `BadInput` (see `bulletin.check`).
    """
    zone = check(material)
    return _rendered(material, release(material), zone)


def render_again(material: Material, content: bytes) -> Rendered:
    """Return the same from a release table instead of incidents.

    Args:
        material: The rest; its tables of incidents and assessments are not read.
        content: Bytes of the release table.
    """
    zone = check(material)
    return _rendered(material, read_released(content, of=material), zone)


def _rendered(material: Material, released: Released, zone: ZoneInfo) -> Rendered:
    watching = material.watching
    material = replace(
        material,
        watching=None if watching is None else shown(watching, material.level),
        hindered=tuple(shown_hindered(each, material.level) for each in material.hindered),
    )
    content = lines(released)
    name = f"daily-{material.day.isoformat()}"
    table_file = f"{name}.release.jsonl"
    table = read_table(content, where=table_file, level=material.level, exercise=material.exercise)
    current, previous = (counts_of(table.window(each)) for each in WINDOWS)
    draft = Draft(
        material=material,
        released=released,
        table_file=table_file,
        table_sha256=sha256_hex(content),
        figures=figures(released),
        counts=tuple(zip(current, previous, strict=True)),
        clock=Clock(zone),
    )
    bulletin = compose(draft)
    return Rendered(
        files={
            f"{name}.html": page(bulletin),
            f"{name}.txt": plain(bulletin),
            f"{name}.json": numbers(draft),
            table_file: content,
            f"{name}.csv": spreadsheet(table),
            f"{name}.geojson": features(table),
        }
    )
