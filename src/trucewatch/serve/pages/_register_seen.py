"""The register as a page shows it: cut to what the role may see, as it was known at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import polars as pl

from trucewatch.access.policy import What
from trucewatch.access.role import Role
from trucewatch.errors import BadInput
from trucewatch.evidence.log import Log
from trucewatch.mission.known import as_of
from trucewatch.mission.register_ask import view
from trucewatch.mission.register_import import deliveries, sealed_tables
from trucewatch.mission.register_sheets import NOT_PUBLIC
from trucewatch.records.claims.delivery import DELIVERY
from trucewatch.records.claims.source import SourceKind
from trucewatch.records.table import empty
from trucewatch.register.before import before, undated
from trucewatch.register.contradictions import contradictions, disputes
from trucewatch.register.deliveries import public as public_rows
from trucewatch.register.deliveries import shares
from trucewatch.register.known import known as looked_up
from trucewatch.serve.sought import instant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from trucewatch.access.policy import Row
    from trucewatch.mission.home import Home
    from trucewatch.mission.register_ask import View
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.records.claims.source import Source
    from trucewatch.records.level import Level
    from trucewatch.register.contradictions import Dispute
    from trucewatch.register.known import Known
    from trucewatch.serve.ask import Asking

_DAY_TEXT = len("2026-01-06")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """As it was known when.

    Attributes:
        day: Only what was said or published up to this day; None for all.
        logged: As the log had it at this instant; None for now.
    """

    day: date | None = None
    logged: datetime | None = None

    def words(self) -> dict[str, str]:
        """Return it as the words of an address, without what asks for nothing."""
        found = {}
        if self.day is not None:
            found["asof"] = self.day.isoformat()
        if self.logged is not None:
            found["log"] = self.logged.strftime("%Y-%m-%dT%H:%MZ")
        return found

    def link(self, path: str, **more: str) -> str:
        """Return the address of another page of the register as known at the same time."""
        words = {**self.words(), **{key: each for key, each in more.items() if each}}
        return f"{path}?{urlencode(words)}" if words else path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """The register as somebody sees it.

    Attributes:
        wish: As it was known when.
        view: Register, size of the log and files; the register is cut to the role and the time.
        whole: The register cut to the role alone.
        known: The cut register, looked up.
        disputes: Questions on which its claims do not go together.
        undated: Claims that the time leaves out since nobody tells when they were said.
        sources: Texts that were looked at by then.
        arrived: What is told of deliveries: for the public late and summed.
        day: The newest day that the log knows, or the day that is asked for.
        public: Whether it is cut to what the public sees.
    """

    wish: Wish
    view: View
    whole: Register
    known: Known
    disputes: tuple[Dispute, ...]
    undated: tuple[Claim, ...]
    sources: tuple[Source, ...]
    arrived: pl.DataFrame
    day: date
    public: bool

    @property
    def register(self) -> Register:
        """The register, cut."""
        return self.view.register

    def link(self, path: str, **more: str) -> str:
        """Return the address of another page of the register as known at the same time."""
        return self.wish.link(path, **more)

    def days(self) -> dict[date, int]:
        """Return how many claims were said on each day, by day, whatever time is asked for."""
        known, found = looked_up(self.whole), dict[date, int]()
        for claim in self.whole.claims:
            said = known.said_on(claim)
            if said is not None:
                found[said] = found.get(said, 0) + 1
        return dict(sorted(found.items()))


def seen(ask: Asking) -> Seen:
    """Return the register as who asks may see it; where none was loaded, that is `NotFound`."""
    row = ask.expect(What.REGISTER)
    with ask.site.reading() as (log, _):
        size = log.size
    return _seen(ask.site.home, wished(ask), row, size)


def wished(ask: Asking) -> Wish:
    """Return as known at which time the address asks for the register.

    Raises:
        BadInput: A time cannot be read; the message names it.
    """
    day, logged = ask.value("asof").strip(), ask.value("log").strip()
    try:
        read_day = date.fromisoformat(day[:_DAY_TEXT]) if day else None
        if day and len(day) > _DAY_TEXT:
            datetime.fromisoformat(day)
    except ValueError as error:
        problem = f"is {day[:80]!r}, expected a day such as 2030-09-01"
        raise BadInput("asof", problem) from error
    if read_day is not None and read_day.year in (date.min.year, date.max.year):
        raise BadInput("asof", f"is {read_day}, expected a day of somebody's life")
    return Wish(day=read_day, logged=instant("log", logged))


@lru_cache(maxsize=16)
def _seen(home: Home, wish: Wish, row: Row, size: int) -> Seen:
    """Return it; `size` is that of the log, asked for as a part of the key alone."""
    del size
    public = row.role is not Role.MISSION
    found = view(home, as_of=wish.logged)
    whole = public_part(found.register) if public else found.register
    cut, sources = whole, whole.sources
    left_out: tuple[Claim, ...] = ()
    if wish.day is not None:
        end = wish.day + timedelta(days=1)
        cut, left_out = before(whole, end), undated(whole)
        dated = [each for each in sources if each.published is not None]
        sources = tuple(each for each in dated if each.published and each.published < end)
    with Log.open(home.path) as log:
        came = _came(log, found.size, row.levels)
        newest = as_of(log, found.size).date()
    day = newest if wish.day is None else min(newest, wish.day)
    return Seen(
        wish=wish,
        view=replace(found, register=cut),
        whole=whole,
        known=looked_up(cut),
        disputes=disputes(contradictions(cut)),
        undated=left_out,
        sources=sources,
        arrived=public_rows(came, day=day) if public else shares(came),
        day=day,
        public=public,
    )


def _came(log: Log, size: int, levels: Collection[Level]) -> pl.DataFrame:
    """Return the deliveries of tables of some levels, without those that any table corrects."""
    came, at, kept = deliveries(log, size), 0, [empty(DELIVERY)]
    for each in sealed_tables(log, size):
        if each.said.entry in came.closed:
            continue
        if log.entry(log.indices_of(each.table)[0]).level in levels:
            kept.append(came.rows.slice(at, each.said.accepted))
        at += each.said.accepted
    found = pl.concat(kept)
    if len(found) == len(came.rows):
        return found
    return found.filter(~pl.col("id").is_in(came.rows["supersedes"].drop_nulls().implode()))


def public_part(register: Register) -> Register:
    """Return a register without what the public does not see, and without any trace of it.

    Left out are claims on readiness and limits with the replies to them; claims that one of these
    corrects, which would look as if they stood; statements and letters of which nothing else was
    taken (of the press it is told that it was looked at); and what is needed and must be settled,
    which tells where an arrangement is weak.
    """
    known = looked_up(register)
    hidden = {each.id for each in register.claims if each.relation in NOT_PUBLIC}
    size = -1
    while size != len(hidden):
        size = len(hidden)
        hidden |= {reply for each in hidden for reply in known.replies.get(each, ())}
        hidden |= {old for old, new in known.superseded.items() if new in hidden}
    kept = {each.id for each in register.claims} - hidden
    unseen = _only_of(register, hidden)
    return replace(
        register,
        sources=tuple(each for each in register.sources if each.id not in unseen),
        claims=tuple(_without(each, hidden) for each in register.claims if each.id in kept),
        instruments=tuple(
            replace(
                each,
                clauses=tuple(
                    replace(clause, claims=_kept(clause.claims, kept)) for clause in each.clauses
                ),
            )
            for each in register.instruments
        ),
        tiers=tuple(replace(e, claims=_kept(e.claims, kept)) for e in register.tiers),
        measures=tuple(replace(e, claims=_kept(e.claims, kept)) for e in register.measures),
        requirements=(),
        steps=(),
    )


def _only_of(register: Register, hidden: set[str]) -> set[str]:
    """Return the statements that are cited for hidden claims and for nothing else, by id."""
    told = {each.source for each in register.claims if each.id not in hidden}
    for instrument in register.instruments:
        told |= {each.source for each in instrument.texts}
        told |= {each.source for each in instrument.clauses}
    only = {each.source for each in register.claims if each.id in hidden} - told
    return {e.id for e in register.sources if e.id in only and e.kind is SourceKind.STATEMENT}


def _without(claim: Claim, hidden: set[str]) -> Claim:
    return replace(claim, supersedes="") if claim.supersedes in hidden else claim


def _kept(ids: Iterable[str], kept: set[str]) -> tuple[str, ...]:
    return tuple(each for each in ids if each in kept)


def arrived_of(seen_: Seen) -> Mapping[str, tuple[str, ...]]:
    """Return what arrived of each donor, in words, by its id."""
    found: dict[str, list[str]] = {}
    for row in seen_.arrived.iter_rows(named=True):
        stages = [row["stage"]] if "stage" in row else ["delivered", "verified"]
        amounts = [row["amount"]] if "stage" in row else [row[each] for each in stages]
        for stage, amount in zip(stages, amounts, strict=True):
            if amount is not None:
                words = f"{amount.normalize():f} {row['unit']} ({stage})"
                found.setdefault(row["donor"], []).append(words)
    return {donor: tuple(several) for donor, several in found.items()}
