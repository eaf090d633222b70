"""Lines that distances are measured from, and on whose ground something stands.

Each party measures from its own datum. Ground is a party's when it lies on the side of its datum on
which it stands. Ground that lies between two datums is nobody's: there every line applies, since
the weapon may be anybody's. What lies beyond a line applies to it no more once it is on the ground
of another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtr

from trucewatch.agreement.line import Side
from trucewatch.agreement.party import Role
from trucewatch.agreement.zone import Edges
from trucewatch.geo.belt import below_p, distance_to_line, line
from trucewatch.geo.plane import Covariances

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.line import Line
    from trucewatch.agreement.rule import Rule
    from trucewatch.assess._known import Known
    from trucewatch.assess._sighted import Place


class Datum(NamedTuple):
    """What one party measures from.

    Attributes:
        party: Id of the party; it is never told of.
        line: Its line.
        sign: 1 when it stands on the left of the line, -1 on the right; 0 when no text says.
        limit_m: Distance by category of weapons, metres; empty when the rule does not bind it.
    """

    party: str
    line: Line
    sign: int
    limit_m: dict[str, float]

    @property
    def usable(self) -> bool:
        """Whether anything can be measured from it."""
        return self.line.accuracy_m is not None and self.sign != 0


class Measured(NamedTuple):
    """What a place is, seen from one line.

    Attributes:
        distance_m: From the line, metres; positive on the ground that is measured from it.
        sigma_m: One standard deviation of it: of the place and of the line.
        applies_p: P(not beyond the line, on ground of another one).
        near_p: P(nearer than the limit of its category), or None without a limit.
        limit_m: The limits, by category.
    """

    distance_m: float
    sigma_m: float
    applies_p: float
    near_p: float | None
    limit_m: dict[str, float]


def datums(agreement: Agreement, rule: Rule) -> tuple[list[Datum], bool]:
    """Return what each party measures from, and whether one that is bound has no line."""
    parties = [party.id for party in agreement.parties if party.role is Role.PARTY]
    bound = rule.who or tuple(parties)
    found, lacks = [], False
    for party in dict.fromkeys([*parties, *bound]):
        own = agreement.datum(party)
        if own is None:
            lacks = lacks or party in bound
            continue
        sign = {Side.LEFT: 1, Side.RIGHT: -1}.get(own.sides[party], 0) if party in own.sides else 0
        limit_m = _limits(agreement, rule, party) if party in bound else {}
        found.append(Datum(party, own, sign, limit_m))
    return found, lacks


def _limits(agreement: Agreement, rule: Rule, party: str) -> dict[str, float]:
    limits = {name: agreement.weapon(name).distance_m(party, rule.phase) for name in rule.weapons}
    return {name: limit_m for name, limit_m in limits.items() if limit_m is not None}


def measure(
    known: Known, at: Place, every: list[Datum], *, own: list[Datum], shares: dict[str, float]
) -> Measured:
    """Return how a place lies to the line that some parties measure from.

    Args:
        known: What is known; it keeps lines that were projected.
        at: The place.
        every: What each party measures from.
        own: Those of them whose line it is, each usable; most often one.
        shares: Probability by category of weapons.
    """
    away_m, sigma_m = _from_line(known, at, own[0].line)
    own_p = {datum.sign: float(ndtr(datum.sign * away_m / sigma_m)) for datum in own}
    parties = {datum.party for datum in own}
    others = [datum for datum in every if datum.party not in parties]
    others_p = max((_ground_p(known, at, datum) for datum in others), default=1.0)
    beyond_p = max(0.0, 1 - sum(own_p.values()))
    # Errors of place move all distances together, so the chance of both is that of the rarer one.
    applies_p = 1 - min(beyond_p, others_p)
    weights = [own_p[datum.sign] if len(own_p) > 1 else 1.0 for datum in own]
    chances = [_near_p(datum, away_m, sigma_m, shares) for datum in own]
    told = [(w, p) for w, p in zip(weights, chances, strict=True) if p is not None and w > 0]
    nearest = max(own, key=lambda datum: datum.sign * away_m)
    return Measured(
        distance_m=nearest.sign * away_m,
        sigma_m=sigma_m,
        applies_p=applies_p,
        near_p=sum(w * p for w, p in told) / sum(w for w, _ in told) if told else None,
        limit_m=nearest.limit_m,
    )


def _ground_p(known: Known, at: Place, datum: Datum) -> float:
    """Return P(on the ground of a datum); 1 when none is known, so that it cannot exclude it."""
    if not datum.usable:
        return 1.0
    away_m, sigma_m = _from_line(known, at, datum.line)
    return float(ndtr(datum.sign * away_m / sigma_m))


def _near_p(datum: Datum, away_m: float, sigma_m: float, shares: dict[str, float]) -> float | None:
    """Return P(nearer than its limit), over the categories that it may be of."""
    weights = {name: shares.get(name, 0.0) for name in datum.limit_m}
    total = sum(weights.values())
    if total <= 0:
        return None
    near = {
        name: below_p(np.array([datum.sign * away_m]), np.array([sigma_m]), limit_m)[0]
        for name, limit_m in datum.limit_m.items()
    }
    return float(sum(weights[name] * near[name] for name in weights) / total)


def _from_line(known: Known, at: Place, datum: Line) -> tuple[float, float]:
    """Return the distance of a place from a line, positive on its left, and its error, metres."""
    geodesic = datum.edges is Edges.GEODESIC
    drawn = known.once(
        ("line", datum.points, geodesic), lambda: line(datum.points, geodesic=geodesic)
    )
    variance_m2 = np.array([at.error_m**2])
    covariance = Covariances(xx_m2=variance_m2, xy_m2=np.zeros(1), yy_m2=variance_m2)
    away_m, sigma_m = distance_to_line(
        np.array([at.lon_deg]), np.array([at.lat_deg]), covariance, drawn
    )
    return float(away_m[0]), float(np.hypot(sigma_m[0], datum.accuracy_m or 0.0))
