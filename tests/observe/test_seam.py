"""Sensors are found by file name, and only the one asked for is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trucewatch.errors import BadInput
from trucewatch.observe import sensor, sensors


def test_refuses_an_unknown_sensor_and_lists_the_known_ones() -> None:
    known = ", ".join(sensors())

    with pytest.raises(BadInput, match=f"^sensor: 'radar' is not known, expected one of {known}$"):
        sensor("radar")


def test_a_module_with_an_underscore_is_no_sensor() -> None:
    with pytest.raises(BadInput, match=r"'_delimited' is not known"):
        sensor("_delimited")


def test_naming_the_sensors_imports_none_of_them() -> None:
    program = (
        "import sys; from trucewatch.observe import sensors; sensors(); "
        "sys.exit(sorted({'polars', 'numpy', 'trucewatch.observe.firms'} & set(sys.modules)) or 0)"
    )

    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own words

    assert (done.returncode, done.stderr) == (0, b"")
