"""Ceasefire monitoring and verification: from the bytes a sensor sent to a checkable bulletin.

The verbs of the command line are methods of what `open` returns:

    import trucewatch as tw

    mission = tw.open("M")
    mission.ingest("firms", "fires.csv")
    mission.run()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.mission import Mission

__version__ = "0.1.0"


def open(home: str | Path) -> Mission:
    """Open a mission's folder; see `trucewatch.mission.mission.Mission`."""
    from pathlib import Path

    from trucewatch.mission.mission import Mission

    return Mission(Path(home))
