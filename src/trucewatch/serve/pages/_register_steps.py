"""How far each provision has come, as far as sources say; the rule stands on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.claims.instrument import Stage
from trucewatch.register.contradictions import Kind
from trucewatch.register.known import cited
from trucewatch.serve.pages._register_words import STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.instrument import Instrument, Provision
    from trucewatch.register.known import Known
    from trucewatch.serve.pages._register_seen import Seen

STAGE = "stage"
"""Attribute under which a register asks how far a thing is."""
_ENDS = (Stage.SUSPENDED, Stage.WITHDRAWN)
WAY = tuple(each for each in Stage if each not in _ENDS)
"""The steps in their order."""


class Step(NamedTuple):
    """One step: its message, and whether it is behind, reached or ahead."""

    text: str
    state: str


class Reached(NamedTuple):
    """How far a provision, or an instrument, has come.

    Attributes:
        instrument: Of which text.
        provision: The provision; None for the whole.
        steps: Every step.
        ended: The message of an end, such as that it was withdrawn; or "".
        cites: Where claims of it were read, with their ids.
        told: Whether a claim says how far it is.
        differ: Whether sources differ on that.
    """

    instrument: Instrument
    provision: Provision | None
    steps: tuple[Step, ...]
    ended: str
    cites: tuple[tuple[str, str], ...]
    told: bool
    differ: bool


def reached(seen: Seen, instruments: Sequence[Instrument]) -> tuple[Reached, ...]:
    """Return how far every provision of some instruments has come, in their order."""
    return tuple(
        _reached(seen, each, part) for each in instruments for part in each.provisions or (None,)
    )


def _reached(seen: Seen, whole: Instrument, part: Provision | None) -> Reached:
    known = seen.known
    own = _told(part.id, known) if part else []
    told = own or _told(whole.id, known)
    at, differ = _furthest(seen, told)
    mine = {part.id} if part else {whole.id}
    about = [c for c in known.current() if mine & {c.object, c.subject}]
    if at is None and (about or _tells(whole, seen)):
        at = Stage.ANNOUNCED
    ended = STAGES[at] if at in _ENDS else ""
    here = len(WAY) - 1 if at in _ENDS else (-1 if at is None else WAY.index(at))
    states = ("done" if i < here else "now" if i == here else "" for i in range(len(WAY)))
    return Reached(
        instrument=whole,
        provision=part,
        steps=tuple(Step(STAGES[each], state) for each, state in zip(WAY, states, strict=True)),
        ended=ended,
        cites=tuple(dict.fromkeys((cited(c), c.id) for c in (*told, *about))),
        told=bool(told),
        differ=differ,
    )


def _told(thing: str, known: Known) -> list[Claim]:
    return [
        c
        for c in known.current()
        if c.attribute == STAGE and thing in (c.subject, c.object) and c.value in set(STAGES)
    ]


def _tells(whole: Instrument, seen: Seen) -> bool:
    """Tell whether anything of a text was there by then: its day, or a version that was seen."""
    day = seen.wish.day
    return bool(whole.texts) or (whole.day is not None and (day is None or whole.day <= day))


def _furthest(seen: Seen, told: Sequence[Claim]) -> tuple[Stage | None, bool]:
    """Return what the claim says that a rule prefers, else the least; and whether they differ."""
    if not told:
        return None, False
    ids = {each.id for each in told}
    over = [each for each in seen.disputes if ids & set(each.claims) and STAGE in each.question]
    first = next((each.preferred for each in over if each.preferred in ids), None)
    stages = {each.id: Stage(each.value) for each in told}
    least = min(stages.values(), key=list(Stage).index)
    differ = any(one.kind is not Kind.NEWER for each in over for one in each.found)
    return (stages[first] if first else least), differ
