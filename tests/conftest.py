"""Fixtures that every test may use."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Never

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Never:
        msg = "a test tried to open a network connection"
        raise AssertionError(msg)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def shared() -> Path:
    """The folder of real data beside the clone; CI always has it."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"real data not found: {SHARED.name}/data beside the clone")
    return SHARED
