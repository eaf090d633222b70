"""Instants as text: RFC 3339, UTC, microseconds, always the same length."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from trucewatch.errors import BadInput

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def instant_text(instant: datetime) -> str:
    """Return an aware instant as `2026-06-27T16:30:00.000000Z`.

    Raises:
        BadInput: The instant has no time zone.

    Example:
        >>> instant_text(datetime(2026, 6, 27, 16, 30, tzinfo=UTC))
        '2026-06-27T16:30:00.000000Z'
    """
    if instant.tzinfo is None:
        raise BadInput("instant", f"{instant.isoformat()} has no time zone, expected an aware time")
    # Not strftime, which writes the year 999 with three digits on some systems.
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_instant(text: str, *, where: str) -> datetime:
    """Return the instant that `instant_text` wrote.

    Raises:
        BadInput: Not in that form, or not a time that exists.
    """
    if not _FORM.fullmatch(text):
        raise BadInput(where, f"time is {text!r}, expected YYYY-MM-DDTHH:MM:SS.ffffffZ")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(where, f"time is {text!r} ({error}), expected a time that exists") from error
