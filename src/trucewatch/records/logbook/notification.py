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
                "area": "ring",  # corners of the area, (longitude, latitude)
                "end": "instant",
                "number": "count?",  # blasts, aircraft or vehicles; null when not said
                "party": "word",  # id of the participant that does it, or `mission`
                "start": "instant",
                "subjects": "texts",  # tail numbers, vehicles, units; may be empty
                "to": "texts",  # whom it is addressed to
            },
            state="submitted",
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
        ),
        "withdrawn": Act(text="it will not be done", before=_OPEN, state="withdrawn"),
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
            form={"incidents": "texts", "outcome": "word"},  # one of OUTCOMES
            before=("closed", "reconciled"),
            state="reconciled",
            choices={"outcome": OUTCOMES},
        ),
    },
    over=("closed", "reconciled", "withdrawn"),
    says="{activity} by {party}, {start} to {end}",
)
