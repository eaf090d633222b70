from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trucewatch.errors import BadInput
from trucewatch.records.absence import read_absence
from trucewatch.records.canonical import Json, canonical

SAID: dict[str, Json] = {
    "by": "A. Analyst",
    "reason": "mast struck by lightning",
    "sensor": "firms",
    "slot_end": "2026-06-28T00:00:00.000000Z",
    "slot_start": "2026-06-27T00:00:00.000000Z",
}


def test_the_form_of_an_absence_never_changes() -> None:
    assert canonical(SAID) == (
        b'{"by":"A. Analyst","reason":"mast struck by lightning","sensor":"firms",'
        b'"slot_end":"2026-06-28T00:00:00.000000Z","slot_start":"2026-06-27T00:00:00.000000Z"}'
    )


def test_reads_which_slot_is_explained_and_by_whom() -> None:
    absence = read_absence(SAID, entry=7)

    assert (absence.sensor, absence.by, absence.entry) == ("firms", "A. Analyst", 7)
    assert absence.reason == "mast struck by lightning"
    assert absence.slot_start == datetime(2026, 6, 27, tzinfo=UTC)
    assert absence.slot_end == datetime(2026, 6, 28, tzinfo=UTC)


REFUSED = [
    ({"slot_end": "2026-06-27T00:00:00.000000Z"}, "slot is .*, must end after it starts"),
    ({"slot_end": "2026-06-26T00:00:00.000000Z"}, "slot is .*, must end after it starts"),
    ({"slot_end": "tomorrow"}, "slot_end is 'tomorrow', expected a time"),
    ({"sensor": "Firms"}, "sensor is 'Firms', must be small letters"),
    ({"reason": ""}, "reason is '', expected text on one line"),
    ({"by": None}, "by is 'None', expected text on one line"),
    ({"more": 1}, "says by, more, reason"),
]


@pytest.mark.parametrize(("change", "problem"), REFUSED)
def test_refuses_an_absence_by_name_of_the_member(change: dict[str, Json], problem: str) -> None:
    with pytest.raises(BadInput, match=f"entry 7: {problem}"):
        read_absence(SAID | change, entry=7)
