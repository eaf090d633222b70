"""Who may have done it, as an analyst says it: hypotheses, each with its basis.

The number of a basis is a likelihood ratio: how many times likelier it is to see this when the
hypothesis is true than when it is not. It is given as an interval, since nobody knows it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.form import check_form, is_hex64, is_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.records.canonical import Json

UNDETERMINED = "undetermined"
"""The hypothesis that what is known does not tell who; it is always among them.

It has no basis and cannot be rejected: to reject it would be to say that somebody has been found.
"""

THIRD_ACTOR = "third_actor"
"""The hypothesis that it was nobody who is bound; it is always among them."""

RATIO_MIN = 1e-6
RATIO_MAX = 1e6
"""Bounds of a likelihood ratio; what is claimed to be stronger is no measurement of anybody."""

_FORM = {
    "by": "text",
    "hypotheses": "list",
    "note": "text?",
    "subject": "text",
}
_HYPOTHESIS = ("basis", "rejected", "who")
_BASIS = ("kind", "object", "ratio_high", "ratio_low", "text")


class BasisKind(StrEnum):
    """What a hypothesis rests on."""

    ORIGIN_FIX = "origin_fix"  # where it was fired from was located
    TRAJECTORY = "trajectory"  # crater, arrival angle, track
    ADMISSION = "admission"  # somebody who can know says that they did it
    DENIAL = "denial"  # ... or that they did not
    EXCLUSIVE_CONTROL = "exclusive_control"  # only they could have been there
    WEAPON = "weapon"  # only they have it
    PATTERN = "pattern"  # it is like other acts that are known to be theirs
    TERRITORY = "territory"  # it came from, or fell on, ground that they hold


WEAK = frozenset({BasisKind.TERRITORY, BasisKind.PATTERN, BasisKind.DENIAL})
"""Kinds that alone, or with each other, never carry a hypothesis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One thing that speaks for or against a hypothesis.

    Attributes:
        kind: What it is.
        low_ratio: Least likelihood ratio.
        high_ratio: Greatest.
        object: SHA-256 of the sealed object that shows it.
        text: What it shows, in words.
    """

    kind: BasisKind
    low_ratio: float
    high_ratio: float
    object: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """Somebody who may have done it.

    Attributes:
        who: Id of a participant, `third_actor` or `undetermined`.
        basis: In the order in which it was put forward.
        rejected: Why it is no longer considered, or ""; it is kept all the same.
    """

    who: str
    basis: tuple[Basis, ...]
    rejected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What an analyst put forward about one subject.

    Attributes:
        subject: Id of the incident, or of the record of the logbook, such as `restriction-12`.
        hypotheses: In the order of their names; `third_actor` and `undetermined` among them.
        by: Name of the analyst, as typed.
        note: In their words, or "".
        entry: Index of its entry.
    """

    subject: str
    hypotheses: tuple[Hypothesis, ...]
    by: str
    note: str
    entry: int


def read_attribution(predicate: Mapping[str, Json], *, entry: int, where: str = "") -> Attribution:
    """Return what the predicate of an `attributed/v1` statement puts forward.

    Args:
        predicate: `by`, `hypotheses`, `note` and `subject`.
        entry: Index of its entry.
        where: How an error names it; its entry by default.

    Raises:
        BadInput: A member is missing, too many or of another form; hypotheses are not in order,
            given twice, or one of the two that are always there is missing.
    """
    where = where or f"entry {entry}"
    listed = predicate.get("hypotheses")
    if not isinstance(listed, list):
        raise BadInput(where, "hypotheses is no list, expected one")
    check_form({**predicate, "hypotheses": "listed"}, {**_FORM, "hypotheses": "text"}, where=where)
    hypotheses = tuple(_hypothesis(each, where) for each in listed)
    names = [each.who for each in hypotheses]
    if names != sorted(set(names)):
        raise BadInput(where, "hypotheses are not in the order of their names, each once")
    for name in (THIRD_ACTOR, UNDETERMINED):
        if name not in names:
            raise BadInput(where, f"hypothesis {name} is missing, must always be there")
    _expect_open(hypotheses, where)
    return Attribution(
        subject=str(predicate["subject"]),
        hypotheses=hypotheses,
        by=str(predicate["by"]),
        note=str(predicate["note"] or ""),
        entry=entry,
    )


def _expect_open(hypotheses: Sequence[Hypothesis], where: str) -> None:
    """Check that it stays possible that nobody knows who.

    Raises:
        BadInput: `undetermined` has a basis or is rejected.
    """
    open_ = next(each for each in hypotheses if each.who == UNDETERMINED)
    if open_.basis:
        raise BadInput(where, f"{UNDETERMINED} has a basis, must have none: others are against it")
    if open_.rejected:
        problem = f"{UNDETERMINED} is rejected, must never be: people find who it was"
        raise BadInput(where, problem)


def _hypothesis(said: Json, where: str) -> Hypothesis:
    if not isinstance(said, dict) or sorted(said) != list(_HYPOTHESIS):
        raise BadInput(where, f"a hypothesis does not say {', '.join(_HYPOTHESIS)}")
    who, rejected, basis = said["who"], said["rejected"], said["basis"]
    if not is_text(who) or not isinstance(basis, list):
        raise BadInput(where, f"hypothesis is {str(who)[:80]!r}, expected a name and its basis")
    if rejected is not None and not is_text(rejected):
        raise BadInput(where, f"rejected is {str(rejected)[:80]!r}, expected a reason or null")
    return Hypothesis(
        who=str(who),
        basis=tuple(_basis(each, f"{where}: {who}") for each in basis),
        rejected=str(rejected or ""),
    )


def _basis(said: Json, where: str) -> Basis:
    if not isinstance(said, dict) or sorted(said) != list(_BASIS):
        raise BadInput(where, f"a basis does not say {', '.join(_BASIS)}")
    if said["kind"] not in list(BasisKind):
        problem = f"basis is {str(said['kind'])[:80]!r}, expected one of {', '.join(BasisKind)}"
        raise BadInput(where, problem)
    if not is_hex64(said["object"]) or not is_text(said["text"]):
        raise BadInput(where, "a basis has no object or no text, expected both")
    low, high = _ratio(said["ratio_low"], where), _ratio(said["ratio_high"], where)
    if low > high:
        raise BadInput(where, f"ratio is {low:g} to {high:g}, must not end below its start")
    return Basis(
        kind=BasisKind(str(said["kind"])),
        low_ratio=low,
        high_ratio=high,
        object=str(said["object"]),
        text=str(said["text"]),
    )


def _ratio(said: Json, where: str) -> float:
    known = isinstance(said, int | float) and not isinstance(said, bool)
    if not known or not RATIO_MIN <= float(str(said)) <= RATIO_MAX:
        problem = f"ratio is {str(said)[:80]!r}, must be {RATIO_MIN:g} to {RATIO_MAX:g}"
        raise BadInput(where, problem)
    return float(str(said))
