"""Values that a register has and an agreement has not: days, decimals, lines, conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import yaml

from trucewatch.agreement.reading.form import ID
from trucewatch.errors import BadAgreement
from trucewatch.records.claims.condition import All, Any

if TYPE_CHECKING:
    from trucewatch.agreement.part import Part
    from trucewatch.agreement.reading.form import Names, Schema
    from trucewatch.records.claims.condition import Condition

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DECIMAL = r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?"
_LINES = r"[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?"
SOURCE_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"  # of a source or a claim
_PLACE = rf"({SOURCE_ID})(?::({_LINES}))?"


def _scalar(part: Part, pattern: str, expected: str) -> str:
    """Return a scalar as it is written, whatever YAML takes it for.

    Raises:
        BadAgreement: No scalar, or another form.
    """
    shown = str(part.node.value) if isinstance(part.node, yaml.ScalarNode) else ""
    if not re.fullmatch(pattern, shown):
        found = repr(shown[:60]) if shown else "not one value"
        raise BadAgreement(part.where, f"{part.key} is {found}, must be {expected}")
    return shown


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar."""

    def read(self, part: Part, _names: Names) -> date:
        """Return the day.

        Raises:
            BadAgreement: Another form, or a day that does not exist.
        """
        shown = _scalar(part, _DAY, "a day such as 2026-01-06")
        try:
            return date.fromisoformat(shown)
        except ValueError as error:
            problem = f"{part.key} is {shown} ({error}), must be a day that exists"
            raise BadAgreement(part.where, problem) from error

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "string", "format": "date", "pattern": f"^{_DAY}$"}


@dataclass(frozen=True, slots=True)
class Exact:
    """A decimal number from 0, kept exactly as written."""

    def read(self, part: Part, _names: Names) -> Decimal:
        """Return the number."""
        return Decimal(_scalar(part, _DECIMAL, "a number from 0 in plain digits"))

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "number", "minimum": 0}


@dataclass(frozen=True, slots=True)
class Read:
    """The id of a source or of a claim, which may start with a digit.

    Attributes:
        of: Which list of the file holds it: `sources` or `claims`.
    """

    of: str

    def read(self, part: Part, names: Names) -> str:
        """Return the id."""
        return part.one_of(names.known[self.of])

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "string", "pattern": f"^{SOURCE_ID}$"}


class Lines(NamedTuple):
    """Lines of a source.

    Attributes:
        first: From 1.
        last: The last of them.
    """

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class LinesForm:
    """One line of a source, or several: `12` or `12-14`."""

    def read(self, part: Part, _names: Names) -> Lines:
        """Return the lines."""
        return _lines(_scalar(part, _LINES, "lines such as 12 or 12-14"), part)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"anyOf": [{"type": "string", "pattern": f"^{_LINES}$"}, {"type": "integer"}]}


class Cited(NamedTuple):
    """Where a claim was read.

    Attributes:
        source: Id of the source.
        lines: Lines of it; both 0 where the source has no counted lines.
    """

    source: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class CitedForm:
    """A source and lines of it, `001:12-14`; or the source alone."""

    def read(self, part: Part, names: Names) -> Cited:
        """Return the place.

        Raises:
            BadAgreement: Another form, or a source that is not declared.
        """
        shown = _scalar(part, _PLACE, "SOURCE:LINES such as 001:12-14")
        source, _, lines = shown.partition(":")
        if source not in names.known["sources"]:
            known = ", ".join(names.known["sources"])
            raise BadAgreement(part.where, f"source is {source!r}, must be one of: {known}")
        return Cited(source, _lines(lines, part) if lines else Lines(0, 0))

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"type": "string", "pattern": f"^{_PLACE}$"}


def _lines(shown: str, part: Part) -> Lines:
    first, _, last = shown.partition("-")
    lines = Lines(int(first), int(last or first))
    if lines.last < lines.first:
        problem = f"{part.key} is {shown}, must not end before it starts"
        raise BadAgreement(part.where, problem)
    return lines


@dataclass(frozen=True, slots=True)
class ConditionForm:
    """An atom, or `all` or `any` of several conditions."""

    def read(self, part: Part, names: Names) -> Condition:
        """Return the condition.

        Raises:
            BadAgreement: An atom that is not declared, or another key than `all` and `any`.
        """
        if isinstance(part.node, yaml.ScalarNode):
            return part.one_of(names.known["atoms"])
        found = part.entries()
        if len(found) != 1 or not found.keys() <= {"all", "any"}:
            problem = f"{part.key} has keys {', '.join(sorted(found))}, must have all or any"
            raise BadAgreement(part.where, problem)
        [(word, several)] = found.items()
        parts = tuple(self.read(each, names) for each in several.items())
        if not parts:
            raise BadAgreement(several.where, f"{word} is empty, must name a condition")
        return All(of=parts) if word == "all" else Any(of=parts)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return {"$ref": "#/$defs/condition"}


CONDITION_SCHEMA: dict[str, object] = {
    "anyOf": [
        {"type": "string", "pattern": f"^{ID}$"},
        *(
            {
                "type": "object",
                "properties": {
                    word: {
                        "type": "array",
                        "minItems": 1,
                        "items": {"$ref": "#/$defs/condition"},
                    }
                },
                "required": [word],
                "additionalProperties": False,
            }
            for word in ("all", "any")
        ),
    ]
}
"""What `#/$defs/condition` is."""
