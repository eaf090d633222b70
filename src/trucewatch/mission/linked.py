"""Analysts' links in the log: how one is sealed with all that it cites, and how they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import LINKED, Subject, sign_statement
from trucewatch.mission.configuration import statements
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.instant import instant_text
from trucewatch.records.link import addresses_json, read_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from trucewatch.evidence.log import Log
    from trucewatch.evidence.statement import Statement
    from trucewatch.records.canonical import Json
    from trucewatch.records.link import Link

LINKED_TYPE = STATEMENT_PREFIX + LINKED
CITED_TYPE = "cited/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The input checkpoint that an analyst's screen was a function of.

    Attributes:
        origin: The log's name.
        size: Length of the log prefix.
        root: Its root, hex.
        confidential: Objects above CLEAR. Of an incident that rests on one, a citation names the
            reports and withholds what was made of them, as it lies at CLEAR itself.
    """

    origin: str
    size: int
    root: str
    confidential: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who says it, and why; both as typed, and neither empty.

    Attributes:
        by: Name of the person.
        reason: In their words.
    """

    by: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse silence.

        Raises:
            BadInput: The name or the reason is blank.
        """
        for name, text in (("by", self.by), ("reason", self.reason)):
            if not text.strip():
                raise BadInput(name, f"is {text!r}, expected text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A link as it stands in the log, with who made it.

    Attributes:
        link: What was done with which observations.
        said: Who did it and why.
        incidents: Ids of the incidents as they were.
        logged_at: When the log acknowledged it.
    """

    link: Link
    said: Said
    incidents: tuple[str, ...]
    logged_at: datetime


def linked(log: Log, size: int) -> list[Linked]:
    """Return every link in the first `size` entries, in order; each signature verified.

    Raises:
        EvidenceBroken: A statement is not of the form that its type has.
    """
    found = []
    for index, statement in statements(log, LINKED):
        if index >= size:
            break
        try:
            found.append(_linked(log, index, statement))
        except BadInput as error:  # it was readable when it was sealed
            raise EvidenceBroken(error.where, error.problem) from error
    return found


def _linked(log: Log, index: int, statement: Statement) -> Linked:
    said: Mapping[str, Json] = statement.predicate
    link = read_link(said, entry=index)
    incidents = said["incidents"]
    return Linked(
        link=link,
        said=Said(by=str(said["by"]), reason=str(said["reason"])),
        incidents=tuple(map(str, incidents)) if isinstance(incidents, list) else (),
        logged_at=log.entry(index).logged_at,
    )


def sealing(
    link: Link,
    said: Said,
    *,
    screen: Screen,
    incidents: tuple[pl.DataFrame, pl.DataFrame],
    types: Mapping[str, str],
    key: Ed25519PrivateKey,
) -> list[NewObject]:
    """Return what seals a link: a citation of the incidents as they were, then the statement.

    Args:
        link: What is done; its entry is not looked at, as only the log gives one.
        said: Who does it and why.
        screen: What the analyst saw.
        incidents: The incidents' rows (`records.table.INCIDENT`) and their members (`MEMBER`).
        types: Entry type of each object that the link speaks of.
        key: The desk's.
    """
    rows, members = incidents
    ids = sorted(rows["id"])
    cited = citation(rows, members, screen=screen)
    objects = sorted({object_ for object_, _ in (*link.observations, *link.against)})
    statement = sign_statement(
        LINKED,
        [
            *(Subject(name=types[object_], sha256=object_) for object_ in objects),
            Subject(name=CITED_TYPE, sha256=sha256_hex(cited)),
        ],
        {
            "act": str(link.act),
            "observations": addresses_json(link.observations),
            "against": addresses_json(link.against),
            "reason": said.reason,
            "by": said.by,
            "incidents": ids,
            "seen": {"size": screen.size, "root": screen.root},
        },
        key=key,
    )
    name = f"{link.act} {' '.join(ids)}"
    return [
        NewObject(type=CITED_TYPE, data=cited, name=f"{name}.cited.jsonl"),
        NewObject(type=LINKED_TYPE, data=statement, name=name),
    ]


def citation(incidents: pl.DataFrame, members: pl.DataFrame, *, screen: Screen) -> bytes:
    """Return incidents with their members and where they came from, a canonical line each, by id.

    Args:
        incidents: `records.table.INCIDENT`.
        members: `records.table.MEMBER` of those incidents; of it where, how sure and in what role.
        screen: The log prefix that both are a function of.
    """
    confidential = pl.col("object").cast(pl.String).is_in(sorted(screen.confidential))
    hidden = {*members.filter(confidential)["incident"]}
    seen = {"origin": screen.origin, "size": screen.size, "root": screen.root}
    said = ("incident", pl.col("object").cast(pl.String), "row", "membership_p", "role")
    plain = members.select(said).sort("object", "row")
    of = plain.partition_by("incident", as_dict=True, include_key=False)
    return b"".join(
        canonical({
            "v": 1,
            "incident": row["id"],
            "members": of[row["id"],].to_dicts(),
            "columns": None if row["id"] in hidden else _columns(row),
            "seen": seen,
        })
        + b"\n"
        for row in incidents.sort("id").iter_rows(named=True)
    )  # fmt: skip


def _columns(incident: Mapping[str, object]) -> dict[str, object]:
    """Return the columns of an incident as JSON holds them, its id aside."""
    plain = {
        name: instant_text(value) if isinstance(value, datetime) else value
        for name, value in incident.items()
        if name != "id"
    }
    return plain | {"class_p": json.loads(str(incident["class_p"]))}
