"""Promises of the installation kit; that it needs no network is tried by `test_operate.py`."""

from __future__ import annotations

import pytest
from tools.kit import needed, pins

LOCK = """one==1.0 \\
    --hash=sha256:aa
two-parts==2.0 ; sys_platform == 'linux' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
two-parts==1.9 ; sys_platform == 'win32' \\
    --hash=sha256:dd
"""


def test_takes_a_package_with_all_its_hashes() -> None:
    assert pins(LOCK, {"two-parts"}) == LOCK.partition("sha256:aa\n")[2]


def test_refuses_what_the_lock_does_not_hold() -> None:
    with pytest.raises(ValueError, match=r"requirements\.lock holds no three: run \./tw lock"):
        pins(LOCK, {"one", "three"})


def test_follows_what_a_package_needs_and_leaves_other_platforms_out() -> None:
    found = needed(["jinja2>=3", "polars ; sys_platform == 'win32'"])

    assert found == {"jinja2", "markupsafe"}
