"""What every section of a bulletin is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.report.bulletin.figures import Figures
    from trucewatch.report.bulletin.wording import Clock
    from trucewatch.report.counting.rules import Count
    from trucewatch.report.material import Material
    from trucewatch.report.release import Released


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A bulletin in the making.

    Attributes:
        material: Checked. Its tables of incidents and assessments are not read here: sections
            speak of `released` alone, so that nothing finer slips through.
        released: The rows that are released.
        table_file: Name of the release table, the released rows as JSON lines.
        table_sha256: Its hash.
        figures: The numbers of those rows.
        counts: Of this window and of the previous one by every rule, counted from the table.
        clock: Shows times in the mission's zone.
    """

    material: Material
    released: Released
    table_file: str
    table_sha256: str
    figures: Figures
    counts: tuple[tuple[Count, Count], ...]
    clock: Clock
