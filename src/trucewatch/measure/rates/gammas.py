"""Logarithms of the incomplete gamma functions, where the functions themselves are below 1e-300.

Evidence that a truce holds well drives one tail of a gamma distribution towards 0; the ratio of two
such tails is what an e-process is made of, so each is kept as a logarithm.

Source: Abramowitz and Stegun 1964, 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz's
method). Checked against `scipy.special` and numerical integration.
"""

from __future__ import annotations

import math

from numba import njit

_TERMS = 1_000_000  # far more than either needs: about 6 times the root of the shape
_CLOSE = 1e-16  # relative size of a term that changes nothing
_TINY = 1e-300  # stands for a zero denominator in Lentz's method


@njit(cache=True)
def log_below(shape, at):  # type: ignore[no-untyped-def]
    """Return the log of the chance that a gamma variable of this shape and rate 1 is at most `at`.

    Args:
        shape: Positive.
        at: Not negative.
    """
    if at <= 0.0:
        return -math.inf
    if at < shape + 1.0:
        return _series(shape, at)
    return math.log1p(-math.exp(_fraction(shape, at)))


@njit(cache=True)
def log_above(shape, at):  # type: ignore[no-untyped-def]
    """Return the log of the chance that a gamma variable of this shape and rate 1 exceeds `at`."""
    if at <= 0.0:
        return 0.0
    if at < shape + 1.0:
        return math.log1p(-math.exp(_series(shape, at)))
    return _fraction(shape, at)


@njit(cache=True)
def _series(shape, at):  # type: ignore[no-untyped-def]
    """Return the log of the lower tail; for `at` under shape + 1, where all terms are positive."""
    term = 1.0
    total = 1.0
    for number in range(1, _TERMS):
        term *= at / (shape + number)
        total += term
        if term < total * _CLOSE:
            break
    return shape * math.log(at) - at - math.lgamma(shape + 1.0) + math.log(total)


@njit(cache=True)
def _fraction(shape, at):  # type: ignore[no-untyped-def]
    """Return the log of the upper tail; for `at` of shape + 1 and more."""
    b = at + 1.0 - shape
    c = 1.0 / _TINY
    d = 1.0 / b
    value = d
    for number in range(1, _TERMS):
        a = -number * (number - shape)
        b += 2.0
        d = a * d + b
        d = 1.0 / (d if abs(d) > _TINY else _TINY)
        c = b + a / c
        c = c if abs(c) > _TINY else _TINY
        step = c * d
        value *= step
        if abs(step - 1.0) < _CLOSE * 10.0:
            break
    return shape * math.log(at) - at - math.lgamma(shape) + math.log(value)
