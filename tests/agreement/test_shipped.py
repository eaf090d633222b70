"""The agreements that come along are invented, say so, cite their models and raise no question."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Protocol

import pytest
from pyproj import Geod

from trucewatch.agreement.agreement import Agreement, Status
from trucewatch.agreement.exemption import Asks
from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.lint import lint
from trucewatch.agreement.parse import parse
from trucewatch.agreement.party import Role
from trucewatch.agreement.rule import Modality
from trucewatch.agreement.shipped import shipped, shipped_bytes
from trucewatch.agreement.show import show
from trucewatch.errors import NotFound

if TYPE_CHECKING:
    from trucewatch.agreement.rule import Rule


class Named(Protocol):
    """A part of an agreement that has a name."""

    @property
    def id(self) -> str: ...


class Cited(Named, Protocol):
    """A part of an agreement that says where its words come from."""

    @property
    def source(self) -> str: ...


MODELS = ("local-truce", "minsk-type", "paris-type")
WITH_PARTIES = ("demo-truce", *MODELS)
MINSK = tuple(f"R{number:02}" for number in range(1, 13))
PARIS = tuple(f"P{number:02}" for number in range(1, 13))
OCEAN_DEG = {  # west, east, south, north; no land lies within 500 km of any
    "demo-truce": (-31, -29, 44.5, 45.5),
    "local-truce": (-34, -33, 43, 44),
    "minsk-type": (-39, -37, 44.5, 45.5),
    "paris-type": (-123, -116, -50, -44),
}
STATES = (
    *("ukrain", "russia", "donetsk", "luhansk", "crimea", "israel", "lebanon", "gaza", "turk"),
    *("united states", "america", "france", "french", "british", "united kingdom", "kyiv"),
)
WGS84 = Geod(ellps="WGS84")


@cache
def read(name: str) -> Agreement:
    return parse(shipped_bytes(name), name=f"{name}.yaml")


def rule_of(name: str, rule_id: str) -> Rule:
    return next(rule for rule in read(name).rules if rule.id == rule_id)


def one_line(text: str) -> str:
    return " ".join(text.split())


def places(agreement: Agreement) -> list[tuple[float, float]]:
    """Return every (longitude, latitude) that the file names."""
    found = [point for line in agreement.lines for point in line.points]
    for zone in agreement.zones:
        found += zone.polygon
        found += [(disc.lon_deg, disc.lat_deg) for disc in zone.discs]
    return found


def test_ships_a_box_and_truces_of_three_sizes() -> None:
    assert shipped() == ("demo-truce", "easter-2025", "exercise-box", *MODELS)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_agreement_is_an_exercise(name: str) -> None:
    agreement = read(name)

    assert agreement.id == name
    assert agreement.exercise
    assert "xercise" in agreement.title.lower()
    assert "Nobody has adopted this software" in one_line(agreement.note)


def test_the_box_is_not_in_force_and_names_no_party() -> None:
    box = read("exercise-box")

    assert (box.status, box.effective, box.parties) == (Status.NOT_IN_FORCE, None, ())
    assert box.zones[0].polygon == ((22.0, 44.0), (41.0, 44.0), (41.0, 53.0), (22.0, 53.0))


@pytest.mark.parametrize("name", WITH_PARTIES)
def test_invented_ground_lies_in_the_open_ocean(name: str) -> None:
    west_deg, east_deg, south_deg, north_deg = OCEAN_DEG[name]

    found = places(read(name))

    assert len(found) > 3
    for lon_deg, lat_deg in found:
        assert west_deg < lon_deg < east_deg
        assert south_deg < lat_deg < north_deg


@pytest.mark.parametrize("name", WITH_PARTIES)
def test_no_state_is_named(name: str) -> None:
    text = shipped_bytes(name).decode().lower()

    assert [state for state in STATES if state in text] == []


@pytest.mark.parametrize("name", WITH_PARTIES)
def test_the_word_that_is_kept_for_determinations_does_not_appear(name: str) -> None:
    assert "violat" not in shipped_bytes(name).decode().lower()


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("minsk-type", MINSK),
        ("paris-type", MINSK + PARIS),
        ("local-truce", MINSK[:5]),
    ],
)
def test_each_model_has_the_rules_that_it_promises(name: str, rules: tuple[str, ...]) -> None:
    assert tuple(rule.id for rule in read(name).rules) == rules


@pytest.mark.parametrize("name", MODELS)
def test_every_rule_and_every_provision_says_where_its_words_come_from(name: str) -> None:
    agreement = read(name)
    provided = agreement.provisions
    cited: tuple[Cited, ...] = (
        *agreement.rules,
        *agreement.exemptions,
        *provided.windows,
        *provided.sequences,
        *provided.notices,
        *provided.access,
    )

    marks = ("model text: ", "design input: ", "exercise")

    assert [each.id for each in cited if not each.source.startswith(marks)] == []


def test_every_rule_of_the_minsk_type_names_its_model_text_and_its_date() -> None:
    sources = [rule.source for rule in read("minsk-type").rules]

    assert all(source.startswith("model text: ") for source in sources)
    assert [source for source in sources if not re.search(r"\b20\d\d\b", source)] == []


def test_every_addition_of_the_paris_type_is_a_design_input() -> None:
    paris = read("paris-type")

    sources = [rule.source for rule in paris.rules if rule.id in PARIS]

    assert len(sources) == len(PARIS)
    assert all(source.startswith("design input: ") for source in sources)
    note = one_line(paris.note)
    assert "design inputs from published proposals and press reports" in note
    assert "nobody has agreed to them and nobody has adopted them" in note
    assert "The text of the Paris Declaration gives components and no rules" in note


@pytest.mark.parametrize("rule_id", MINSK)
def test_the_paris_type_holds_each_rule_of_the_minsk_type(rule_id: str) -> None:
    one, other = rule_of("minsk-type", rule_id), rule_of("paris-type", rule_id)

    for name in (
        *("kind", "modality", "source", "acts", "zone", "who", "terms", "counting_rule"),
        *("thresholds", "exemptions", "severity", "matters", "weapons", "sequence"),
        *("deadline", "hindrances", "delay_max_min", "visit_every_d"),
    ):
        assert getattr(one, name) == getattr(other, name), name


def test_every_kind_of_rule_is_used_by_a_shipped_rule() -> None:
    used = {rule.kind for name in shipped() for rule in read(name).rules}

    assert used == set(KINDS)


@pytest.mark.parametrize("name", WITH_PARTIES)
def test_every_rule_binds_every_party(name: str) -> None:
    agreement = read(name)
    parties = tuple(party.id for party in agreement.parties if party.role is Role.PARTY)

    assert parties == ("ALPHA", "BRAVO")
    assert {rule.who for rule in agreement.rules} == {parties}


@pytest.mark.parametrize("name", WITH_PARTIES)
def test_the_linter_has_no_question(name: str) -> None:
    found = lint(read(name))

    assert [(finding.code, finding.where) for finding in found] == []


@pytest.mark.parametrize("name", WITH_PARTIES)
def test_the_page_for_a_lawyer_names_everything_and_holds_no_code(name: str) -> None:
    agreement = read(name)

    page = show(agreement)

    told = one_line(page)
    named: list[Named] = [*agreement.rules, *agreement.zones, *agreement.lines]
    named += [*agreement.weapons, *agreement.exemptions]
    assert [each.id for each in named if each.id not in told] == []
    assert [rule.id for rule in agreement.rules if one_line(rule.clause) not in told] == []
    assert [rule.id for rule in agreement.rules if one_line(rule.source) not in told] == []
    assert re.findall(r">-|[{}<>]|\bNone\b[,)]|\b\w+=|\w+_(?:m|h|min|deg)\b", page) == []


@pytest.mark.parametrize("name", ["minsk-type", "paris-type"])
def test_the_parties_measure_from_lines_that_really_differ(name: str) -> None:
    agreement = read(name)
    of_alpha, of_bravo = agreement.datum("ALPHA"), agreement.datum("BRAVO")
    assert of_alpha is not None
    assert of_bravo is not None

    pairs = list(zip(of_alpha.points, of_bravo.points, strict=True))
    apart_m = [WGS84.inv(*one, *other)[2] for one, other in pairs]

    assert of_alpha.id != of_bravo.id
    assert of_alpha.accuracy_m != of_bravo.accuracy_m
    assert all(one[0] == other[0] and one[1] > other[1] for one, other in pairs)
    assert 1_000 < min(apart_m) < 3_500
    assert 6_000 < max(apart_m) < 8_000


@pytest.mark.parametrize("name", ["minsk-type", "paris-type"])
def test_the_disengagement_area_is_two_by_two_kilometres(name: str) -> None:
    corners = read(name).zone("Z_DIS_1").polygon

    sides_m = [
        WGS84.inv(*corner, *after)[2]
        for corner, after in zip(corners, corners[1:] + corners[:1], strict=True)
    ]

    assert sides_m == pytest.approx([2000] * 4, abs=3)


@pytest.mark.parametrize("name", ["minsk-type", "paris-type"])
def test_distances_of_withdrawal_are_those_of_the_models(name: str) -> None:
    agreement = read(name)
    expected_km = {
        "ART_100PLUS": 25,
        "MLRS": 35,
        "MLRS_HEAVY_TACT": 70,
        "TANK": 15,
        "ART_SUB100": 15,
        "MORTAR_LE120": 15,
    }

    found_km = {}
    for rule_id in ("R04", "R05"):
        rule = rule_of(name, rule_id)
        for weapon in map(agreement.weapon, rule.weapons):
            limits_m = {weapon.distance_m(party, rule.phase) for party in rule.who}
            assert len(limits_m) == 1
            found_km[weapon.id] = (limits_m.pop() or 0) / 1000

    assert found_km == expected_km


def test_the_second_phase_of_the_paris_type_reaches_farther() -> None:
    paris, belts = read("paris-type"), rule_of("paris-type", "P02")

    found_m = [paris.weapon(name).distance_m("ALPHA", belts.phase) for name in belts.weapons]

    assert found_m == [50_000, 75_000, 150_000]


def test_short_notice_of_a_blast_breaches_the_duty_and_not_the_ban_on_fire() -> None:
    truce = read("local-truce")

    asked = [condition.asks for condition in truce.exemption("E_demining").conditions]
    duties = [rule for rule in truce.rules if rule.notice == "N_DEMINING"]

    assert asked == [
        Asks.NOTIFIED,
        Asks.INSIDE_NOTIFIED_AREA,
        Asks.DAYLIGHT,
        Asks.WITHIN_NOTIFIED_NUMBER,
    ]
    assert [(rule.kind, rule.modality) for rule in duties] == [("obligation", Modality.OBLIGATORY)]
    assert [each.lead_h for each in truce.provisions.notices] == [48]


@pytest.mark.parametrize("name", ["minsk-type", "paris-type"])
def test_where_no_rule_makes_notice_of_a_blast_a_duty_the_exemption_asks_for_its_hours(
    name: str,
) -> None:
    agreement = read(name)

    asked = {each.asks: each.value for each in agreement.exemption("E_demining").conditions}

    assert "N_DEMINING" not in {rule.notice for rule in agreement.rules}
    assert asked[Asks.LEAD] == 48


def test_the_local_truce_has_one_window_that_both_sides_guarantee() -> None:
    truce = read("local-truce")

    (window,) = truce.provisions.windows
    (rule,) = (rule for rule in truce.rules if rule.kind == "silence_window")

    assert window.guarantees_from == ("ALPHA", "BRAVO")
    assert rule.window == "", "a window that names no provision of the text counts too"
    assert rule.radius_m == 2_000
    assert truce.zone(window.zone).discs[0].radius_m == rule.radius_m


def test_hubs_are_restricted_and_energy_objects_have_no_place() -> None:
    paris = read("paris-type")

    (listed,) = paris.provisions.object_lists
    hubs, energy = rule_of("paris-type", "P08"), rule_of("paris-type", "P05")

    assert paris.zone(hubs.zone).restricted
    assert [zone.id for zone in paris.zones if zone.restricted] == [hubs.zone]
    assert (energy.object_list, energy.zone) == (listed.id, "")
    assert re.fullmatch("[0-9a-f]{64}", listed.commitment)
    assert listed.held_by == "DEPOSITARY"


def test_what_software_cannot_check_is_shown_as_text() -> None:
    shown = {rule.id for rule in read("paris-type").rules if rule.kind == "text_only"}

    assert shown == {"P07", "P09", "P12"}
    assert rule_of("paris-type", "P09").modality is Modality.PERMITTED


def test_refuses_a_name_that_is_not_shipped() -> None:
    with pytest.raises(NotFound, match=r"name is '\.\./x', must be one of: demo-truce, easter-2"):
        shipped_bytes("../x")


def test_an_auditor_loads_no_numerical_library() -> None:
    script = (
        "import sys, trucewatch.agreement.parse, trucewatch.agreement.lint, "
        "trucewatch.agreement.show, trucewatch.agreement.force, trucewatch.agreement.shipped as s\n"
        "for name in s.shipped():\n"
        "    read = trucewatch.agreement.parse.parse(s.shipped_bytes(name), name=name)\n"
        "    trucewatch.agreement.lint.lint(read), trucewatch.agreement.show.show(read)\n"
        "heavy = {'numpy', 'polars', 'shapely', 'scipy', 'pyproj', 'sqlalchemy'}\n"
        "print(sorted(heavy & {m.split('.')[0] for m in sys.modules}))"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter, fixed text
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
