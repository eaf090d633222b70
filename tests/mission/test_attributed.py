"""Who may have done it: sealed with what was seen, weighed, never public, naming nobody."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput, BadMission, NotFound
from trucewatch.evidence.statement import ATTRIBUTED
from trucewatch.mission.attributed import ATTRIBUTED_TYPE, attribute, attributions_of
from trucewatch.mission.check import verify
from trucewatch.mission.configuration import statements
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.export import export
from trucewatch.mission.ingest import ingest
from trucewatch.mission.linked import CITED_TYPE, Said
from trucewatch.mission.listing import Filter, incidents
from trucewatch.mission.opened import reading
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.run import run
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.reading import detail_form

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.entering import Done
    from trucewatch.mission.home import Home

SAID = Said(by="A. Analyst", reason="first look")


@pytest.fixture
def seen(home: Home, inbox: Path, clock: SimulatedClock) -> tuple[Home, str, str]:
    """A mission that was run, an incident of it, and the object that it came in."""
    list(ingest(home, "firms", [inbox / "firms-26.csv"], clock=clock))
    run(home, clock=clock)
    with reading(home) as (log, _):
        object_ = next(e.object for _, e in log.entries() if e.type.startswith("received/"))
    return home, incidents(home, only=Filter())["id"][0], object_


def hypotheses(object_: str, **change: object) -> bytes:
    basis = {"kind": '"territory"', "ratio": "[50, 90]", "text": '"their side"', **change}
    lines = [f"{key} = {value}" for key, value in basis.items()]
    head = ["[[hypothesis]]", 'who = "third_actor"', "[[hypothesis.basis]]"]
    return "\n".join([*head, f'object = "{object_}"', *lines]).encode()


def test_seals_what_was_seen_and_what_was_put_forward(
    seen: tuple[Home, str, str], clock: SimulatedClock
) -> None:
    home, incident, object_ = seen

    made = attribute(home, incident, hypotheses(object_[:12]), said=SAID, clock=clock)

    with reading(home) as (log, _):
        types = [entry.type for _, entry in log.entries()][-2:]
    assert types == [CITED_TYPE, ATTRIBUTED_TYPE]
    assert attributions_of(home) == [made]
    assert made.attribution.hypotheses[0].basis[0].object == object_
    assert [(each.who, each.candidate, each.weak) for each in made.shares] == [
        ("third_actor", False, True),
        ("undetermined", False, True),
    ]
    assert verify(home.path, vkey=None).statements


def test_it_is_no_input_and_changes_no_incident(
    seen: tuple[Home, str, str], clock: SimulatedClock
) -> None:
    home, incident, object_ = seen
    before = incidents(home, only=Filter())

    attribute(home, incident, hypotheses(object_[:12]), said=SAID, clock=clock)

    assert not run(home, clock=clock).new
    assert incidents(home, only=Filter()).equals(before)
    assert set(rebuild(home).compared.values()) == {"same"}


def test_the_public_never_sees_it(
    seen: tuple[Home, str, str], tmp_path: Path, clock: SimulatedClock
) -> None:
    home, incident, object_ = seen
    attribute(home, incident, hypotheses(object_[:12]), said=SAID, clock=clock)

    export(home, tmp_path / "out.zip", level="public", clock=clock)

    shown = zipfile.ZipFile(tmp_path / "out.zip")
    index = [line.split("\t") for line in shown.read("bundle/data/index.tsv").decode().splitlines()]
    rows = {row[1]: (row[4], row[5]) for row in index if row[1] in {CITED_TYPE, ATTRIBUTED_TYPE}}
    assert rows == {CITED_TYPE: ("no", "mission only"), ATTRIBUTED_TYPE: ("no", "mission only")}
    assert not any(b"first look" in shown.read(name) for name in shown.namelist())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ratio": "[9, 3]"}, "ratio is 9 to 3"),
        ({"ratio": "7"}, r"ratio is 7, must be \[low, high\]"),
        ({"kind": '"hunch"'}, "basis is 'hunch'"),
        ({"more": "1"}, "a basis must say kind, object, ratio, text"),
    ],
)
def test_refuses_what_is_no_hypothesis_and_seals_nothing(
    seen: tuple[Home, str, str], clock: SimulatedClock, change: dict[str, object], problem: str
) -> None:
    home, incident, object_ = seen

    with pytest.raises(BadInput, match=problem):
        attribute(home, incident, hypotheses(object_[:12], **change), said=SAID, clock=clock)

    assert attributions_of(home) == []


def test_refuses_whom_the_agreement_does_not_know(
    seen: tuple[Home, str, str], clock: SimulatedClock
) -> None:
    home, incident, object_ = seen
    raw = hypotheses(object_[:12]).replace(b"third_actor", b"ZULU")

    with pytest.raises(BadInput, match="hypothesis is 'ZULU', must be one of: "):
        attribute(home, incident, raw, said=SAID, clock=clock)


def test_refuses_an_incident_and_an_object_that_are_not_there(
    seen: tuple[Home, str, str], clock: SimulatedClock
) -> None:
    home, incident, object_ = seen

    with pytest.raises(NotFound, match="no incident has this id"):
        attribute(home, "i-nothing", hypotheses(object_[:12]), said=SAID, clock=clock)
    with pytest.raises(NotFound, match="begins 0 objects of the log"):
        attribute(home, incident, hypotheses("f" * 64), said=SAID, clock=clock)


def sighting(clock: SimulatedClock) -> NewAct:
    return NewAct(
        kind="sighting",
        act="seen",
        at=clock.at,
        by="A. Ode",
        detail={
            "asset": "patrol 3",
            "matter": "post",
            "name": None,
            "number_max": 1,
            "number_min": 1,
            "place": {"error_m": 25, "lat_deg": 45.01, "lon_deg": -30.0},
            "weapons": {},
        },
    )


def test_a_record_of_the_logbook_is_put_forward_with_the_acts_that_it_has(
    home: Home, clock: SimulatedClock
) -> None:
    [entered] = enter(home, [sighting(clock)], clock=clock)
    with reading(home) as (log, _):
        object_ = log.entry(entered.entry).object

    made = attribute(home, entered.id, hypotheses(object_), said=SAID, clock=clock)

    with reading(home) as (log, _):
        [(_, statement)] = statements(log, ATTRIBUTED)
        types = [entry.type for _, entry in log.entries()]
    assert made.attribution.subject == entered.id
    assert attributions_of(home) == [made]
    assert [(s.name, s.sha256) for s in statement.subjects] == [
        ("statement/sighting/v1", object_),
        ("basis", object_),
    ]
    assert CITED_TYPE not in types
    assert verify(home.path, vkey=None).statements


def test_refuses_a_record_that_is_not_there_or_was_voided(
    home: Home, clock: SimulatedClock
) -> None:
    [entered] = enter(home, [sighting(clock)], clock=clock)
    raw = hypotheses("f" * 64)

    for asked in (str(entered.entry), f"window-{entered.entry}", "sighting-999"):
        with pytest.raises((NotFound, BadMission), match=r"no record|nothing has been run"):
            attribute(home, asked, raw, said=SAID, clock=clock)
    with pytest.raises(NotFound, match="begins 0 objects") as refused:
        attribute(home, entered.id, raw, said=SAID, clock=clock)
    enter(home, [void(entered, clock)], clock=clock)
    with pytest.raises(NotFound, match="was voided, expected a record that stands"):
        attribute(home, entered.id, raw, said=SAID, clock=clock)
    assert refused.value.advice.endswith(f"tw logbook show {home.path} {entered.id}")
    assert attributions_of(home) == []


def void(entered: Done, clock: SimulatedClock) -> NewAct:
    form = detail_form("sighting", VOIDED, where="test")
    return NewAct(
        kind="sighting",
        act=VOIDED,
        at=clock.at,
        by="A. Ode",
        note="twice",
        detail=dict.fromkeys(form),
        of=entered.entry,
    )


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (
            b"[[hypotheses]]\nwho = 'ALPHA'",
            r"keys are hypotheses, expected \[\[hypothesis\]\] alone",
        ),
        (b"", "keys are none"),
        (b"hypothesis = 3", "expected tables"),
        (b"[[hypothesis]]\nwho = ['A']", "who is .*expected a name"),
        (b"[[hypothesis]]\nwho = 'ALPHA'\nbasis = 3", "expected tables"),
        (
            b"[[hypothesis]]\nwho = 'undetermined'\nrejected = 'it was ALPHA'",
            "hypotheses: undetermined is rejected, must never be",
        ),
    ],
)
def test_refuses_a_file_of_another_form(
    seen: tuple[Home, str, str], clock: SimulatedClock, raw: bytes, problem: str
) -> None:
    home, incident, _ = seen

    with pytest.raises(BadInput, match=problem):
        attribute(home, incident, raw, said=SAID, clock=clock)

    assert attributions_of(home) == []


def test_needs_a_run(home: Home, clock: SimulatedClock) -> None:
    with pytest.raises(BadMission, match="nothing has been run"):
        attribute(home, "i-aaaa", hypotheses("f" * 64), said=SAID, clock=clock)
