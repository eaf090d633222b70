"""A demonstration of five days, served to whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient

from trucewatch.mission.demo import demo
from trucewatch.mission.home import Home
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar import Litestar


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The mission; tests only read it."""
    path: Path = tmp_path_factory.mktemp("served") / "demo"
    demo(path, days=5, seed=1, say=lambda _: None)
    home = Home(path)
    first_pass(home)
    return home


@pytest.fixture(scope="session")
def app(demo_home: Home) -> Litestar:
    """Its application."""
    return make_app(str(demo_home.path))


@pytest.fixture
def public(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """Anybody's browser."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def mission(app: Litestar, demo_home: Home) -> Iterator[TestClient[Litestar]]:
    """A browser that brought the pass."""
    with TestClient(app) as client:
        client.cookies.set("tw_pass", first_pass(demo_home))
        yield client
