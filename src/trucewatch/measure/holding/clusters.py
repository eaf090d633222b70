"""Counts that come in clusters: two tests that stay valid where a Poisson test does not.

Fire draws fire. Daily counts then vary more than Poisson counts, and the evidence of `evidence` is
false far oftener than alpha; `tw evaluate holding` prints how often.

`log_bets` needs nothing but the mean: that each step's count, given all before it, has mean at most
the tolerated rate times the exposure. It stakes a share of its capital on each step, and capital of
mean at most 1 is evidence. Clusters within a step may be as wild as they like; clusters over many
steps break it. There is no such test that a truce holds: no number of quiet days excludes rare days
of any size, so only a test that assumes something can say "holding".

`episodes` counts beginnings. Steps that follow each other with too little quiet between them are
one episode, and only steps outside one count as exposure. Tolerance must then be declared in
episodes, and `answer` asks as ever, in both directions, of clusters of any length.

Source: Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting";
for one-sided means no bound is needed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

STAKES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Shares of the capital at stake in each step, averaged; more than .4 loses all on a few quiet
days. Chosen before any was measured."""


def log_bets(count: Floats, tolerated: Floats) -> Floats:
    """Return the log evidence after each step that counts are above the tolerated mean, (n,).

    Args:
        count: Seen in each step, (n,).
        tolerated: Expected in each step at the tolerated rate, (n,), known before its count; the
            upper end where it is uncertain. Steps with 0 change nothing.

    Raises:
        BadInput: Something was seen where nothing was watched.
    """
    wrong = (tolerated <= 0) & (count > 0)
    if wrong.any():
        where = f"step {int(np.argmax(wrong))}"
        raise BadInput(where, "something was seen without exposure")
    return np.asarray(_bets(count.astype(np.float64), tolerated, np.array(STAKES)))


def episodes(count: Floats, watched: Flags, *, quiet: int) -> tuple[Floats, Flags]:
    """Return the beginnings of episodes in each step, 0 or 1, and which steps are outside one.

    A beginning can be seen in the steps outside only: set every exposure, the possible one too, to
    0 in the others.

    Args:
        count: Seen in each step, (n,).
        watched: Whether anything could be seen in the step, (n,).
        quiet: Watched steps with nothing seen that end an episode; an unwatched step is not quiet.

    Raises:
        BadInput: `quiet` is below 1.
    """
    if quiet < 1:
        raise BadInput("episodes", f"quiet is {quiet} steps, must be 1 or more")
    begun, outside = _episodes(count.astype(np.float64), watched, quiet)
    return np.asarray(begun), np.asarray(outside)


@njit(cache=True)
def _bets(count, tolerated, stakes):  # type: ignore[no-untyped-def]
    capital = np.zeros(len(stakes))
    out = np.empty(len(count))
    for i in range(len(count)):
        if tolerated[i] > 0.0:
            surprise = count[i] / tolerated[i] - 1.0
            for j in range(len(stakes)):
                capital[j] += math.log1p(stakes[j] * surprise)
        most = capital.max()
        out[i] = most + math.log(np.exp(capital - most).mean())
    return out


@njit(cache=True)
def _episodes(count, watched, quiet):  # type: ignore[no-untyped-def]
    begun, outside = np.zeros(len(count)), np.zeros(len(count), np.bool_)
    still = quiet
    for i in range(len(count)):
        if still >= quiet:
            outside[i] = True
            begun[i] = 1.0 if count[i] > 0.0 else 0.0
        if count[i] > 0.0:
            still = 0
        elif watched[i]:
            still += 1
    return begun, outside
