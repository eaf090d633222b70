"""How much is not known of ground, of incidents and of promises, in nats, so that looks compare.

Each is the entropy of what a look would settle: whether something happened unseen on a piece of
ground, whether an incident happened and what it was, whether a promise was kept. A look that sees
it settles all of it; what it would do with the answer is not weighed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

YES_OR_NO_NATS = float(np.log(2.0))
"""Of a question of which nothing is known, such as whether a duty was done."""
PRIOR_ACTS = 0.5
"""Acts that were seen before any was, as in the prior of Jeffreys."""


def binary_nats(chance_p: ArrayLike) -> Floats:
    """Return the entropy of whether something is so, in nats; 0 where it is known.

    Args:
        chance_p: That it is, any shape.

    Raises:
        BadInput: A value is none.
    """
    p = np.asarray(chance_p, np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise BadInput("chance", "is outside 0 to 1, expected a probability")
    safe = np.clip(p, 1e-300, 1.0)
    rest = np.clip(1 - p, 1e-300, 1.0)
    return np.asarray(np.maximum(-p * np.log(safe) - (1 - p) * np.log(rest), 0.0))


def incident_nats(real_p: float, class_p: Mapping[str, float]) -> float:
    """Return what is not known of an incident: whether it happened, and if so what it was.

    Args:
        real_p: That it happened.
        class_p: Of each class, given that it did.
    """
    each = np.array([p for p in class_p.values() if p > 0])
    kind = float(max(0.0, -(each * np.log(each)).sum())) if len(each) else 0.0
    return float(binary_nats(real_p)) + real_p * kind


def ground_nats(missed_km2_h: Floats, *, acts: int, covered_km2_h: float) -> Floats:
    """Return what is not known of pieces of ground: whether an act happened there unseen.

    The rate is that of all ground that was ever covered; where that was little, the prior makes it
    high, and unseen ground is worth more of a look.

    Args:
        missed_km2_h: Area times hours that were not covered of each piece, (n,).
        acts: Seen so far.
        covered_km2_h: Area times hours covered so far.

    Raises:
        BadInput: Nothing was covered, or a number is below 0.
    """
    if not covered_km2_h > 0 or acts < 0 or (missed_km2_h < 0).any():
        problem = f"has {acts} acts in {covered_km2_h:g} km2 h, must have some ground covered"
        raise BadInput("ground", problem)
    expected = missed_km2_h * (acts + PRIOR_ACTS) / covered_km2_h
    return binary_nats(-np.expm1(-expected))
