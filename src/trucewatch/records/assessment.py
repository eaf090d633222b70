"""The outcomes of setting an incident against a rule; none of them names a party."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What software may say of an incident and a rule; a breach is found by people only."""

    NO_RULE = "no_rule"
    CONSISTENT = "consistent"
    EXEMPT = "exempt"
    POTENTIAL_BREACH = "potential_breach"
    BREACH_ON_ITS_FACE = "breach_on_its_face"
    INDETERMINATE = "indeterminate"


class Missing(StrEnum):
    """Why an assessment is indeterminate."""

    LOCATION = "location"
    TIME = "time"
    WEAPON = "weapon"
    BASELINE = "baseline"
    DEFINITION = "definition"
    ALTITUDE = "altitude"
    OBSERVATION = "observation"  # nobody looked, or nobody could
    OBJECT_LIST = "object_list"  # the holder of a confidential list has not answered
