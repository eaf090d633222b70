"""What was loaded into a register: a file of claims, or a table of deliveries and its mapping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.form import check_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.canonical import Json

_FILE = {"by": "text", "reason": "text", "register": "text"}
_TABLE = {
    **_FILE,
    "accepted": "count",
    "allow_refused": "flag",
    "refused": "count",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """That a file of claims is part of a register, as a `registered/v1` statement says it.

    Attributes:
        register: Id of the register that the file begins or adds to.
        by: Who loaded it, as typed.
        reason: Why, in their words.
        entry: Index of its entry.
    """

    register: str
    by: str
    reason: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """That a table of deliveries is part of a register, as an `imported/v1` statement says it.

    Attributes:
        register: Id of the register.
        accepted: Rows that were taken.
        refused: Rows that were refused.
        allow_refused: Whether refused rows were left out; else one would have refused the file.
        by: Who imported it, as typed.
        reason: Why, in their words.
        entry: Index of its entry.
    """

    register: str
    accepted: int
    refused: int
    allow_refused: bool
    by: str
    reason: str
    entry: int


def registered_predicate(said: Registered) -> dict[str, object]:
    """Return what the statement of a file of claims says; its entry is not part of it."""
    return {"by": said.by, "reason": said.reason, "register": said.register}


def read_registered(predicate: Mapping[str, Json], *, entry: int) -> Registered:
    """Return what a `registered/v1` statement says.

    A member that is missing, too many or of another form is refused (`BadInput`).

    Args:
        predicate: `by`, `reason` and `register`.
        entry: Index of its entry.
    """
    check_form(predicate, _FILE, where=f"entry {entry}")
    return Registered(
        register=str(predicate["register"]),
        by=str(predicate["by"]),
        reason=str(predicate["reason"]),
        entry=entry,
    )


def imported_predicate(said: Imported) -> dict[str, object]:
    """Return what the statement of a table says; its entry is not part of it."""
    return {
        "accepted": said.accepted,
        "allow_refused": said.allow_refused,
        "by": said.by,
        "reason": said.reason,
        "refused": said.refused,
        "register": said.register,
    }


def read_imported(predicate: Mapping[str, Json], *, entry: int) -> Imported:
    """Return what an `imported/v1` statement says.

    Args:
        predicate: `accepted`, `allow_refused`, `by`, `reason`, `refused` and `register`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form, or rows were refused and none
            may be.
    """
    where = f"entry {entry}"
    check_form(predicate, _TABLE, where=where)
    said = Imported(
        register=str(predicate["register"]),
        accepted=int(str(predicate["accepted"])),
        refused=int(str(predicate["refused"])),
        allow_refused=predicate["allow_refused"] is True,
        by=str(predicate["by"]),
        reason=str(predicate["reason"]),
        entry=entry,
    )
    if said.refused and not said.allow_refused:
        problem = f"refused is {said.refused} and allow_refused false, expected no refused row"
        raise BadInput(where, problem)
    return said
