"""On what a promise hangs: atoms that a register declares, joined by all and any."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class ConditionKind(StrEnum):
    """What an atom is about."""

    CEASEFIRE = "ceasefire"  # a ceasefire is in force
    PEACE = "peace"  # a peace agreement is
    REQUEST = "request"  # the host asks for it
    PARLIAMENT = "parliament"  # a parliament consents
    BACKSTOP = "backstop"  # another supports it
    ATTACK = "attack"  # the host is attacked again
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One thing that is the case, is not, or is not known.

    Attributes:
        id: How conditions name it.
        kind: What it is about.
        text: In words.
        of: The actor whose step it is, by id, or "".
    """

    id: str
    kind: ConditionKind
    text: str
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Holds when each part does."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Any:
    """Holds when one part does."""

    of: tuple[Condition, ...]


Condition: TypeAlias = "str | All | Any"
"""The id of an atom, or several joined."""
