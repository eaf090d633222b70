"""Names of incidents in public products; they lead back only for who holds the release key.

An incident's own id is a hash of its least report, exact place included. Whoever has it can try
every place inside a 1 km cell until the hash fits, so the public gets another name.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "p-"
_ID_BYTES = 10  # as in an incident's own id


def alias(key: bytes, incident: str) -> str:
    """Return the public name of an incident.

    Args:
        key: The mission's release key, 32 bytes.
        incident: Its own id.

    Example:
        >>> alias(bytes(32), "i-5obsr3uhmba5aoby")
        'p-sg6ehimfzw2f4hrn'
    """
    digest = hmac.digest(key, b"trucewatch/alias/v1\0" + incident.encode(), "sha256")
    return PREFIX + base64.b32encode(digest[:_ID_BYTES]).decode().lower()


def aliases(key: bytes, incidents: Iterable[str]) -> dict[str, str]:
    """Return the public name of each incident, by its own id."""
    return {incident: alias(key, incident) for incident in incidents}
