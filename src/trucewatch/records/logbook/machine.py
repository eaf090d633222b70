"""What a table of acts says, and what a record is; `records.logbook.reading` applies the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json
    from trucewatch.records.form import Form

VOIDED = "voided"
"""The act that strikes what was entered in error: the whole record, or one of its later acts.

Every kind has it, in any state, and its note says why. It is the state of a record struck whole.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that may be entered.

    Attributes:
        text: What it means, as a person is asked for it.
        form: Kind by member of its detail; see `records.form`.
        before: States in which it may be entered; empty for the opening act.
        state: State after it.
        keeps: States that it leaves as they are.
        each_of: Member of the opening's detail that lists parties, each of which must have done
            it (member `party`) before the state is reached; or "" when one is enough.
        after: Acts that it may not be dated before; the opening act always is one of them.
        choices: Words that a member may be when it is entered, by member. The log may hold others,
            which a later version added.
        ends: Act that it ends, which must have been done and not been ended since; or "".
        needs_note: Whether the note must say why.
        party_of: Member of the opening's detail that names the party, or lists the parties, of
            whom its own `party` must be one; or "" when any will do.
        some: Members that may be neither 0 nor empty.
    """

    text: str
    form: Form = field(default_factory=dict)
    before: tuple[str, ...] = ()
    state: str
    keeps: tuple[str, ...] = ()
    each_of: str = ""
    after: tuple[str, ...] = ()
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    ends: str = ""
    needs_note: bool = False
    party_of: str = ""
    some: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A kind of record.

    Attributes:
        kind: Its name, such as `notification`; its statements are of type `KIND/v1`.
        text: What it is, in words.
        opening: Name of the opening act.
        acts: By name, in the order in which they are offered.
        over: States in which what it tells of is over.
        says: What an opening says in one line, in parts, with members of its detail in braces; a
            part that names a member which is null is left out.
    """

    kind: str
    text: str
    opening: str
    acts: Mapping[str, Act]
    over: tuple[str, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act as it was entered.

    Attributes:
        act: Its name.
        at: When it was done, as claimed; the log says by when at the latest.
        logged_at: When the log acknowledged it.
        by: Name of whoever entered it, as typed.
        note: In their words; "" when there is none.
        objects: SHA-256 of the sealed objects that show it, such as a photograph, ascending.
        detail: What the act needs besides, by name.
        entry: Index of its entry.
    """

    act: str
    at: datetime
    logged_at: datetime
    by: str
    note: str
    objects: tuple[str, ...] = ()
    detail: Mapping[str, Json]
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record of the logbook as it stands.

    Attributes:
        kind: Which machine it follows.
        entry: Index of the entry of its opening act; its name for ever.
        state: Where it stands.
        steps: Its acts that stand, in log order; the first opened it. Where the whole record was
            struck, all of them, and the act that struck it.
        voided: Single acts that were struck, and the acts that struck them, in log order.
    """

    kind: str
    entry: int
    state: str
    steps: tuple[Step, ...]
    voided: tuple[Step, ...] = ()

    @property
    def id(self) -> str:
        """How people name it, such as `notification-12`."""
        return f"{self.kind}-{self.entry}"

    @property
    def opening(self) -> Step:
        """The act that opened it."""
        return self.steps[0]

    @property
    def entered(self) -> tuple[Step, ...]:
        """Everything that was entered, struck or not, in log order."""
        return tuple(sorted((*self.steps, *self.voided), key=lambda step: step.entry))

    def voided_by(self, step: Step) -> int | None:
        """Return the entry of the act that struck a step or the whole record, or None."""
        by = [each.entry for each in self.voided if each.detail.get("entry") == step.entry]
        last = self.steps[-1]
        if not by and last.act == VOIDED and step.entry != last.entry:
            by = [last.entry]
        return by[0] if by else None

    def last(self, *acts: str) -> Step | None:
        """Return the standing step of one of these acts that was entered last, or None."""
        return next((step for step in reversed(self.steps) if step.act in acts), None)

    def all(self, *acts: str) -> tuple[Step, ...]:
        """Return the standing steps of one of these acts, in log order."""
        return tuple(step for step in self.steps if step.act in acts)
