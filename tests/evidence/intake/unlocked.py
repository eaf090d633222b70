"""A module of jobs whose sandbox gives up nothing of importance."""

from __future__ import annotations

from trucewatch.evidence.intake import sandbox

JOBS: dict[str, object] = {}
sandbox.close = lambda **_: frozenset({sandbox.MEMORY})  # type: ignore[assignment]


def rehearse() -> None:
    pass
