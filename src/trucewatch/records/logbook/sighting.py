"""Something that is there: forces, a weapon, a post, a minefield; from when to when."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

MATTERS = ("forces", "hardware", "weapon", "post", "minefield")
"""What may be seen; `agreement.kinds.SEEN` says what each means."""

SIGHTING = Machine(
    kind="sighting",
    text="something seen that stands or stays",
    opening="seen",
    acts={
        "seen": Act(
            text="monitors saw it; the time is that of this act",
            form={
                "asset": "text",  # who or what saw it
                "matter": "word",  # one of MATTERS
                "name": "text?",  # how the mission calls the place or the thing
                "number_max": "count?",  # null when open; 0 is `gone`
                "number_min": "count",
                "place": "place",
                "weapons": "shares",  # probability by category; empty when it is no weapon
            },
            state="standing",
            choices={"matter": MATTERS},
        ),
        "seen_again": Act(
            text="it is still there",
            form={"asset": "text", "number_max": "count?", "number_min": "count", "place": "place"},
            before=("standing", "gone"),
            state="standing",
            after=("seen_again", "gone"),
        ),
        "gone": Act(
            text="monitors saw that it is no longer there",
            form={"asset": "text"},
            before=("standing",),
            state="gone",
            after=("seen_again",),
        ),
    },
    over=("gone",),
    says=("{matter} seen by {asset}, at least {number_min}", " {name}"),
)
