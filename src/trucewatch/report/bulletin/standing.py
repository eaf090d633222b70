"""Sections that stand in every bulletin, whether or not there is something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.bulletin.content import Cell, Paragraph, Section, Table, Voice
from trucewatch.report.bulletin.counts import tally_cells
from trucewatch.report.bulletin.figures import INCIDENT_SHORT
from trucewatch.report.bulletin.share import brief, silence
from trucewatch.report.bulletin.share import received as covered
from trucewatch.report.bulletin.wording import NONE_REPORTED, plural, quote

if TYPE_CHECKING:
    from trucewatch.report.bulletin.draft import Draft

WEAPONS = ("armour", "position_change")
CASUALTIES = ("casualties_civilian", "casualties_military", "damage")
_SPANS = (("window", "this window"), ("all", "since the start"))


def weapons(draft: Draft) -> Section:
    """Return the section on withdrawal of weapons."""
    return _of_kinds(
        draft,
        section=("weapons", "Withdrawal of weapons"),
        kinds=WEAPONS,
        rest=_sites(draft),
    )


def _sites(draft: Draft) -> str:
    declared_n, visited_n = draft.material.declared_n, draft.material.visited_n
    if not declared_n and not visited_n:
        return (
            "No baseline of declared weapons and no visit to a storage site is on file, so "
            "nothing can be said of what was withdrawn."
        )
    return (
        f"{plural(declared_n, 'declared site')} and {plural(visited_n, 'visit')} at which weapons "
        "were counted are on file; what follows from them is assessed apart and not told here."
    )


def casualties(draft: Draft) -> Section:
    """Return the section on casualties and damage."""
    return _of_kinds(
        draft,
        section=("casualties", "Casualties and damage"),
        kinds=CASUALTIES,
        rest="Reports of casualties are not corroborated by this software, and nobody is counted "
        "as killed or injured here.",
    )


def _of_kinds(
    draft: Draft, *, section: tuple[str, str], kinds: tuple[str, ...], rest: str
) -> Section:
    rows = tuple(
        (
            Cell(text=HAPPENINGS[row.kind].text),
            *tally_cells(row.current),
            *tally_cells(row.previous),
        )
        for row in draft.figures.kinds
        if row.kind in kinds
    )
    name, title = section
    if not draft.figures.kind(*kinds):
        words = f"Nothing reported; {brief(draft)}. {rest}"
        return Section(id=name, title=title, blocks=(Paragraph(text=words),))
    table = Table(
        caption=f"{INCIDENT_SHORT} {silence(draft)}",
        head=("Likeliest kind", "This window", "Real, 90 %", "Previous", "Real, 90 %"),
        rows=rows,
        numeric=frozenset({1, 2, 3, 4}),
    )
    return Section(id=name, title=title, blocks=(table, Paragraph(text=rest, voice=Voice.NOTE)))


def received(draft: Draft) -> Section:
    """Return the reports received and the rows refused."""
    material = draft.material
    rows = [
        (Cell(text=quote(str(row["sensor"]), limit=40)), Cell(text=words), *_row(row, draft))
        for span, words in _SPANS
        for row in material.reports.filter(pl.col("span") == span).sort("sensor").to_dicts()
    ]
    table = Table(
        caption="Rows as received, each repeated download counted again. A refused row was sealed "
        "and set aside; nothing was mended, and in which window it falls is not known. "
        f"{covered(draft)}",
        head=("Sensor", "Period", "Accepted", "Refused", "Files", "First to last time named"),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4}),
        stacked=((0, 1), (2, 3, 4), (5,)),
    )
    nothing = Paragraph(text=f"No report was received. {silence(draft)}")
    loose = (
        f"{plural(material.unlinked_n, 'accepted report')} of this window "
        f"{'belongs' if material.unlinked_n == 1 else 'belong'} to no incident and "
        f"{'is' if material.unlinked_n == 1 else 'are'} in none of the counts."
        if material.unlinked_n
        else "Accepted reports of this window that belong to no incident: none."
    )
    return Section(
        id="received",
        title="Reports received and refused",
        blocks=(table if rows else nothing, Paragraph(text=loose), *_refused(draft)),
    )


def _number(value: object) -> str:
    if value is None:
        return "not known"
    return f"{value:,}" if value else "none"


def _row(row: dict[str, object], draft: Draft) -> tuple[Cell, ...]:
    numbers = tuple(Cell(text=_number(row[name])) for name in ("accepted", "refused", "files"))
    first, last = row["first"], row["last"]
    if first is None or last is None:
        return (*numbers, Cell(text="none named"))
    between = f"{draft.clock.year(first)} to {draft.clock.year(last)}"  # type: ignore[arg-type]
    return (*numbers, Cell(text=between))


def _refused(draft: Draft) -> tuple[Paragraph | Table, ...]:
    material = draft.material
    if not material.refused_n:
        return (Paragraph(text="Refused rows and files: none."),)
    total = f"{plural(material.refused_n, 'row or file', 'rows or files')} refused in all."
    if material.level == "public":
        words = f"{total} The list names raw rows and stays at level mission."
        return (Paragraph(text=words),)
    table = Table(
        caption=f"{total} The first {len(material.refused)} are listed.",
        head=("File", "Line", "Problem"),
        rows=tuple(
            (
                Cell(text=quote(row.file, limit=120) or "[no name]"),
                Cell(text="whole file" if row.line is None else f"{row.line}"),
                Cell(text=quote(row.problem) or "[no text]"),
            )
            for row in material.refused
        ),
        numeric=frozenset({1}),
        stacked=((0, 1), (2,)),
    )
    return (table,) if material.refused else (Paragraph(text=total),)


def corrections(draft: Draft) -> Section:
    """Return the corrections to earlier bulletins."""
    texts = [quote(text, limit=1000) for text in draft.material.corrections] or [
        f"{NONE_REPORTED.capitalize()}: no earlier bulletin is corrected here."
    ]
    blocks = tuple(Paragraph(text=text) for text in texts)
    return Section(id="corrections", title="Corrections", blocks=blocks)


def how_to_check(draft: Draft) -> Section:
    """Return how a reader checks the page."""
    material = draft.material
    rows = (
        ("Log", quote(material.origin, limit=120)),
        ("Entries", f"{material.input_size:,}"),
        ("Root", material.input_root),
        ("Release table", draft.table_file),
        ("Table SHA-256", draft.table_sha256),
        ("Code", f"trucewatch {quote(material.code_version, limit=60)}"),
    )
    return Section(
        id="check",
        title="How to check this page",
        blocks=(
            Paragraph(
                text="Every number on this page is a function of the first entries of one log, as "
                "named here. The release table holds each incident that is counted, as released; "
                "sha256sum prints its hash."
            ),
            *(Paragraph(text=text, voice=Voice.BYTES, cite=name) for name, text in rows),
            Paragraph(text="tw verify BUNDLE --key VKEY", voice=Voice.BYTES, cite="Command"),
            Paragraph(text="Unchanged since sealing does not mean true.", voice=Voice.NOTE),
        ),
    )
