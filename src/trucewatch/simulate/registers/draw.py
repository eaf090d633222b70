"""An invented register, and what is known of it beforehand.

It is made of nouns alone, without the code that finds contradictions: each is planted about a
thing of its own, by the meaning of the classes, so that whatever else is found is a false alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.simulate.registers.consistent import CONSISTENT
from trucewatch.simulate.registers.desk import Desk
from trucewatch.simulate.registers.planted import PLANTS

if TYPE_CHECKING:
    from trucewatch.records.claims.register import Register
    from trucewatch.simulate.registers.planted import Planted


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """A register and its truth.

    Attributes:
        register: The register.
        planted: Every contradiction in it.
        consistent: Pairs of claims that do not contradict each other, by id.
    """

    register: Register
    planted: tuple[Planted, ...]
    consistent: tuple[tuple[str, str], ...]


def draw(seed: int, *, rounds: int = 3, consistent: int = 50) -> Invented:
    """Return an invented register.

    Args:
        seed: Of the random numbers.
        rounds: How many contradictions of each rule are planted.
        consistent: How many pairs that are none are written.
    """
    desk = Desk(np.random.default_rng(seed))
    planted = [plant(desk) for _ in range(rounds) for plant in PLANTS]
    pairs = [CONSISTENT[at % len(CONSISTENT)](desk) for at in range(consistent)]
    return Invented(
        register=desk.register(f"invented-{seed}"),
        planted=tuple(planted),
        consistent=tuple(pairs),
    )
