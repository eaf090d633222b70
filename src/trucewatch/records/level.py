"""Who may see something: the five levels of the Traffic Light Protocol 2.0."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """Release level of an object; only CLEAR objects are stored unencrypted.

    Source: FIRST, Traffic Light Protocol 2.0, label names.
    """

    CLEAR = "CLEAR"
    GREEN = "GREEN"
    AMBER = "AMBER"
    AMBER_STRICT = "AMBER+STRICT"
    RED = "RED"
