"""Passes: long random words that make a browser or a program somebody of the mission.

`HOME/keys/pass` holds one line each, a name and the pass, 0600. `tw serve` makes the first one and
prints the address that brings it into a browser; whoever can read that file holds the mission's
keys anyway.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from trucewatch.errors import BadMission

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home

_BYTES = 24
_LEAST_LETTERS = 24
_PRIVATE = 0o600
HERE = "this machine"
"""Name of the first pass."""


def _path(home: Home) -> Path:
    return home.path / "keys" / "pass"


def first_pass(home: Home) -> str:
    """Return the first pass; it is made where there is none."""
    path = _path(home)
    if not path.exists():
        path.touch(mode=_PRIVATE)
        path.write_text(f"{HERE}\t{secrets.token_urlsafe(_BYTES)}\n")
    return next(iter(passes_of(home)))


def passes_of(home: Home) -> dict[str, str]:
    """Return the name of somebody by their pass; empty where nobody made one.

    Raises:
        BadMission: Others can read the file, or a line is none.
    """
    path = _path(home)
    if not path.exists():
        return {}
    if path.stat().st_mode & 0o077:
        problem = "can be read by others, expected mode 0600"
        raise BadMission(str(path), problem, advice=f"chmod 600 {path}")
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        name, _, key = line.partition("\t")
        if not name or len(key) < _LEAST_LETTERS:
            where = f"{path} line {number}"
            raise BadMission(where, "is no pass, expected NAME, a tab and a long random word")
        found[key] = name
    return found
