"""Registers that come with trucewatch: one of press claims, and one that is invented.

Nobody named in them has seen them. A mission loads one and seals its own copy.
"""

from __future__ import annotations


def shipped() -> tuple[str, ...]:
    """Return the names of the registers in this folder, sorted."""
    from importlib.resources import files

    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def shipped_bytes(name: str) -> bytes:
    """Return the file of a shipped register, byte for byte.

    Args:
        name: One of `shipped()`, such as `paris-2026`.

    Raises:
        NotFound: No register of that name is shipped.
    """
    from importlib.resources import files

    from trucewatch.errors import NotFound

    if name not in shipped():
        known = ", ".join(shipped())
        raise NotFound("shipped registers", f"name is {name!r}, must be one of: {known}")
    return files(__name__).joinpath(f"{name}.yaml").read_bytes()
