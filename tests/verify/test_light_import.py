from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["trucewatch.verify.bundle", "trucewatch.verify.home"])
def test_the_checker_loads_no_numerical_library_and_no_database(module: str) -> None:
    heavy = "{'numpy', 'polars', 'apsw', 'sqlite3', 'sqlalchemy', 'yaml', 'socket'}"
    code = f"import sys, {module}; print(sorted({heavy} & sys.modules.keys()))"

    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
