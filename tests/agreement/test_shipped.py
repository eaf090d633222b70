"""The agreements that come along are invented, and say so."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped, shipped_bytes
from trucewatch.errors import NotFound


def test_ships_a_box_and_a_truce() -> None:
    assert shipped() == ("demo-truce", "exercise-box")


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_agreement_is_an_exercise(name: str) -> None:
    agreement = parse(shipped_bytes(name), name=name)

    assert agreement.id == name
    assert agreement.exercise
    assert "xercise" in agreement.title.lower()
    assert "Nobody has adopted this software" in " ".join(agreement.note.split())


def test_the_box_is_not_in_force_and_names_no_party() -> None:
    box = parse(shipped_bytes("exercise-box"), name="exercise-box")

    assert (box.status, box.effective, box.parties) == (Status.NOT_IN_FORCE, None, ())
    assert box.zones[0].polygon == ((22.0, 44.0), (41.0, 44.0), (41.0, 53.0), (22.0, 53.0))


def test_the_truce_lies_in_the_open_ocean() -> None:
    truce = parse(shipped_bytes("demo-truce"), name="demo-truce")

    for lon_deg, lat_deg in truce.zones[0].polygon:
        assert -31 < lon_deg < -29
        assert 44.5 < lat_deg < 45.5


def test_refuses_a_name_that_is_not_shipped() -> None:
    with pytest.raises(NotFound, match=r"name is '\.\./x', must be one of: demo-truce, exercise-b"):
        shipped_bytes("../x")


def test_an_auditor_loads_no_numerical_library() -> None:
    script = (
        "import sys, trucewatch.agreement.parse, trucewatch.agreement.lint, "
        "trucewatch.agreement.show, trucewatch.agreement.force, trucewatch.agreement.shipped as s\n"
        "trucewatch.agreement.parse.parse(s.shipped_bytes('demo-truce'), name='d')\n"
        "heavy = {'numpy', 'polars', 'shapely', 'scipy', 'pyproj', 'sqlalchemy'}\n"
        "print(sorted(heavy & {m.split('.')[0] for m in sys.modules}))"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter, fixed text
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
