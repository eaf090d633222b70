"""The material that the tests of bulletins share."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="session")
def make() -> ModuleType:
    """Return `regenerate.py`, which tests cannot import by name."""
    path = Path(__file__).parent / "regenerate.py"
    spec = importlib.util.spec_from_file_location("report_regenerate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
