"""What stands above every answer and page made of a register: what it rests on and is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.claims.source import SourceKind

if TYPE_CHECKING:
    from trucewatch.records.claims.register import Register

NOT_ADOPTED = (
    "No state, organisation or person named here has adopted this software or approved this"
    " register."
)
"""Stands on every page of a product that is made of a register."""


def marked(register: Register) -> tuple[str, ...]:
    """Return what a register is, in sentences: title, sources, and that nobody adopted it."""
    official = sum(each.kind is SourceKind.OFFICIAL_TEXT for each in register.sources)
    press = sum(each.kind in (SourceKind.NEWS, SourceKind.ANALYSIS) for each in register.sources)
    invented = (
        ("INVENTED: this arrangement and those who are named in it are made up.",)
        if register.invented
        else ()
    )
    rests = (
        f"Claims as read in {len(register.sources)} sources, of which {press} are press or analysis"
        f" and {official} the official text of an instrument; looked at until {register.as_of}."
    )
    kept = "Each line is what a source says, and no finding; where sources differ, all are shown."
    return (f"{register.title} ({register.id}).", *invented, rests, kept, NOT_ADOPTED)
