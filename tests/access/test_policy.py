from __future__ import annotations

import pytest

from trucewatch.access.policy import POLICY, Deed, What, expect, row_of
from trucewatch.access.role import PUBLIC, Role, Viewer
from trucewatch.errors import NotAllowed
from trucewatch.records.level import Level

MISSION = Viewer(Role.MISSION, "watch floor")


def test_each_row_is_there_once_and_says_why() -> None:
    keys = [(row.what, row.role, row.deed) for row in POLICY]

    assert len(keys) == len(set(keys))
    assert all(row.why.endswith(".") for row in POLICY)


def test_what_has_no_row_is_refused_with_who_may() -> None:
    with pytest.raises(NotAllowed, match="observation: public may not see this, expected mission"):
        expect(PUBLIC, What.OBSERVATION)


@pytest.mark.parametrize("what", list(What))
def test_the_mission_sees_everything_and_the_public_nothing_above_clear(what: What) -> None:
    public = row_of(PUBLIC, what)

    assert expect(MISSION, what).levels == frozenset(Level)
    assert public is None or public.levels == {Level.CLEAR}


@pytest.mark.parametrize("what", [What.INCIDENT, What.ASSESSMENT, What.COVERAGE])
def test_what_could_help_to_aim_is_late_and_coarse_for_the_public(what: What) -> None:
    row = expect(PUBLIC, what)

    assert row.delayed
    assert row.coarse


@pytest.mark.parametrize(
    "what",
    [What.OBSERVATION, What.SENSOR, What.LOGBOOK, What.RESPONSE, What.INTAKE, What.SETTINGS],
)
def test_the_public_does_not_see(what: What) -> None:
    assert row_of(PUBLIC, what) is None


def test_only_the_mission_sends() -> None:
    senders = {row.role for row in POLICY if row.deed is Deed.SEND}

    assert senders == {Role.MISSION}
