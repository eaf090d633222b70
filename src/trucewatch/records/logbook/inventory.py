"""A party's declaration of the weapons at a site: the baseline of every count."""

from __future__ import annotations

from trucewatch.records.logbook.machine import Act, Machine

INVENTORY = Machine(
    kind="inventory",
    text="a declaration of weapons at a site",
    opening="declared",
    acts={
        "declared": Act(
            text="a party says what is kept where",
            form={
                "party": "word",
                "place": "place",
                "serials": "texts",  # may be empty
                "site": "word",
                "weapons": "counts",  # number by category of weapons
            },
            state="declared",
        ),
        "amended": Act(
            text="the party corrects it: this list takes the place of the last",
            form={"serials": "texts", "weapons": "counts"},
            before=("declared", "amended"),
            state="amended",
        ),
        "withdrawn": Act(
            text="the party takes it back; the note says why",
            before=("declared", "amended"),
            state="withdrawn",
            needs_note=True,
        ),
    },
    over=("withdrawn",),
    says=("{site} of {party}: {weapons}",),
)
