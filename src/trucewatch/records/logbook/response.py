"""The response to a determination: which tier is in force, since when its clocks run or stand."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

EXERCISE = "EXERCISE"
MARKS = (EXERCISE,)
"""What an opening act may be marked as; null where it is meant. It stands first in every line."""

REVIEWS = ("upheld", "changed", "overturned")
"""What may become of a determination that is looked at again."""

RESPONSE = Machine(
    kind="response",
    text="the response to a determination",
    opening="started",
    acts={
        "started": Act(
            text="a determination starts it; the objects hold the determination",
            form={
                "determined": "instant",  # of the determination; all clocks run from it
                "found": "text",  # what was found
                "found_by": "text",  # who found it, by function
                "marked": "word?",  # EXERCISE, or null
                "party": "word?",  # whom it found responsible; null when it names nobody
                "register": "word",  # id of the register of commitments
                "standard": "text?",  # the standard of proof; null when it does not say
                "tier": "word",  # id of the register's tier
            },
            state="active",
            choices={"marked": MARKS},
        ),
        "tier_raised": Act(
            text="a higher tier is called; the note says why",
            form={"tier": "word"},
            before=("active",),
            state="active",
            needs_note=True,
        ),
        "reviewed": Act(
            text="the determination was looked at again",
            form={"outcome": "word", "said": "text"},  # one of REVIEWS
            before=("active", "suspended", "closed"),
            state="active",
            keeps=("active", "suspended", "closed"),
            choices={"outcome": REVIEWS},
        ),
        "suspended": Act(
            text="all clocks are stopped; the note says why",
            before=("active",),
            state="suspended",
            needs_note=True,
        ),
        "resumed": Act(
            text="the clocks run again",
            before=("suspended",),
            state="active",
            after=("suspended",),
        ),
        "deescalated": Act(
            text="a lower tier is enough; the note says why",
            form={"tier": "word"},
            before=("active", "suspended"),
            state="active",
            keeps=("suspended",),
            needs_note=True,
        ),
        "closed": Act(
            text="it is over; the note says why",
            before=("active", "suspended"),
            state="closed",
            needs_note=True,
        ),
    },
    over=("closed",),
    says=("{marked}: ", "{tier} upon what {found_by} found: {found}"),
)
