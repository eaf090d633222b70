"""Broken inputs from whole ones: what chance, a tired typist and an adversary do to bytes.

Each mutation knows a little of structure (lines, JSON members, numbers, base64), for bytes that are
merely random are refused at the first check and never reach the code behind it.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZE_MAX = 64 * 1024
_BLOCK = 4096
_CHANGES_MAX = 3
_DEPTHS = (2, 30, 150, 240, 320, 480, 900, 970, 985, 995, 3_000, 15_000)

ODD_BYTES = (
    b"", b"\x00", b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\t", b"+", b"-", b".", b",", b";", b":",
    b"/", b"../", b"\\", b'"', b"'", b"{", b"}", b"[", b"]", b"=", b"==", b"%", b"#", b"&a", b"*a",
    b"\x7f", b"\x80", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xd9\xa3",
    b"\xef\xbc\x91", b"\xf0\x9d\x9f\x8f", b"\xc3\xa9", b"e\xcc\x81", b"\xe2\x80\x94 ", b"nan",
    b"inf", b"null", b"true", b"!!python/name:os.system",
    b"<!DOCTYPE a>", b"PK\x05\x06", b"\\u0000",
    b"\\ud800", b"\\uD83D\\uDE00", b"\x1f\x8b\x08",
)  # fmt: skip
ODD_NUMBERS = (
    b"0", b"-0", b"00", b"-1", b"1.0", b"1e0", b"1e400", b"-1e400", b"1E9", b"1_0", b"+1", b"0x10",
    b"0o7", b"255", b"256", b"999", b"1000", b"65535", b"65536", b"2147483648", b"4294967296",
    b"9007199254740991", b"9007199254740992", b"9223372036854775807", b"9223372036854775808",
    b"18446744073709551616", b"999999999999999999", b"1" + b"0" * 30, b"1" * 400, b"9" * 4301,
    b"5e-324", b"1e21", b"1e-7", b"0.1", b".5", b"5.", b"\xd9\xa1\xd9\xa2", b"60", b"24", b"13",
    b"0000", b"0001", b"0999", b"9999", b"10000",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53 - 1, 2**53, 2**63, 10**30, 0.5, 1e21, 5e-324, -0.0, "", " ",
    "\n", "\x00", "\ue000", "\U0001f600", "\u0663", "\u2028", "a" * 300, "*", "batch/v1", [], {},
    [[]], [None], {"": None}, {"a": {"b": []}}, "0" * 64, "f" * 64, "F" * 64, "0" * 63,
    "0999-01-01T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z",
    "2026-02-30T00:00:00.000000Z", "2026-06-27T24:00:00.000000Z",
    "\u0662\u0660\u0662\u0666-06-27T16:30:00.000000Z", "-5", "NaN",
)  # fmt: skip

_DIGITS = re.compile(rb"[0-9]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
_WORD = re.compile(rb"[^\s]+")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


class Dice:
    """Random whole numbers from a seeded generator, drawn in blocks: one draw alone is slow."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._drawn: list[int] = []

    def below(self, n: int) -> int:
        if not self._drawn:
            self._drawn = self._rng.integers(1 << 62, size=_BLOCK).tolist()
        return self._drawn.pop() % max(n, 1)

    def one(self, choices: Sequence[Any]) -> Any:
        return choices[self.below(len(choices))]

    def bytes(self, size: int) -> bytes:
        return bytes(self.below(256) for _ in range(size))


def mutated(seeds: Sequence[bytes], dice: Dice) -> bytes:
    """Return one of the seeds after one to three changes, at most 64 KiB."""
    raw = dice.one(seeds)
    for _ in range(1 + dice.below(_CHANGES_MAX)):
        change = dice.one(_STRUCTURED if raw[:1] == b"{" and dice.below(2) else _PLAIN)
        raw = change(raw, seeds, dice)[:SIZE_MAX]
    return raw


def _span(raw: bytes, dice: Dice) -> tuple[int, int]:
    start = dice.below(len(raw) + 1)
    widest = dice.one((1, 4, 16, len(raw)))
    return start, min(len(raw), start + 1 + dice.below(widest))


def _flip(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    at = dice.below(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << dice.below(8)]) + raw[at + 1 :] if raw else b"\x00"


def _cut(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    at = dice.below(len(raw) + 1)
    return raw[:at] if dice.below(4) else raw[at:]


def _drop(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    start, stop = _span(raw, dice)
    return raw[:start] + raw[stop:]


def _double(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    start, stop = _span(raw, dice)
    times = dice.one((2, 2, 3, 70, 400, 20_000))
    room = max(2, SIZE_MAX // max(1, stop - start))
    return raw[:start] + raw[start:stop] * min(times, room) + raw[stop:]


def _splice(raw: bytes, seeds: Sequence[bytes], dice: Dice) -> bytes:
    other = dice.one(seeds)
    return raw[: dice.below(len(raw) + 1)] + other[dice.below(len(other) + 1) :]


def _insert(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    at = dice.below(len(raw) + 1)
    return raw[:at] + (dice.one(ODD_BYTES) if dice.below(6) else dice.bytes(4)) + raw[at:]


def _overwrite(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    start, stop = _span(raw, dice)
    odd = dice.one(ODD_BYTES)
    fitting = (odd * (stop - start))[: stop - start] if dice.below(2) else odd
    return raw[:start] + fitting + raw[stop:]


def _number(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    found = list(_DIGITS.finditer(raw, 0, SIZE_MAX))
    if not found:
        return raw + dice.one(ODD_NUMBERS)
    match = dice.one(found)
    near = b"%d" % max(0, int(match[0][:15]) + dice.below(3) - 1)
    return raw[: match.start()] + dice.one((*ODD_NUMBERS, near, near)) + raw[match.end() :]


def _lines(raw: bytes, seeds: Sequence[bytes], dice: Dice) -> bytes:
    lines = raw.split(b"\n")
    at, other = dice.below(len(lines)), dice.below(len(lines))
    kind = dice.below(6)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    elif kind == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 3:
        lines.insert(at, dice.one(dice.one(seeds).split(b"\n")))
    elif kind == 4:
        lines[at] += dice.one((b" ", b"\r", b"\t", b"\x00", b"\xc2\xa0"))
    else:
        lines[at : at + 1] = [lines[at]] * dice.one((3, 70, 110, 1_100))
    return b"\n".join(lines)


def _words(raw: bytes, seeds: Sequence[bytes], dice: Dice) -> bytes:
    found = list(_WORD.finditer(raw, 0, SIZE_MAX))
    others = _WORD.findall(dice.one(seeds), 0, SIZE_MAX)
    if not found or not others:
        return raw + dice.one(ODD_BYTES)
    match = dice.one(found)
    return raw[: match.start()] + dice.one(others) + raw[match.end() :]


def _base64(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    found = list(_BASE64.finditer(raw, 0, SIZE_MAX))
    if not found:
        return _flip(raw, (), dice)
    match = dice.one(found)
    text = match[0]
    at, kind = dice.below(len(text)), dice.below(5)
    letter = bytes([dice.one(_ALPHABET)])
    if kind == 0:
        text = text[:at] + letter + text[at + 1 :]
    elif kind == 1:
        text = text[:-1] + letter  # padding bits that other bytes could stand for
    elif kind == 2:
        text = text.rstrip(b"=") + b"=" * dice.below(5)
    elif kind == 3:
        text = text.replace(b"+", b"-").replace(b"/", b"_")
    else:
        text = base64.b64encode(dice.bytes(dice.one((0, 3, 4, 5, 31, 32, 33, 63, 64, 65, 76))))
    return raw[: match.start()] + text + raw[match.end() :]


def _nest(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    depth = dice.one(_DEPTHS) + dice.below(12)
    begin, end = dice.one(((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"- ", b"")))
    start, stop = _span(raw, dice)
    if dice.below(2) and (at := raw.find(b":", start)) >= 0:
        start = stop = at + 1
    return raw[:start] + begin * depth + raw[start:stop] + end * depth + raw[stop:]


def _json(raw: bytes, seeds: Sequence[bytes], dice: Dice) -> bytes:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return _flip(raw, seeds, dice)
    holder, key = _pick(value, dice)
    if holder is None:
        return _insert(raw, seeds, dice)
    _change(holder, key, dice)
    sort = bool(dice.below(8))  # mostly in the order that is canonical, or nothing gets far
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort)
        return text.encode("utf-8", "surrogatepass")
    except (RecursionError, TypeError, ValueError):
        return raw


def _member(raw: bytes, _: Sequence[bytes], dice: Dice) -> bytes:
    found = list(re.finditer(rb'"[^"]{1,40}":("[^"]*"|[0-9]+|null|true|false)', raw))
    if not found:
        return raw[:1] + b'"a":1,' + raw[1:]
    match = dice.one(found)
    other = dice.one(found)
    return raw[: match.start()] + other[0] + b"," + raw[match.start() :]  # a member twice


def _pick(value: Any, dice: Dice) -> tuple[Any, Any]:
    """Return some container within a value, and one of its keys or places."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting and len(places) < 500:
        held = waiting.pop()
        keys = range(len(held)) if isinstance(held, list) else held if type(held) is dict else ()
        for key in keys:
            places.append((held, key))
            waiting.append(held[key])
    return dice.one(places) if places else (None, None)


def _change(holder: Any, key: Any, dice: Dice) -> None:
    kind, value = dice.below(8), holder[key]
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[dice.one(("", "v", "a", "\ue000", "\U0001f600", str(key) + " "))] = holder.pop(key)
    elif kind == 1:
        holder.insert(key, value)
    elif kind == 2 and isinstance(value, str):
        holder[key] = value[: dice.below(len(value) + 1)]
    elif kind == 2 and isinstance(value, int):
        holder[key] = value + dice.below(3) - 1
    elif kind == 3 and isinstance(value, str):
        at = dice.below(len(value) + 1)
        odd = dice.one(("\x00", "\n", " ", "\u0663", "\ue000", "+", "/", "A", "0", "\u202e"))
        holder[key] = value[:at] + odd + value[at:]
    elif kind == 4:
        deep: Any = value
        for _ in range(dice.one((1, 20, 150, 190, 240, 300, 400, 490))):
            deep = [deep] if dice.below(2) else {"a": deep}
        holder[key] = deep
    elif kind == 5:
        holder[key] = [value] * dice.one((0, 1, 2, 300))
    else:
        holder[key] = dice.one(ODD_VALUES)


_PLAIN: tuple[Callable[[bytes, Sequence[bytes], Dice], bytes], ...] = (
    _flip, _flip, _flip, _cut, _drop, _double, _splice, _insert, _insert, _overwrite, _number,
    _number, _lines, _lines, _words, _base64, _nest,
)  # fmt: skip
_STRUCTURED: tuple[Callable[[bytes, Sequence[bytes], Dice], bytes], ...] = (
    _json, _json, _json, _json, _json, _member, _nest,
)  # fmt: skip
