"""Numbers drawn from a seed, without numpy: whoever forks must have no threads, and BLAS has."""

from __future__ import annotations

from hashlib import sha256

_BYTES = 8


class Draws:
    """A stream of numbers that its seed fixes on every machine."""

    def __init__(self, *seed: object) -> None:
        self._seed, self._drawn = repr(seed), 0

    def below_one(self) -> float:
        self._drawn += 1
        digest = sha256(f"{self._seed} {self._drawn}".encode()).digest()
        return int.from_bytes(digest[:_BYTES], "big") / 256**_BYTES

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.below_one()

    def whole(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`, both of them possible."""
        return low + int((high - low + 1) * self.below_one())

    def heads(self) -> bool:
        return self.below_one() < 1 / 2
