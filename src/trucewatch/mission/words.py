"""Whether an act of the logbook speaks of what its form and the agreement in force know.

A misspelt party would give a guarantee that no rule ever finds. It is looked at once, when an act
is entered: the agreement may change, and the log keeps what was entered under the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.logbook.kinds import MACHINES

if TYPE_CHECKING:
    from collections.abc import Collection

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.reading import Entered

MISSION = "mission"
"""Stands for the mission itself where a participant is named."""


def check_words(entered: Entered, agreement: Agreement) -> None:
    """Check the words of an act.

    Raises:
        BadInput: A word is none of those that its form lists, or names no participant, rule,
            category of weapons or window of the agreement.
    """
    where = f"entry {entered.step.entry}"
    act = MACHINES[entered.kind].acts.get(entered.step.act)
    choices = {} if act is None else act.choices
    among: dict[str, Collection[str]] = {**_known(agreement), **choices}
    for member, value in entered.step.detail.items():
        if member not in among:
            continue
        for word in _words(value):
            if word not in among[member]:
                known = ", ".join(among[member]) or "none: the agreement in force names none"
                raise BadInput(where, f"{member} is {word!r}, expected one of {known}")


def _known(agreement: Agreement) -> dict[str, Collection[str]]:
    parties = [party.id for party in agreement.parties]
    known: dict[str, Collection[str]] = {
        "guarantees_from": parties,
        "party": [*parties, MISSION],
        "provision": [window.id for window in agreement.provisions.windows],
        "rule": [rule.id for rule in agreement.rules],
    }
    if agreement.weapons:  # a text without categories leaves the words to the mission
        categories = [weapon.id for weapon in agreement.weapons]
        known |= {"weapons": categories, "seen": categories}
    return known


def _words(value: Json) -> list[str]:
    if isinstance(value, dict | list):
        return [str(each) for each in value]
    return [] if value is None else [str(value)]
