"""What sources say of a thing, and which answers exclude each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Answers(StrEnum):
    """How many answers may hold at once."""

    ONE = "one"  # two different answers contradict each other
    ORDERED = "ordered"  # stages: a later one may follow an earlier one in time
    MANY = "many"  # several may hold together


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One question that sources answer.

    Attributes:
        id: How claims name it, such as `legal_force`.
        text: The question, in words.
        answers: How many may hold at once.
        values: Each answer and what it means; in order for stages.
        within: Of an answer, the wider answers that contain it, so that the two agree; such as a
            place in a larger one. Transitive.
    """

    id: str
    text: str
    answers: Answers
    values: Mapping[str, str]
    within: Mapping[str, tuple[str, ...]]
