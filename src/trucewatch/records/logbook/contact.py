"""A call to the other side or the coordinator: tried, answered or not, and what it achieved."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

_OPEN = ("called", "answered", "failed", "ordered", "coordinator_told")

CONTACT = Machine(
    kind="contact",
    text="a call on the hotline, and what followed from it",
    opening="called",
    acts={
        "called": Act(
            text="a call was made",
            form={
                "about": "text",  # the incident or the place
                "party": "word",  # id of who called
                "place": "place?",  # where the fire came in, when it is about fire
                "to": "text",
            },
            state="called",
        ),
        "answered": Act(
            text="it was answered, with or without success",
            form={"said": "text?", "success": "flag"},
            before=("called", "ordered", "coordinator_told"),
            state="answered",
        ),
        "failed": Act(
            text="nobody answered",
            before=("called", "ordered", "coordinator_told"),
            state="failed",
        ),
        "ordered": Act(
            text="a leadership ordered return fire",
            form={"leadership": "text"},
            before=_OPEN,
            state="ordered",
        ),
        "coordinator_told": Act(
            text="the coordinator was told",
            form={"coordinator": "text"},
            before=_OPEN,
            state="coordinator_told",
        ),
    },
    over=("answered", "failed"),
    says=("{party} called {to} about {about}",),
)
