"""Counts by named rules, by kind, and beside the window before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.bulletin.content import Cell, Paragraph, Section, Table, Voice
from trucewatch.report.bulletin.figures import INCIDENT_RULE, INCIDENT_SHORT, OSCE_RULE
from trucewatch.report.bulletin.five import five
from trucewatch.report.bulletin.share import compares, covered_in_both, silence
from trucewatch.report.bulletin.silent import silent
from trucewatch.report.bulletin.wording import NONE_REPORTED, UNKNOWN, count_text, plural

if TYPE_CHECKING:
    from trucewatch.report.bulletin.draft import Draft
    from trucewatch.report.bulletin.figures import Units
    from trucewatch.report.bulletin.interval import Tally
    from trucewatch.report.watching import Watching

_PLURALS = {
    "explosion": "Explosions",
    "projectile in flight": "Projectiles in flight",
    "muzzle flash": "Muzzle flashes",
    "flare": "Flares",
    "burst": "Bursts of fire",
    "shot": "Shots",
}
_LEAST = 0.05  # prints as 0.1 with one decimal; anything less would print as 0.0
_HEAD = ("This window", "Real, 90 %", "Previous", "Real, 90 %")


def mean_text(one: Tally) -> str:
    """Return the expected number with one decimal, never rounded to nothing."""
    if one.real_mean < _LEAST:
        return "under 0.1"
    return f"{one.real_mean:,.1f}"


def tally_text(one: Tally) -> str:
    """Return `10.3 expected to be real, 90 % interval 8 to 12`."""
    return f"{mean_text(one)} expected to be real, 90 % interval {one.low:,} to {one.high:,}"


def tally_cells(one: Tally) -> tuple[Cell, Cell]:
    """Return the count, and the expected number with its interval; words where there is none."""
    if not one.n:
        return Cell(text=NONE_REPORTED), Cell(text=UNKNOWN)
    return Cell(text=f"{one.n:,}"), Cell(text=f"{mean_text(one)} ({one.low:,} to {one.high:,})")


def osce_text(units: Units) -> str:
    """Return the units in words; an open upper bound is said.

    Example:
        >>> from trucewatch.report.bulletin.figures import Units
        >>> osce_text(Units(unit="all", low=61, high=None, counted_n=9, uncounted_n=4))
        'at least 61, upper bound unknown'
    """
    if not units.counted_n:
        return "no report in a countable form exists"
    return (
        bound_text(units) if units.high is not None else f"{bound_text(units)}, upper bound unknown"
    )


def bound_text(units: Units) -> str:
    """Return `at least 61`, or `61 to 70` where the upper bound is known; never a bare zero."""
    if not units.low:
        return "no lower bound" if units.high is None else f"at most {units.high:,}"
    return count_text(units.low, units.high, None)


def counts(draft: Draft) -> tuple[Section, ...]:
    """Return the sections on counts by rule, on kinds, and on the previous window."""
    return (_by_rule(draft), _by_kind(draft), _beside(draft))


def _by_rule(draft: Draft) -> Section:
    figures = draft.figures
    now, real = tally_cells(figures.current)
    before, real_before = tally_cells(figures.previous)
    incident = Table(
        caption=f"{INCIDENT_RULE} {silence(draft)}",
        head=("Rule incident", *_HEAD),
        rows=((Cell(text="Incidents of all kinds"), now, real, before, real_before),),
        numeric=frozenset({1, 2, 3, 4}),
    )
    total, *parts = figures.units
    if not (total[0].counted_n or total[1].counted_n):
        words = (
            "Rule osce_unit: no report in a countable form exists in either window, so this rule "
            f"gives no number. {silence(draft)}"
        )
        return _counted(draft, Paragraph(text=words), incident)
    rows = [_unit_row(_PLURALS.get(pair[0].unit, pair[0].unit), pair) for pair in parts]
    units = Table(
        caption=f"{OSCE_RULE} {silence(draft)}",
        head=("Rule osce_unit", "This window", "No count given", "Previous"),
        rows=(*rows, _unit_row("All units", total)),
        numeric=frozenset({1, 2, 3}),
        total=True,
    )
    return _counted(draft, units, incident)


def _counted(draft: Draft, units: Paragraph | Table, incident: Table) -> Section:
    blocks = (*five(draft), units, incident)
    return Section(id="counts", title="Counts, by rule", blocks=blocks)


def _unit_row(name: str, pair: tuple[Units, Units]) -> tuple[Cell, ...]:
    now, before = pair
    return (
        Cell(text=name),
        Cell(text=_unit_text(now)),
        Cell(text=f"{now.uncounted_n:,}" if now.uncounted_n else "none"),
        Cell(text=_unit_text(before)),
    )


def _unit_text(units: Units) -> str:
    if not (units.counted_n or units.uncounted_n):
        return NONE_REPORTED
    return "not given" if not units.counted_n else bound_text(units)


def _by_kind(draft: Draft) -> Section:
    kinds = draft.figures.kinds
    rows = tuple(
        (
            Cell(text=HAPPENINGS[row.kind].text),
            *tally_cells(row.current),
            *tally_cells(row.previous),
        )
        for row in kinds
    )
    found = {row.kind for row in kinds}
    absent = [
        one.text for one in HAPPENINGS.values() if one.forms_incident and one.name not in found
    ]
    rest = f"None reported in either window: {'; '.join(absent)}. {silence(draft)}"
    table = Table(
        caption=f"Each incident under its likeliest kind. {INCIDENT_SHORT} {silence(draft)}",
        head=("Likeliest kind", *_HEAD),
        rows=rows,
        numeric=frozenset({1, 2, 3, 4}),
    )
    blocks = (table,) if rows else ()
    return Section(
        id="kinds",
        title="Counts, by kind",
        blocks=(*blocks, Paragraph(text=rest, voice=Voice.NOTE)),
    )


def _beside(draft: Draft) -> Section:
    figures, material, watching = draft.figures, draft.material, draft.material.watching
    first = (
        f"The previous window is {draft.clock.long(material.previous_start)} to "
        f"{draft.clock.long(material.window_start)}."
    )
    if silent(draft).height:
        second = "A sensor was silent in one of them or in both, so their numbers do not compare."
    elif watching is not None and not compares(watching.whole.window, watching.whole.before):
        second = f"Their counts do not compare: {covered_in_both(watching)}."
    elif not (figures.current.n or figures.previous.n):
        second = "No incident was reported in either, so there is nothing to compare."
    else:
        low, high = (f"{end:+,}" if end else "no change" for end in _ends(figures.change))
        mean = figures.change.real_mean
        gain = f"{mean:+,.1f}" if abs(mean) >= _LEAST else "none to one decimal"
        second = (
            f"{plural(figures.current.n, 'incident') if figures.current.n else NONE_REPORTED} now, "
            f"{f'{figures.previous.n:,}' if figures.previous.n else NONE_REPORTED} then. Change in "
            f"the number that are real: {gain} expected, 90 % interval "
            f"{low} to {high} (rule incident)."
        )
    third = (
        f"{_seen(watching)}: a difference may come from what could be seen and not from what "
        "happened."
    )
    return Section(
        id="previous",
        title="Comparison with the previous window",
        blocks=(Paragraph(text=f"{first} {second}"), Paragraph(text=third, voice=Voice.NOTE)),
    )


def _seen(watching: Watching | None) -> str:
    if watching is None:
        return "Coverage is unknown in both windows"
    covered = covered_in_both(watching)
    return f"This window and the previous one were {covered}"


def _ends(change: Tally) -> tuple[int, int]:
    return change.low, change.high
