"""A measure that an actor was asked for: answered, adopted, reported, verified, ended, declined."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine
from trucewatch.records.logbook.response import MARKS

_BEFORE_TAKEN = ("asked", "answered", "declined")
_TAKEN = ("adopted", "reported", "verified", "not_done", "resumed")
_OPEN = (*_BEFORE_TAKEN, *_TAKEN, "suspended")

ASKED_FOR = Machine(
    kind="asked_for",
    text="a measure that an actor was asked for in a response",
    opening="asked",
    acts={
        "asked": Act(
            text="an actor was asked for a measure",
            form={
                "actor": "word",  # id in the register
                "commitments": "texts",  # ids of claims; empty where nothing was promised
                "due": "instant",  # not before this act
                "marked": "word?",  # EXERCISE, or null
                "measure": "word",  # id of the register's measure
                "response": "count",  # entry that opened the response
                "said": "text?",  # how it was asked; null when it was not kept
                "tier": "word",  # id of the register's tier
            },
            state="asked",
            choices={"marked": MARKS},
        ),
        "answered": Act(
            text="the actor answered",
            form={"said": "text"},
            before=_OPEN,
            state="answered",
            keeps=(*_TAKEN, "suspended"),
        ),
        "step_done": Act(
            text="a domestic step on which it hangs is done",
            form={"atom": "word", "said": "text?"},  # id of the register's condition
            before=_OPEN,
            state="asked",
            keeps=_OPEN,
        ),
        "step_failed": Act(
            text="a domestic step on which it hangs was refused",
            form={"atom": "word", "said": "text?"},
            before=_OPEN,
            state="asked",
            keeps=_OPEN,
        ),
        "adopted": Act(
            text="who may adopt it did, or renewed it",
            form={"adopter": "word", "said": "text?", "until": "instant?"},  # null: without an end
            before=(*_BEFORE_TAKEN, *_TAKEN, "expired"),
            state="adopted",
            keeps=("reported", "verified", "not_done"),
        ),
        "reported": Act(
            text="the actor says what it does",
            form={"said": "text"},
            before=(*_BEFORE_TAKEN, *_TAKEN),
            state="reported",
        ),
        "verified": Act(
            text="somebody else saw that it is done",
            form={"asset": "text", "report": "count?"},  # entry of the report; null for none
            before=(*_BEFORE_TAKEN, *_TAKEN),
            state="verified",
        ),
        "not_done": Act(
            text="somebody else saw that it is not done",
            form={"asset": "text", "report": "count?"},
            before=(*_BEFORE_TAKEN, *_TAKEN),
            state="not_done",
        ),
        "declined": Act(
            text="the actor will not do it",
            form={"said": "text?"},  # the reason it gave, word by word; null when it gave none
            before=_BEFORE_TAKEN,
            state="declined",
        ),
        "suspended": Act(
            text="it rests; the note says why",
            before=("asked", "answered", *_TAKEN),
            state="suspended",
            needs_note=True,
        ),
        "resumed": Act(
            text="it goes on",
            before=("suspended",),
            state="resumed",
            after=("suspended",),
        ),
        "lifted": Act(
            text="it was ended; the note says why",
            before=(*_TAKEN, "suspended"),
            state="lifted",
            needs_note=True,
        ),
        "expired": Act(
            text="it ran out and was not renewed",
            before=(*_TAKEN, "suspended"),
            state="expired",
        ),
        "withdrawn": Act(
            text="it is no longer asked for; the note says why",
            before=_OPEN,
            state="withdrawn",
            needs_note=True,
        ),
    },
    over=("declined", "lifted", "expired", "withdrawn"),
    says=("{marked}: ", "{measure} asked of {actor} in {tier}, due {due}"),
)
