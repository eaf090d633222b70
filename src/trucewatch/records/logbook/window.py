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
                "guarantees_from": "ids",  # of parties
                "place": "place",
                "provision": "text?",  # id of the agreement's window, if it is one
                "radius_m": "number",
                "site": "text",
                "start": "instant",
            },
            state="requested",
        ),
        "guarantee_requested": Act(
            text="a party was asked for its guarantee",
            form={"party": "word"},
            before=("requested", "guarantees_requested"),
            state="guarantees_requested",
        ),
        "guaranteed": Act(
            text="a party gave its guarantee",
            form={"guarantor": "text", "party": "word"},  # who gave it, by function
            before=_ASKED,
            state="guaranteed",
            each_of="guarantees_from",
        ),
        "refused": Act(
            text="a party refused", form={"party": "word"}, before=_ASKED, state="refused"
        ),
        "started": Act(text="work began", before=("guaranteed",), state="active"),
        "breached": Act(
            text="silence was broken; the incident is named",
            form={"incident": "text"},
            before=("guaranteed", "active", "breached", "completed"),
            state="breached",
        ),
        "completed": Act(
            text="work is done and everybody is away",
            before=("active", "breached"),
            state="completed",
            after=("started",),
        ),
        "cancelled": Act(
            text="it will not take place, or was broken off",
            before=(*_ASKED, "refused", "active", "breached"),
            state="cancelled",
        ),
    },
    over=("refused", "completed", "cancelled"),
    says="{activity} at {site}: silence within {radius_m} m, {start} to {end}",
)
