"""`tw report`: gather a product's material, render it, and seal what the public may see."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.agreement.force import Force
from trucewatch.agreement.force import in_force as force_of
from trucewatch.errors import BadMission, NotReleasable
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, sign_statement
from trucewatch.evidence.vault.vault import Closed
from trucewatch.fuse.silence import signs, silences
from trucewatch.mission.alias import aliases
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.configuration import versions
from trucewatch.mission.hindered import counted_n, hindered
from trucewatch.mission.holding import watching_of
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import input_size, received
from trucewatch.mission.provenance import code_version
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.mission.report_day import last_day, window
from trucewatch.mission.reporting import reporting
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.level import Level
from trucewatch.report import product
from trucewatch.report.material import Material, RefusedRow, RuleRow, ZoneOutline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.opened import Writer
    from trucewatch.report.material import ReleaseLevel

PUBLISHED_TYPE = "statement/published/v1"
_REFUSED_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A rendered product.

    Attributes:
        day: The report day.
        level: `public` or `mission`.
        paths: Where each file was written, by name.
        text: The text version.
        entry: Index of the statement that publishes it, or None at mission level, which is above
            CLEAR and is not sealed.
        input_size: Length of the log prefix that the numbers are a function of.
        behind: Inputs in the log that no run has used yet.
    """

    day: date
    level: str
    paths: dict[str, Path] = field(default_factory=dict)
    text: str = ""
    entry: int | None = None
    input_size: int = 0
    behind: int = 0


def report(
    home: Home, name: str, *, day: date | None, level: ReleaseLevel, clock: Clock
) -> Published:
    """Render a product of the projections as they are, write it, and seal it when it is public.

    The same log prefix gives the same bytes, so publishing again appends nothing. Tables that were
    changed since the run recorded them are refused (`EvidenceBroken`).

    Args:
        home: The mission.
        name: The product, such as `daily`.
        day: The report day; None takes the last day that may be released.
        level: `public` (coarsened, delayed, sealed) or `mission` (neither).
        clock: Says what time it is.

    Raises:
        NotReleasable: The public may not see that day yet.
    """
    render = product(name)
    with writing(home, clock) as writer:
        settings = writer.using.settings
        delay = timedelta(hours=settings.release.delay_h)
        day = day or last_day(settings, clock.now() - (delay if level == "public" else timedelta()))
        _, end = window(settings, day)
        if level == "public" and clock.now() < end + delay:
            where, due = f"{name} {day}", (end + delay).isoformat()
            raise NotReleasable(
                where,
                f"may be released from {due}, it is {clock.now().isoformat()}",
                advice="The mission itself may see it now: --level mission",
            )
        material = material_of(writer, day, level)
        rendered = render(material)
        folder = home.reports / level
        paths = _write(folder, rendered.files)
        entry = _seal(writer, name, material, rendered.files) if level == "public" else None
        return Published(
            day=day,
            level=level,
            paths=paths,
            text=rendered.files[f"{name}-{day}.txt"].decode(),
            entry=entry,
            input_size=material.input_size,
            behind=_behind(writer, material.input_size),
        )


def _between(table: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    return table.filter((pl.col("time") >= start) & (pl.col("time") < end)).sort("time", "id")


def _renamed(table: pl.DataFrame, column: str, names: dict[str, str]) -> pl.DataFrame:
    """Return the table with other names of incidents, in the same order."""
    return table.with_columns(pl.col(column).replace_strict(names, return_dtype=pl.String))


def material_of(writer: Writer, day: date, level: ReleaseLevel) -> Material:
    """Return all that a product of that day may use, from the projections as they are.

    Raises:
        BadMission: Nothing has been run.
    """
    settings, desk = writer.using.settings, writer.projection.desk
    state = desk.state()
    if "input_size" not in state:
        problem = "nothing has been run, expected incidents"
        raise BadMission(str(writer.home.path), problem, advice="Run: tw run HOME")
    expect_as_recorded(writer.log, writer.projection)
    start, end = window(settings, day)
    shown = _shown(writer, level)
    counted = _counted(writer, start, end, shown)
    agreement = writer.using.agreement
    refused = _refused(writer, shown)
    seen = _only(writer.projection.reports(), shown)
    files = _only(desk.read("file"), shown)
    files = files.filter(pl.col("sensor").is_in([n for n in files["sensor"] if reporting(n)]))
    size = int(state["input_size"])
    material = Material(
        mission_name=settings.mission.name,
        exercise=settings.mission.exercise,
        level=level,
        day=day,
        number=day.timetuple().tm_yday,
        window_start=start,
        window_end=end,
        time_zone=settings.mission.time_zone,
        incidents=counted.incidents,
        previous=counted.previous,
        assessments=counted.assessments,
        rules=_rules(versions(writer.log, size)),
        agreement_title=agreement.title,
        agreement_status=agreement.status,
        in_force=force_of(agreement, start, end) is not Force.NO,
        reports=_reports(files, seen, start, end),
        unlinked_n=_unlinked(writer, seen, start, end),
        silences=silences(
            signs(seen),
            sensors=files.filter(pl.col("accepted") > 0)["sensor"].unique().sort().to_list(),
            until_us=round(end.timestamp()) * 1_000_000,
        ),
        refused=tuple(refused[:_REFUSED_LISTED]),
        refused_n=len(refused),
        input_size=size,
        input_root=state["input_root"],
        origin=writer.log.origin,
        code_version=code_version(),
        confidential_n=counted.left_out_n,
        zones=_outlines(agreement.zones),
    )
    return _watched(writer, material, shown)


def _watched(writer: Writer, material: Material, shown: list[str] | None) -> Material:
    """Return the same with what hindered the watch, and what could have been seen."""
    start, end, size = material.window_start, material.window_end, material.input_size
    declared_n, visited_n = counted_n(writer.log, size)
    return replace(
        material,
        hindered=hindered(writer.log, size, start, end),
        declared_n=declared_n,
        visited_n=visited_n,
        watching=watching_of(
            writer.log, writer.projection, writer.using, (start, end), shown=shown
        ),
    )


def _rules(applied: Sequence[Version]) -> tuple[RuleRow, ...]:
    """Return the rules of the newest version, then those that only an earlier one had."""
    rows: dict[str, RuleRow] = {}
    for version in reversed(applied):
        text = version.agreement
        for rule in text.rules:
            zone = _zone_words(text.zone(rule.zone)) if rule.zone else ""
            rows.setdefault(rule.id, RuleRow(id=rule.id, clause=rule.clause, zone=zone))
    return tuple(rows.values())


def _outlines(zones: Sequence[Zone]) -> tuple[ZoneOutline, ...]:
    return tuple(
        ZoneOutline(id=zone.id, ring_deg=zone.polygon)
        for zone in zones
        if zone.polygon and not zone.restricted
    )


def _zone_words(zone: Zone) -> str:
    return "restricted: shown to the parties and monitors alone" if zone.restricted else zone.text


class _Counted(NamedTuple):
    """What a product counts: incidents of two windows, and how many of the first are left out."""

    incidents: pl.DataFrame
    previous: pl.DataFrame
    assessments: pl.DataFrame
    left_out_n: int


def _counted(writer: Writer, start: datetime, end: datetime, shown: list[str] | None) -> _Counted:
    """Return what a product counts of the window; for the public under other names."""
    desk = writer.projection.desk
    every, assessments = desk.read("incident"), desk.read("assessment")
    known_n = len(_between(every, start, end))
    if shown is not None:
        every = every.filter(pl.col("id").is_in(_resting_on(shown, desk.read("members"))))
    incidents, previous = _between(every, start, end), _between(every, start - (end - start), start)
    left_out_n = known_n - len(incidents)
    assessments = assessments.filter(
        (pl.col("subject_kind") == "incident") & pl.col("subject").is_in(incidents["id"].implode())
    )
    if shown is not None:
        names = aliases(writer.keys.release, [*incidents["id"], *previous["id"]])
        incidents = _renamed(incidents, "id", names).sort("time", "id")
        previous = _renamed(previous, "id", names).sort("time", "id")
        assessments = _renamed(assessments, "subject", names).sort("subject", "rule")
    return _Counted(incidents, previous, assessments, left_out_n)


def _shown(writer: Writer, level: ReleaseLevel) -> list[str] | None:
    """Return the objects that a product may rest on, None for all: an allowlist of what is CLEAR.

    Raises:
        BadMission: The key of a confidential object is not here, so that nobody can say which
            incidents rest on it.
    """
    if level == "mission":
        return None
    plaintexts, shown = Plaintexts(writer.log), []
    for each in received(writer.log, writer.log.size):
        if each.entry.level is Level.CLEAR:
            shown.append(each.entry.object)
        elif each.entry.object not in plaintexts.erased:
            held = plaintexts.closed(each.entry)
            if isinstance(held, Closed):
                problem = f"{held.reason}, so what the public may see is not known here"
                advice = "Publish where the keys are; level mission can be rendered here."
                where = f"entry {each.index}"
                raise BadMission(where, problem, advice=advice)
    return shown


def _only(table: pl.DataFrame, shown: list[str] | None) -> pl.DataFrame:
    """Return the rows whose object may be shown."""
    return table if shown is None else table.filter(pl.col("object").cast(pl.String).is_in(shown))


def _resting_on(shown: list[str], members: pl.DataFrame) -> list[str]:
    """Return the incidents that have members, each of an object that may be shown."""
    other = members.filter(~pl.col("object").cast(pl.String).is_in(shown))
    return sorted({*members["incident"]} - {*other["incident"]})


def _refused(writer: Writer, shown: list[str] | None) -> list[RefusedRow]:
    rows = _only(writer.projection.desk.read("quarantine").sort("object", "row"), shown)
    plaintexts = Plaintexts(writer.log)
    return [
        RefusedRow(
            file=plaintexts.name(writer.log.entry(writer.log.indices_of(r["object"])[0])),
            line=r["line"] if r["row"] >= 0 else None,
            problem=r["problem"],
        )
        for r in rows.iter_rows(named=True)
    ]


def _reports(
    files: pl.DataFrame, seen: pl.DataFrame, start: datetime, end: datetime
) -> pl.DataFrame:
    refused = files.group_by("sensor").agg(pl.col("refused").sum())
    spans = []
    for span, rows in (("window", _touching(seen, start, end)), ("all", seen)):
        counted = rows.group_by("sensor").agg(
            pl.len().alias("accepted"),
            pl.col("object").n_unique().alias("files"),
            pl.col("time_start").min().alias("first"),
            pl.col("time_end").max().alias("last"),
        )
        every = refused.join(counted, on="sensor", how="left").with_columns(
            pl.lit(span).alias("span"),
            # A row that could not be read has no time that puts it into a window.
            pl.col("refused") if span == "all" else pl.lit(None).alias("refused"),
            pl.col("accepted", "files").fill_null(0),
        )
        spans.append(
            every.select("span", "sensor", "accepted", "refused", "files", "first", "last")
        )
    return pl.concat(spans, how="vertical_relaxed").sort("span", "sensor", descending=[True, False])


def _touching(seen: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    later = (pl.col("time_end") > start) | (pl.col("time_start") >= start)
    return seen.filter((pl.col("time_start") < end) & later)


def _unlinked(writer: Writer, seen: pl.DataFrame, start: datetime, end: datetime) -> int:
    members = writer.projection.desk.read("members").select("object", "row")
    plain = _touching(seen, start, end).with_columns(pl.col("object").cast(pl.String))
    linked = members.with_columns(pl.col("object").cast(pl.String))
    return plain.join(linked, on=["object", "row"], how="anti")["dedup_key"].n_unique()


def _write(folder: Path, files: Mapping[str, bytes]) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for file, content in files.items():
        paths[file] = folder / file
        paths[file].write_bytes(content)
    return paths


def _seal(writer: Writer, name: str, material: Material, files: Mapping[str, bytes]) -> int:
    """Seal the files, the addresses that they rest on, and the statement that publishes them."""
    cited = f"{name}-{material.day}.cited.jsonl"
    sealed = {**files, cited: _cited(writer, material.incidents)}
    items = [
        NewObject(type=_entry_type(name, file), data=content, name=file)
        for file, content in sealed.items()
    ]
    statement = sign_statement(
        "published/v1",
        [Subject(name=f, sha256=sha256_hex(c)) for f, c in sealed.items()],
        {
            "product": name,
            "day": material.day.isoformat(),
            "level": material.level,
            "code": material.code_version,
            "configured": writer.using.entry,
            "input": {
                "origin": material.origin,
                "size": material.input_size,
                "root": material.input_root,
            },
        },
        key=writer.keys.desk,
    )
    items.append(NewObject(type=PUBLISHED_TYPE, data=statement, name=f"{name} {material.day}"))
    return writer.log.append(items, now=writer.clock.now())[-1].index


def _entry_type(name: str, file: str) -> str:
    kinds = {".release.jsonl": "release/v1", ".cited.jsonl": "cited/v1"}
    return next((t for end, t in kinds.items() if file.endswith(end)), f"report/{name}/v1")


def _cited(writer: Writer, published: pl.DataFrame) -> bytes:
    """Return the addresses of every member of the published incidents, a canonical line each."""
    desk = writer.projection.desk
    names = aliases(writer.keys.release, desk.read("incident")["id"])
    members = _renamed(desk.read("members"), "incident", names).filter(
        pl.col("incident").is_in(published["id"].implode()) & (pl.col("role") == "member")
    )
    grouped = members.group_by("incident", maintain_order=True).agg(
        pl.struct(pl.col("object").cast(pl.String), "row", "membership_p").alias("members")
    )
    return b"".join(
        canonical({"v": 1, "incident": i, "members": m}) + b"\n"
        for i, m in grouped.sort("incident").iter_rows()
    )


def _behind(writer: Writer, size: int) -> int:
    return input_size(writer.log, writer.log.size) - size
