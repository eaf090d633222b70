"""When an entry was made: what the log claims, and what others can show.

`logged_at` is the log's own clock, a claim. A token or cosignature over a checkpoint that holds the
entry shows that it existed by then. An outside head cited inside a signed batch shows that the
batch was made after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

CLOCK_S_MAX = 60.0  # clocks that differ by more are reported; threat model, back-dated reports
LATE_S_MAX = 86_400.0  # one day: tokens are fetched daily at the latest
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """The times between which an entry was made, claimed and proven apart.

    Attributes:
        claimed: `logged_at`: what the log says.
        not_before: Time of the outside head that it cites, if it cites one.
        not_after: Earliest outside time over a checkpoint that holds it, if there is one.
        by: Who gave `not_after`; empty without one.
        contradictions: What cannot all be true, as sentences; empty is normal.
        remarks: What is true but weak, as sentences.
    """

    claimed: datetime
    not_before: datetime | None
    not_after: datetime | None
    by: str
    contradictions: tuple[str, ...]
    remarks: tuple[str, ...]


def bracket(
    index: int,
    logged_at: datetime,
    anchors_with_times: Iterable[tuple[int, datetime, str]],
    seen: tuple[int, datetime] | None = None,
) -> Bracket:
    """Return when an entry was made, as claimed and as proven.

    Args:
        index: Of the entry, 0-based: a checkpoint of more entries than that holds it.
        logged_at: What the entry says.
        anchors_with_times: Size, time and giver of each verified token or cosignature, any order.
            For a token the time is `Stamp.not_after`.
        seen: Size and time of an outside head that the object itself cites, signed with it.
    """
    covering = [(time, size, who) for size, time, who in anchors_with_times if size > index]
    not_after, _, by = min(covering, default=(None, 0, ""))
    not_before = seen[1] if seen else None
    return Bracket(
        claimed=logged_at,
        not_before=not_before,
        not_after=not_after,
        by=by,
        contradictions=tuple(_contradictions(logged_at, not_before, not_after, by)),
        remarks=tuple(_remarks(logged_at, not_after, by)),
    )


def _contradictions(
    claimed: datetime, not_before: datetime | None, not_after: datetime | None, by: str
) -> list[str]:
    says = f"claims to be logged at {claimed.isoformat()}"
    cites = f"cites a head of {not_before.isoformat()}" if not_before else ""
    seen = f"{by} had seen it by {not_after.isoformat()}" if not_after else ""
    pairs = [
        (claimed, not_after, f"{says}, but {seen}"),
        (not_before, claimed, f"{says}, but {cites}"),
        (not_before, not_after, f"{cites}, but {seen}"),
    ]
    return [
        problem
        for first, last, problem in pairs
        if first is not None and last is not None and _later_s(first, last) > CLOCK_S_MAX
    ]


def _remarks(claimed: datetime, not_after: datetime | None, by: str) -> list[str]:
    if not_after is None:
        return ["no outside time covers it: the log's own clock is all there is"]
    late_s = _later_s(not_after, claimed)
    if late_s <= LATE_S_MAX:
        return []
    return [f"proven only {late_s / _HOUR_S:.0f} hours later, by {by}"]


def _later_s(one: datetime, other: datetime) -> float:
    return (one - other).total_seconds()
