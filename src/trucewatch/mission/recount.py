"""Deriving a published product again from its release table, as anybody can who has a bundle."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from trucewatch.agreement.force import Force
from trucewatch.agreement.force import in_force as force_of
from trucewatch.agreement.parse import parse
from trucewatch.errors import BadInput
from trucewatch.mission.provenance import code_version
from trucewatch.mission.report_day import window
from trucewatch.mission.settings import parse_settings
from trucewatch.mission.trail import Outcome
from trucewatch.records.canonical import parse_canonical, sha256_hex
from trucewatch.records.table import ASSESSMENT, INCIDENT, SILENCE, TIME, empty
from trucewatch.report.bulletin.five import count_json
from trucewatch.report.bulletin.movement import read_hindered
from trucewatch.report.bulletin.watched import read_watching, shares_json
from trucewatch.report.counting.features import features
from trucewatch.report.counting.rules import counts_of
from trucewatch.report.counting.spreadsheet import spreadsheet
from trucewatch.report.counting.table import WINDOWS, ReleaseTable, read_table
from trucewatch.report.daily import render_again
from trucewatch.report.material import REPORT_COLUMNS, Material, RuleRow, ZoneOutline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.bundled import Bundled
    from trucewatch.mission.trail import Trail
    from trucewatch.report.material import Hindered, ReleaseLevel
    from trucewatch.report.watching import Watching

TABLE = ".release.jsonl"
CITED = ".cited.jsonl"
_COUNTED = ("incidents", "units", "kinds", "outcomes", "release_table")
_REPORT_TYPES = (pl.String(), pl.String(), pl.UInt32(), pl.UInt32(), pl.UInt32(), TIME, TIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One published product, as a bundle has it.

    Attributes:
        entry: Index of the statement that publishes it.
        product: Its name.
        day: The report day.
        level: Whom it is for.
        code: Version that made it.
        configured: Entry that had put settings and agreement in force.
        input_size: Length of the log prefix that its numbers are a function of.
        input_root: Root of that prefix, hex.
        stem: Beginning of its files' names, such as `daily-2026-06-27`.
        objects: SHA-256 of each file by what follows the stem, such as `.csv`.
        files: Their bytes, as far as they are at hand.
    """

    entry: int
    product: str
    day: date
    level: ReleaseLevel
    code: str
    configured: int
    input_size: int
    input_root: str
    stem: str
    objects: Mapping[str, str]
    files: Mapping[str, bytes]

    @property
    def made_here(self) -> bool:
        """Whether this very version of the code made it."""
        return self.code == code_version()


@contextmanager
def readable(where: str) -> Iterator[None]:
    """Turn what a published file or statement does not say into a refusal that names it.

    Raises:
        BadInput: From the block, for a member that is missing or of another kind.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, pl.exceptions.PolarsError) as error:
        problem = f"says nothing that can be read ({type(error).__name__}: {str(error)[:80]})"
        raise BadInput(where, f"{problem}, expected a product of this version") from error


def edition(bundled: Bundled, index: int, statement: Statement) -> Edition:
    """Return what a `published` statement names; one of another form is `BadInput`."""
    said: Any = statement.predicate
    with readable(f"entry {index}"):
        stem = f"{said['product']}-{said['day']}"
        objects = {s.name.removeprefix(stem): s.sha256 for s in statement.subjects}
        found = {end: bundled.object(digest) for end, digest in objects.items()}
        return Edition(
            entry=index,
            product=str(said["product"]),
            day=date.fromisoformat(said["day"]),
            level="mission" if said["level"] == "mission" else "public",
            code=str(said["code"]),
            configured=int(said["configured"]),
            input_size=int(said["input"]["size"]),
            input_root=str(said["input"]["root"]),
            stem=stem,
            objects=objects,
            files={end: content for end, content in found.items() if content is not None},
        )


def recount(bundled: Bundled, one: Edition, trail: Trail) -> None:
    """Take every step from a release table to what was published beside it."""
    source = f"{one.stem}{TABLE} ({_entry_text(bundled, one.objects.get(TABLE, ''))})"
    if TABLE not in one.files or ".json" not in one.files:
        trail.add(f"{one.stem}", source, Outcome.NOT_OPEN, _why_not(bundled, one))
        return
    told = parse_canonical(one.files[".json"].rstrip(b"\n"), where=f"{one.stem}.json")
    exercise = told.get("notice") == "EXERCISE"
    where = one.stem + TABLE
    table = read_table(one.files[TABLE], where=where, level=one.level, exercise=exercise)
    _counts(table, told, one, source, trail)
    for end, made in ((".csv", spreadsheet), (".geojson", features)):
        if end in one.objects:
            same = sha256_hex(made(table)), one.objects[end]
            trail.compare(one.stem + end, source, same, f"SHA-256 {one.objects[end]}")
        else:
            trail.add(one.stem + end, source, Outcome.NOT_OPEN, "was not published then")
    _bulletin(bundled, one, source, trail)
    if bundled.level == "public":
        _watched(told, one, trail)


def _watched(told: Mapping[str, Any], one: Edition, trail: Trail) -> None:
    """Say of covered hours, and of every rate over them, that nothing public leads to them."""
    if told.get("watching") is None:
        return
    what = f"covered hours, rates and answers of {one.stem}.json"
    words = "watch reports are never public, because where patrols go endangers them"
    trail.add(what, "watch reports", Outcome.NOT_OPEN, f"{words}; the page repeats them as told")


def _counts(
    table: ReleaseTable, told: Mapping[str, Any], one: Edition, source: str, trail: Trail
) -> None:
    now, before = (counts_of(table.window(each)) for each in WINDOWS)
    what = f"the five counts of {one.stem}.json"
    if "counts" not in told:
        trail.add(what, source, Outcome.NOT_OPEN, "were not published then")
        return
    with readable(f"{one.stem}.json"):
        shares = shares_json(read_watching(told))
    ours = [_plain(count_json(*pair, shares)) for pair in zip(now, before, strict=True)]
    found = "; ".join(f"{count.rule}: {count.text}" for count in now)
    trail.compare(what, source, (ours, [_plain(each) for each in told["counts"]]), found)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON without its words, which another version may choose differently."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name != "text"}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _bulletin(bundled: Bundled, one: Edition, source: str, trail: Trail) -> None:
    """Render the bulletin again from the table, its own numbers on what was received, and settings.

    Numbers on incidents must be the same in any version; words only in the one that wrote them.
    """
    try:
        material = _material(bundled, one)
    except BadInput as error:
        trail.add(f"{one.stem}: page, text, numbers", source, Outcome.NOT_OPEN, str(error))
        return
    made = render_again(material, one.files[TABLE]).files
    ours, told = (json.loads(raw) for raw in (made[f"{one.stem}.json"], one.files[".json"]))
    mine, theirs = ({n: _plain(said.get(n)) for n in _COUNTED} for said in (ours, told))
    trail.compare(f"the other numbers of {one.stem}.json", source, (mine, theirs))
    rest = f"{source}, the settings in force, and rows as received by {one.stem}.json"
    for end in (".txt", ".html"):
        same = sha256_hex(made[one.stem + end]) == one.objects.get(end)
        if same or one.made_here:
            outcome = Outcome.SAME if same else Outcome.DIFFERENT
            trail.add(one.stem + end, rest, outcome, f"SHA-256 {one.objects.get(end)}")
        else:
            trail.add(one.stem + end, rest, Outcome.NOT_OPEN, other_version(one.code))


def other_version(code: str) -> str:
    """Return which version made something, and which one this is."""
    return f"made by trucewatch {code}, and this is {code_version()}"


def _material(bundled: Bundled, one: Edition) -> Material:
    """Return what a bulletin is made from besides incidents, from sealed bytes alone."""
    settings_raw, agreement_raw = _configured(bundled, one.configured)
    settings = parse_settings(settings_raw, name="mission.toml")
    agreement = parse(agreement_raw, name="agreement")
    start, end = window(settings, one.day)
    told = json.loads(one.files[".json"])
    with readable(f"{one.stem}.json"):
        received = _received(told)
    return Material(
        mission_name=settings.mission.name,
        exercise=settings.mission.exercise,
        level=one.level,
        day=one.day,
        number=one.day.timetuple().tm_yday,
        window_start=start,
        window_end=end,
        time_zone=settings.mission.time_zone,
        incidents=empty(INCIDENT),
        previous=empty(INCIDENT),
        assessments=empty(ASSESSMENT),
        rules=tuple(
            RuleRow(id=r.id, clause=r.clause, zone=agreement.zone(r.zone).text)
            for r in agreement.rules
        ),
        agreement_title=agreement.title,
        agreement_status=agreement.status,
        in_force=force_of(agreement, start, end) is not Force.NO,
        reports=received.reports,
        unlinked_n=received.unlinked_n,
        silences=received.silences,
        refused=(),
        refused_n=received.refused_n,
        input_size=one.input_size,
        input_root=one.input_root,
        origin=bundled.head.origin,
        code_version=one.code,
        corrections=received.corrections,
        watching=received.watching,
        hindered=received.hindered,
        declared_n=received.declared_n,
        visited_n=received.visited_n,
        confidential_n=received.confidential_n,
        zones=tuple(ZoneOutline(id=z.id, ring_deg=z.polygon) for z in agreement.zones),
    )


def _configured(bundled: Bundled, index: int) -> tuple[bytes, bytes]:
    """Return the settings and the agreement that a statement put in force.

    Raises:
        BadInput: They are not at hand.
    """
    statement = bundled.statements.get(index)
    subjects = () if statement is None else statement.subjects[:2]
    found = [bundled.object(subject.sha256) for subject in subjects]
    raw = [content for content in found if content is not None]
    if len(raw) != len(("settings", "agreement")):
        where = f"entry {index}"
        raise BadInput(where, "settings are withheld, expected those that were in force")
    return raw[0], raw[1]


class _Received(NamedTuple):
    """What a bulletin says of the rows that were received; nothing public leads to it."""

    reports: pl.DataFrame
    silences: pl.DataFrame
    unlinked_n: int
    refused_n: int
    confidential_n: int
    corrections: tuple[str, ...]
    watching: Watching | None
    hindered: tuple[Hindered, ...]
    declared_n: int
    visited_n: int


def _received(told: Mapping[str, Any]) -> _Received:
    return _Received(
        reports=_reports(told["reports"]),
        silences=_silences(told["silences"]),
        unlinked_n=int(told["unlinked"]["value"]),
        refused_n=int(told["refused"]["value"]),
        confidential_n=int(told.get("confidential", {}).get("value", 0)),
        corrections=tuple(map(str, told["corrections"])),
        watching=read_watching(told),
        hindered=read_hindered(told.get("movement", [])),
        declared_n=int(told.get("sites", {}).get("declared", 0)),
        visited_n=int(told.get("sites", {}).get("visits", 0)),
    )


def _reports(rows: list[dict[str, Any]]) -> pl.DataFrame:
    named = [
        [_instant(row[name]) if name in {"first", "last"} else row[name] for name in REPORT_COLUMNS]
        for row in rows
    ]
    schema = list(zip(REPORT_COLUMNS, _REPORT_TYPES, strict=True))
    return pl.DataFrame(named, schema=schema, orient="row")


def _silences(rows: list[dict[str, Any]]) -> pl.DataFrame:
    named = [
        [row["sensor"], _instant(row["start"]), _instant(row["end"]), row["expected_reports"]]
        for row in rows
    ]
    return pl.DataFrame(named, schema=SILENCE, orient="row")


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _entry_text(bundled: Bundled, digest: str) -> str:
    index = bundled.entry_of(digest)
    return "not in the log" if index is None else f"entry {index}"


def _why_not(bundled: Bundled, one: Edition) -> str:
    for end in (TABLE, ".json"):
        index = bundled.entry_of(one.objects.get(end, ""))
        if end not in one.files and index is not None:
            return f"{one.stem}{end} is withheld: {bundled.rows[index].why_not}"
    return f"product {one.product} has no release table that this version reads"
