"""How two claims that exclude each other differ besides, and what must be said of them for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from trucewatch.records.claims.claim import Basis
from trucewatch.simulate.registers.desk import NEWS, OFFICIAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.simulate.registers.desk import Desk


class Trait(NamedTuple):
    """One way.

    Attributes:
        kind: The class that two claims without a quantity must get.
        first: Fields of the first claim.
        second: Fields of the second one, which must be preferred, if any is.
        prefers: Whether one must be.
        newer: Whether the second is the later word of one speaker.
    """

    kind: str
    first: dict[str, Any]
    second: dict[str, Any]
    prefers: bool = True
    newer: bool = False


def draft_and_final(desk: Desk) -> Trait:
    """One goes by a draft, one by the final text; whichever is the later, or better graded."""
    one, other = desk.two([*NEWS, *OFFICIAL])
    return Trait(
        "draft_against_final",
        {"source": one, "basis": Basis.DRAFT_TEXT},
        {"source": other, "basis": Basis.FINAL_TEXT},
    )


def one_outlet(desk: Desk) -> Trait:
    """One outlet says one thing, and later another."""
    source = desk.pick(NEWS)
    return _later(desk, {"source": source}, {"source": source})


def one_voice(desk: Desk) -> Trait:
    """Two outlets have it from one voice: through another outlet, or in other letters."""
    one, other = desk.two(NEWS)
    name = desk.pick(("Vigil Monitor", "State S03", "Person P05"))
    return _later(
        desk,
        {"source": one, "chain": (name,)},
        {"source": other, "chain": ("Wire", name.upper())},
    )


def own_words(desk: Desk) -> Trait:
    """The subject, an actor, says one thing, and later another."""
    one, other = desk.two(NEWS)
    return _later(
        desk,
        {"source": one, "basis": Basis.OWN_WORDS},
        {"source": other, "basis": Basis.OWN_WORDS, "chain": ("Wire",)},
    )


def official_text(desk: Desk) -> Trait:
    """One stands in an official text; the other may be in the subject's own words."""
    basis = desk.pick((Basis.OWN_WORDS, Basis.WORDS_OF_OTHERS, Basis.NOT_SAID))
    return Trait(
        "genuine_conflict",
        {"source": desk.pick((*NEWS, "speech", "opinion")), "basis": basis},
        {"source": desk.pick(OFFICIAL)},
    )


def word_of_subject(desk: Desk) -> Trait:
    """One is in the subject's own words, the other in words of others, whatever the grades."""
    one, other = desk.two(NEWS)
    basis = desk.pick((Basis.WORDS_OF_OTHERS, Basis.NOT_SAID))
    return Trait(
        "genuine_conflict",
        {"source": one, "basis": basis},
        {"source": other, "basis": Basis.OWN_WORDS},
    )


def better_grade(desk: Desk) -> Trait:
    """One is graded better by two steps or more."""
    one, other = desk.two(NEWS)
    grades = (("B4", "B2"), ("D3", "B3"), ("C3", "B2"), ("F6", "A1"), ("B5", "C2"))
    worse, better = desk.pick(grades)
    return Trait(
        "genuine_conflict", {"source": one, "grade": worse}, {"source": other, "grade": better}
    )


def nothing(desk: Desk) -> Trait:
    """Nothing tells them apart; two texts without a named outlet are not one speaker."""
    pairs = (desk.two(NEWS), desk.two(OFFICIAL), ("nameless-1", "nameless-2"))
    one, other = desk.pick(pairs)
    grade, near = desk.pick((("B2", "B2"), ("B2", "B3"), ("C2", "B2"), ("A3", "B2"), ("A5", "C4")))
    return Trait(
        "unresolved",
        {"source": one, "grade": grade},
        {"source": other, "grade": near},
        prefers=False,
    )


TRAITS: tuple[Callable[[Desk], Trait], ...] = (
    draft_and_final,
    one_outlet,
    one_voice,
    official_text,
    word_of_subject,
    better_grade,
    nothing,
)
"""All but `own_words`, which needs an actor for a subject."""


def _later(desk: Desk, first: dict[str, Any], second: dict[str, Any]) -> Trait:
    day = desk.day()
    then = day + timedelta(days=int(desk.rng.integers(1, 20)))
    return Trait("newer", first | {"said_on": day}, second | {"said_on": then}, newer=True)
