"""Whatever has an id in an agreement in plain words, and what else speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from trucewatch.agreement.words.bodies import body_words, means_words, remedy_words
from trucewatch.agreement.words.parties import party_words, term_words
from trucewatch.agreement.words.places import line_words, weapon_words, zone_words
from trucewatch.agreement.words.plain import listed, wrapped
from trucewatch.agreement.words.provided import (
    access_words,
    instrument_words,
    notice_words,
    object_list_words,
    sequence_words,
    window_words,
)
from trucewatch.agreement.words.rules import exemption_words, rule_words
from trucewatch.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule

    Words = Callable[[], Iterable[str]]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_Noun = TypeVar("_Noun", bound=_HasId)

Reference = tuple[str, str, str]
"""What kind of thing is spoken of, its id, and what speaks of it, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One thing that has an id.

    Attributes:
        id: Its id.
        sort: What it is, such as `exemption` or `window`.
        words: What the agreement says of it, in words, lines of at most 80 columns.
        spoken_of_by: What else in the agreement speaks of it, in words.
    """

    id: str
    sort: str
    words: tuple[str, ...]
    spoken_of_by: tuple[str, ...]


def tell(agreement: Agreement, asked: str) -> tuple[Named, ...]:
    """Return everything of that id; ids are apart within one sort only, so there may be several.

    Raises:
        NotFound: The agreement has nothing of that id.
    """
    every = list(_every(agreement))
    found = [(sort, words) for sort, name, words in every if name == asked]
    if not found:
        known = ", ".join(dict.fromkeys(name for _, name, _ in every)) or "none"
        raise NotFound(agreement.id, f"id is {asked}, must be one of: {known}")
    by = list(_references(agreement))
    return tuple(
        Named(
            id=asked,
            sort=sort,
            words=tuple(line for block in words() for line in block.splitlines()),
            spoken_of_by=tuple(
                dict.fromkeys(who for of, name, who in by if (of, name) == (sort, asked))
            ),
        )
        for sort, words in found
    )


def in_words(named: Named) -> str:
    """Return it as text of at most 80 columns, ending in a line feed."""
    by = "; ".join(named.spoken_of_by) or "nothing else"
    head = wrapped(f"{named.id} ({named.sort})", depth=0)
    return "\n".join([head, *named.words, wrapped(f"Spoken of by: {by}.")]) + "\n"


def _every(agreement: Agreement) -> Iterator[tuple[str, str, Words]]:
    """Yield the sort, the id and the words of everything that has an id, rules first."""
    provided, mechanism = agreement.provisions, agreement.mechanism
    yield from _each("rule", agreement.rules, partial(rule_words, agreement))
    yield from _each("exemption", agreement.exemptions, partial(exemption_words, agreement))
    yield from _each("window", provided.windows, window_words)
    yield from _each("notice", provided.notices, notice_words)
    yield from _each("sequence", provided.sequences, sequence_words)
    yield from _each("access", provided.access, access_words)
    yield from _each("zone", agreement.zones, zone_words)
    yield from _each("line", agreement.lines, line_words)
    yield from _each("weapon", agreement.weapons, partial(weapon_words, agreement))
    yield from _each("object list", provided.object_lists, object_list_words)
    yield from _each("party", agreement.parties, party_words)
    yield from _each("body", mechanism.bodies, body_words)
    yield from _each("means", mechanism.means, means_words)
    yield from _each("remedy", mechanism.remedies, remedy_words)
    yield from _each("text", provided.instruments, instrument_words)
    for term, definition in agreement.definitions.items():
        yield "term", term, partial(term_words, definition)


def _each(
    sort: str, nouns: Iterable[_Noun], words: Callable[[_Noun], Iterable[str]]
) -> Iterator[tuple[str, str, Words]]:
    for noun in nouns:
        yield sort, noun.id, partial(words, noun)


def _references(agreement: Agreement) -> Iterator[Reference]:
    """Yield whatever speaks of something else by its id."""
    for rule in agreement.rules:
        yield from _of_rule(agreement, rule)
    yield from _of_provisions(agreement)
    for zone in agreement.zones:
        yield from (("line", belt.line, f"zone {zone.id}") for belt in zone.belts)
    for means in agreement.mechanism.means:
        yield from (("zone", name, f"means {means.id}") for name in means.zones)
        yield from (("party", name, f"means {means.id}") for name in means.accepted_by)
    for body in agreement.mechanism.bodies:
        yield from (("party", seat.who, f"body {body.id}") for seat in body.members)
        yield "body", body.next, f"body {body.id}"
    for remedy in agreement.mechanism.remedies:
        yield from ((sort, remedy.by, f"remedy {remedy.id}") for sort in ("body", "party"))


def _of_rule(agreement: Agreement, rule: Rule) -> Iterator[Reference]:
    named = {
        "exemption": rule.exemptions,
        "window": (rule.window,),
        "notice": (rule.notice,),
        "sequence": (rule.sequence,),
        "zone": (rule.zone,),
        "weapon": rule.weapons,
        "object list": (rule.object_list,),
        "party": rule.who,
        "term": rule.terms,
    }
    for sort, names in named.items():
        yield from ((sort, name, f"rule {rule.id}") for name in names)
    if rule.kind == "silence_window" and not rule.window:
        for window in agreement.provisions.windows:
            yield "window", window.id, f"rule {rule.id}, which holds in every window"
    if rule.kind == "withdrawal_distance":
        for line in filter(None, map(agreement.datum, rule.who)):
            yield "line", line.id, f"rule {rule.id}"


def _of_provisions(agreement: Agreement) -> Iterator[Reference]:
    provided = agreement.provisions
    for window in provided.windows:
        yield "zone", window.zone, f"window {window.id}"
        yield from (("party", who, f"window {window.id}") for who in window.guarantees_from)
    for sequence in provided.sequences:
        yield "zone", sequence.zone, f"sequence {sequence.id}"
    for access in provided.access:
        yield "zone", access.zone, f"access {access.id}"
    for notice in provided.notices:
        for sort in ("body", "party"):
            yield from ((sort, who, f"notice {notice.id}") for who in notice.to)
        for exemption in agreement.exemptions:
            if exemption.activity == notice.activity:
                rules = [rule.id for rule in agreement.rules if exemption.id in rule.exemptions]
                by = f"exemption {exemption.id} from {listed(rules, none='no rule')}"
                yield "notice", notice.id, f"{by}, by the same activity"
                yield "exemption", exemption.id, f"notice {notice.id}, by the same activity"
    if provided.self_defence is not None:
        yield "exemption", provided.self_defence.exemption, "the clause on self-defence"
