"""The policy: one row for each thing and role that may see or do it; what has no row is refused.

Every read of the desk, the archive and the objects asks here, and takes from the row how it may be
seen: from which levels, how late, how coarse. Tables are cut to that before anything is counted,
searched or sorted, so a count can never tell what a list may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.access.role import Role
from trucewatch.errors import NotAllowed
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from trucewatch.access.role import Viewer


class What(StrEnum):
    """What can be seen or done."""

    AGREEMENT = "agreement"
    ASSESSMENT = "assessment"
    COVERAGE = "coverage"
    INCIDENT = "incident"
    INTAKE = "intake"
    LOG = "log"
    LOGBOOK = "logbook"
    OBSERVATION = "observation"
    PROVISIONAL = "provisional"
    REGISTER = "register"
    REPORT = "report"
    RESPONSE = "response"
    SENSOR = "sensor"
    SETTINGS = "settings"


class Deed(StrEnum):
    """What somebody wants with it."""

    SEE = "see"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the policy.

    Attributes:
        what: Of what.
        role: To whom.
        deed: What they may.
        levels: Levels of the objects that what is seen may rest on; nothing of others, not even
            that they are there.
        delayed: Whether only after the delay of `[release]`.
        coarse: Whether places stand on the public grid, times on the minute, and names are those
            of public products.
        why: The reason, as people are told it.
    """

    what: What
    role: Role
    deed: Deed = Deed.SEE
    levels: frozenset[Level] = frozenset(Level)
    delayed: bool = False
    coarse: bool = False
    why: str


_CLEAR = frozenset({Level.CLEAR})


def _public(what: What, why: str, *, delayed: bool = False, coarse: bool = False) -> Row:
    return Row(what=what, role=Role.PUBLIC, levels=_CLEAR, delayed=delayed, coarse=coarse, why=why)


POLICY: tuple[Row, ...] = (
    *(Row(what=what, role=Role.MISSION, why="The mission sees what it holds.") for what in What),
    Row(
        what=What.INTAKE,
        role=Role.MISSION,
        deed=Deed.SEND,
        why="Sensors of the mission send what they recorded.",
    ),
    _public(What.AGREEMENT, "Whoever is bound by a text, or lives under it, may read it."),
    _public(
        What.ASSESSMENT, "As incidents: late and coarse.", delayed=True, coarse=True
    ),
    _public(
        What.COVERAGE,
        "By sector and day alone: where patrols go endangers them.",
        delayed=True,
        coarse=True,
    ),
    _public(
        What.INCIDENT,
        "Late and coarse, so that nobody can correct fire or find a witness by it.",
        delayed=True,
        coarse=True,
    ),
    _public(What.LOG, "The log holds hashes alone, and is there to be checked by anybody."),
    _public(What.REGISTER, "What was promised in public may be compared in public."),
    _public(What.REPORT, "Bulletins are published."),
)  # fmt: skip
"""Everything that is allowed."""


def row_of(viewer: Viewer, what: What, deed: Deed = Deed.SEE) -> Row | None:
    """Return the row that allows it; None where nothing does."""
    return next((r for r in POLICY if (r.what, r.role, r.deed) == (what, viewer.role, deed)), None)


def expect(viewer: Viewer, what: What, deed: Deed = Deed.SEE) -> Row:
    """Return the row that allows it.

    Raises:
        NotAllowed: Nothing does.
    """
    found = row_of(viewer, what, deed)
    if found is None:
        who = {row.role for row in POLICY if (row.what, row.deed) == (what, deed)}
        problem = f"{viewer.role} may not {deed} this, expected {' or '.join(sorted(who))}"
        raise NotAllowed(what, problem)
    return found
