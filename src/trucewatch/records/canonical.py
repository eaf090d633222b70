"""Canonical JSON (RFC 8785) and SHA-256, the two ways in which trucewatch names bytes."""

from __future__ import annotations

import hashlib
import json

import rfc8785

from trucewatch.errors import BadInput

DEPTH_MAX = 64
"""Levels of objects and lists; ours have fewer than ten. Without a number, how deep a file may be
would hang on the version of Python and on how deep in calls it is read."""

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def canonical(value: object) -> bytes:
    r"""Return the RFC 8785 bytes of a JSON value.

    Raises:
        BadInput: The value has no canonical form (NaN, an integer beyond 2^53, half of a
            surrogate pair, an unknown type), or is nested too deep.

    Example:
        >>> canonical({"b": 1, "a": "é"})
        b'{"a":"\xc3\xa9","b":1}'
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        problem = f"{error}, expected a JSON value without NaN or integers beyond 2^53"
        raise BadInput("canonical JSON", problem) from error
    except RecursionError as error:  # reading goes deeper than writing
        problem = "is nested too deep to be written, expected a JSON value of few levels"
        raise BadInput("canonical JSON", problem) from error


def parse_canonical(data: bytes, *, where: str) -> dict[str, Json]:
    """Return the JSON object in `data`, which must be in canonical form already.

    Raises:
        BadInput: Not JSON, not an object, nested over `DEPTH_MAX` deep, or not the canonical
            bytes of that object.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(where, f"not JSON ({error}), expected canonical JSON") from error
    if not isinstance(value, dict):
        raise BadInput(where, f"JSON {type(value).__name__}, expected an object")
    if data.count(b"{") + data.count(b"[") > DEPTH_MAX and not _is_shallow(value):
        raise BadInput(where, f"JSON is nested over {DEPTH_MAX} deep, must be at most that")
    if canonical(value) != data:
        raise BadInput(where, "JSON is not in canonical form, expected RFC 8785 bytes")
    return value


def _is_shallow(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(DEPTH_MAX):
        held = [each for each in level if isinstance(each, dict | list)]
        level = [
            inner for each in held for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return not any(isinstance(each, dict | list) for each in level)


def sha256_hex(data: bytes) -> str:
    """Return the lowercase hex SHA-256 of some bytes, as `sha256sum` prints it.

    Example:
        >>> sha256_hex(b"")[:16]
        'e3b0c44298fc1c14'
    """
    return hashlib.sha256(data).hexdigest()
