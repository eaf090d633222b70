"""Observations as JSON and CSV, for the mission alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import BadInput, BadMission, NotFound
from trucewatch.records.form import is_hex64
from trucewatch.records.table import OBSERVATION, empty
from trucewatch.serve.api._asked import FROM_TO, PAGE, cut, delimited, resource, word
from trucewatch.serve.ask import Ask
from trucewatch.serve.sought import instant
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trucewatch.mission.projection import Projection
    from trucewatch.serve.ask import Asking

FILES_MAX = 2_000
"""Files of the archive that one answer reads; each costs about a millisecond."""
CSV_ROWS_MAX = 200_000
_ROWS_MAX = 2**32
_HEX = "^[0-9a-f]{64}$"
_WORDS = (
    *FROM_TO,
    word("sensor", "Module that read it."),
    word("channel", "What reported within the sensor."),
    word("kind", "Kind of happening."),
    word("object", "SHA-256 of the sealed object.", pattern=_HEX),
)
_ORDER = ("time_start", "object", "row")
_COLUMNS = {
    **{name: pl.String() if name == "object" else kind for name, kind in OBSERVATION.items()},
    "entry": pl.UInt64(),
}


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What one row of a sealed object reports.

    Attributes:
        object: SHA-256 of the sealed object.
        row: Data record in it, from 0.
        entry: Entry of the log that seals it.
        sensor: Module that read it.
        channel: What reported within the sensor.
        dedup_key: Equal for the same report in other downloads.
        time_start: Earliest time it may speak of.
        time_end: Latest.
        time_sigma_s: One standard error of the middle.
        lat_deg: WGS 84; null without a place.
        lon_deg: Likewise.
        cov_ee_m2: Covariance of the place, east with east.
        cov_en_m2: East with north.
        cov_nn_m2: North with north.
        kind: Kind of happening.
        count_min: Fewest units it speaks of.
        count_max: Most units, null when open.
        count_qualifier: How the count was given.
        grade_source: Reliability of the source, A to F.
        grade_info: Credibility of this information, 1 to 6.
        link: Its page.
    """

    object: str
    row: int
    entry: int
    sensor: str
    channel: str
    dedup_key: str
    time_start: datetime
    time_end: datetime
    time_sigma_s: float | None
    lat_deg: float | None
    lon_deg: float | None
    cov_ee_m2: float | None
    cov_en_m2: float | None
    cov_nn_m2: float | None
    kind: str | None
    count_min: int | None
    count_max: int | None
    count_qualifier: str | None
    grade_source: str | None
    grade_info: str | None
    link: str


class Observations(msgspec.Struct, frozen=True, kw_only=True):
    """A page of observations, the latest first.

    Attributes:
        total: Observations that the filter leaves.
        page: Which page.
        size: Observations of a page.
        next: Address of the next page, null on the last.
        items: The observations.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Observation]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An incident of which an observation speaks.

    Attributes:
        incident: Id of the incident.
        role: `member`, or `possible` where it is counted in another.
        membership_p: P(it speaks of it).
    """

    incident: str
    role: str
    membership_p: float


class OneObservation(msgspec.Struct, frozen=True, kw_only=True):
    """One observation with all that its sensor says.

    Attributes:
        observation: The observation.
        features: What this kind of sensor measures besides, by name with its unit.
        incidents: Of which it speaks.
    """

    observation: Observation
    features: dict[str, Any]
    incidents: list[Part]


@resource("/observations", *PAGE, *_WORDS)
def observations_json(ask: Ask) -> Observations:
    """Return the observations that a filter leaves, a page at a time, the latest first."""
    found = _wanted(ask)
    at = cut(ask, _collected(found.select(pl.len())).item())
    rows = found.sort(_ORDER, descending=[True, False, False]).slice(at.start, at.size)
    items = [observation_of(row) for row in _collected(rows).iter_rows(named=True)]
    return Observations(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


@resource("/observations.csv", *_WORDS, csv=True)
def observations_csv(ask: Ask) -> str:
    """Return all observations that a filter leaves; it must leave at most 200,000.

    Raises:
        BadInput: It leaves more.
    """
    found = _collected(_wanted(ask).head(CSV_ROWS_MAX + 1))
    if len(found) > CSV_ROWS_MAX:
        problem = f"leaves more than {CSV_ROWS_MAX} observations, expected less: say from and to"
        raise BadInput("filter", problem)
    return delimited(found.sort(_ORDER, descending=[True, False, False]))


@resource("/observations/{object_:str}/{row:str}")
def observation_json(ask: Ask, object_: FromPath[str], row: FromPath[str]) -> OneObservation:
    """Return one observation by its object and its row.

    Raises:
        NotFound: No accepted observation has this address.
    """
    ask.expect(What.OBSERVATION)
    where = f"{object_[:12]}:{row[:12]}"
    if not (is_hex64(object_) and row.isascii() and row.isdigit() and int(row[:20]) < _ROWS_MAX):
        problem = "is no address, expected the 64 digits of an object and the number of a row"
        raise NotFound(where, problem)
    with ask.site.reading() as (_, there):
        files = there.desk.read("file", TABLES["file"].c.object == object_)
        files = files.filter(pl.col("accepted") > 0)
        if not len(files):
            raise NotFound(where, "no accepted observation has this address")
        seen = there.archive.row(object_, int(row))
    own = (pl.col("object").cast(pl.String) == object_) & (pl.col("row") == int(row))
    parts = ask.shown.members.filter(own).select(Part.__struct_fields__)
    features = seen.get("features")
    return OneObservation(
        observation=observation_of({**seen, "entry": files["entry"][0]}),
        features=features if isinstance(features, dict) else {},
        incidents=[Part(**each) for each in parts.iter_rows(named=True)],
    )


def observation_of(row: Mapping[str, Any]) -> Observation:
    """Return a row of `records.table.OBSERVATION` with its `entry`."""
    same = {name: row[name] for name in _COLUMNS if name != "class"}
    link = f"/observations/{row['object']}/{row['row']}"
    return Observation(**same, kind=row["class"], link=link)


def _wanted(ask: Asking) -> pl.LazyFrame:
    """Return what the address asks for, not read yet.

    Raises:
        BadInput: A word cannot be read, or too many files would have to be.
    """
    ask.expect(What.OBSERVATION)
    start, end = (instant(name, ask.value(name).strip()) for name in ("from", "to"))
    object_ = ask.value("object").strip()
    if object_ and not is_hex64(object_):
        raise BadInput("object", f"is {object_[:80]!r}, expected 64 digits of a SHA-256")
    file = TABLES["file"].c
    with ask.site.reading() as (_, there):
        asked = [file.accepted > 0]
        asked += [file.object == object_] if object_ else []
        asked += [file.sensor == ask.value("sensor")] if ask.value("sensor") else []
        files = there.desk.read("file", *asked)
        kept = [pl.col("time_max") >= start] if start is not None else []
        kept += [pl.col("time_min") < end] if end is not None else []
        files = files.filter(*kept).unique("object", keep="first", maintain_order=True)
        if len(files) > FILES_MAX:
            problem = f"is of {len(files)} files, expected {FILES_MAX} at most: say from and to"
            raise BadInput("filter", problem)
        scans = [*_scans(there, files)]
    found = pl.concat(scans) if scans else empty(_COLUMNS).lazy()
    # As the page of incidents has it: what may have begun then, and not what may have ended.
    wanted = [pl.col("time_start") >= start] if start is not None else []
    wanted += [pl.col("time_start") < end] if end is not None else []
    for name, column in (("channel", "channel"), ("kind", "class")):
        wanted += [pl.col(column) == ask.value(name)] if ask.value(name) else []
    return found.filter(*wanted) if wanted else found


def _scans(there: Projection, files: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    for each in files.iter_rows(named=True):
        path = there.archive.path(each["family"], each["object"])
        table = pl.scan_parquet(path).with_columns(
            object=pl.lit(each["object"]), entry=pl.lit(each["entry"])
        )
        yield table.select(pl.col(name).cast(kind) for name, kind in _COLUMNS.items())


def _collected(found: pl.LazyFrame) -> pl.DataFrame:
    """Return it, read.

    Raises:
        BadMission: The archive cannot be read.
    """
    try:
        return found.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        problem = f"{str(error).partition(chr(10))[0]}, expected the observations of an object"
        raise BadMission("archive", problem, advice="Run tw rebuild HOME.") from error


ROUTES = (observations_json, observations_csv, observation_json)
