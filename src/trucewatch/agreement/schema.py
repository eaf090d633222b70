"""The published JSON Schema of agreement files, for editors and other software.

It says the form of a file: which keys, which values, which kinds of rule take which keys. What a
schema cannot say the parser checks besides: that references lead somewhere, that ids come once,
that dates follow each other, that an outline does not cross itself, how a number or a time is
written. White space around a text, which the parser takes off, is refused here around an id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.reading.record import object_schema
from trucewatch.agreement.reading.whole import SCHEMA, WHOLE

if TYPE_CHECKING:
    from trucewatch.agreement.reading.form import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> Schema:
    """Return the schema of the format, draft 2020-12.

    It is made of the tables by which `agreement.parse` reads a file, where a time is a text.
    """
    return {
        "$schema": DIALECT,
        "title": SCHEMA,
        "description": (
            "One version of an agreement. Times are text with an offset. References, order of"
            " dates and geometry are checked by the parser alone."
        ),
        **object_schema(WHOLE),
        "if": {"properties": {"status": {"const": "in_force"}}, "required": ["status"]},
        "then": {"properties": {"effective": {"type": "string"}}},
    }
