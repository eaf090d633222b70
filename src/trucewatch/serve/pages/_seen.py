"""Under one incident, for the mission: its reports, the sealed objects, and when each came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.vault.vault import Closed
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.explain import shown as printable
from trucewatch.records.level import Level
from trucewatch.serve.pages._told import apart_m
from trucewatch.serve.pages._worded import gap_s
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.mission.projection import Projection

READ_MAX = 300
"""Member rows that a page reads from the archive; of a crowd the first ones stand for the rest."""
CHECKED_MAX_BYTES = 32 * 2**20
"""Of sealed bytes that one page hashes again; what lies beyond is hashed on its own page."""
_HALF_PX, _MIDDLE_PX = 40.0, 42.0
_SHORT = 12


class Whisker(NamedTuple):
    """A residual with its error on both sides, in pixels of a line 84 wide whose middle is none."""

    left_px: float
    at_px: float
    right_px: float


class Report(NamedTuple):
    """One report that is a member, however often it was downloaded.

    Attributes:
        sensor: Its sensor.
        channel: What reported within it.
        kind: What it reports.
        address: `OBJECT/ROW` of its first download.
        again: Addresses of the others.
        off_s: Its time less that of the incident.
        sigma_s: One-sigma error of its time.
        off_m: Its distance from the incident's place; None without a place.
        sigma_m: One-sigma error of its place; None without one.
        membership_p: P(it speaks of the incident).
        entry: Of the object, the lowest.
        whisker: Of the residual in time.
    """

    sensor: str
    channel: str
    kind: str
    address: str
    again: tuple[str, ...]
    off_s: float
    sigma_s: float
    off_m: float | None
    sigma_m: float | None
    membership_p: float
    entry: int
    whisker: Whisker


class Item(NamedTuple):
    """One sealed object that it rests on.

    Attributes:
        object: SHA-256.
        name: What its sender called it; a label, not evidence.
        entry: Index of its entry.
        level: Who may see it.
        logged_at: When it was sealed.
        size_bytes: Its size.
        rows: How many of its rows are members.
        glyph: `seal`, `lock` for ciphertext, `tomb` when erased, `x` when the bytes differ.
        closed: Why it cannot be read here; "" when it can.
        checked: Whether its bytes were hashed again for this page.
        problem: What is wrong with them, "" where nothing is or they were not hashed.
    """

    object: str
    name: str
    entry: int
    level: str
    logged_at: datetime
    size_bytes: int
    rows: int
    glyph: str
    closed: str
    checked: bool
    problem: str


class Known(NamedTuple):
    """How many of its reports were known from an entry on."""

    entry: int
    logged_at: datetime
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneath:
    """What an incident rests on.

    Attributes:
        reports: Its members, by the time they speak of.
        items: The objects that hold them, by entry.
        known: From which entry on how many were known.
        more: Member rows beyond `READ_MAX`.
    """

    reports: list[Report]
    items: list[Item]
    known: list[Known]
    more: int


def beneath(
    log: Log, there: Projection, incident: Mapping[str, Any], members: pl.DataFrame
) -> Beneath:
    """Return what an incident rests on.

    Args:
        log: The log.
        there: Its projection.
        incident: Its row of `records.table.INCIDENT`.
        members: Its rows of `records.table.MEMBER`.
    """
    counted = members.filter(role="member").with_columns(pl.col("object").cast(pl.String))
    items = _items(log, there, counted)
    entry_of = {item.object: item.entry for item in items}
    rows = counted.sort(
        pl.col("object").replace_strict(entry_of, default=0, return_dtype=pl.Int64), "row"
    )
    seen = [
        {**there.archive.row(m["object"], m["row"]), "membership_p": m["membership_p"]}
        for m in rows.head(READ_MAX).iter_rows(named=True)
    ]
    reports = _reports(incident, seen, entry_of)
    return Beneath(
        reports=reports,
        items=items,
        known=_known(items, reports),
        more=max(0, len(rows) - READ_MAX),
    )


def hashed(log: Log, object_: str) -> tuple[str, int]:
    """Return what is wrong with the bytes of an object, "" if nothing, and how many there are."""
    try:
        content = log.object(object_)
    except EvidenceBroken as error:
        return error.problem, 0
    return "", len(content)


def item_of(
    log: Log, plaintexts: Plaintexts, file: Mapping[str, Any], rows: int, *, check: bool = True
) -> Item:
    """Return a received object as a row of a list of evidence.

    Args:
        log: The log.
        plaintexts: Of the log.
        file: Its row of `store.schema.FILE`.
        rows: How many of its rows matter here.
        check: Whether its bytes are hashed again.
    """
    index, object_ = int(file["entry"]), str(file["object"])
    entry = log.entry(index)
    closed = plaintexts.closed(entry)
    problem = hashed(log, object_)[0] if check else ""
    return Item(
        object=object_,
        name=printable(plaintexts.name(entry)),
        entry=index,
        level=str(entry.level),
        logged_at=entry.logged_at,
        size_bytes=int(file["bytes"]),
        rows=rows,
        glyph=glyph_of(entry.level, problem, erased=object_ in plaintexts.erased),
        closed=closed.reason if isinstance(closed, Closed) else "",
        checked=check,
        problem=problem,
    )


def glyph_of(level: Level, problem: str, *, erased: bool) -> str:
    """Return the mark of a sealed object.

    Args:
        level: At which it is sealed.
        problem: What is wrong with its bytes, or "".
        erased: Whether its key was destroyed.
    """
    if erased:
        return "tomb"
    if problem:
        return "x"
    return "seal" if level is Level.CLEAR else "lock"


def _items(log: Log, there: Projection, counted: pl.DataFrame) -> list[Item]:
    many = dict(counted.group_by("object").len().iter_rows())
    files = there.desk.read("file", TABLES["file"].c.object.in_(sorted(many)))
    plaintexts = Plaintexts(log)
    read = files.filter(pl.col("accepted") > 0).sort("entry")
    within = (read["bytes"].cum_sum() <= CHECKED_MAX_BYTES).to_list()
    return [
        item_of(log, plaintexts, file, many[file["object"]], check=check)
        for file, check in zip(read.iter_rows(named=True), within, strict=True)
    ]


def _reports(
    incident: Mapping[str, Any], seen: Sequence[Mapping[str, Any]], entry_of: Mapping[str, int]
) -> list[Report]:
    first: dict[str, Mapping[str, Any]] = {}
    again: dict[str, list[str]] = {}
    for row in seen:
        if row["dedup_key"] in first:
            again.setdefault(row["dedup_key"], []).append(_address(row))
        else:
            first[row["dedup_key"]] = row
    off = {key: gap_s(incident["time"], _middle(row)) for key, row in first.items()}
    most_s = max((abs(off[k]) + r["time_sigma_s"] for k, r in first.items()), default=1.0) or 1.0
    found = []
    for key, row in first.items():
        x, w = (_HALF_PX * value / most_s for value in (off[key], row["time_sigma_s"]))
        found.append(
            Report(
                sensor=row["sensor"],
                channel=row["channel"],
                kind=row["class"],
                address=_address(row),
                again=tuple(again.get(key, ())),
                off_s=off[key],
                sigma_s=row["time_sigma_s"],
                off_m=_off_m(incident, row),
                sigma_m=_sigma_m(row),
                membership_p=row["membership_p"] or 0.0,
                entry=entry_of.get(str(row["object"]), 0),
                whisker=Whisker(_MIDDLE_PX + x - w, _MIDDLE_PX + x, _MIDDLE_PX + x + w),
            )
        )
    return sorted(found, key=lambda each: (each.off_s, each.address))


def _address(row: Mapping[str, Any]) -> str:
    return f"{row['object']}/{row['row']}"


def _middle(row: Mapping[str, Any]) -> datetime:
    start: datetime = row["time_start"]
    end: datetime = row["time_end"]
    return start + (end - start) / 2


def _off_m(incident: Mapping[str, Any], row: Mapping[str, Any]) -> float | None:
    if row["lat_deg"] is None or incident["lat_deg"] is None:
        return None
    one, other = ((each["lat_deg"], each["lon_deg"]) for each in (incident, row))
    return apart_m(one, other)


def _sigma_m(row: Mapping[str, Any]) -> float | None:
    if row["cov_ee_m2"] is None:
        return None
    return float(((row["cov_ee_m2"] + row["cov_nn_m2"]) / 2) ** 0.5)


def _known(items: Sequence[Item], reports: Sequence[Report]) -> list[Known]:
    found, total = [], 0
    for item in items:
        new = sum(report.entry == item.entry for report in reports)
        total += new
        if new:
            found.append(Known(item.entry, item.logged_at, total))
    return found
