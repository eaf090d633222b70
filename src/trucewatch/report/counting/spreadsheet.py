"""The release table as CSV, for a spreadsheet.

RFC 4180: comma, double quotes where needed, CRLF, a header; UTF-8 without a byte order mark. A cell
without a value is empty. Every cell is a number, a time, or a word of ours; no text from outside is
in it, so none can act as a formula.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from trucewatch.records.canonical import canonical
from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.counting.shelling import DISCHARGES
from trucewatch.report.release import MISSION, SHARED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.canonical import Json
    from trucewatch.report.counting.table import ReleaseTable, Row

_MARKED = ("notice", "level")
_DERIVED = ("unit", "discharge", "outcomes")


def columns(level: str) -> tuple[str, ...]:
    """Return the columns of a spreadsheet, in order.

    Beside those of the release table: `notice` is EXERCISE or empty; `level` as in each line;
    `unit` the countable phenomenon of the rule `osce_unit`, or empty; `discharge` whether the rule
    `episode_60min_30rounds` counts the kind, `yes` or `no`; `outcomes` the assessments,
    `RULE:OUTCOME:WHY`, parted by spaces.
    """
    return (*_MARKED, *SHARED, *(MISSION if level == "mission" else ()), *_DERIVED)


def spreadsheet(table: ReleaseTable) -> bytes:
    """Return the table as CSV: one line per incident, in the order of the release table."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    names = columns(table.level)
    writer.writerow(names)
    marked = {"notice": "EXERCISE" if table.exercise else "", "level": table.level}
    for row in table.rows:
        said = {**row.said, **derived(row), **marked, "outcomes": _outcomes(row)}
        writer.writerow(_cell(said[name]) for name in names)
    return text.getvalue().encode()


def derived(row: Row) -> Mapping[str, Json]:
    """Return what two counting rules make of the kind of an incident."""
    discharge = "yes" if row.kind in DISCHARGES else "no"
    return {"unit": HAPPENINGS[row.kind].osce_unit, "discharge": discharge}


def _cell(value: Json) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return canonical(value).decode()


def _outcomes(row: Row) -> str:
    told = (f"{one['rule']}:{one['outcome']}:{one['why'] or ''}" for one in row.assessments)
    return " ".join(told)
