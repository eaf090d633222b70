"""A visit of a declared site: what was planned, counted, or denied."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

VISIT = Machine(
    kind="visit",
    text="a visit of a site",
    opening="planned",
    acts={
        "planned": Act(
            text="a visit is planned",
            form={
                "due": "instant",  # not before the plan itself
                "follows": "count?",  # entry of the visit that left something open
                "place": "place",
                "site": "word",
                "weapons": "ids",  # categories to be counted; empty for none
            },
            state="planned",
        ),
        "visited": Act(
            text="monitors were there and counted",
            form={
                "closed_parts": "texts",  # halls and yards that were denied; empty for none
                "seen": "counts",  # number by category of weapons
                "serials": "texts",  # serial numbers read; may be empty
            },
            before=("planned",),
            state="visited",
        ),
        "denied": Act(
            text="access was denied", form={"said": "text?"}, before=("planned",), state="denied"
        ),
        "not_accessible": Act(
            text="it could not be reached; the note says why",
            before=("planned",),
            state="not_accessible",
            needs_note=True,
        ),
        "abandoned": Act(
            text="the site was found abandoned", before=("planned",), state="abandoned"
        ),
        "cancelled": Act(
            text="it will not take place; the note says why",
            form={"party": "word?"},  # who called it off; null when the mission did
            before=("planned",),
            state="cancelled",
            needs_note=True,
        ),
    },
    over=("visited", "denied", "not_accessible", "abandoned", "cancelled"),
    says=("{site}, due {due}",),
)
