"""The daily incident bulletin: a page, plain text, the numbers as JSON, and the release table."""

from __future__ import annotations

from trucewatch.records.canonical import sha256_hex
from trucewatch.report.bulletin.check import check
from trucewatch.report.bulletin.compose import compose
from trucewatch.report.bulletin.draft import Draft
from trucewatch.report.bulletin.figures import figures
from trucewatch.report.bulletin.numbers import numbers
from trucewatch.report.bulletin.page import page
from trucewatch.report.bulletin.plain import plain
from trucewatch.report.bulletin.wording import Clock
from trucewatch.report.material import Material, Rendered
from trucewatch.report.release import lines, release


def render(material: Material) -> Rendered:
    """Return `daily-DAY.html`, `daily-DAY.txt`, `daily-DAY.json` and the release table.

    The same material gives the same bytes. All numbers about incidents are functions of the
    release table; its hash stands in the other three. Material that contradicts itself is refused
    with `BadInput` (see `bulletin.check`).
    """
    zone = check(material)
    released = release(material)
    table = lines(released)
    name = f"daily-{material.day.isoformat()}"
    table_file = f"{name}.release.jsonl"
    draft = Draft(
        material=material,
        released=released,
        table_file=table_file,
        table_sha256=sha256_hex(table),
        figures=figures(released),
        clock=Clock(zone),
    )
    bulletin = compose(draft)
    return Rendered(
        files={
            f"{name}.html": page(bulletin),
            f"{name}.txt": plain(bulletin),
            f"{name}.json": numbers(draft),
            table_file: table,
        }
    )
