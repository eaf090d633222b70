"""The Python API: the same verbs as the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trucewatch
from trucewatch.verify.findings import SELF_CONSISTENT

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home


def test_a_mission_goes_from_a_file_to_a_checked_bundle(
    home: Home, inbox: Path, tmp_path: Path
) -> None:
    mission = trucewatch.open(home.path)

    intakes = mission.ingest("firms", inbox / "firms-26.csv", inbox / "firms-27.csv")
    ran = mission.run()
    incidents = mission.incidents()
    explained = mission.explain(incidents["id"][0])
    published = mission.report("daily", day=None, level="mission")
    exported = mission.export(tmp_path / "b.zip", level="mission")

    assert [i.accepted for i in intakes] == [6, 8]
    assert ran.incidents == len(incidents) == len(mission.assessments())
    assert explained.incident["id"] == incidents["id"][0]
    assert published.entry is None
    assert exported.objects == exported.entries
    assert mission.verify().trust == SELF_CONSISTENT
    assert set(mission.rebuild().compared.values()) == {"same"}
    assert mission.digest()["incident"]["rows"] == ran.incidents
    assert len(mission.quarantine()) == 0
