"""What a force or a mechanism needs, and the questions that must be settled before it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.records.claims.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One component that is needed.

    Attributes:
        id: Such as `naval`.
        text: In words.
        domain: Domain of the claims that may fill it.
        lead: Who leads it, by id, or "".
        needed: How much, or None when no text says.
        claims: Claims that it rests on, by id.
    """

    id: str
    text: str
    domain: str
    lead: str = ""
    needed: Quantity | None = None
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One item of a checklist: of the status of forces, or of a domestic procedure.

    Attributes:
        id: How the register names it.
        list: Which checklist, such as `status_of_forces`.
        text: What must be settled.
        of: Whose step it is, by id, or "".
        atom: The condition that is met when it is done, by id, or "".
    """

    id: str
    list: str
    text: str
    of: str = ""
    atom: str = ""
