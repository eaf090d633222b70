"""`tw explain`: from anything published down to the row of a sealed object, link by link."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from trucewatch.errors import NotFound
from trucewatch.evidence.intake.unpacking import unpack_safely
from trucewatch.evidence.merkle import check_inclusion, leaf_hash
from trucewatch.mission.alias import PREFIX, aliases
from trucewatch.mission.chain import assertions
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.configuration import in_force
from trucewatch.mission.explain_seen import unnamed, who_saw
from trucewatch.mission.linked import linked
from trucewatch.mission.opened import keys_of, reading
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log
    from trucewatch.mission.explain_seen import WhoSaw
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.records.assertion import Assertion

_REPORTS = dict.fromkeys(("incident", "sensor", "channel"), pl.String())
_ADDRESS = re.compile(r"[0-9a-f]{6,64}:[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One observation under an incident, down to the bytes.

    Attributes:
        object: SHA-256 of the sealed object.
        row: Data record in it, from 0.
        entry: Index of its entry in the log.
        logged_at: When the log acknowledged it.
        file: Name that its sender gave it (a label, not evidence).
        line: Line in the unpacked file, from 1.
        text: That line, as received; a control character as its escape, so that none of them speaks
            to a terminal.
        membership_p: Probability that it speaks of the incident, by the sensors alone.
        evidence: Log Bayes factor (natural) of joining the rest of it; None alone or imprecise.
        seen: What was read from the row, by column.
        proven: Whether the entry's inclusion in the log was checked just now.
        assertion: Who concludes what it says and holds the material, when that was not sent.
    """

    object: str
    row: int
    entry: int
    logged_at: str
    file: str
    line: int
    text: str
    membership_p: float
    evidence: float | None
    seen: dict[str, Any]
    proven: bool
    assertion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What an analyst said of observations under an incident; later ones may have undone it.

    Attributes:
        entry: Index of the statement's entry.
        act: Merge, split, lock or unlock.
        by: Name of the person, as typed.
        reason: In their words.
        logged_at: When the log acknowledged it.
        used: Whether the incident shown is a function of it; if not, it waits for a run.
    """

    entry: int
    act: str
    by: str
    reason: str
    logged_at: str
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An incident and everything that it rests on.

    Attributes:
        asked: The id that was asked for.
        superseded: Whether that id has been taken over by the incident shown.
        incident: The incident, by column.
        assessments: Each with its trace of conditions.
        links: Its observations.
        possible: Observations that are counted elsewhere and may be of this incident.
        mentions: What analysts said of them, in the order of the log.
        who_saw: Which declared assets saw it, which should have and did not; asked for by a public
            name, without the names of assets.
        checkpoint_size: Size of the log that the entries were proven against.
        checkpoint_root: Its root, hex.
    """

    asked: str
    superseded: bool
    incident: dict[str, Any]
    assessments: list[dict[str, Any]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    possible: list[Link] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    who_saw: WhoSaw | None = None
    checkpoint_size: int = 0
    checkpoint_root: str = ""


def explain(home: Home, asked: str) -> Explanation:
    """Explain an incident by its id, its public name, a superseded id, or a member's address.

    The beginning of a name is enough when it begins one. An address is `OBJECT:ROW`, with at least
    six digits of the object's hash.
    """
    with reading(home) as (log, there):
        found = _incident_of(there, _own_id(home, there, asked))
        incident = there.desk.read("incident", TABLES["incident"].c.id == found)
        assessed = assessments_of(there, found)
        members = there.desk.read("members", TABLES["members"].c.incident == found)
        size = log.size
        links = _links(log, there, members.filter(role="member"))
        told = who_saw(log, there, in_force(log, size), incident, _reports(found, links))
        return Explanation(
            asked=asked,
            superseded=asked.startswith("i-") and not found.startswith(asked),
            incident=incident.row(0, named=True),
            assessments=assessed,
            links=links,
            possible=_links(log, there, members.filter(role="possible")),
            mentions=_mentions(log, there, members),
            who_saw=unnamed(told) if asked.startswith(PREFIX) else told,
            checkpoint_size=size,
            checkpoint_root=log.root(size).hex(),
        )


def _reports(incident: str, links: list[Link]) -> pl.DataFrame:
    """Return sensor and channel of every member, as `measure.coverage.seen` asks for them."""
    told = [(incident, link.seen["sensor"], link.seen["channel"]) for link in links]
    return pl.DataFrame(told, schema=_REPORTS, orient="row")


def assessments_of(there: Projection, subject: str) -> list[dict[str, Any]]:
    """Return every assessment of a subject, by column, its trace opened."""
    table = there.desk.read("assessment", TABLES["assessment"].c.subject == subject)
    return [{**row, "trace": json.loads(row["trace"])} for row in table.iter_rows(named=True)]


def _own_id(home: Home, there: Projection, asked: str) -> str:
    """Return the id behind a public name, which only the release key leads back; others as is.

    Raises:
        NotFound: No incident, or more than one, has this public name.
    """
    if not asked.startswith(PREFIX):
        return asked
    own = [*there.desk.read("incident")["id"], *there.desk.read("superseded")["id"]]
    names = aliases(keys_of(home).release, own)
    found = [incident for incident, name in names.items() if name.startswith(asked)]
    if len(found) != 1:
        raise NotFound(asked, f"begins the public name of {len(found)} incidents, expected one")
    return found[0]


def _incident_of(there: Projection, asked: str) -> str:
    if ":" in asked:
        return _incident_of_row(there, asked)
    for table, column in (("incident", "id"), ("superseded", "id")):
        sql = TABLES[table]
        rows = there.desk.read(table, sql.c[column].startswith(asked, autoescape=True))
        if asked in rows["id"].to_list():
            rows = rows.filter(id=asked)
        if len(rows) == 1:
            return str(rows["superseded_by" if table == "superseded" else "id"][0])
        if len(rows) > 1:
            problem = f"begins {len(rows)} ids, expected one; the first are "
            raise NotFound(asked, problem + ", ".join(rows["id"].head(3).to_list()))
    problem = "no incident has this id, expected one such as i-5obsr3uhmba5aoby"
    raise NotFound(asked, problem, advice="List them with: tw incidents HOME")


def _incident_of_row(there: Projection, asked: str) -> str:
    object_, _, row = asked.partition(":")
    if not _ADDRESS.fullmatch(asked):
        raise NotFound(asked, "is no address, expected OBJECT:ROW with at least 6 digits of OBJECT")
    table = TABLES["members"]
    rows = there.desk.read(
        "members", table.c.object.startswith(object_, autoescape=True), table.c.row == int(row)
    ).filter(role="member")
    if not len(rows):
        raise NotFound(asked, "no incident has this observation as a member, expected a member")
    return str(rows["incident"][0])


def _links(log: Log, there: Projection, members: pl.DataFrame) -> list[Link]:
    """Return the members as links, by the time they speak of; copies stand together."""
    lines: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    plaintexts, held = Plaintexts(log), assertions(log, log.size)
    files = {f["object"]: f for f in there.desk.read("file").iter_rows(named=True) if f["accepted"]}
    for object_ in members["object"].cast(pl.String).unique(maintain_order=True):
        index = log.indices_of(object_)[0]
        raw = plaintexts.expect(index, log.entry(index))
        there.expect_archived(files[object_])
        names[object_] = plaintexts.name(log.entry(index))
        lines[object_] = unpack_safely(raw, name=names[object_]).decode().split("\n")
    found = [
        replace(
            _link(log, there, m, lines[m["object"]]),
            file=shown(names[m["object"]]),
            assertion=_asserted(held.get(m["object"])),
        )
        for m in members.iter_rows(named=True)
    ]
    return sorted(found, key=lambda x: (x.seen["time_start"], x.seen["dedup_key"], x.entry))


def _asserted(assertion: Assertion | None) -> str:
    """Return in words that an object is a conclusion without its data, or ""."""
    if assertion is None:
        return ""
    return f"{assertion.provider} concludes this; {assertion.held_by} holds the material"


def _mentions(log: Log, there: Projection, members: pl.DataFrame) -> list[Mention]:
    counted = members.filter(role="member")
    here = set(counted.select(pl.col("object").cast(pl.String), "row").iter_rows())
    used = int(there.desk.state()["input_size"])
    return [
        Mention(
            entry=each.link.entry,
            act=each.link.act,
            by=shown(each.said.by),
            reason=shown(each.said.reason),
            logged_at=each.logged_at.isoformat(),
            used=each.link.entry < used,
        )
        for each in linked(log, log.size)
        if not here.isdisjoint((*each.link.observations, *each.link.against))
    ]


def _link(log: Log, there: Projection, member: dict[str, Any], lines: list[str]) -> Link:
    object_, row = member["object"], member["row"]
    seen = there.archive.row(object_, row)
    index = log.index_of(object_, f"received/{seen['sensor']}/v1")
    if index is None:
        raise NotFound(object_, "no entry seals this object, expected one")
    line = row + 2  # the header is line 1 and record 0 follows it
    return Link(
        object=object_,
        row=row,
        entry=index,
        logged_at=log.entry(index).logged_at.isoformat(),
        file="",
        line=line,
        text=shown(lines[line - 1].rstrip("\r")),
        membership_p=member["membership_p"],
        evidence=member["evidence"],
        seen={k: v for k, v in seen.items() if k not in {"object", "row"}},
        proven=prove(log, index),
    )


def shown(text: str) -> str:
    """Return text with each control character as its escape, so that none speaks to a terminal."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def prove(log: Log, index: int) -> bool:
    """Check that an entry is in the log, by the newest signed checkpoint; raises when broken."""
    head = log.checkpoint()
    proof = log.inclusion_proof(index, head.size)
    leaf = leaf_hash(log.entry_bytes(index))
    where = f"entry {index}"
    check_inclusion(leaf, index=index, size=head.size, proof=proof, root=head.root, where=where)
    return True
