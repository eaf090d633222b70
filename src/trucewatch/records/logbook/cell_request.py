"""A request of the coordination cell for information, and what the cell decided upon it."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine
from trucewatch.records.logbook.response import MARKS

CELL_REQUEST = Machine(
    kind="cell_request",
    text="what the coordination cell asked somebody, and what it decided",
    opening="requested",
    acts={
        "requested": Act(
            text="the cell asks an actor for something",
            form={
                "actor": "word",  # id in the register
                "due": "instant?",  # not before this act; null when no day was set
                "marked": "word?",  # EXERCISE, or null
                "response": "count?",  # entry that opened the response; null outside of one
                "what": "text",
            },
            state="requested",
            choices={"marked": MARKS},
        ),
        "answered": Act(
            text="the actor answered",
            form={"said": "text"},
            before=("requested", "answered", "refused", "decided"),
            state="answered",
            keeps=("decided",),
        ),
        "refused": Act(
            text="the actor will not answer",
            form={"said": "text?"},  # the reason it gave, word by word; null when it gave none
            before=("requested", "answered", "refused"),
            state="refused",
        ),
        "decided": Act(
            text="the cell decided",
            form={"said": "text"},
            before=("requested", "answered", "refused", "decided"),
            state="decided",
        ),
        "withdrawn": Act(
            text="the cell asks no longer; the note says why",
            before=("requested", "answered", "refused"),
            state="withdrawn",
            needs_note=True,
        ),
    },
    over=("decided", "withdrawn"),
    says=("{marked}: ", "asked of {actor}: {what}"),
)
