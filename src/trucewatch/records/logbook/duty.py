"""A duty that was asked for: reported as done, verified, or not."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

_OPEN = ("asked", "reported", "not_done", "paused")

DUTY = Machine(
    kind="duty",
    text="a duty of a party under a rule",
    opening="asked",
    acts={
        "asked": Act(
            text="it was asked for; the deadline runs from this act",
            form={"about": "text", "party": "word", "rule": "word"},
            state="asked",
        ),
        "reported": Act(
            text="the party says that it is done",
            form={"party": "word"},
            before=_OPEN,
            state="reported",
        ),
        "verified": Act(
            text="monitors saw that it is done",
            form={"asset": "text"},
            before=_OPEN,
            state="verified",
        ),
        "not_done": Act(
            text="monitors saw that it is not done",
            form={"asset": "text"},
            before=_OPEN,
            state="not_done",
        ),
        "paused": Act(
            text="the clock is stopped; the note says why",
            before=("asked", "reported", "not_done"),
            state="paused",
        ),
        "resumed": Act(
            text="the clock runs again", before=("paused",), state="asked", after=("paused",)
        ),
        "cancelled": Act(text="it is no longer asked for", before=_OPEN, state="cancelled"),
    },
    over=("verified", "cancelled"),
    says="{rule} of {party}: {about}",
)
