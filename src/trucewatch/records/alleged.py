r"""Acts that a party alleges: its list, read strictly; each a claim and no observation.

A list is UTF-8 text, comma-separated, lines ended by LF, with exactly this header:

    id,time_start,time_end,lat,lon,error_m,class,count,text

A row with a place is one act: `lat` and `lon` in WGS 84 degrees, `error_m` its standard error
along each axis, at least 1 m, and no `count`. A row without a place is a total over its time:
`count` as it was said, such as `0`, `about 40` or `at least 11`. Times are `2030-09-01T06:00:00Z`,
the end not before the start; `class` is a kind of act or empty; ids are letters, digits, dots,
dashes and underscores.

The form never changes: lists are sealed. Another form would be another type of object.
"""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.count import read_count
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.count import Counted

COLUMNS = ("id", "time_start", "time_end", "lat", "lon", "error_m", "class", "count", "text")
ROWS_MAX = 100_000
BYTES_MAX = 64 * 2**20
TEXT_MAX = 2_000
_ERROR_MIN_M, _ERROR_MAX_M = 1.0, 1_000_000.0
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TIME = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z")
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_PLACED = ("lat", "lon", "error_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alleged:
    """One act that a party alleges, with its place.

    Attributes:
        id: As the party numbers it.
        time_start: Earliest time, UTC.
        time_end: Latest time; the same when it was given to the second.
        lat_deg: Latitude, WGS 84.
        lon_deg: Longitude.
        error_m: Standard error of the place along each axis.
        kind: Class of happening, or "".
        text: The party's words.
    """

    id: str
    time_start: datetime
    time_end: datetime
    lat_deg: float
    lon_deg: float
    error_m: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many acts a party alleges over a time, without saying which.

    Attributes:
        id: As the party numbers it.
        time_start: Beginning of the time.
        time_end: Its end.
        kind: Class of happening, or "".
        said: The number as it was said.
        count: The same as an interval.
        text: The party's words.
    """

    id: str
    time_start: datetime
    time_end: datetime
    kind: str
    said: str
    count: Counted
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllegedList:
    """One list.

    Attributes:
        acts: Rows with a place, in the order of the file.
        totals: Rows without.
    """

    acts: tuple[Alleged, ...]
    totals: tuple[Total, ...]


def read_alleged(raw: bytes, *, name: str) -> AllegedList:
    r"""Return what a list says; a list with one bad row is refused whole, before it is sealed.

    Args:
        raw: Its bytes.
        name: How to name it in an error.

    Raises:
        BadInput: It is not of the form; the message names the line.

    Example:
        >>> head = b"id,time_start,time_end,lat,lon,error_m,class,count,text\n"
        >>> row = b"T1,2030-09-01T00:00:00Z,2030-09-08T00:00:00Z,,,,airstrike,0,we saw none\n"
        >>> read_alleged(head + row, name="bravo.csv").totals[0].count.high
        0
    """
    acts: list[Alleged] = []
    totals: list[Total] = []
    seen: set[str] = set()
    for line, row in _rows(raw, name):
        where = f"{name}:{line}"
        one = _row(row, where)
        if one.id in seen:
            raise BadInput(where, f"id {one.id} comes twice, expected each once")
        seen.add(one.id)
        if isinstance(one, Alleged):
            acts.append(one)
        else:
            totals.append(one)
    if not seen:
        raise BadInput(name, "has no row, expected an act or a total")
    return AllegedList(acts=tuple(acts), totals=tuple(totals))


def _rows(raw: bytes, name: str) -> list[tuple[int, dict[str, str]]]:
    if len(raw) > BYTES_MAX:
        raise BadInput(name, f"has {len(raw)} bytes, must have at most {BYTES_MAX}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(name, f"byte {error.start} is not UTF-8, expected text") from error
    if not text.endswith("\n") or "\r" in text:
        raise BadInput(name, "does not end each line in LF alone, expected text of whole lines")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[tuple[int, dict[str, str]]] = []
    try:
        header = next(reader)
        if tuple(header) != COLUMNS:
            where = f"{name}:1"
            problem = f"header is {','.join(header)[:120]!r}, must be {','.join(COLUMNS)}"
            raise BadInput(where, problem)
        for row in reader:
            if len(row) != len(COLUMNS):
                where = f"{name}:{reader.line_num}"
                problem = f"has {len(row)} fields, must have {len(COLUMNS)}"
                raise BadInput(where, problem)
            found.append((reader.line_num, dict(zip(COLUMNS, row, strict=True))))
            if len(found) > ROWS_MAX:
                raise BadInput(name, f"has more than {ROWS_MAX} rows, expected fewer")
    except csv.Error as error:
        where = f"{name}:{reader.line_num}"
        raise BadInput(where, f"cannot be read ({error}), expected comma-separated text") from error
    return found


def _row(row: Mapping[str, str], where: str) -> Alleged | Total:
    if not _ID.fullmatch(row["id"]):
        problem = f"id is {row['id'][:80]!r}, must be letters, digits, dots and dashes, at most 64"
        raise BadInput(where, problem)
    start, end = (_time(row[column], column, where) for column in ("time_start", "time_end"))
    if end < start:
        raise BadInput(where, f"time_end is {row['time_end']}, must not be before time_start")
    kind, text = row["class"], row["text"]
    if kind and (kind not in HAPPENINGS or not HAPPENINGS[kind].act):
        raise BadInput(where, f"class is {kind[:80]!r}, must be a kind of act or empty")
    if len(text) > TEXT_MAX or not all(c.isprintable() for c in text):
        problem = f"text has {len(text)} characters or a control, must be one line of {TEXT_MAX}"
        raise BadInput(where, problem)
    placed = [bool(row[column]) for column in _PLACED]
    if any(placed) != all(placed) or all(placed) == bool(row["count"]):
        problem = "has lat, lon, error_m and count half filled"
        raise BadInput(where, f"{problem}, must have the place of one act or the count of a total")
    if not all(placed):
        said = row["count"].strip()
        count = read_count(said, where=where)
        return Total(
            id=row["id"], time_start=start, time_end=end, kind=kind, said=said, count=count,
            text=text,
        )  # fmt: skip
    return Alleged(
        id=row["id"],
        time_start=start,
        time_end=end,
        lat_deg=_number(row, "lat", (-90.0, 90.0), where),
        lon_deg=_number(row, "lon", (-180.0, 180.0), where),
        error_m=_number(row, "error_m", (_ERROR_MIN_M, _ERROR_MAX_M), where),
        kind=kind,
        text=text,
    )


def _time(text: str, column: str, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        problem = f"{column} is {text[:40]!r}, must be a UTC time such as 2030-09-01T06:00:00Z"
        raise BadInput(where, problem)
    return found


def _number(row: Mapping[str, str], column: str, between: tuple[float, float], where: str) -> float:
    text, (low, high) = row[column], between
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not low <= value <= high:
        problem = f"{column} is {text[:40]!r}, must be a number from {low:g} to {high:g}"
        raise BadInput(where, problem)
    return value
