"""`tw simulate`: write the input files of a seeded world, and its truth beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.simulate import simulate as world_of

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.simulate.world import World


def simulate(world: str, *, seed: int, days: int, out: Path) -> tuple[World, dict[str, Path]]:
    """Write a world's files into an empty or new folder; return it and where each file lies.

    Truth goes into `truth.parquet` (true incidents) and `links.parquet` (which report came of
    which), where fusion never looks.

    Raises:
        BadInput: The folder is not empty, or no such world.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(str(out), "is not empty, expected a new or empty folder")
    made = world_of(world, seed=seed, days=days)
    out.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, content in made.outputs().items():
        paths[name] = out / name
        paths[name].write_bytes(content)
    return made, paths
