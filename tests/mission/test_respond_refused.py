"""What a response refuses: what the register, the log or the mission does not know or is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.mission.kept import size_of
from tests.mission.response_samples import DETERMINED, Floor, floor

from trucewatch.errors import BadInput, NotFound
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import writing
from trucewatch.mission.respond import Given, Wanted, ask, consult, say, turn
from trucewatch.mission.response_view import floor_at
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.records.canonical import Json


@pytest.fixture
def harbour(tmp_path: Path) -> Floor:
    """An exercise on an invented register."""
    found = floor(tmp_path, register="harbour-accord")
    found.start()
    return found


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Floor:
    """One in which a measure was asked for; every test of it is refused, so it stays as it is."""
    found = floor(tmp_path_factory.mktemp("refusing"), register="harbour-accord")
    found.start()
    ask(found.home, Wanted(actor="ARV", measure="watch-reports"), found.at(2))
    return found


def mean_it(found: Floor) -> None:
    """Say in the settings that a mission is no exercise, and seal them."""
    settings = found.home.settings
    settings.write_text(settings.read_text().replace("exercise = true", "exercise = false"))
    with writing(found.home, found.clock):
        pass


@pytest.mark.parametrize(
    ("wanted", "match"),
    [
        (Wanted(actor="XXX", measure="letter"), "actor is 'XXX', expected one of ARV, BRO"),
        (Wanted(actor="ARV", measure="war"), "measure is 'war', expected one of close-the-boom"),
        (
            Wanted(actor="ARV", measure="more-pilots"),
            "tier is bell, expected one that has more-p",
        ),
        (Wanted(actor="ARV", measure="letter", tier="boom"), "tier is boom, expected one that was"),
        (
            Wanted(actor="ARV", measure="letter", tier="flag"),
            "--tier: is 'flag', expected one of",
        ),
        (
            Wanted(actor="ARV", measure="letter", under=("nothing",)),
            "commitments holds 'nothing', expected a promise of ARV",
        ),
        (
            Wanted(actor="DAL", measure="letter", under=("t2-a",)),
            "commitments holds t2-a, a promise of ARV, expected one of DAL or of its groups",
        ),
    ],
)
def test_what_the_register_does_not_know_cannot_be_asked(
    refusing: Floor, wanted: Wanted, match: str
) -> None:
    size = size_of(refusing.home)

    with pytest.raises(BadInput, match=match):
        ask(refusing.home, wanted, refusing.at(2))
    assert size_of(refusing.home) == size


def test_a_tier_whose_time_is_over_needs_a_time_to_be_given(harbour: Floor) -> None:
    wanted = Wanted(actor="ARV", measure="letter")

    with pytest.raises(BadInput, match=r"bell was due at 2030-10-01T16.*, expected a later time"):
        ask(harbour.home, wanted, harbour.at(7))
    due = DETERMINED + timedelta(hours=9)
    assert ask(harbour.home, replace(wanted, due=due), harbour.at(7)).due == due


@pytest.mark.parametrize(
    ("act", "detail", "match"),
    [
        ("step_done", {"atom": "moon"}, "atom is 'moon', expected one of asked_by_dalmere"),
        ("adopted", {"adopter": "XXX"}, "actor is 'XXX', expected one of"),
        (
            "verified",
            {"asset": "P.", "report": 1},
            "report is 1, expected null or the entry of",
        ),
        ("resumed", {}, "is asked and cannot be resumed"),
    ],
)
def test_what_is_said_of_a_measure_must_fit_it(
    refusing: Floor, act: str, detail: dict[str, Json], match: str
) -> None:
    [asked] = [ask for each in refusing.shown().actors for ask in each.asks]

    with pytest.raises(BadInput, match=match):
        say(refusing.home, Given(act=act, of=asked.id, detail=detail), refusing.at(3))


def test_only_who_may_adopt_a_measure_adopts_it(harbour: Floor) -> None:
    turn(harbour.home, "tier_raised", harbour.because(7, "no answer"))
    asked = ask(harbour.home, Wanted(actor="ARV", measure="toll-surcharge"), harbour.at(8)).done
    past = instant_text(DETERMINED)

    def adopt(**detail: Json) -> None:
        say(harbour.home, Given(act="adopted", of=asked.id, detail=detail), harbour.at(9))

    with pytest.raises(BadInput, match="adopter is DAL, expected HARBOUR_GROUP or a member"):
        adopt(adopter="DAL")
    with pytest.raises(BadInput, match=r"until is 2030-10-01T10.*, must be after"):
        adopt(adopter="ARV", until=past)
    adopt(adopter="ARV")


def test_a_tier_is_raised_up_and_lowered_down(harbour: Floor) -> None:
    with pytest.raises(BadInput, match=r"tier is bell, expected one higher than bell, .*: boom, "):
        turn(harbour.home, "tier_raised", harbour.because(2, "x"), tier="bell")
    with pytest.raises(BadInput, match="bell is the lowest tier, expected one beyond it"):
        turn(harbour.home, "deescalated", harbour.because(2, "x"))
    with pytest.raises(BadInput, match="note is null, expected why"):
        turn(harbour.home, "tier_raised", harbour.at(2))


def test_an_exercise_and_the_real_thing_are_not_mixed(tmp_path: Path) -> None:
    drill = floor(tmp_path / "drill", register="paris-2026")
    meant = floor(tmp_path / "meant", register="harbour-accord")
    mean_it(meant)

    with pytest.raises(BadInput, match="paris-2026 is of a real arrangement and the mission is"):
        drill.start()
    with pytest.raises(BadInput, match="register harbour-accord is of an invented arrangement"):
        meant.start()
    assert drill.start(real_register=True).state == "active"


def test_a_response_that_is_meant_is_not_marked(tmp_path: Path) -> None:
    meant = floor(tmp_path, register="paris-2026")
    mean_it(meant)

    meant.start()

    assert meant.shown().marked == ""


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"marked": None}, "marked is null, expected EXERCISE, as the mission is one"),
        ({"register": "other"}, "register is 'other', expected one of harbour-accord"),
        ({"tier": "flag"}, "tier is 'flag', expected one of bell, boom, lantern"),
        ({"determined": "2030-10-02T00:00:00.000000Z"}, "determined is 2030-10-02.*, must not be"),
        ({"party": "NOBODY"}, "party is 'NOBODY', expected one of"),
    ],
)
def test_the_logbooks_own_verb_is_no_way_around(
    refusing: Floor, changed: dict[str, Json], match: str
) -> None:
    detail: dict[str, Json] = {
        "determined": instant_text(DETERMINED), "found": "fire", "found_by": "the commission",
        "marked": "EXERCISE", "party": None, "register": "harbour-accord", "standard": None,
        "tier": "bell",
    }  # fmt: skip
    at = refusing.at(3).time
    act = NewAct(
        kind="response", act="started", at=at, by="S.", detail=detail, objects=[refusing.object]
    )

    with pytest.raises(BadInput, match=match):
        enter(refusing.home, [replace(act, detail={**detail, **changed})], clock=refusing.clock)
    with pytest.raises(BadInput, match="objects is empty, expected the sealed determination"):
        enter(refusing.home, [replace(act, objects=[])], clock=refusing.clock)


def test_acts_of_no_response_are_refused(harbour: Floor) -> None:
    with pytest.raises(BadInput, match="ID: is 'FRA', expected one such as asked_for-43"):
        say(harbour.home, Given(act="reported", of="FRA"), harbour.at(2))
    with pytest.raises(NotFound, match="response: is 'response-99', expected one of response-"):
        turn(harbour.home, "closed", harbour.because(2, "x"), response="response-99")
    held: dict[str, Json] = {
        "marked": "EXERCISE", "participants": ["ARV"], "response": 1, "subject": "x",
    }  # fmt: skip
    act = NewAct(kind="consultation", act="held", at=harbour.at(2).time, by="S.", detail=held)
    with pytest.raises(BadInput, match="response is 1, where no response was opened that stands"):
        enter(harbour.home, [act], clock=harbour.clock)
    with pytest.raises(BadInput, match="participants is 'XXX', expected one of"):
        consult(harbour.home, ("XXX",), "x", harbour.at(2))


def test_without_a_register_there_is_nothing_to_respond_by(tmp_path: Path) -> None:
    create(tmp_path / "m", clock=SimulatedClock(DETERMINED), plan=Plan(seed=bytes(32)))

    with pytest.raises(NotFound, match="register: none was loaded in the first"):
        floor_at(Home(tmp_path / "m"), None)
