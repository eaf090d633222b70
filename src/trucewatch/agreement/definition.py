"""What a word of an agreement means, or that the parties never said so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Clarity(StrEnum):
    """Whether the parties agree on the meaning of a term."""

    DEFINED = "defined"
    UNDEFINED = "undefined"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One term.

    Attributes:
        term: The word or phrase.
        state: Whether its meaning is agreed; a rule that rests on any other state cannot be
            decided by software.
        text: The meaning, or what is missing or disputed.
        readings: What each party takes it to mean, by the party's id, where they differ.
    """

    term: str
    state: Clarity
    text: str
    readings: tuple[tuple[str, str], ...] = ()
