"""Where a batch of bytes came from, as far as a reader of it needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The sealed object that a sensor module reads.

    Attributes:
        name: How to name the file in an error message.
        object: SHA-256 of the sealed bytes, lowercase hex.
        logged_at: When the log acknowledged them; "in the future" is judged against it.
        settings: The sensor's section of `mission.toml`, already checked against the module's
            `SETTINGS`; missing keys have that module's defaults.
    """

    name: str
    object: str
    logged_at: datetime
    settings: Mapping[str, str] = field(default_factory=dict)
