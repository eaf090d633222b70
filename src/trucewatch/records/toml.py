"""TOML from outside: read, or refused in our words, however it was made.

The library's reader leaks a `RecursionError` on deep nesting and a `ValueError` on a long number,
takes a number of any length in hex, which can then not be shown, and needs time that grows with the
square of the parts of a dotted key: 60 kB took 13 s.
"""

from __future__ import annotations

import re
import tomllib

from trucewatch.errors import BadInput

PARTS_MAX = 32
"""Parts of one dotted key, and levels of nesting; settings have three."""

_INTEGER_MAX = 2**63  # what TOML demands of every reader
_LONG_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])"
    rf"(?:(?:[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{PARTS_MAX}}}"
)


def parse_toml(raw: bytes, *, where: str) -> dict[str, object]:
    r"""Return the tables of a TOML file.

    Raises:
        BadInput: Not UTF-8 or no TOML, a key of more than `PARTS_MAX` parts, values nested deeper
            than that, or a whole number of more than 64 bits.

    Example:
        >>> parse_toml(b"[mission]\nname = 'M'\n", where="mission.toml")
        {'mission': {'name': 'M'}}
    """
    try:
        text = raw.decode()
        if _LONG_KEY.search(text):
            problem = f"key has {PARTS_MAX} dots or more, expected at most {PARTS_MAX} parts"
            raise BadInput(where, problem)
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(where, f"not TOML ({error})") from error
    _check(table, where)
    return table


def _check(table: dict[str, object], where: str) -> None:
    level: list[object] = [table]
    for _ in range(PARTS_MAX):
        found: list[object] = []
        for value in level:
            if isinstance(value, int) and not -_INTEGER_MAX <= value < _INTEGER_MAX:
                raise BadInput(
                    where, f"a number has {value.bit_length()} bits, must have at most 64"
                )
            if isinstance(value, dict):
                found += value.values()
            elif isinstance(value, list):
                found += value
        level = found
    if level:
        raise BadInput(where, f"values are nested over {PARTS_MAX} deep, must be at most that")
