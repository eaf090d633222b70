"""Who would contribute what: each state against each kind of contribution, with its sources."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.claims.actor import ActorKind
from trucewatch.records.claims.claim import Relation
from trucewatch.register.known import cited
from trucewatch.register.questions.stances import PROMISES, REFUSALS
from trucewatch.register.total import worded as amount_words
from trucewatch.serve.nav import N_
from trucewatch.serve.pages._register_seen import arrived_of
from trucewatch.serve.pages._register_words import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from trucewatch.records.claims.actor import Actor
    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.known import Known
    from trucewatch.serve.pages._register_seen import Seen

_ARRIVED = (Relation.DELIVERED, Relation.VERIFIED_DELIVERED)
_SHOWN = (
    Relation.PLEDGED,
    Relation.OFFERED,
    Relation.ASSIGNED,
    *REFUSALS,
    Relation.LIMITS,
    Relation.READY,
)
"""Relations of a cell, in the order in which they stand in it."""
_NO_DOMAIN = ""
_KINDS = (ActorKind.STATE, ActorKind.ORGANISATION, ActorKind.GROUP, ActorKind.BODY)
LEGEND = (
    (N_("pledged"), "co"),
    (N_("stated by others"), "half"),
    (N_("could, offered"), "un"),
    (N_("refused"), "no"),
    (N_("sources differ"), "ne"),
)
"""What the marks mean: message and glyph."""


class Entry(NamedTuple):
    """One relation within a cell.

    Attributes:
        text: Of the relation: a message.
        glyph: Its mark.
        amounts: How much, each amount once, in the register's words.
        cites: Where it was read, and the claim.
    """

    text: str
    glyph: str
    amounts: tuple[str, ...]
    cites: tuple[tuple[str, str], ...]


class Cell(NamedTuple):
    """One cell: what sources say, and whether they differ."""

    entries: tuple[Entry, ...]
    differ: bool


class Row(NamedTuple):
    """One actor: a cell for each column, and what arrived."""

    actor: Actor
    cells: tuple[Cell, ...]
    arrived: tuple[Entry, ...]
    sums: tuple[str, ...]


class Matrix(NamedTuple):
    """The table.

    Attributes:
        columns: Kinds of contribution: id and the register's words; "" for none named.
        rows: Actors of whom something is found, by kind and name.
        nothing: Actors, states and organisations alone, of whom nothing is found.
        looked_n: How many sources were looked at.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    nothing: tuple[Actor, ...]
    looked_n: int


def matrix(seen: Seen) -> Matrix:
    """Return the table of a register."""
    known = seen.known
    cells: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    arrived: dict[str, list[Claim]] = defaultdict(list)
    for claim in known.current():
        if claim.relation in _ARRIVED:
            arrived[known.bound(claim)].append(claim)
        elif claim.relation in _SHOWN and _is_contribution(claim, known):
            cells[known.bound(claim), claim.domain].append(claim)
    columns = dict(seen.register.domains)
    if any(domain == _NO_DOMAIN for _, domain in cells):
        columns[_NO_DOMAIN] = ""
    differing = set(_differing(seen))
    sums = arrived_of(seen)
    rows, nothing = [], []
    for actor in _actors(known):
        mine = [_cell(cells.get((actor.id, each), ()), differing) for each in columns]
        came = tuple(_entries(arrived.get(actor.id, ())))
        if any(each.entries for each in mine) or came or actor.id in sums:
            rows.append(Row(actor, tuple(mine), came, sums.get(actor.id, ())))
        elif actor.kind in _KINDS[:2]:
            nothing.append(actor)
    return Matrix(tuple(columns.items()), tuple(rows), tuple(nothing), len(seen.sources))


def _actors(known: Known) -> list[Actor]:
    found = [each for each in known.actors.values() if each.kind in _KINDS]
    return sorted(found, key=lambda each: (_KINDS.index(each.kind), each.name))


def _is_contribution(claim: Claim, known: Known) -> bool:
    """Tell whether it is on a contribution: of a domain, or to what a provision is about."""
    topics = {each.topic for each in known.provisions.values()}
    return bool(claim.domain) or known.topic(claim.object) in topics


def _differing(seen: Seen) -> Iterator[str]:
    for each in seen.disputes:
        if each.question.startswith("contribution/"):
            yield from each.claims


def _cell(claims: Sequence[Claim], differing: Collection[str]) -> Cell:
    yes = any(each.relation in PROMISES for each in claims)
    no = any(each.relation in REFUSALS for each in claims)
    against = any(each.id in differing for each in claims)
    return Cell(tuple(_entries(claims)), differ=(yes and no) or against)


def _entries(claims: Sequence[Claim]) -> Iterator[Entry]:
    for relation in (*_SHOWN, *_ARRIVED):
        mine = [each for each in claims if each.relation is relation]
        if mine:
            text, glyph = RELATIONS[relation]
            amounts = [amount_words(c.quantity) for c in mine if c.quantity is not None]
            cites = dict.fromkeys((cited(each), each.id) for each in mine)
            yield Entry(text, glyph, tuple(dict.fromkeys(amounts)), tuple(cites))
