"""A share between 0 and 1 with its 95 % interval; no score is given without one."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import beta

_TAIL_P = 0.025  # of a two-sided 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A measured share.

    Attributes:
        value_p: The share, or None when there was nothing to take a share of.
        low_p: Lower end of the 95 % interval.
        high_p: Upper end.
    """

    value_p: float | None
    low_p: float
    high_p: float


def exact_share(count: int, of: int) -> Share:
    """Return a share of independent trials with its exact binomial interval.

    The interval covers at least 95 %, usually more. With nothing tried it is 0 to 1.

    Source: Clopper and Pearson 1934, by quantiles of the beta distribution.

    Example:
        >>> exact_share(10, 10)
        Share(value_p=1.0, low_p=0.6915028921812392, high_p=1.0)
    """
    if of == 0:
        return Share(value_p=None, low_p=0.0, high_p=1.0)
    low_p = float(beta.ppf(_TAIL_P, count, of - count + 1)) if count > 0 else 0.0
    high_p = float(beta.ppf(1 - _TAIL_P, count + 1, of - count)) if count < of else 1.0
    return Share(value_p=count / of, low_p=low_p, high_p=high_p)
