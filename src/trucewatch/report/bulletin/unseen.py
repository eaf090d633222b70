"""What could not be seen: how much, where, and what took it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.logbook.restriction import HINDRANCES
from trucewatch.report.bulletin.content import Cell, Paragraph, Section, Table, Voice
from trucewatch.report.bulletin.holding import WHOLE
from trucewatch.report.bulletin.share import covered_text
from trucewatch.report.bulletin.wording import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.report.bulletin.draft import Draft
    from trucewatch.report.watching import Lost, Sector, Watching

CAUSES: Mapping[str, str] = {
    **HINDRANCES,
    "watching": "less than full power, no cause given",
    "outage": "out of order",
    "maintenance": "maintenance",
    "cloud": "cloud",
    "weather": "weather",
    "withdrawn": "withdrawn by us",
    "denied": "access denied, as the patrol itself reports",
    "night": "night",
    "absent": "expected files did not come, explained",
    "missing": "expected files did not come, nobody said why",
    "silent": "silent beyond its own rhythm",
}
"""What may have taken hours, in words."""

_UNKNOWN = (
    "Coverage is unknown: this version does not compute which places could have been seen at "
    "which times. Clouds, outages, jamming and the hours between satellite passes all leave "
    "gaps. The absence of reports from a place or a time means nothing."
)
_CAPTION = (
    "Covered share of this window, and hours that assets lost, by what took them. An hour lost is "
    "one asset at full power all over the sector, so assets that watch the same ground lose more "
    "hours together than the sector did: they are not to be subtracted from covered hours."
)
_ASSUMED = (
    "Assets are taken to miss independently of each other, and incidents to be as likely where and "
    "while nobody watches as elsewhere. Where that is wrong, more was missed than we say. Which "
    "hours were watched rests on watch reports, which are never public, because where patrols go "
    "endangers them."
)
_HOUR = 1.0


def unseen(draft: Draft) -> Section:
    """Return what was not observed, and where coverage is known, why."""
    watching = draft.material.watching
    if watching is None:
        blocks: tuple[Paragraph | Table, ...] = (Paragraph(text=_UNKNOWN),)
        return Section(id="unseen", title="What was not observed", blocks=blocks)
    ones = (*watching.sectors, watching.whole) if watching.sectors else (watching.whole,)
    table = Table(
        caption=_CAPTION,
        head=("Sector", "Covered", "Lost"),
        rows=tuple(_row(one) for one in ones),
        stacked=((0, 1), (2,)),
    )
    blocks = (Paragraph(text=_first(watching)), table, Paragraph(text=_ASSUMED, voice=Voice.NOTE))
    return Section(id="unseen", title="What could not be seen", blocks=blocks)


def _first(watching: Watching) -> str:
    covered = covered_text(watching.whole.window)
    if covered == "none":
        return "Nothing could have been seen in this window, so nothing reported means nothing."
    ends = ", from the class seen least to the class seen most" if " to " in covered else ""
    return (
        f"We could have seen what happened in {covered} of the hours of this window{ends}. Of the "
        "rest, nothing reported means nothing."
    )


def _row(one: Sector) -> tuple[Cell, ...]:
    told = "; ".join(_lost(each) for each in one.lost)
    return (
        Cell(text=quote(one.id, limit=40) or WHOLE),
        Cell(text=covered_text(one.window)),
        Cell(text=told or "no hours, as far as anybody said"),
    )


def _lost(each: Lost) -> str:
    words = CAUSES.get(each.cause) or quote(each.cause, limit=60)
    hours = f"{each.hours_h:,.0f} h" if each.hours_h >= _HOUR else "under 1 h"
    return f"{words}: {hours}"
