"""The same incidents counted by every named rule, side by side."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from trucewatch.report.bulletin.content import Cell, Paragraph, Table, Voice
from trucewatch.report.bulletin.figures import INCIDENT_RULE, OSCE_RULE
from trucewatch.report.bulletin.share import silence
from trucewatch.report.bulletin.watched import shares_json
from trucewatch.report.counting.rules import CROSSING_RULE, EPISODE_RULE, RULED_RULE

if TYPE_CHECKING:
    from trucewatch.report.bulletin.draft import Draft
    from trucewatch.report.bulletin.watched import Shares
    from trucewatch.report.counting.rules import Count

RULE_WORDS = {
    "incident": INCIDENT_RULE,
    "osce_unit": OSCE_RULE,
    "episode_60min_30rounds": EPISODE_RULE,
    "crossing": CROSSING_RULE,
    "ruled": RULED_RULE,
}
"""The words of each rule, in the order in which counts are given."""


def five(draft: Draft) -> tuple[Table, Paragraph]:
    """Return the table of every rule's count, and the words of those without a table of their own.

    The words of the other rules stand over their own tables, which follow.
    """
    table = Table(
        caption=f"The incidents of the release table, counted by each named rule. {silence(draft)}",
        head=("Rule", "This window", "Previous"),
        rows=tuple(
            (Cell(text=now.rule), Cell(text=now.text), Cell(text=before.text))
            for now, before in draft.counts
        ),
    )
    words = f"{EPISODE_RULE} {CROSSING_RULE} {RULED_RULE}"
    return table, Paragraph(text=words, voice=Voice.NOTE)


def five_json(draft: Draft) -> list[dict[str, object]]:
    """Return the same for machines."""
    shares = shares_json(draft.material.watching)
    return [count_json(*pair, shares) for pair in draft.counts]


def count_json(now: Count, before: Count, shares: Shares) -> dict[str, object]:
    """Return one rule's counts as they stand in the numbers.

    Args:
        now: Of this window.
        before: Of the previous one.
        shares: What could have been seen in each.
    """
    return {
        "rule": now.rule,
        "current": _figure(now) | {"coverage": shares.now},
        "previous": _figure(before) | {"coverage": shares.before},
    }


def _figure(count: Count) -> dict[str, object]:
    return {name: value for name, value in asdict(count).items() if name != "rule"}
