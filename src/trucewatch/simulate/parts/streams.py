"""Random sub-streams of one seed, so that a change to one part leaves the others as they were."""

from __future__ import annotations

import numpy as np

STREAMS = (
    "acts",
    "ordinary",
    "fires",
    "sky",
    "pixels",
    "false alarms",
    "press",
    "watched acts",
    "watch rows",
    "sightings",
    "spot reports",
)
"""Every stream there is; new ones go at the end, because the place in this list is the sub-seed."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one part of a world.

    Example:
        >>> stream(1, "acts").random() == stream(1, "sky").random()
        False
    """
    return np.random.default_rng([seed, STREAMS.index(name)])
