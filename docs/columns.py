"""The tables that pass between stages or lie in the desk, column by column."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from docs.prose import attributes, rows, sentences
from trucewatch.errors import BadInput
from trucewatch.records import table
from trucewatch.records.observation import Observation
from trucewatch.store import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS = {
    "_deg": "degrees, WGS 84",
    "_m2": "square metres",
    "_s": "seconds",
    "_p": "probability, 0 to 1",
    "_day": "per day, or per km2 and day where the name says so",
    "_m": "metres",
    "_h": "hours",
    "_km": "kilometres",
    "_mw": "megawatts",
    "_k": "kelvin",
}
COLUMN_WORDS = {
    "id": "name of the incident, a function of its least report",
    "superseded_by": "the id that took over",
    "incident": "id of the incident",
    "membership_p": "score of how well the report belongs to the incident",
    "rule": "id of the rule inside the agreement",
    "lat_deg": "latitude of the estimate",
    "lon_deg": "longitude of the estimate",
    "cov_ee_m2": "east-east term of the position covariance",
    "cov_en_m2": "east-north term",
    "cov_nn_m2": "north-north term",
    "time_start": "beginning of its time",
    "time_end": "end of that interval",
    "time_sigma_s": "one-sigma error of the time",
    "count_min": "fewest units that its reports speak of, null without a count",
    "count_max": "most units, null when open",
    "count_qualifier": "one of the qualifiers of an observation, null without a count",
    "object": "SHA-256 of the sealed object, lowercase hex",
    "row": "data record in that object, counted from 0",
    "line": "line of the unpacked file, from 1",
    "problem": "what was wrong and what was expected",
    "sensor": "module in `observe` that reads the object",
    "family": "folder of the archive that holds its observations",
    "entry": "index of the entry that seals the object",
    "bytes": "size of the object as sealed",
    "accepted": "rows that became observations",
    "refused": "rows that were quarantined",
    "time_min": "earliest time that an accepted row speaks of",
    "time_max": "latest time that an accepted row speaks of",
    "lat_min_deg": "southernmost accepted row",
    "lat_max_deg": "northernmost accepted row",
    "lon_min_deg": "westernmost accepted row",
    "lon_max_deg": "easternmost accepted row",
    "agreement_version": "version that the agreement gives itself",
    "kind": "kind of record, such as `window`",
    "state": "where it stands",
    "summary": "the record in a line",
    "altitude_sigma_m": "one-sigma error of the altitude",
    "name": "`input_size`, `input_root` or `configured`",
    "value": "its value as text",
}
"""What a column means where its schema has no comment."""


def tables() -> str:
    """Return every table that passes between stages or lies in the desk, column by column."""
    parts = []
    said = attributes(Observation) | {"class": attributes(Observation)["kind"]}
    for module, names in ((table, _STAGE_TABLES), (schema, _DESK_TABLES)):
        source = inspect.getsource(module)
        for name in names:
            comments, words = _comments(source, name)
            if name == "OBSERVATION":
                comments = said
            parts.append(f"## {name}\n\n{sentences(words)}\n")
            parts.append(columns(getattr(module, name), comments))
    return "\n".join(parts)


_STAGE_TABLES = (
    "OBSERVATION",
    "REFUSED",
    "INCIDENT",
    "MEMBER",
    "SUPERSEDED",
    "SILENCE",
    "TRACK",
    "WATCH",
    "LOSS",
    "SEEN",
    "ASSESSMENT",
)
_DESK_TABLES = ("FILE", "QUARANTINE", "LOGBOOK", "STATE")


def _comments(source: str, name: str) -> tuple[dict[str, str], str]:
    """Return the comment of each column and the sentence under a schema, from its source.

    Raises:
        BadInput: There is no sentence under it.
    """
    at = re.search(rf'^{name}: .*?\n?}}\n"""(.*?)"""', source, re.DOTALL | re.MULTILINE)
    if at is None:
        raise BadInput(name, "schema has no words under it, expected some")
    return dict(re.findall(r'"(\w+)": [^#\n]*#\s*(.*)', at[0])), at[1]


def columns(found: Mapping[str, object], comments: Mapping[str, str]) -> str:
    """Return the columns as a table.

    Raises:
        BadInput: Nothing says what a column means.
    """
    cells = []
    for name, kind in found.items():
        meaning = comments.get(name) or COLUMN_WORDS.get(name)
        if meaning is None:
            raise BadInput(name, "column has no meaning, expected a comment or COLUMN_WORDS")
        cells.append((f"`{name}`", _type(kind), _unit(name, kind), meaning))
    return rows(("column", "type", "unit", "meaning"), cells)


def _type(kind: object) -> str:
    return str(kind).partition("(")[0]


def _unit(name: str, kind: object) -> str:
    if str(kind).startswith("Datetime"):
        return "microseconds, UTC"
    return next((unit for end, unit in UNITS.items() if name.endswith(end)), "-")
