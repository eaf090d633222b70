"""A window of silence, so that somebody can work: requested, guaranteed by each side, kept."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

_ASKED = ("requested", "guarantees_requested", "guaranteed")

WINDOW = Machine(
    kind="window",
    text="a window of silence around a place",
    opening="requested",
    acts={
        "requested": Act(
            text="somebody asks for silence around a place",
            form={
                "activity": "word",  # repair, evacuation, harvest, recovery
                "crew": "count?",  # people at work; null when not said
                "end": "instant",
                "guarantees_from": "ids",  # of parties; at least one
                "place": "place",
                "provision": "word?",  # id of the agreement's window, if it is one
                "radius_m": "number",
                "site": "text",
                "start": "instant",
            },
            state="requested",
            some=("guarantees_from", "radius_m"),
        ),
        "guarantee_requested": Act(
            text="a party was asked for its guarantee",
            form={"party": "word"},
            before=("requested", "guarantees_requested"),
            state="guarantees_requested",
            party_of="guarantees_from",
        ),
        "guaranteed": Act(
            text="a party gave its guarantee",
            form={"guarantor": "text", "party": "word"},  # who gave it, by function
            before=_ASKED,
            state="guaranteed",
            each_of="guarantees_from",
            party_of="guarantees_from",
        ),
        "refused": Act(
            text="a party refused, or took its guarantee back",
            form={"party": "word"},
            before=(*_ASKED, "refused", "active", "breached"),
            state="refused",
            party_of="guarantees_from",
        ),
        "started": Act(
            text="work began",
            before=("guaranteed", "breached"),
            state="active",
            keeps=("breached",),
        ),
        "breached": Act(
            text="silence was broken; the incident is named",
            form={"incident": "word"},
            before=("guaranteed", "active", "breached", "completed", "refused", "cancelled"),
            state="breached",
            keeps=("completed", "refused", "cancelled"),
        ),
        "completed": Act(
            text="work is done and everybody is away",
            before=("active", "breached"),
            state="completed",
            after=("started",),
        ),
        "cancelled": Act(
            text="it will not take place, or was broken off; the note says why",
            form={"party": "word?"},  # who called it off; null when the mission did
            before=(*_ASKED, "refused", "active", "breached"),
            state="cancelled",
            needs_note=True,
        ),
    },
    over=("refused", "completed", "cancelled"),
    says=("{activity} at {site}: silence within {radius_m} m, {start} to {end}",),
)
