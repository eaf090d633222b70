"""Whole numbers of an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from trucewatch.serve.ask import Asking

_DIGITS_MAX = 9


def whole(ask: Asking, name: str, least: int) -> int:
    """Return a whole number of the address; the least where it says none.

    Raises:
        BadInput: It is no number from the least on.
    """
    text = ask.value(name).strip()
    if not text:
        return least
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS_MAX or int(text) < least:
        raise BadInput(name, f"is {text[:80]!r}, expected a whole number from {least} on")
    return int(text)
