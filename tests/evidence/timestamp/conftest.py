"""Two authorities of a fictional mission, and a checkpoint to stamp."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.evidence.timestamp.tsa import Authority, Behaviour, allow_loopback, authority

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKPOINT = b"checkpoint\n"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_loopback(monkeypatch)


@pytest.fixture(scope="module")
def _north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("north"), "north") as served:
        yield served


@pytest.fixture(scope="module")
def _south(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("south"), "south") as served:
        yield served


@pytest.fixture
def north(_north: Authority) -> Authority:
    _north.behaviour = Behaviour.HONEST
    return _north


@pytest.fixture
def south(_south: Authority) -> Authority:
    _south.behaviour = Behaviour.HONEST
    return _south
