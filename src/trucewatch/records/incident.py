"""The name of an incident: short, stable, and a function of one observation."""

from __future__ import annotations

import base64
import hashlib

_ID_BYTES = 10  # 80 bits: a clash among 1e9 ids has a chance of 4e-7


def incident_id(dedup_key: str) -> str:
    """Return the id that an incident has when the observation with this key is its least member.

    It hangs on the content of the report, not on the file that brought it, so a second, overlapping
    download does not rename incidents.

    Example:
        >>> incident_id("firms|N21|2026-06-25T00:35|48.74813|26.60736|0")
        'i-5obsr3uhmba5aoby'
    """
    digest = hashlib.sha256(b"trucewatch/incident/v1\0" + dedup_key.encode()).digest()
    return "i-" + base64.b32encode(digest[:_ID_BYTES]).decode().lower()
