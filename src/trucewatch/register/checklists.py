"""What must be settled before a force comes: the status of forces, and steps at home."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.records.claims.claim import Relation
from trucewatch.register.known import known as looked_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known

NOT_LISTED = "not_listed"
"""The checklist of conditions that claims require and no list names."""


class Settled(StrEnum):
    """Whether something is settled."""

    DONE = "done"  # a claim says that it is fulfilled
    OUTSTANDING = "outstanding"  # a claim says that it is required, and none that it is fulfilled
    NOTHING_KNOWN = "nothing_known"  # no claim speaks of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item.

    Attributes:
        id: Of the step, or of the condition when no list names it.
        text: What must be settled.
        of: Whose step it is, by id, or "".
        state: Whether it is settled.
        required: Claims that say it is required, by id in order.
        fulfilled: Claims that say it is fulfilled, by id in order.
    """

    id: str
    text: str
    of: str
    state: Settled
    required: tuple[str, ...]
    fulfilled: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """One list.

    Attributes:
        name: Such as `status_of_forces`.
        items: In the order of the file.
    """

    name: str
    items: tuple[Item, ...]

    def outstanding(self) -> tuple[Item, ...]:
        """Return the items that nobody has settled, as far as is known."""
        return tuple(each for each in self.items if each.state is not Settled.DONE)


def checklists(register: Register) -> tuple[Checklist, ...]:
    """Return the lists in the order of the file, then the conditions that no list names."""
    known = looked_up(register)
    claims = [c for c in known.current() if c.relation in (Relation.REQUIRES, Relation.FULFILLED)]
    found: dict[str, list[Item]] = {}
    for step in register.steps:
        on = [each for each in claims if step.atom and each.object == step.atom]
        found.setdefault(step.list, []).append(_item(step.id, step.text, step.of, on))
    listed = {each.atom for each in register.steps}
    others = _others(listed, claims, known)
    if others:
        found[NOT_LISTED] = others
    return tuple(Checklist(name=name, items=tuple(items)) for name, items in found.items())


def _others(listed: set[str], claims: Sequence[Claim], known: Known) -> list[Item]:
    asked = {each.object for each in claims if each.relation is Relation.REQUIRES} - listed
    return [
        _item(
            atom,
            known.atoms[atom].text,
            known.atoms[atom].of,
            [each for each in claims if each.object == atom],
        )
        for atom in sorted(asked)
    ]


def _item(name: str, text: str, of: str, claims: Iterable[Claim]) -> Item:
    several = list(claims)
    required = tuple(each.id for each in several if each.relation is Relation.REQUIRES)
    fulfilled = tuple(each.id for each in several if each.relation is Relation.FULFILLED)
    state = Settled.OUTSTANDING if required else Settled.NOTHING_KNOWN
    return Item(
        id=name,
        text=text,
        of=of,
        state=Settled.DONE if fulfilled else state,
        required=required,
        fulfilled=fulfilled,
    )
