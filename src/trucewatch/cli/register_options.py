"""Options that several verbs of `tw register` take: who acts, why, with which key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trucewatch.mission.custody import Actor

ByOption = Annotated[str, typer.Option(metavar="NAME", help="Who does it; sealed, too.")]
ReasonOption = Annotated[str, typer.Option(help="Why, in their words; sealed, too.")]
KeyOption = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="Enrolled key of who signs; the desk's by default."),
]


def actor_of(by: str, reason: str, key: Path | None) -> Actor:
    """Return who acts, as the options say."""
    from trucewatch.mission.clock import SystemClock
    from trucewatch.mission.custody import Actor
    from trucewatch.mission.linked import Said
    from trucewatch.records.logbook.typed import clean

    return Actor(said=Said(by=clean(by), reason=clean(reason)), clock=SystemClock(), key=key)
