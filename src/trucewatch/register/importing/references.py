"""What rows refer to: each must be there, come before it, be of the same donor and unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.claims.delivery import NOT_SAID, STAGES
from trucewatch.register.importing.against import Promise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trucewatch.register.importing.against import Against
    from trucewatch.register.importing.entry import Entry

Fault = tuple[int, str, str]
"""Row, field and reason."""


def faults(entries: Sequence[Entry], refused: Iterable[int], known: Against) -> Iterator[Fault]:
    """Yield what is wrong with what rows refer to.

    A row that fills a refused row is refused too: it would hang on nothing.

    Args:
        entries: The rows of the file.
        refused: Numbers of rows that are refused already.
        known: What they may refer to.
    """
    first: dict[str, int] = {}
    bad = set(refused)
    for entry in entries:
        for fault in _own(entry, first, known):
            bad.add(entry.number)
            yield fault
    rows = {e.word("id"): e for e in entries if first.get(e.word("id")) == e.number}
    yield from _referred(entries, rows, bad, known)


def _referred(
    entries: Sequence[Entry], rows: dict[str, Entry], bad: set[int], known: Against
) -> Iterator[Fault]:
    """Yield faults of what rows refer to, again until no more rows fall with those they need."""
    split = known.split | {e.word("of") for e in entries if e.word("stage") == STAGES[0]}
    told: set[tuple[int, str]] = set()
    before = -1
    while before < len(bad):
        before = len(bad)
        corrected: set[str] = set()
        for entry in entries:
            found = [*_filled(entry, rows, bad, known), *_broken_down(entry, split, known)]
            found += [*_paid(entry, rows, bad, known)]
            found += [*_corrected(entry, rows, bad, corrected, known)]
            for field, reason in found:
                if field not in entry.wrong and (entry.number, field) not in told:
                    told.add((entry.number, field))
                    bad.add(entry.number)
                    yield entry.number, field, reason


def _own(entry: Entry, first: dict[str, int], known: Against) -> Iterator[Fault]:
    """Yield names that the register does not know, and an id that is taken."""
    lists = {"donor": known.actors, "recipient": known.actors, "domain": known.domains}
    for field, names in (lists | {"provision": known.provisions}).items():
        if entry.word(field) and entry.word(field) not in names:
            reason = f"is {entry.word(field)!r}, which the register does not declare"
            yield entry.number, field, reason
    name = entry.word("id")
    if not name:
        return
    row = first.setdefault(name, entry.number)
    if row != entry.number:
        yield entry.number, "id", f"is {name!r}, which row {row} has already"
    elif name in known.earlier:
        yield entry.number, "id", f"is {name!r}, which an earlier import has already"
    elif name in known.claims or name == NOT_SAID:
        yield entry.number, "id", f"is {name!r}, which is the id of a claim or a word of its own"


def _filled(
    entry: Entry, rows: dict[str, Entry], bad: set[int], known: Against
) -> Iterator[tuple[str, str]]:
    name, stage = entry.word("of"), entry.word("stage")
    if not name or not stage or (name == NOT_SAID and stage != STAGES[0]):
        return
    promise = known.promises.get(name) or known.earlier.get(name)
    if promise is None and name in rows:
        if rows[name].number in bad:
            yield "of", f"is {name!r}, which is row {rows[name].number} and is refused"
            return
        promise = _promise(rows[name])
    if promise is None:
        yield "of", f"is {name!r}, must be an earlier row or a claim of a pledge or an offer"
    elif promise.rank >= STAGES.index(stage):
        yield "of", f"is {name!r}, which is {STAGES[promise.rank]}, must be before {stage}"
    elif entry.word("donor") not in promise.donors:
        yield "donor", f"is {entry.word('donor')!r}, must be who promised {name!r}"
    else:
        yield from _measured(entry, promise, name)


def _measured(entry: Entry, promise: Promise, name: str) -> Iterator[tuple[str, str]]:
    """Yield that a row counts something else than what it fills."""
    unit, currency = entry.word("unit"), entry.word("currency")
    if promise.rank < 0 and promise.quantity_in == currency != "":
        return  # a claim has its currency for a unit
    if promise.quantity_in and unit != promise.quantity_in:
        yield "unit", f"is {unit!r}, must be {promise.quantity_in!r} as in {name!r}"
    elif not promise.quantity_in and promise.value_in and currency != promise.value_in:
        yield "currency", f"is {currency!r}, must be {promise.value_in!r} as in {name!r}"


def _broken_down(entry: Entry, split: frozenset[str], known: Against) -> Iterator[tuple[str, str]]:
    name, stage = entry.word("of"), entry.word("stage")
    if stage and stage != STAGES[0] and name in split and name in known.promises:
        yield "of", f"is the claim {name!r}, which pledged rows break down, must be one of those"


def _paid(
    entry: Entry, rows: dict[str, Entry], bad: set[int], known: Against
) -> Iterator[tuple[str, str]]:
    name = entry.word("paid_by")
    if not name or name in known.earlier:
        return
    if name not in rows or name == entry.word("id"):
        yield "paid_by", f"is {name!r}, must be another row"
    elif rows[name].number in bad:
        yield "paid_by", f"is {name!r}, which is row {rows[name].number} and is refused"


def _corrected(
    entry: Entry, rows: dict[str, Entry], bad: set[int], corrected: set[str], known: Against
) -> Iterator[tuple[str, str]]:
    name = entry.word("supersedes")
    if not name:
        return
    before = known.earlier.get(name) or (_promise(rows[name]) if name in rows else None)
    if before is None or name == entry.word("id"):
        yield "supersedes", f"is {name!r}, must be another row"
    elif name in rows and rows[name].number in bad:
        yield "supersedes", f"is {name!r}, which is row {rows[name].number} and is refused"
    elif name in known.corrected or name in corrected:
        yield "supersedes", f"is {name!r}, which is superseded already, must be the latest"
    elif before != _promise(entry):
        same = "must be of the same donor, stage, unit and currency"
        yield "supersedes", f"is {name!r}, {same}"
    corrected.add(name)


def _promise(entry: Entry) -> Promise:
    stage = entry.word("stage")
    rank = STAGES.index(stage) if stage else len(STAGES)
    unit, currency = entry.word("unit"), entry.word("currency")
    return Promise(frozenset({entry.word("donor")}), rank, unit, currency)
