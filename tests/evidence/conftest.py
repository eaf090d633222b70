"""A log of a fictional mission, small and the same on every run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from trucewatch.evidence.keys import Keys, create_keys
from trucewatch.evidence.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORIGIN = "demo.invalid/evidence"


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 6, 27, 16, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def keys(home: Path) -> Keys:
    return create_keys(home / "keys", origin=ORIGIN, seed=bytes(range(32)))


@pytest.fixture
def log(home: Path, keys: Keys) -> Iterator[Log]:
    with Log.create(home, origin=ORIGIN, signer=keys.log) as opened:
        yield opened
