"""Which calls are about a window: those that name it, its site or the incident, word for word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from trucewatch.mission.silence_kept import calls_about
from trucewatch.records.logbook.machine import VOIDED, Record, Step

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

AT = datetime(2030, 6, 3, 10, tzinfo=UTC)


def record(kind: str, entry: int, state: str, **detail: Json) -> Record:
    opening = Step(act="", at=AT, logged_at=AT, by="Desk", note="", detail=detail, entry=entry)
    return Record(kind=kind, entry=entry, state=state, steps=(opening,))


WINDOW = record("window", 1, "active", site="Pump  house")


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ("fire near window-1", True),
        ("window-1: fire", True),
        ("(Window-1)", True),
        ("fire near window-12", False),
        ("fire near window-1-b", False),
        ("old-window-1", False),
        ("i-9, six bursts", True),
        ("i-91, six bursts", False),
        ("fire at the PUMP HOUSE.", True),
        ("fire at the pump houses", False),
        ("fire at pump-house", False),
        ("nothing of it", False),
    ],
)
def test_a_call_is_about_a_window_that_it_names_in_whole_words(about: str, named: bool) -> None:
    call = record("contact", 5, "called", about=about)

    found = calls_about(WINDOW, "i-9", (call,))

    assert found == (("contact-5 called",) if named else ())


def test_only_calls_that_stand_are_named() -> None:
    others = (
        record("contact", 5, VOIDED, about="window-1"),
        record("sighting", 6, "standing", about="window-1"),
    )

    assert calls_about(WINDOW, "i-9", others) == ()


def test_a_site_without_a_name_is_named_by_no_call() -> None:
    window = record("window", 1, "active", site="")

    assert calls_about(window, "i-9", (record("contact", 5, "called", about="fire"),)) == ()
