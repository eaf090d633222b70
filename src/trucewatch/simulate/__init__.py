"""Seeded worlds with known truth, in the file formats that real sensors deliver.

One file per world in this folder, with `world(*, seed: int, days: int) -> World`. Nothing else is
edited for a new one: it is found by its file name, with dashes for underscores. `world` says what a
world is, and the folder `parts` holds what worlds are made of. Worlds are fictional; nothing in
them stands for a real place or a real act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.simulate.world import World

_SHARED = frozenset({"world"})
_DAYS_MAX = 366


def worlds() -> tuple[str, ...]:
    """Return the names of all worlds, sorted; nothing is loaded.

    Example:
        >>> worlds()
        ('demo', 'watched-month')
    """
    import pkgutil

    modules = pkgutil.iter_modules(__path__)
    names = (m.name for m in modules if not m.ispkg and m.name not in _SHARED)
    return tuple(sorted(name.replace("_", "-") for name in names))


def simulate(world: str, *, seed: int, days: int = 30) -> World:
    """Return a world: the files that its sensors delivered, and what really happened.

    The same world, seed and days give the same bytes (same versions of numpy and Polars).

    Args:
        world: One of `worlds()`.
        seed: Any integer from 0; another seed gives another world.
        days: Length in days, 1 to 366.

    Raises:
        NotFound: No world has that name.
        BadInput: The seed or the number of days is out of range.
    """
    import importlib

    from trucewatch.errors import BadInput, NotFound

    if world not in worlds():
        raise NotFound("world", f"{world!r} is not known, expected one of {', '.join(worlds())}")
    if seed < 0:
        raise BadInput("seed", f"seed is {seed}, must be 0 or more")
    if not 1 <= days <= _DAYS_MAX:
        raise BadInput("days", f"days is {days}, must be 1 to {_DAYS_MAX}")
    module = importlib.import_module(f"{__name__}.{world.replace('-', '_')}")
    made: World = module.world(seed=seed, days=days)
    return made
