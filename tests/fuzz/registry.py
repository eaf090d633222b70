"""Every target by name, and the public functions that need none, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz import received, signed

if TYPE_CHECKING:
    from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {**signed.TARGETS, **received.TARGETS}

PACKAGES = ("evidence", "records", "observe", "agreement", "verify", "mission/settings.py")
EXEMPT = {
    "evidence.bundle.read_bundle": "takes a path: a folder's files, or a zip through read_zip",
    "evidence.publish.read_static": "takes a folder that this machine wrote",
    "records.toml.parse_toml": "tried through the sealed settings",
    "observe._delimited.read_rows": "tried through every sensor",
    "observe._local_time.read_local": "takes a column of texts, tried through news",
    "observe._news_label.read_labels": "takes a column of texts, tried through news",
}
PENDING: dict[str, str] = {}
"""Targets whose promise is known to be broken, and how; each is a defect to mend."""
