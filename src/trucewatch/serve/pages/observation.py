"""One observation: every column with its unit, the line it was read from, its incidents."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from litestar import Response, get
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import BadInput, NotFound
from trucewatch.evidence.intake.unpacking import unpack_safely
from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.explain import prove
from trucewatch.mission.explain import shown as printable
from trucewatch.records.form import is_hex64
from trucewatch.records.table import OBSERVATION
from trucewatch.serve.ask import Ask
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _worded
from trucewatch.serve.pages._seen import item_of
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.evidence.log import Log
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._seen import Item

_LINE_MAX = 4_000  # letters of a line that a page shows
_ROWS_MAX = 2**32
_UNITS = (
    ("_m2", "m²"), ("_km2", "km²"), ("_deg", "°"), ("_km", "km"), ("_ms", "m/s"), ("_mw", "MW"),
    ("_k", "K"), ("_s", "s"), ("_m", "m"), ("_h", "h"), ("_hz", "Hz"), ("_p", "P"),
)  # fmt: skip
"""Unit by the end of a column's name."""
_MEANINGS = {
    "sensor": N_("Module that read it"),
    "channel": N_("What reported within the sensor"),
    "dedup_key": N_("Equal for the same report in other downloads"),
    "time_start": N_("Earliest time it may speak of"),
    "time_end": N_("Latest time it may speak of"),
    "time_sigma_s": N_("One standard error of the middle"),
    "lat_deg": N_("Latitude, WGS 84"),
    "lon_deg": N_("Longitude, WGS 84"),
    "cov_ee_m2": N_("Position covariance, east with east"),
    "cov_en_m2": N_("Position covariance, east with north"),
    "cov_nn_m2": N_("Position covariance, north with north"),
    "class": N_("Kind of happening"),
    "count_min": N_("Fewest units it speaks of"),
    "count_max": N_("Most units, none when open"),
    "count_qualifier": N_("How the count was given"),
    "grade_source": N_("Reliability of the source, A to F"),
    "grade_info": N_("Credibility of this information, 1 to 6"),
}


class Column(NamedTuple):
    """One column of an observation: name, value, unit, and what it means, a message or ""."""

    name: str
    value: str
    unit: str
    meaning: str


class Line(NamedTuple):
    """The line that it was read from: its number from 1, its text, or why there is none."""

    number: int
    text: str
    problem: str


@get("/observations/{object_:str}/{row:str}", sync_to_thread=True, include_in_schema=False)
def observation(ask: Ask, object_: FromPath[str], row: FromPath[str]) -> Response[Any]:
    """Return the page.

    Raises:
        NotFound: No accepted observation has this address.
    """
    ask.expect(What.OBSERVATION)
    where = f"{object_[:12]}:{row[:12]}"
    if not (is_hex64(object_) and row.isascii() and row.isdigit() and int(row[:20]) < _ROWS_MAX):
        problem = "is no address, expected the 64 digits of an object and the number of a row"
        raise NotFound(where, problem)
    number = int(row)
    with ask.site.reading() as (log, there):
        files = there.desk.read("file", TABLES["file"].c.object == object_)
        files = files.filter(pl.col("accepted") > 0)
        if not len(files):
            raise NotFound(where, "no accepted observation has this address")
        seen = there.archive.row(object_, number)
        item = item_of(log, Plaintexts(log), files.row(0, named=True), rows=1)
        line = _line(log, item, number)
        proven = prove(log, item.entry)
    parts = ask.shown.members.filter(
        (pl.col("object").cast(pl.String) == object_) & (pl.col("row") == number)
    )
    features = seen.get("features")
    return ask.page(
        "observation.html",
        object_=object_,
        number=number,
        seen=seen,
        columns=list(_columns(ask, seen)),
        features=list(_features(ask, features)) if isinstance(features, dict) else [],
        item=item,
        line=line,
        proven=proven,
        parts=parts.rows(named=True),
        worded=_worded,
    )


def _columns(ask: Asking, seen: dict[str, Any]) -> Iterator[Column]:
    for name in OBSERVATION:
        if name in _MEANINGS:
            yield Column(name, _value(ask, seen[name]), _unit(name), _MEANINGS[name])


def _features(ask: Asking, features: dict[str, Any]) -> Iterator[Column]:
    for name, value in features.items():
        yield Column(name, _value(ask, value), _unit(name), "")


def _value(ask: Asking, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        say = ask.tongue.words.gettext
        return say(N_("yes")) if value else say(N_("no"))
    if isinstance(value, datetime):
        return f"{ask.tongue.second(value)} UTC"
    if isinstance(value, int | float):
        return _worded.number(value, ask.tongue)
    return printable(str(value))


def _unit(name: str) -> str:
    return next((unit for end, unit in _UNITS if name.endswith(end)), "")


def _line(log: Log, item: Item, row: int) -> Line:
    """Return the line of an observation: the header is line 1 and row 0 follows it."""
    number = row + 2
    if item.problem:
        return Line(number, "", item.problem)
    raw = Plaintexts(log).read(item.entry, log.entry(item.entry))
    if isinstance(raw, Closed):
        return Line(number, "", raw.reason)
    try:
        lines = unpack_safely(raw, name=item.name).decode().split("\n")
    except (BadInput, UnicodeDecodeError):
        return Line(number, "", N_("The bytes are no text."))
    if number > len(lines):
        return Line(number, "", N_("The bytes have no such line."))
    return Line(number, printable(lines[number - 1].rstrip("\r"))[:_LINE_MAX], "")


ROUTES = (observation,)
