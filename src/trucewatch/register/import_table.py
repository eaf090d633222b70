"""Import of a tracker's table: every row is accepted or refused, and nothing is half loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.records.claims.delivery import DELIVERY, REFUSED_CELL
from trucewatch.register.importing.against import against
from trucewatch.register.importing.delimited import read_delimited
from trucewatch.register.importing.entry import read_entries, titles_of
from trucewatch.register.importing.references import faults
from trucewatch.register.importing.sheet import Refused
from trucewatch.register.importing.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.records.claims.register import Register
    from trucewatch.register.importing.entry import Entry
    from trucewatch.register.importing.mapping import ImportMapping


class Imported(NamedTuple):
    """What a table holds: the dry run of an import.

    Attributes:
        accepted: A `DELIVERY` table, in the order of the file.
        refused: A `REFUSED_CELL` table, by row, then by column; faults of the file first.
    """

    accepted: pl.DataFrame
    refused: pl.DataFrame


def read_table(
    raw: bytes,
    mapping: ImportMapping,
    register: Register,
    *,
    name: str,
    earlier: pl.DataFrame | None = None,
) -> Imported:
    """Return the deliveries in a file, and every row that is none with its column and reason.

    Args:
        raw: The bytes of the file.
        mapping: What its columns mean.
        register: Whose actors, domains, provisions and claims the rows refer to.
        name: How to name the file in an error message.
        earlier: A `DELIVERY` table of what was imported before, or None.

    Returns:
        What is accepted and what is refused; `BadInput` when the file as a whole is no such table:
        disguised, torn, too large, without its sheet or its headers.
    """
    read = read_workbook if mapping.file == "xlsx" else read_delimited
    sheet = read(raw, mapping, name=name)
    entries, refused = read_entries(sheet, mapping)
    refused = [*sheet.refused, *refused]
    titles = titles_of(mapping)
    numbers = {each.row for each in refused if each.row is not None}
    for number, field, reason in faults(entries, numbers, against(register, earlier)):
        refused.append(Refused(number, titles[field], reason))
    numbers = {each.row for each in refused if each.row is not None}
    kept = [each for each in entries if each.number not in numbers]
    return Imported(_accepted(kept), _refused(refused))


def take(imported: Imported, *, name: str, allow_refused: bool = False) -> pl.DataFrame:
    """Return the deliveries of an import, all of the file or none.

    Args:
        imported: What the file holds.
        name: How to name the file in an error message.
        allow_refused: Whether what was refused may be left out; who says so has read the list.

    Raises:
        BadInput: Something was refused.
    """
    refused = imported.refused
    if refused.is_empty() or allow_refused:
        return imported.accepted
    row, column, reason = refused.row(0)
    where = name if row is None else f"{name}: row {row}"
    first = f"{column} {reason}" if column else reason
    more = f", and {refused.height - 1} more" if refused.height > 1 else ""
    advice = "A dry run lists them all; nothing was loaded."
    raise BadInput(where, f"{first}{more}", advice=advice)


def _accepted(entries: Sequence[Entry]) -> pl.DataFrame:
    columns = {field: [each.fields.get(field) for each in entries] for field in DELIVERY}
    return pl.DataFrame(columns, schema=DELIVERY)


def _refused(refused: Sequence[Refused]) -> pl.DataFrame:
    ordered = sorted(refused, key=lambda each: (each.row or 0, each.column or "", each.reason))
    return pl.DataFrame(ordered, schema=REFUSED_CELL, orient="row")
