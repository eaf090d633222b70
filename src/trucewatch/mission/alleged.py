"""Lists of acts that parties allege: sealed as they came, and read back with their entries.

A list is an object of type `alleged/PARTY/v1`, with the act of custody that says who took it. It is
no report: no sensor reads it, no run fuses it, and no incident comes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.confidential import Plaintexts
from trucewatch.mission.custody import NOTHING, Deed, seal
from trucewatch.mission.exhibit import at_level
from trucewatch.mission.naming import shown
from trucewatch.mission.opened import writing
from trucewatch.records.alleged import BYTES_MAX, Alleged, read_alleged
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.custody import Act
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.log import Log
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.home import Home
    from trucewatch.records.alleged import AllegedList, Total

_TYPE = re.compile(r"alleged/([a-z0-9_]+)/v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """How a list came to the desk.

    Attributes:
        party: Whose it is, as the agreement calls it.
        place: Where it was handed over.
        at: When, as claimed; now, when it is None.
        level: Who may see it.
        compartment: Whose key enciphers it, above CLEAR.
    """

    party: str
    place: str = "the desk"
    at: datetime | None = None
    level: Level = Level.CLEAR
    compartment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedList:
    """A list that was sealed.

    Attributes:
        object: SHA-256 of its bytes as stored.
        entry: Index of its entry.
        statement: Index of the entry that says who handed it over.
        acts: Acts that it lists with a place.
        totals: Numbers that it gives without.
    """

    object: str
    entry: int
    statement: int
    acts: int
    totals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a party alleges, over all of its lists.

    Attributes:
        party: Its id.
        acts: With a place; of one id that two lists have, the later one.
        totals: Without.
        entries: Entries of the lists, with the time at which each was sealed.
        corrected: Ids that a later list has again.
        unread: Entries of lists that cannot be read here, with the reason.
    """

    party: str
    acts: tuple[Alleged, ...]
    totals: tuple[Total, ...]
    entries: tuple[tuple[int, datetime], ...]
    corrected: tuple[str, ...]
    unread: tuple[tuple[int, str], ...]


def list_type(party: str) -> str:
    """Return the entry type of a party's lists; types have small letters and no dashes.

    Example:
        >>> list_type("ALPHA")
        'alleged/alpha/v1'
    """
    return f"alleged/{party.lower().replace('-', '_')}/v1"


def seal_list(home: Home, file: Path, handed: Handed, *, actor: Actor) -> SealedList:
    """Seal a party's list with who handed it over; one that cannot be read whole is refused.

    Args:
        home: The mission.
        file: The list, see `records.alleged`.
        handed: How it came.
        actor: Who took it.

    Raises:
        BadInput: The agreement names who takes part, and the party is none of them; or the list was
            sealed before. Nothing was sealed.
    """
    name, raw = shown(file), _content(file)
    read = read_alleged(raw, name=name)
    with writing(home, actor.clock) as writer:
        _expect_party([party.id for party in writer.using.agreement.parties], handed.party)
        kind = list_type(handed.party)
        plain = NewObject(type=kind, data=raw, name=name)
        before = writer.log.index_of(sha256_hex(raw), kind)
        if before is not None:
            problem = f"is that of entry {before}, byte for byte, expected a new list"
            raise BadInput(name, problem, advice=NOTHING)
        item = at_level(writer, plain, level=handed.level, compartment=handed.compartment)
        deed = Deed(
            act=Act.COLLECTED,
            objects=(sha256_hex(item.data),),
            by=actor.said.by,
            reason=actor.said.reason,
            detail={"method": f"alleged by {handed.party}", "place": handed.place},
            at=handed.at,
        )
        sealed, statement = seal(writer, deed, key=actor.private(), new=[item])
    return SealedList(
        object=sealed.object,
        entry=sealed.index,
        statement=statement.index,
        acts=len(read.acts),
        totals=len(read.totals),
    )


def claims_of(log: Log, size: int, parties: Sequence[str]) -> tuple[Claims, ...]:
    """Return what every party alleges in the first `size` entries, by party.

    Args:
        log: The log.
        size: Entries that count.
        parties: Ids that the agreement has; a party that it no longer has is named by its type.
    """
    names = {list_type(party): party for party in parties}
    plaintexts = Plaintexts(log)
    lists: dict[str, list[tuple[int, datetime, AllegedList | str]]] = {}
    for index, entry in log.entries(0, size):
        found = _TYPE.fullmatch(entry.type)
        if found is None:
            continue
        party = names.get(entry.type, found[1])
        try:
            raw = plaintexts.expect(index, entry)
            said: AllegedList | str = read_alleged(raw, name=f"entry {index}")
        except BadInput as error:
            said = error.problem
        lists.setdefault(party, []).append((index, entry.logged_at, said))
    return tuple(_claims(party, lists[party]) for party in sorted(lists))


def _claims(party: str, lists: Sequence[tuple[int, datetime, AllegedList | str]]) -> Claims:
    rows: dict[str, Alleged | Total] = {}
    corrected: dict[str, None] = {}
    for _, _, said in lists:
        if isinstance(said, str):
            continue
        listed: list[Alleged | Total] = [*said.acts, *said.totals]
        for row in listed:
            if row.id in rows:
                corrected[row.id] = None
            rows[row.id] = row
    return Claims(
        party=party,
        acts=tuple(row for row in rows.values() if isinstance(row, Alleged)),
        totals=tuple(row for row in rows.values() if not isinstance(row, Alleged)),
        entries=tuple((index, at) for index, at, _ in lists),
        corrected=tuple(corrected),
        unread=tuple((index, said) for index, _, said in lists if isinstance(said, str)),
    )


def _expect_party(known: Sequence[str], party: str) -> None:
    """Refuse who takes no part, and a name that could be another's.

    Raises:
        BadInput: They are.
    """
    if party not in known:
        problem = f"is {party[:80]!r}, expected one of {', '.join(known) or 'nobody'}"
        raise BadInput("party", problem, advice=NOTHING)
    other = next((p for p in known if p != party and list_type(p) == list_type(party)), None)
    if other is not None:
        problem = f"{party} and {other} differ in no small letter, expected names that do"
        raise BadInput("party", problem, advice=NOTHING)


def _content(path: Path) -> bytes:
    """Return the bytes of a list.

    Raises:
        BadInput: It is no file, too large, or cannot be read.
    """
    try:
        if not path.is_file():
            raise BadInput(str(path)[:200], "is no file, expected a list of alleged acts")
        if path.stat().st_size > BYTES_MAX:
            raise BadInput(str(path)[:200], f"is larger than {BYTES_MAX} bytes, expected a list")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        problem = f"{getattr(error, 'strerror', error)}, expected a readable file"
        raise BadInput(str(path)[:200], problem) from error
