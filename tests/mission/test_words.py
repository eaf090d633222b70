"""Who may be named in the logbook: participants, bodies that are addressed, one name for us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from trucewatch.agreement.parse import parse
from trucewatch.agreement.party import Role
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.errors import BadInput
from trucewatch.mission.words import check_words
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.reading import Entered, every, read_step

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement
    from trucewatch.records.canonical import Json

WITH_MONITOR = parse(shipped_bytes("local-truce"), name="local-truce")  # MISSION, joint_committee
WITHOUT = replace(
    WITH_MONITOR, parties=tuple(p for p in WITH_MONITOR.parties if p.role is not Role.MONITOR)
)
BODY = WITH_MONITOR.mechanism.bodies[0].id
LOGGED = datetime(2030, 9, 10, 18, tzinfo=UTC)
OF_NOTICE = ("acknowledged", "approved", "objected")


def entered(kind: str, act: str, of: int | None = 1, entry: int = 2, **detail: Json) -> Entered:
    at = "2030-09-10T09:00:00.000000Z"
    predicate: dict[str, Json] = {
        "act": act, "at": at, "by": "L.", "detail": detail, "note": "why", "objects": [], "of": of,
    }  # fmt: skip
    return read_step(kind, predicate, entry=entry, logged_at=LOGGED)


def notice(party: str, to: str) -> Entered:
    return entered(
        "notification", "submitted", None, 1,
        activity=WITH_MONITOR.provisions.notices[0].activity, area=None,
        end="2030-09-13T09:00:00.000000Z", height_max_m=None, notice=None, number=None,
        party=party, start="2030-09-12T09:00:00.000000Z", subjects=[], to=[to],
    )  # fmt: skip


@pytest.mark.parametrize("act", OF_NOTICE)
def test_a_body_acts_on_a_notice_that_is_addressed_to_it_and_on_no_other(act: str) -> None:
    to_it, to_other = every([notice("ALPHA", BODY)]), every([notice("ALPHA", "BRAVO")])
    said = entered("notification", act, party=BODY)

    check_words(said, WITH_MONITOR, to_it)
    with pytest.raises(BadInput, match=f"party is {BODY}, to which notification-1 is not address"):
        check_words(said, WITH_MONITOR, to_other)
    check_words(entered("notification", act, party="BRAVO"), WITH_MONITOR, to_it)


def test_a_body_gives_no_notice_and_withdraws_none() -> None:
    with pytest.raises(BadInput, match=f"party is '{BODY}', expected one of ALPHA, BRAVO, MISSION"):
        check_words(notice(BODY, "BRAVO"), WITH_MONITOR)
    withdrawn = entered("notification", "withdrawn", party=BODY)
    with pytest.raises(BadInput, match=f"party is '{BODY}', expected one of ALPHA, BRAVO, MISSION"):
        check_words(withdrawn, WITH_MONITOR, every([notice("ALPHA", BODY)]))


@pytest.mark.parametrize(
    ("agreement", "ours", "other"),
    [(WITH_MONITOR, "MISSION", "mission"), (WITHOUT, "mission", "MISSION")],
    ids=["monitor", "no-monitor"],
)
def test_the_mission_has_one_name(agreement: Agreement, ours: str, other: str) -> None:
    check_words(notice(ours, "BRAVO"), agreement)
    check_words(notice("ALPHA", ours), agreement)

    for wrong, member in ((notice(other, "BRAVO"), "party"), (notice("ALPHA", other), "to")):
        with pytest.raises(BadInput, match=f"{member} is '{other}', expected one of ALPHA, BRAVO"):
            check_words(wrong, agreement)


def test_whoever_writes_mission_is_told_the_name_of_the_monitor() -> None:
    with pytest.raises(BadInput, match="party is 'mission'") as caught:
        check_words(notice("mission", "BRAVO"), WITH_MONITOR)

    assert caught.value.advice == "The mission itself is entered as: MISSION"


def test_of_several_monitors_each_has_its_own_name() -> None:
    second = replace(WITH_MONITOR.parties[-1], id="OTHERS")
    both = replace(WITH_MONITOR, parties=(*WITH_MONITOR.parties, second))

    for party in ("MISSION", "OTHERS"):
        check_words(notice(party, "BRAVO"), both)
    with pytest.raises(BadInput, match="expected one of ALPHA, BRAVO, MISSION, OTHERS") as caught:
        check_words(notice("mission", "BRAVO"), both)
    assert caught.value.advice == "The mission itself is entered as: MISSION or OTHERS"


def test_a_notice_of_the_mission_from_before_it_was_named_can_be_withdrawn() -> None:
    records = every([notice("mission", "BRAVO")])

    check_words(entered("notification", "withdrawn", party="mission"), WITH_MONITOR, records)


OURS_WHEN_NULL = [
    (kind, name)
    for kind, machine in MACHINES.items()
    for name, act in machine.acts.items()
    if act.form.get("party") == "word?" and kind != "response"
]


@pytest.mark.parametrize(("kind", "act"), OURS_WHEN_NULL)
@pytest.mark.parametrize("agreement", [WITH_MONITOR, WITHOUT], ids=["monitor", "no-monitor"])
def test_what_the_mission_decided_has_no_party(kind: str, act: str, agreement: Agreement) -> None:
    check_words(entered(kind, act, party=None), agreement)
    check_words(entered(kind, act, party="ALPHA"), agreement)

    for word in ("mission", "MISSION"):
        with pytest.raises(BadInput, match=f"party is '{word}', expected one of ALPHA, BR") as told:
            check_words(entered(kind, act, party=word), agreement)
        if agreement is WITH_MONITOR or word == "mission":
            assert told.value.advice == "What the mission decided is entered without a party"
