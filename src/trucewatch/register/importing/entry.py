"""Rows of a sheet as fields of deliveries, and what is wrong within one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.claims.delivery import DELIVERY, DeliveryStage
from trucewatch.register.importing.cell import Wrong
from trucewatch.register.importing.fields import REQUIRED
from trucewatch.register.importing.sheet import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from trucewatch.register.importing.mapping import ImportMapping
    from trucewatch.register.importing.sheet import Row, Sheet

_ARRIVED = (DeliveryStage.DELIVERED, DeliveryStage.VERIFIED)
_MEASURES = (("quantity", "unit"), ("value", "currency"))


class Entry(NamedTuple):
    """One row.

    Attributes:
        number: Row of the sheet, from 1.
        fields: What each field says; a field that says nothing, or is wrong, is left out.
        wrong: Fields that are wrong in themselves or with their row.
    """

    number: int
    fields: Mapping[str, str | Decimal | date]
    wrong: frozenset[str]

    def word(self, field: str) -> str:
        """Return a field of text, or "" when it says nothing."""
        return str(self.fields.get(field, ""))


def read_entries(sheet: Sheet, mapping: ImportMapping) -> tuple[list[Entry], list[Refused]]:
    """Return the rows of a sheet, and every cell that is wrong in itself or with its row."""
    titles = titles_of(mapping)
    entries: list[Entry] = []
    refused: list[Refused] = []
    places = {header: at for at, header in enumerate(sheet.headers)}
    for row in sheet.rows:
        entry, reasons = _entry(row, mapping, places)
        found = [*reasons.items(), *_faults(entry)]
        entries.append(entry._replace(wrong=frozenset(field for field, _ in found)))
        refused += [Refused(row.number, titles[field], reason) for field, reason in found]
    return entries, refused


def titles_of(mapping: ImportMapping) -> dict[str, str]:
    """Return how a refusal names each field: by its header, else by its name in brackets."""
    named = {each.field: each.header or f"({each.field})" for each in mapping.columns}
    return {field: f"({field})" for field in DELIVERY} | named


def _entry(
    row: Row, mapping: ImportMapping, places: Mapping[str, int]
) -> tuple[Entry, dict[str, str]]:
    fields: dict[str, str | Decimal | date] = {}
    reasons: dict[str, str] = {}
    for column in mapping.columns:
        cell = column.constant if column.constant is not None else row.cells[places[column.header]]
        value = column.read(cell)
        if isinstance(value, Wrong):
            reasons[column.field] = value.reason
        elif value is not None:
            fields[column.field] = value
    always = {each.field for each in mapping.columns if each.constant is not None}
    for amount, unit in _MEASURES:  # a unit that all rows have says nothing where nothing is told
        if unit in always and amount not in fields:
            fields.pop(unit, None)
    return Entry(row.number, fields, frozenset(reasons)), reasons


def _faults(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield what does not go together in a row, leaving out what is wrong already."""
    found = (*_missing(entry), *_measures(entry), *_stages(entry))
    yield from ((field, reason) for field, reason in found if field not in entry.wrong)


def _missing(entry: Entry) -> Iterator[tuple[str, str]]:
    for field in REQUIRED:
        if field not in entry.fields:
            yield field, "is empty, must be given"


def _measures(entry: Entry) -> Iterator[tuple[str, str]]:
    said = entry.fields.keys() | entry.wrong
    if not said & {"quantity", "value"}:
        yield "quantity", "is empty and so is the value, one of them must be given"
    for amount, unit in _MEASURES:
        if amount in said and unit not in said:
            yield unit, f"is empty, must be given with the {amount}"
        if unit in said and amount not in said and (said & {"quantity", "value"}):
            yield amount, f"is empty, must be given with the {unit}"


def _stages(entry: Entry) -> Iterator[tuple[str, str]]:
    stage = entry.word("stage")
    if not stage:
        return
    if stage in _ARRIVED and "done" not in entry.fields:
        yield "done", f"is empty, must be given where the stage is {stage}"
    if stage not in _ARRIVED and "done" in entry.fields:
        yield "done", f"is given, must be empty where the stage is {stage}"
    if stage != DeliveryStage.PLEDGED and "of" not in entry.fields:
        yield "of", f"is empty, must name what is {stage}: a row, a claim, or not_said"
