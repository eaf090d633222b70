"""The published JSON Schema of register files, for editors and other software.

It says the form of a file. What a schema cannot say the parser checks besides: that references
lead somewhere, that ids come once, that lines of a source are there, that a claim has the object
or the answer that its relation needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.reading.record import object_schema
from trucewatch.register.reading.form import CONDITION_SCHEMA
from trucewatch.register.reading.whole import ADDED, SCHEMA, WHOLE

if TYPE_CHECKING:
    from trucewatch.agreement.reading.form import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> Schema:
    """Return the schema of the format, draft 2020-12.

    It is made of the tables by which `register.parse` reads a file, where a day is a text. A file
    with `extends` adds to a register that is there; any other file is a register of its own.
    """
    return {
        "$schema": DIALECT,
        "title": SCHEMA,
        "description": (
            "A register of commitments, or more of one. Days are text. References, lines of"
            " sources and what a relation needs are checked by the parser alone."
        ),
        "type": "object",
        "if": {"required": ["extends"]},
        "then": object_schema(ADDED),
        "else": object_schema(WHOLE),
        "$defs": {"condition": CONDITION_SCHEMA},
    }
