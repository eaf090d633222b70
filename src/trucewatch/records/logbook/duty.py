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
            text="the party whose duty it is says that it is done",
            form={"party": "word"},
            before=_OPEN,
            state="reported",
            party_of="party",
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
            form={"party": "word?"},  # who stopped it; null when the mission did
            before=("asked", "reported", "not_done"),
            state="paused",
            needs_note=True,
        ),
        "resumed": Act(
            text="the clock runs again",
            before=("paused", "reported", "not_done"),
            state="asked",
            keeps=("reported", "not_done"),
            after=("paused",),
            ends="paused",
        ),
        "cancelled": Act(
            text="it is no longer asked for; the note says why",
            form={"party": "word?"},  # who no longer asks; null when the mission does not
            before=_OPEN,
            state="cancelled",
            needs_note=True,
        ),
    },
    over=("verified", "cancelled"),
    says=("{rule} of {party}: {about}",),
)
