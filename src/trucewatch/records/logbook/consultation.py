"""A consultation of those who committed themselves: who took part, what each said, what came."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine
from trucewatch.records.logbook.response import MARKS

CONSULTATION = Machine(
    kind="consultation",
    text="a consultation of those who committed themselves",
    opening="held",
    acts={
        "held": Act(
            text="they consult",
            form={
                "marked": "word?",  # EXERCISE, or null
                "participants": "ids",  # of actors of the register; at least one
                "response": "count?",  # entry that opened the response; null outside of one
                "subject": "text",
            },
            state="held",
            choices={"marked": MARKS},
            some=("participants",),
        ),
        "stated": Act(
            text="one who takes part said something",
            form={"actor": "word", "said": "text"},  # one of the participants
            before=("held", "concluded"),
            state="held",
            keeps=("held", "concluded"),
        ),
        "concluded": Act(
            text="they came to this, or to nothing",
            form={"said": "text"},
            before=("held", "concluded"),
            state="concluded",
        ),
    },
    over=("concluded",),
    says=("{marked}: ", "{subject}, with {participants}"),
)
