"""Promises with a number, each set against what arrived of it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.delivery import BUDGET, GAP, STAGES, DeliveryStage
from trucewatch.register.chains import CLAIM, chained
from trucewatch.register.conditions import worded
from trucewatch.register.contradictions import contradictions
from trucewatch.register.known import known as looked_up
from trucewatch.register.questions.stances import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known

_ZERO = Decimal(0)


class Interval(NamedTuple):
    """An amount as sources tell it.

    Attributes:
        low: Least.
        high: Most, or None when that is open.
    """

    low: Decimal
    high: Decimal | None


class Arrived(NamedTuple):
    """What arrived of a promise.

    Attributes:
        amount: How much, or None when sources differ.
        verified: How much of it was verified, or None when sources differ.
        rows: Rows that count in it.
        claims: Claims that tell of it.
    """

    amount: Interval | None
    verified: Decimal | None
    rows: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


class Line(NamedTuple):
    """One promise.

    Attributes:
        id: Of the pledged row, or the least of the claims that tell of it.
        donor: Who made it, by id.
        provision: Provision by id, or what a claim names as its object; None when nobody says.
        domain: Its domain, or "".
        item: In words, or None.
        unit: Of all amounts of the line; a currency for money.
        pledged: How much.
        arrived: What arrived of it.
        due: When it is due, or None.
        hangs_on: Its condition in words, or None.
        why: Why no gap can be computed, or None.
        claims: Claims that tell of it, by id.
    """

    id: str
    donor: str
    provision: str | None
    domain: str
    item: str | None
    unit: str
    pledged: Interval
    arrived: Arrived
    due: date | None
    hangs_on: str | None
    why: str | None
    claims: tuple[str, ...]

    def gap(self) -> Interval | None:
        """Return what is missing, or None when it cannot be computed."""
        if self.why is not None or self.arrived.amount is None:
            return None
        return gap_between(self.pledged, self.arrived.amount)

    def columns(self) -> dict[str, object]:
        """Return the line as a row of a `GAP` table, without the days that it is overdue."""
        told = self._asdict()
        for name, interval in (
            ("pledged", self.pledged),
            ("delivered", self.arrived.amount),
            ("gap", self.gap()),
        ):
            told[f"{name}_low"] = None if interval is None else interval.low
            told[f"{name}_high"] = None if interval is None else interval.high
        told["verified"] = self.arrived.verified
        told["claims"] = " ".join(sorted({*self.claims, *self.arrived.claims}))
        told["rows"] = " ".join(sorted(self.arrived.rows))
        return {name: told.get(name) for name in GAP}


class _On(NamedTuple):
    """What stands beside claims.

    Attributes:
        arrived: Rows that arrived, by the claim that they fill.
        split: Pledged rows, by the claim that they break down.
        against: Why a promise may not hold, by its claim.
    """

    arrived: Mapping[str, Sequence[Mapping[str, object]]]
    split: Mapping[str, Sequence[Mapping[str, object]]]
    against: Mapping[str, str]


def row_lines(register: Register, table: pl.DataFrame, *, day: date) -> list[Line]:
    """Return the lines of pledged rows.

    Args:
        register: The register.
        table: A `DELIVERY` table of all imports.
        day: What is done later does not count.
    """
    known = looked_up(register)
    rows = chained(table)
    told = (pl.col("stage") == STAGES[0]) & (pl.col("provision").fill_null("") != BUDGET)
    of = _by_root(rows, day)
    found = []
    for row in rows.filter(told).rows(named=True):
        counts = row["quantity"] is not None
        unit = row["unit"] if counts else row["currency"]
        amount = row["quantity"] if counts else row["value"]
        arrived = _arrived(of.get(row["id"], []), unit)
        claim = known.claims.get(row["of"] or "")
        line = Line(
            **{key: row[key] for key in ("id", "donor", "provision", "domain", "item", "due")},
            unit=unit,
            pledged=Interval(amount, amount),
            arrived=arrived._replace(rows=(row["id"], *arrived.rows)),
            hangs_on=_hangs_on(claim, row["provision"] or "", known),
            why=None,
            claims=() if claim is None else (claim.id,),
        )
        found.append(line)
    return found


def claim_lines(register: Register, table: pl.DataFrame, *, day: date) -> list[Line]:
    """Return the lines of promises that claims tell of, less what rows break down.

    Args:
        register: The register.
        table: A `DELIVERY` table of all imports.
        day: What is done later does not count.
    """
    known = looked_up(register)
    rows = chained(table)
    corrected = {each.id: _standing(each.id, known) for each in register.claims}
    rows = rows.with_columns(pl.col("root", "of").replace(corrected))
    split = rows.filter((pl.col("stage") == STAGES[0]) & pl.col("of").is_not_null())
    on = _On(
        arrived=_by_root(rows.filter(pl.col("root_kind") == CLAIM), day),
        split=_by(split.sort("id"), "of"),
        against=_refused(register, known),
    )
    promises = _grouped(known, (Relation.PLEDGED,))
    told = _grouped(known, (Relation.DELIVERED, Relation.VERIFIED_DELIVERED))
    found = (_claim_line(claims, told.get(key, []), on, known) for key, claims in promises.items())
    return [each for each in found if each is not None]


def gap_between(whole: Interval, part: Interval) -> Interval:
    """Return what is missing of a whole, at least and at most; never below 0."""
    low = _ZERO if part.high is None else max(_ZERO, whole.low - part.high)
    return Interval(low, None if whole.high is None else max(_ZERO, whole.high - part.low))


def _by_root(rows: pl.DataFrame, day: date) -> dict[str, list[dict[str, object]]]:
    """Return the rows that arrived up to a day, or were verified, by the promise they fill."""
    verified = pl.col("stage") == DeliveryStage.VERIFIED
    counted = (pl.col("arrived") | verified) & (pl.col("done") <= day)
    return _by(rows.filter(counted).sort("id"), "root")


def _by(rows: pl.DataFrame, column: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        found[row[column]].append(row)
    return found


def _standing(claim: str, known: Known) -> str:
    """Return the claim that stands in place of one, by id: itself, or the last that corrects it."""
    while claim in known.superseded:
        claim = known.superseded[claim]
    return claim


def _arrived(rows: Iterable[Mapping[str, object]], unit: str) -> Arrived:
    amount, verified, counted = _ZERO, _ZERO, []
    for row in rows:
        number = _amount(row, unit)
        if number is None:
            continue
        counted.append(str(row["id"]))
        amount += number if row["arrived"] else _ZERO
        verified += number if row["stage"] == DeliveryStage.VERIFIED else _ZERO
    return Arrived(Interval(amount, amount), verified, tuple(counted))


def _amount(row: Mapping[str, object], unit: str) -> Decimal | None:
    """Return the amount of a row in a unit or a currency, or None when it has none."""
    number = row["quantity"] if row["unit"] == unit else None
    if number is None and row["currency"] == unit:
        number = row["value"]
    return number if isinstance(number, Decimal) else None


def _grouped(known: Known, relations: Sequence[Relation]) -> dict[tuple[str, ...], list[Claim]]:
    """Return claims with a quantity by what they tell of: one promise may be told many times."""
    found: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in known.current():
        if claim.relation in relations and claim.quantity is not None:
            thing = (known.bound(claim), known.topic(claim.object), claim.domain)
            found[*thing, claim.quantity.unit, claim.quantity.scope].append(claim)
    return found


def _claim_line(
    claims: Sequence[Claim], told: Sequence[Claim], on: _On, known: Known
) -> Line | None:
    """Return the line of one promise, or None when rows break all of it down."""
    first = claims[0]
    unit = "" if first.quantity is None else first.quantity.unit
    pledged = _intervals(claims)
    whole = _widest(pledged)
    rows = [row for each in claims for row in on.arrived.get(each.id, ())]
    arrived = _arrived(rows, unit) if rows else _told(told)
    why = next((on.against[each.id] for each in claims if each.id in on.against), None)
    if len(pledged) > 1:
        why = "sources tell of different amounts of this promise"
    elif arrived.amount is None:
        why = "sources tell of different amounts that arrived"
    split = [row for each in claims for row in on.split.get(each.id, ())]
    if split:  # what claims say arrived is in the rows' own lines, if anywhere
        broken_down = sum((_amount(row, unit) or _ZERO for row in split), _ZERO)
        whole = gap_between(whole, Interval(broken_down, broken_down))
        arrived = _arrived(rows, unit)
        if whole.high == 0:
            return None
    return Line(
        id=first.id,
        donor=known.bound(first),
        provision=first.object,
        domain=first.domain,
        item=None,
        unit=unit,
        pledged=whole,
        arrived=arrived,
        due=None,
        hangs_on=_hangs_on(first, first.object, known),
        why=why,
        claims=tuple(each.id for each in claims),
    )


def _widest(told: Sequence[Interval]) -> Interval:
    """Return the interval from the least to the most that any source tells."""
    highs = [each.high for each in told if each.high is not None]
    return Interval(min(each.low for each in told), max(highs) if len(highs) == len(told) else None)


def _told(claims: Sequence[Claim]) -> Arrived:
    """Return what claims say arrived: the same thing told again is not added up."""
    delivered = _intervals([c for c in claims if c.relation is Relation.DELIVERED])
    verified = _intervals([c for c in claims if c.relation is Relation.VERIFIED_DELIVERED])
    ids = tuple(each.id for each in claims)
    seen = {1: verified[0].low if verified else _ZERO, 0: _ZERO}.get(len(verified))
    every = delivered or verified or [Interval(_ZERO, _ZERO)]
    return Arrived(every[0] if len(every) == 1 else None, seen, claims=ids)


def _intervals(claims: Iterable[Claim]) -> list[Interval]:
    """Return the intervals that claims give, each once."""
    found = (each.quantity for each in claims)
    return list(dict.fromkeys(Interval(each.low, each.high) for each in found if each is not None))


def _refused(register: Register, known: Known) -> dict[str, str]:
    """Return, of each promise that a refusal stands against, why it may not hold."""
    found: dict[str, str] = {}
    for each in contradictions(register):
        relations = {claim: known.claims[claim].relation for claim in each.claims}
        refusals = sorted(claim for claim, said in relations.items() if said in REFUSALS)
        if not refusals or each.preferred not in (None, *refusals):
            continue
        says = "goes before it" if each.preferred else "stands against it, and no rule prefers one"
        for claim in each.claims:
            if claim not in refusals:
                found.setdefault(claim, f"the refusal {refusals[0]} {says}")
    return found


def _hangs_on(claim: Claim | None, thing: str, known: Known) -> str | None:
    """Return the condition of a promise in words: its own, and that of its provision."""
    own = None if claim is None else claim.condition
    part = known.provisions.get(thing)
    of = (own, None if part is None else part.condition)
    words = dict.fromkeys(worded(each, known.atoms) for each in of if each is not None)
    return "; and ".join(words) or None
