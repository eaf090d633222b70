"""A notice of what a party or the mission will do: a blast, a flight, an exercise, a repair."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

OUTCOMES = ("matched", "unmatched", "exceeded")
"""What comparing a notice with what was observed may give."""

_OPEN = ("submitted", "acknowledged", "approved", "objected")

NOTIFICATION = Machine(
    kind="notification",
    text="a notice of something that will be done",
    opening="submitted",
    acts={
        "submitted": Act(
            text="somebody says what they will do, where and when",
            form={
                "activity": "word",  # such as demining_blast, flight, exercise, repair
                "area": "ring?",  # corners (longitude, latitude); null when none is said
                "end": "instant",
                "height_max_m": "number?",  # of a flight, above mean sea level; null when not said
                "notice": "word?",  # id of the agreement's duty of notice, if it is one
                "number": "count?",  # blasts, aircraft or vehicles; null when not said
                "party": "word",  # id of the participant that does it, or `mission`
                "start": "instant",
                "subjects": "texts",  # tail numbers, vehicles, units; may be empty
                "to": "ids",  # of participants or bodies, or `mission`; at least one
            },
            state="submitted",
            some=("height_max_m", "to"),
        ),
        "acknowledged": Act(
            text="an addressee or a party has it",
            form={"party": "word"},
            before=_OPEN,
            state="acknowledged",
            keeps=("approved", "objected"),
        ),
        "approved": Act(
            text="who may object does not", form={"party": "word"}, before=_OPEN, state="approved"
        ),
        "objected": Act(
            text="who may object does; the note says why",
            form={"party": "word"},
            before=_OPEN,
            state="objected",
            needs_note=True,
        ),
        "withdrawn": Act(
            text="who gave it says that it will not be done; the note says why",
            form={"party": "word"},
            before=_OPEN,
            state="withdrawn",
            needs_note=True,
            party_of="party",
        ),
        "begun": Act(text="it was begun", before=_OPEN, state="occurring"),
        "closed": Act(
            text="it is over",
            form={"number": "count?"},
            before=(*_OPEN, "occurring"),
            state="closed",
            after=("begun",),
        ),
        "reconciled": Act(
            text="it was compared with what was observed",
            form={"incidents": "ids", "outcome": "word"},  # one of OUTCOMES
            before=("closed", "reconciled"),
            state="reconciled",
            choices={"outcome": OUTCOMES},
        ),
    },
    over=("closed", "reconciled", "withdrawn"),
    says=("{activity} by {party}, {start} to {end}",),
)
