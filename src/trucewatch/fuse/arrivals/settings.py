"""What a mission configures about arrivals; light, so that the configuration can be read alone."""

from __future__ import annotations

from dataclasses import dataclass

from trucewatch.errors import BadMission

RANGES: dict[str, tuple[float, float]] = {
    "speed_p_km_s": (0.1, 20.0),
    "speed_s_km_s": (0.1, 20.0),
    "sigma_s": (1e-3, 60.0),
    "cutoff_km": (0.1, 2e4),
    "node_km": (0.01, 1e3),
    "margin_km": (0.0, 2e4),
    "bin_s": (1e-3, 300.0),
    "detect_p": (0.01, 0.99),
    "edge_km": (0.01, 1e4),
    "reach_min_km": (0.01, 2e4),
    "reach_max_km": (0.01, 2e4),
    "clutter_s": (1.0, 86_400.0),
    "gate": (1.0, 1e3),
    "theta": (1.0, 1e3),
    "picks_min": (4, 10_000),  # place, time and reach are four unknowns
    "passes": (1, 10),
}
"""Least and greatest value of each number, both allowed."""

STEEPEST = 200.0  # cutoff over edge; above it the odds of a detection leave the range of floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalSettings:
    """How waves travel, how stations hear them, and how much evidence a source needs.

    Attributes:
        speed_p_km_s: Speed of phase 0 along the ground.
        speed_s_km_s: Speed of phase 1; slower than phase 0, for it sets how long a source lasts.
        sigma_s: Standard deviation of a pick about its arrival, errors of speed included.
        cutoff_km: A station farther than this is asked nothing, neither for picks nor for silence.
        node_km: Greatest distance between neighbouring nodes of the search.
        margin_km: How far the search goes beyond the stations' bounding box.
        bin_s: Width of an origin-time bin; the score of a node is over two of them. It must take
            in the travel time across half a node.
        detect_p: Probability that a station near the source picks one phase.
        edge_km: Width of the fall of that probability about the source's reach (logistic).
        reach_min_km: Least reach, the distance at which half of `detect_p` is left.
        reach_max_km: Greatest reach.
        clutter_s: Bin of the local clutter rate; the rate is over three of them. Rates that are
            constant in time gave 72 to 822 false sources a day under bursts and gusts; bins of
            120 s gave 5 in ten days, of 30 s none.
        gate: Least stacked log likelihood ratio of a candidate. Chernoff: clutter alone passes z
            with a probability of at most exp(-z), at any rate.
        theta: Least log likelihood ratio of a source, at its best place, time and reach.
        picks_min: Least number of picks, each more likely of the source than clutter.
        passes: How often the search is repeated on the picks that nothing has claimed yet.

    Source: chosen on simulated worlds of 500 to 5,000 sources a day (seed 5) and on sixty days of
    clutter (seeds 100 to 115); `detect_p` and `edge_km` are deliberately not the simulator's.
    """

    speed_p_km_s: float = 6.3
    speed_s_km_s: float = 3.7
    sigma_s: float = 0.45
    cutoff_km: float = 100.0
    node_km: float = 7.4
    margin_km: float = 10.0
    bin_s: float = 1.25
    detect_p: float = 0.8
    edge_km: float = 8.0
    reach_min_km: float = 30.0
    reach_max_km: float = 100.0
    clutter_s: float = 30.0
    gate: float = 10.0
    theta: float = 21.0
    picks_min: int = 10
    passes: int = 2

    def __post_init__(self) -> None:
        """Refuse values out of range, or that contradict each other.

        Raises:
            BadMission: A number is outside `RANGES`, not a number, or does not fit another.
        """
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadMission("arrivals", f"{name} is {value}, must be {low:g} to {high:g}")
        self._ordered("speed_s_km_s", "speed_p_km_s")
        self._ordered("reach_min_km", "reach_max_km")
        self._ordered("reach_max_km", "cutoff_km")
        if self.cutoff_km > STEEPEST * self.edge_km:
            problem = f"edge_km is {self.edge_km}, must be at least cutoff_km / {STEEPEST:g}"
            raise BadMission("arrivals", problem)

    def _ordered(self, low: str, high: str) -> None:
        if getattr(self, low) > getattr(self, high):
            problem = f"{low} is {getattr(self, low)}, must be at most {high}"
            raise BadMission("arrivals", f"{problem}, which is {getattr(self, high)}")
