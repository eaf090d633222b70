"""`tw desk`: an analyst merges, splits, locks and unlocks incidents; each time one statement.

What is said is of observations, not of incidents, so it outlives every run. Nothing is deleted: an
act is undone by a later one. Before it is signed, a statement is held against what was said before,
so that none is sealed which the next run could not keep.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput, BadMission, NotFound
from trucewatch.fuse.bound import Bound, bind, largest
from trucewatch.mission.history import copies_of, counted
from trucewatch.mission.linked import Screen, linked, sealing
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import ARRIVALS
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.records.level import Level
from trucewatch.records.link import Act, Link
from trucewatch.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.evidence.log import Log
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.mission.opened import Writer
    from trucewatch.records.link import Address

_ADDRESS = re.compile(r"[0-9a-f]{6,64}:[0-9]{1,9}")

_ID_SHORTEST = 6  # "i-" and four more: a signed statement must not hang on a slip of the key


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A statement that was sealed.

    Attributes:
        entry: Index of its entry.
        act: What was done.
        incidents: Ids of the incidents that it was done with, as they were.
        observations: How many observations it speaks of, repeated downloads included.
    """

    entry: int
    act: Act
    incidents: tuple[str, ...]
    observations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What the analyst has before them, and what was said so far.

    Attributes:
        writer: The mission.
        screen: The log prefix that the incidents are a function of.
        members: `incident`, `object` (text), `row` and the report's number, `distinct`.
        copies: See `fuse.distinct.Distinct`.
        links: Every statement in the log, used by a run or not.
        bound: What they lead to.
    """

    writer: Writer
    screen: Screen
    members: pl.DataFrame
    copies: pl.DataFrame
    links: list[Link]
    bound: Bound


def merge(home: Home, incidents: Sequence[str], *, said: Said, clock: Clock) -> Done:
    """Put the reports of two or more incidents together, whatever their evidence says.

    Raises:
        BadInput: Fewer than two incidents; or one is locked, or waits for a run.
    """
    with _viewing(home, clock) as view:
        ids = _ids(view, incidents)
        if len(ids) < 2:  # noqa: PLR2004
            raise BadInput("merge", f"{len(ids)} incident is given, expected two or more")
        rows = _members(view, ids)
        _expect_open(view, rows)
        return _seal(view, Act.MERGE, ids, _addresses(rows), said=said)


def split(home: Home, incident: str, out: Sequence[str], *, said: Said, clock: Clock) -> Done:
    """Keep some reports of an incident apart from its others.

    Args:
        home: The mission.
        incident: Its id, or the beginning of it.
        out: Addresses `OBJECT:ROW` of the reports that leave, each with at least six digits of the
            object; every download of such a report leaves with it.
        said: Who does it and why.
        clock: Says what time it is.

    Raises:
        BadInput: No report would leave, or none stay; or the incident is locked, or waits for a
            run.
    """
    with _viewing(home, clock) as view:
        [found] = _ids(view, [incident])
        rows = _members(view, [found])
        _expect_open(view, rows)
        leaving = {_report(view, address, found) for address in out}
        there = pl.col("distinct").is_in(list(leaving))
        some, others = rows.filter(there), rows.filter(~there)
        if not len(some) or not len(others):
            problem = f"{some['distinct'].n_unique()} of {rows['distinct'].n_unique()} reports"
            raise BadInput("--out", f"{problem} would leave {found}, expected some and not all")
        return _seal(view, Act.SPLIT, [found], _addresses(some), _addresses(others), said=said)


def lock(home: Home, incident: str, *, said: Said, clock: Clock) -> Done:
    """Close an incident: what it holds stays together and nothing else joins, until it is unlocked.

    An incident that is locked already, or waits for a run, is refused as `BadInput`.
    """
    with _viewing(home, clock) as view:
        ids = _ids(view, [incident])
        rows = _members(view, ids)
        _expect_open(view, rows)
        _expect_no_picks(view, ids[0], rows)
        return _seal(view, Act.LOCK, ids, _addresses(rows), said=said)


def _expect_no_picks(view: _View, incident: str, rows: pl.DataFrame) -> None:
    """Refuse an incident that rests on picks: later ones place its source anew, locked or not.

    Raises:
        BadInput: It does.
    """
    files = view.writer.projection.desk.read("file").filter(family=ARRIVALS)
    if rows["object"].cast(pl.String).is_in(files["object"].cast(pl.String).implode()).any():
        problem = "rests on picks of stations, which later picks may place anew; expected none"
        raise BadInput(incident, problem, advice="A merge or a split of it holds.")


def unlock(home: Home, incident: str, *, said: Said, clock: Clock) -> Done:
    """Undo the lock of an incident; what was merged or split before it holds again.

    Raises:
        BadInput: It is not locked.
    """
    with _viewing(home, clock) as view:
        ids = _ids(view, [incident])
        numbers = view.bound.closed[_members(view, ids)["distinct"].to_numpy()]
        number = int(numbers.max())
        if number < 0:
            raise BadInput(ids[0], "is not locked, expected one that is")
        entry = view.bound.locks[number]
        [held] = [link.observations for link in view.links if link.entry == entry]
        return _seal(view, Act.UNLOCK, ids, held, said=said)


@contextmanager
def _viewing(home: Home, clock: Clock) -> Iterator[_View]:
    """Yield what an analyst sees in the mission, locked for writing.

    Raises:
        BadMission: No run has made incidents yet.
    """
    with writing(home, clock) as writer:
        state = writer.projection.desk.state()
        if "input_size" not in state:
            problem = "nothing has been run, expected incidents"
            raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
        expect_as_recorded(writer.log, writer.projection)
        copies = copies_of(writer.projection, writer.using)
        links = [each.link for each in linked(writer.log, writer.log.size)]
        yield _View(
            writer=writer,
            screen=Screen(
                origin=writer.log.origin,
                size=int(state["input_size"]),
                root=state["input_root"],
                confidential=_confidential(writer.log),
            ),
            members=counted(writer.projection).join(
                copies, on=["object", "row"], how="left", maintain_order="left"
            ),
            copies=copies,
            links=links,
            bound=bind(links, copies),
        )


def _confidential(log: Log) -> frozenset[str]:
    return frozenset(e.object for _, e in log.entries() if e.level is not Level.CLEAR)


def _ids(view: _View, asked: Sequence[str]) -> list[str]:
    """Return the ids of incidents there are now, each once, in the order of their text."""
    return sorted({_id(view, each) for each in asked})


def _id(view: _View, asked: str) -> str:
    """Return the id that `asked` is or begins.

    Raises:
        BadInput: Another incident has taken it over.
        NotFound: There is none, or more than one.
    """
    if len(asked) < _ID_SHORTEST:
        problem = f"has {len(asked)} characters, expected {_ID_SHORTEST} or more of an id"
        raise NotFound(repr(asked), problem)
    desk = view.writer.projection.desk
    for name in ("incident", "superseded"):
        begun = TABLES[name].c.id.startswith(asked, autoescape=True)
        found = desk.read(name, begun)
        exact = found.filter(id=asked)
        found = exact if len(exact) else found
        if len(found) > 1:
            raise NotFound(asked, f"begins {len(found)} ids, expected one")
        if len(found) and name == "superseded":
            problem = f"was taken over by {found['superseded_by'][0]}, expected the id it has now"
            raise BadInput(asked, problem)
        if len(found):
            return str(found["id"][0])
    problem = "no incident has this id, expected one such as i-5obsr3uhmba5aoby"
    raise NotFound(asked, problem, advice=f"List them with: tw incidents {view.writer.home.path}")


def _members(view: _View, ids: Sequence[str]) -> pl.DataFrame:
    return view.members.filter(pl.col("incident").is_in(list(ids)))


def _report(view: _View, address: str, incident: str) -> int:
    """Return the number of the report that an address in the incident brings.

    Raises:
        NotFound: No such address, or no incident holds it.
        BadInput: Another incident holds it.
    """
    object_, _, row = address.partition(":")
    if not _ADDRESS.fullmatch(address):
        raise NotFound(
            address, "is no address, expected OBJECT:ROW with at least 6 digits of OBJECT"
        )
    here = pl.col("object").str.starts_with(object_) & (pl.col("row") == int(row))
    found = view.members.filter(here)
    if not len(found):
        raise NotFound(address, f"no incident holds this observation, expected one of {incident}")
    if len(found) > 1:
        raise NotFound(address, f"begins {len(found)} addresses, expected one")
    if found["incident"][0] != incident:
        problem = f"is an observation of {found['incident'][0]}, expected one of {incident}"
        raise BadInput(address, problem)
    return int(found["distinct"][0])


def _expect_open(view: _View, rows: pl.DataFrame) -> None:
    """Check that nothing said before stands against saying more of these reports.

    Raises:
        BadInput: One is locked; or a statement about one waits for a run, so that the incidents
            that the analyst sees are not what they would be.
    """
    home = view.writer.home.path
    closed = view.bound.closed[rows["distinct"].to_numpy()]
    for incident, number in zip(rows["incident"], closed.tolist(), strict=True):
        if number >= 0:
            problem = f"was locked by entry {view.bound.locks[number]}, expected one that is open"
            raise BadInput(
                incident, problem, advice=f"Unlock first: tw desk {home} unlock {incident}"
            )
    ours = set(_addresses(rows))
    for link in view.links:
        touched = ours & {*link.observations, *link.against}
        if link.entry >= view.screen.size and touched:
            object_, row = min(touched)
            where = f"{object_[:12]}:{row}"
            problem = f"entry {link.entry} speaks of it and no run has used that, expected a run"
            raise BadInput(where, problem, advice=f"Run: tw run {home}")


def _addresses(rows: pl.DataFrame) -> tuple[Address, ...]:
    return tuple(rows.select("object", "row").sort("object", "row").iter_rows())


def _seal(
    view: _View,
    act: Act,
    ids: Sequence[str],
    observations: tuple[Address, ...],
    against: tuple[Address, ...] = (),
    *,
    said: Said,
) -> Done:
    """Seal the citation and the statement.

    Raises:
        BadInput: More reports would be put together than fusion takes.
    """
    writer, desk = view.writer, view.writer.projection.desk
    link = Link(act=act, observations=observations, against=against, entry=writer.log.size)
    most = writer.using.settings.fusion.component_members_max
    together = largest(bind([*view.links, link], view.copies))
    if together > most:
        raise BadInput(str(act), f"{together} reports would be together, must be at most {most}")
    items = sealing(
        link,
        said,
        screen=view.screen,
        incidents=(
            desk.read("incident", TABLES["incident"].c.id.in_(ids)),
            desk.read("members", TABLES["members"].c.incident.in_(ids)),
        ),
        types={object_: _type(writer.log, object_) for object_, _ in (*observations, *against)},
        key=writer.keys.desk,
    )
    sealed = writer.log.append(items, now=writer.clock.now())
    return Done(
        entry=sealed[-1].index,
        act=act,
        incidents=tuple(ids),
        observations=len(observations) + len(against),
    )


def _type(log: Log, object_: str) -> str:
    """Return as what an object was received first."""
    return log.entry(log.indices_of(object_)[0]).type
