"""The sum of quantities, where there is one: never across scopes, units or overlapping subjects."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.claims.quantity import Qualifier, Quantity
from trucewatch.register.known import known as looked_up
from trucewatch.register.known import names_group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known


def added(quantities: Sequence[Quantity]) -> Quantity:
    """Return the sum of quantities of one unit and one scope.

    Args:
        quantities: At least one; of subjects that do not overlap, which the caller answers for
            (`total` checks it).

    Returns:
        The interval of least and greatest sums; its high is None when one of them is open.

    Raises:
        BadInput: None is given, or two differ in unit or in scope.
    """
    if not quantities:
        raise BadInput("quantities", "none is given, must be at least one")
    for one, other in pairwise(quantities):
        for key in ("unit", "scope"):
            mine, theirs = getattr(one, key), getattr(other, key)
            if mine != theirs:
                problem = f"{key} is {mine} and {theirs}, must be one {key} to be summed"
                raise BadInput("quantities", problem)
    low = sum((each.low for each in quantities), Decimal(0))
    highs = [each.high for each in quantities if each.high is not None]
    high = sum(highs, Decimal(0)) if len(highs) == len(quantities) else None
    qualifier = _qualifier(quantities, high)
    first = quantities[0]
    return Quantity(low=low, high=high, qualifier=qualifier, unit=first.unit, scope=first.scope)


def total(register: Register, claims: Sequence[Claim]) -> Quantity:
    """Return the sum of what several actors promised, or several delivered.

    Args:
        register: The register of the claims.
        claims: At least one; each has a quantity, and all tell of one relation and one object.

    Raises:
        BadInput: A claim has no quantity or is superseded; two differ in relation, object,
            domain, unit or scope; the scope is the name of a group, so that each amount is of the
            whole; or their subjects overlap: the same, a member and its group, or who speaks for
            another.
    """
    known = looked_up(register)
    found: list[Quantity] = []
    for claim in claims:
        where = f"claim {claim.id}"
        if claim.id in known.superseded:
            by = known.superseded[claim.id]
            raise BadInput(where, f"is superseded by {by}, must be in force")
        if claim.quantity is None:
            raise BadInput(where, "has no quantity, must have one to be summed")
        found.append(claim.quantity)
    for at, one in enumerate(claims):
        for other in claims[at + 1 :]:
            _expect_apart(one, other, known)
    summed = added(found)
    if len(found) > 1 and names_group(summed.scope, known):
        problem = f"scope {summed.scope} is of several together, so each amount is the whole"
        raise BadInput("quantities", f"{problem}, must be of one alone to be summed")
    return summed


def worded(quantity: Quantity) -> str:
    """Return a quantity in words, with its hedge and its unit."""
    low, high = f"{quantity.low:f}", quantity.high
    between = f"{low} or more" if high is None else f"{low} to {high:f}"
    if high == quantity.low:
        between = low
    words = {
        Qualifier.EXACT: low,
        Qualifier.ABOUT: f"about {between}",
        Qualifier.AT_LEAST: f"at least {low}",
        Qualifier.UP_TO: between if high is None else f"up to {high:f}",
        Qualifier.RANGE: between,
        Qualifier.SEVERAL: f"several ({between})",
    }
    return f"{words[quantity.qualifier]} {quantity.unit}"


def _expect_apart(one: Claim, other: Claim, known: Known) -> None:
    where = f"claims {one.id} and {other.id}"
    for key in ("relation", "object", "domain"):
        mine, theirs = getattr(one, key), getattr(other, key)
        if mine != theirs:
            problem = f"{key} is {mine or 'not said'} and {theirs or 'not said'}, must be one"
            raise BadInput(where, f"{problem} {key} to be summed")
    mine, theirs = _whole(one.subject, known), _whole(other.subject, known)
    if mine & (theirs | _groups(theirs, known)) or theirs & _groups(mine, known):
        problem = f"subjects {one.subject} and {other.subject} overlap"
        raise BadInput(where, f"{problem}, must be apart to be summed")


def _whole(subject: str, known: Known) -> set[str]:
    return {subject, known.speaks_as(subject)}


def _groups(subjects: set[str], known: Known) -> set[str]:
    """Return all groups that subjects belong to, through others too."""
    found: set[str] = set()
    open_ = sorted(subjects)
    while open_:
        actor = known.actors.get(open_.pop())
        new = set(() if actor is None else actor.member_of) - found
        found |= new
        open_ += new
    return found


def _qualifier(quantities: Sequence[Quantity], high: Decimal | None) -> Qualifier:
    if len(quantities) == 1:
        return quantities[0].qualifier
    if all(each.qualifier is Qualifier.EXACT for each in quantities):
        return Qualifier.EXACT
    return Qualifier.AT_LEAST if high is None else Qualifier.RANGE
