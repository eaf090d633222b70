"""Two claims that do not go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.records.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two of them, and what they both answer.

    Attributes:
        question: What they answer: a rule and ids, joined by `/`.
        first: One claim.
        second: The other, of the greater id.
        text: What each says, in words.
        quantities: Whether they give two quantities.
        comparable: Whether they can be compared: false for quantities of two scopes.
        follows: The claim that tells of a later stage on a later day, by id, or "".
    """

    question: str
    first: Claim
    second: Claim
    text: str
    quantities: bool = False
    comparable: bool = True
    follows: str = ""


def in_order(one: Claim, other: Claim) -> tuple[Claim, Claim]:
    """Return two claims by id."""
    return (one, other) if one.id < other.id else (other, one)


def same_domain(one: Claim, other: Claim) -> bool:
    """Tell whether two claims may be of one domain; without a domain a claim is of all."""
    return one.domain == other.domain or not (one.domain and other.domain)
