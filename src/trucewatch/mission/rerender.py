"""Publishing a product again from a mission that was computed again, and comparing its bytes.

The names of incidents in a public table are made with a key that never leaves the mission. So the
rows are compared without their names, the published names are given to the rows that they stand on,
and the file that cites reports shows that each name is of the incident that it should be.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.errors import BadMission, EvidenceBroken
from trucewatch.mission.alias import aliases
from trucewatch.mission.derived import read_cited
from trucewatch.mission.recount import CITED, TABLE, other_version
from trucewatch.mission.report import material_of
from trucewatch.mission.trail import Outcome
from trucewatch.records.canonical import canonical, parse_canonical, sha256_hex
from trucewatch.report.daily import render
from trucewatch.report.release import lines, release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.mission.opened import Writer
    from trucewatch.mission.recount import Edition
    from trucewatch.mission.replay import Replay
    from trucewatch.mission.trail import Trail
    from trucewatch.report.material import Material


def publish_again(replay: Replay, one: Edition, trail: Trail) -> None:
    """Take every step from the log to the files of one edition."""
    size, source = one.input_size, f"the first {one.input_size} entries"
    if TABLE not in one.files:
        words = f"product {one.product} has no release table that this version reads"
        trail.add(f"{one.stem}: every file", source, Outcome.NOT_OPEN, words)
        return
    closed = replay.closed(one.entry)
    if closed:
        trail.add(f"{one.stem}: every file", source, Outcome.NOT_OPEN, "; ".join(closed))
        return
    try:
        writer = replay.bring(size, upto=one.entry)
        material = material_of(writer, one.day, "public")
    except (BadMission, EvidenceBroken) as error:
        broken = isinstance(error, EvidenceBroken)
        outcome = Outcome.DIFFERENT if broken else Outcome.NOT_OPEN
        trail.add(f"{one.stem}: every file", source, outcome, str(error))
        return
    matched = _matched(material, one, source, trail)
    if matched is None:
        return
    _cited(writer, matched, one, trail)
    made = render(_renamed(material, matched.names, code=one.code)).files
    for end, digest in sorted(one.objects.items()):
        if one.stem + end not in made:
            continue  # the file of citations is compared above
        same = sha256_hex(made[one.stem + end]) == digest
        if same or one.made_here:
            outcome = Outcome.SAME if same else Outcome.DIFFERENT
            trail.add(one.stem + end, source, outcome, f"SHA-256 {digest}")
        else:
            trail.add(one.stem + end, source, Outcome.NOT_OPEN, other_version(one.code))


class _Matched(NamedTuple):
    """Rows as computed here and as published, each by its incident's name.

    Attributes:
        ours: Row without its name, by the name that it has here.
        theirs: The same by published name.
        names: Published name by ours; rows that are equal may stand for one another.
    """

    ours: dict[str, bytes]
    theirs: dict[str, bytes]
    names: dict[str, str]


def _matched(material: Material, one: Edition, source: str, trail: Trail) -> _Matched | None:
    """Return which row is which; None when the rows are others."""
    ours, theirs = _nameless(lines(release(material))), _nameless(one.files[TABLE])
    same = sorted(ours.values()) == sorted(theirs.values())
    what = f"rows of {one.stem}{TABLE} without their names"
    if not same and not one.made_here:
        trail.add(what, source, Outcome.NOT_OPEN, other_version(one.code))
        return None
    if not trail.compare(what, source, (same, True), f"{len(theirs)} rows"):
        return None
    mine, published = (sorted(rows, key=lambda n: (rows[n], n)) for rows in (ours, theirs))
    return _Matched(ours, theirs, dict(zip(mine, published, strict=True)))


def _nameless(table: bytes) -> dict[str, bytes]:
    found = {}
    for number, line in enumerate(table.splitlines(), start=1):
        row = parse_canonical(line, where=f"release table:{number}")
        name = str(row.pop("id"))
        found[name] = canonical(row)
    return found


def _renamed(material: Material, names: Mapping[str, str], *, code: str) -> Material:
    def named(table: pl.DataFrame, column: str) -> pl.DataFrame:
        return table.with_columns(
            pl.col(column).replace_strict(dict(names), return_dtype=pl.String)
        )

    return replace(
        material,
        incidents=named(material.incidents, "id"),
        previous=named(material.previous, "id"),
        assessments=named(material.assessments, "subject"),
        code_version=code,
    )


def _cited(writer: Writer, matched: _Matched, one: Edition, trail: Trail) -> None:
    """Compare which reports each published name stands for, and whether its row is theirs."""
    what, source = f"{one.stem}{CITED}", "members of the incidents"
    if CITED not in one.files:
        trail.add(what, source, Outcome.NOT_OPEN, "is not included")
        return
    cited = read_cited(one.files[CITED], where=what)
    by_members = _by_members(writer)
    wrong = []
    for name, told in cited.items():
        mine = by_members.get(tuple(sorted(told)))
        if mine not in matched.ours or matched.theirs.get(name) != matched.ours[mine]:
            wrong.append(name)
    named = {n for n, row in matched.theirs.items() if parse_canonical(row, where=n)["window"]
             == "current"}  # fmt: skip
    missing = sorted(named - cited.keys())
    found = f"{len(cited)} incidents"
    if wrong:
        found = f"{wrong[0]} has the reports of another incident, or of none"
    elif missing:
        found = f"{missing[0]} is published, and its reports are not cited"
    trail.compare(what, source, ([*wrong, *missing], []), found)


def _by_members(writer: Writer) -> dict[tuple[tuple[str, int, float], ...], str]:
    """Return the name here of each incident, by its members."""
    desk = writer.projection.desk
    own = aliases(writer.keys.release, desk.read("incident")["id"])
    rows = desk.read("members").filter(pl.col("role") == "member")
    told = rows.select("incident", pl.col("object").cast(pl.String), "row", "membership_p")
    members: dict[str, list[tuple[str, int, float]]] = defaultdict(list)
    for incident, object_, row, membership_p in told.iter_rows():
        members[own[incident]].append((object_, row, membership_p))
    return {tuple(sorted(each)): name for name, each in members.items()}
