"""Monitors hindered: denied, delayed, jammed, shot at; to the minute, reasons word by word."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

HINDRANCES = {
    "denial": "access denied",
    "delay": "access delayed",
    "conditional": "access on a condition",
    "jamming": "navigation or link of an asset jammed",
    "fire_at_asset": "fire at a patrol or an asset",
    "mines_uxo": "mines or unexploded ordnance",
    "communications": "communications cut",
    "sensor_damaged": "a sensor damaged, removed or blinded",
    "detention": "monitors detained",
}
"""Kinds of hindrance; the names enter statements and never change."""

_OPEN = ("encountered", "reported", "raised", "explained", "persistent")

RESTRICTION = Machine(
    kind="restriction",
    text="monitors hindered in their movement or their means",
    opening="encountered",
    acts={
        "encountered": Act(
            text="monitors met it",
            form={
                "asset": "text",  # which patrol, aircraft or sensor
                "hindrance": "word",  # one of HINDRANCES
                "people": "count?",  # size of the patrol; null when not said
                "place": "place",
                "planned": "text?",  # the inspection or flight that it hindered
                "present": "text?",  # who held the place, as seen; attributes nothing
                "radius_m": "number",  # ground that could not be observed for it
                "said": "text?",  # the reason that was given, word by word; null when none was
                "sensor": "text?",  # id of the sensor whose coverage it cost
            },
            state="encountered",
            choices={"hindrance": HINDRANCES},
        ),
        "reported": Act(
            text="it was reported",
            before=(*_OPEN, "lifted"),
            state="reported",
            keeps=("raised", "explained", "persistent", "lifted"),
        ),
        "raised": Act(
            text="it was raised with a party",
            form={"party": "word"},
            before=(*_OPEN, "lifted"),
            state="raised",
            keeps=("lifted",),
        ),
        "explained": Act(
            text="a party explained it",
            form={"party": "word", "said": "text"},
            before=(*_OPEN, "lifted"),
            state="explained",
            keeps=("lifted",),
        ),
        "persistent": Act(text="it lasts", before=_OPEN, state="persistent"),
        "lifted": Act(text="it ended; the time is that of this act", before=_OPEN, state="lifted"),
    },
    over=("lifted",),
    says=("{hindrance} of {asset}", ", which hindered {planned}"),
)
