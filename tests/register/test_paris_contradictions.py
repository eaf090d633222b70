"""What is known to be contradictory about the Paris meeting is found from claims alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from trucewatch.errors import BadInput
from trucewatch.records.claims.claim import Relation
from trucewatch.register.asked import about
from trucewatch.register.contradictions import Kind, contradictions
from trucewatch.register.legal import legal
from trucewatch.register.parse import parse
from trucewatch.register.shipped import shipped_bytes
from trucewatch.register.total import total
from trucewatch.register.who import who_if

if TYPE_CHECKING:
    from trucewatch.records.claims.register import Register
    from trucewatch.register.contradictions import Contradiction

DRAFT, QUANTITY = Kind.DRAFT_AGAINST_FINAL, Kind.DIFFERENT_QUANTITY
CONFLICT, OPEN = Kind.GENUINE_CONFLICT, Kind.UNRESOLVED


class Expected(NamedTuple):
    """One contradiction of the table.

    Attributes:
        number: Its number in the analysis of the articles.
        question: What the claims answer.
        claims: Two claims, by id in order.
        kind: Its class.
        preferred: The claim that the rule prefers, or None.
    """

    number: str
    question: str
    claims: tuple[str, str]
    kind: Kind
    preferred: str | None


ATTENDED = "quantity/COALITION/attended/paris_summit/-/-/states"
SIZE = "quantity/MNFU/stated/-/-/force_size/troops"
HELD = "quantity/RUS/stated/-/-/territory_held/percent"
GERMANY = "contribution/DEU/multinational_force/neighbouring"
NAME = "stated/paris_declaration_name/denotes"
TABLE = tuple(
    Expected(*row)
    for row in (
        ("C1", ATTENDED, ("000-2b", "000-2c"), QUANTITY, None),
        ("C1", ATTENDED, ("000-2c", "002-5b"), QUANTITY, None),
        ("C2", "stated/PD2026/signed_by", ("002-7b", "004-11a"), OPEN, None),
        ("C2", "stated/PD2026/signed_by", ("004-11a", "S18-a"), CONFLICT, "S18-a"),
        ("C3", NAME, ("000-32a", "002-7c"), CONFLICT, "002-7c"),
        ("C3", NAME, ("000-32a", "S1-a"), CONFLICT, "S1-a"),
        ("C4", "stated/DOI2026/signed_by", ("000-3d", "003-15c"), CONFLICT, "000-3d"),
        ("C5", "stated/DOI2026/legal_force", ("000-13a", "001-13e"), OPEN, None),
        ("C5", "stated/PD2026-4/legal_force", ("002-24a", "S1-c"), CONFLICT, "S1-c"),
        ("C5", "stated/PD2026-4/legal_force", ("002-24a", "002-7f"), CONFLICT, "002-7f"),
        ("C5", "stated/PD2026-4/legal_force", ("004-13e", "S7-a"), CONFLICT, "S7-a"),
        ("C6", "role/USA/PD2026", ("002-14a", "002-19a"), OPEN, None),
        ("C6", "role/USA/PD2026", ("001-21a", "004-23c"), OPEN, None),
        ("C7", "stated/USA/us_backing", ("001-25b", "003-55a"), DRAFT, "003-55a"),
        ("C7", "stated/USA/us_backing", ("001-25b", "004-25a"), DRAFT, "004-25a"),
        ("C7", "stated/USA/us_backing", ("S2-a", "S3-a"), DRAFT, "S2-a"),
        ("C8", SIZE, ("000-11a", "000-11b"), QUANTITY, None),
        ("C8", SIZE, ("000-11a", "002-23h"), QUANTITY, None),
        ("C8", SIZE, ("002-23h", "003-24b"), QUANTITY, None),
        ("C8", SIZE, ("002-23h", "S9-a"), QUANTITY, None),
        ("C9", GERMANY, ("000-10a", "003-37a"), CONFLICT, "003-37a"),
        ("C9", GERMANY, ("000-10a", "S16-a"), CONFLICT, "S16-a"),
        ("C9", "stated/DEU/troops_in_ukraine_stance", ("000-37d", "S16-c"), CONFLICT, "S16-c"),
        ("C10", "stated/SPECIAL_COMMISSION/composition", ("002-20a", "S1-e"), CONFLICT, "S1-e"),
        ("C11", "stated/MNFU/command", ("001-25c", "002-22a"), CONFLICT, "001-25c"),
        ("C11", "stated/MNFU/command", ("002-22a", "S2-d"), CONFLICT, "S2-d"),
        ("C12", "stated/paris_summit/first_meeting", ("000-2a", "002-5a"), CONFLICT, "002-5a"),
        ("C12", "stated/paris_summit/first_meeting", ("000-2a", "S15-b"), CONFLICT, "S15-b"),
        ("C13", "stated/MNFU/location", ("000-11d", "003-29a"), OPEN, None),
        ("C13", "stated/MNFU/location", ("002-13c", "003-29a"), OPEN, None),
        ("C14", "stated/DOI2026/trigger", ("000-3e", "001-13f"), CONFLICT, "000-3e"),
        ("C14", "stated/DOI2026/trigger", ("001-13f", "003-15d"), OPEN, None),
        ("C15", "stated/PD2026-2/role_of_armed_forces", ("002-21b", "S1-h"), CONFLICT, "S1-h"),
        ("C16", HELD, ("001-35b", "003-73a"), QUANTITY, None),
        ("C16", HELD, ("001-35b", "003-73b"), QUANTITY, None),
        ("C17", "stated/KUSHNER/office", ("000-2g", "001-27c"), OPEN, None),
        ("C17", "stated/KUSHNER/office", ("001-27c", "003-53a"), OPEN, None),
    )
)
BESIDE = {
    "clause/PD2026/us-support-if-attacked": "the clause of C7 as such",
    "stated/PD2026/legal_force": "C5 for the declaration as a whole",
    "stated/DOI2026/stage": "one article calls the declaration of intent an agreement",
    "stated/DOI2026-3/framework": "one speech, told as laying the legal ground and as preparing it",
}
"""What the rules find besides the seventeen, and why it is right."""


@cache
def paris() -> Register:
    """Return the register."""
    return parse(shipped_bytes("paris-2026"), name="paris-2026.yaml")


@cache
def found() -> dict[tuple[str, ...], Contradiction]:
    """Return all contradictions of claims, by claims."""
    return {each.claims: each for each in contradictions(paris())}


def test_the_table_has_all_seventeen() -> None:
    assert list(dict.fromkeys(row.number for row in TABLE)) == [f"C{n}" for n in range(1, 18)]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.number}-{'+'.join(row.claims)}")
def test_finds_and_classifies_a_known_contradiction(row: Expected) -> None:
    contradiction = found()[row.claims]

    assert contradiction.question == row.question
    assert contradiction.kind is row.kind
    assert contradiction.preferred == row.preferred


def test_finds_nothing_that_is_not_explained() -> None:
    explained = {row.question for row in TABLE} | set(BESIDE)

    assert {each.question for each in found().values()} == explained


def test_loose_lower_bounds_of_attendance_are_no_contradiction() -> None:
    loose = {"000-2b", "001-15a", "002-5b", "003-33a", "S8-a"}

    assert not [each for each in found() if set(each) <= loose]


def test_numbers_are_never_summed_across_scopes() -> None:
    claims = {each.id: each for each in paris().claims}
    both = claims["002-23m"]
    alone = replace(both, subject="DEU", quantity=claims["003-24a"].quantity)

    with pytest.raises(BadInput, match="scope is FRA_and_GBR and FRA, must be one scope"):
        total(paris(), [both, alone])
    with pytest.raises(BadInput, match="subjects MNFU and MNFU overlap"):
        total(paris(), [claims["000-11a"], claims["003-24b"]])


def test_a_number_of_two_states_is_entered_once() -> None:
    claims = {each.id: each for each in paris().claims}
    told = [each for each in claims.values() if each.quantity and each.domain == "land"]
    one = replace(claims["002-23m"], id="x", subject="FRA")

    with pytest.raises(BadInput, match="subjects FRA_AND_GBR and FRA overlap"):
        total(paris(), [claims["002-23m"], one])
    assert [(each.subject, each.relation) for each in told] == [
        ("FRA_AND_GBR", Relation.PLEDGED),
        ("FRA", Relation.OFFERED),
    ]


def test_of_germany_the_refusal_and_the_offer_are_known() -> None:
    germany = about(paris(), "Germany")
    groups = {each.relation: [said.claim.id for said in each.claims] for each in germany.groups}
    disputed = next(each for each in germany.disputes if each.question == GERMANY)

    assert groups[Relation.RULED_OUT] == ["000-10a"]
    assert groups[Relation.REFUSED] == ["000-37c"]
    assert groups[Relation.OFFERED] == ["S16-a", "S16-d", "003-37a", "003-37b"]
    assert disputed.claims == ("000-10a", "003-37a", "S16-a")
    assert disputed.preferred == "S16-a"
    assert "own words" in disputed.why


def test_provision_four_is_answered_by_source_with_the_official_condition() -> None:
    answer = legal(paris(), "PD2026-4")
    by_source = {(each.said.claim.source, each.value) for each in answer.answers}

    assert "a ceasefire is in force" in answer.official.text
    assert "legal and constitutional arrangements" in answer.official.text
    assert answer.answers[0].said.claim.source == "S1"
    assert {
        ("S1", "to_be_finalised"),
        ("S7", "to_be_finalised"),
        ("003", "to_be_finalised"),
        ("002", "binding"),
        ("002", "none_agreed"),
        ("004", "binding"),
    } <= by_source
    declaration = {each.value for each in legal(paris(), "DOI2026").answers}
    assert {"political", "commits"} <= declaration


def test_american_support_stands_as_removed_from_the_draft() -> None:
    removed = about(paris(), "USA").removed

    assert [each.clause.id for each in removed] == ["us-support-if-attacked"]


def test_tier_asks_and_shows_steps_at_home_and_what_nobody_promised() -> None:
    answer = who_if(paris(), tier="2", met={"ceasefire": True})
    of = {each.actor.id: each for each in answer.actors}

    steps = {actor: [each.atom for each in of[actor].outstanding] for actor in ("DEU", "GBR")}
    assert steps == {"DEU": ["bundestag_vote"], "GBR": ["commons_vote"]}
    assert [each.said.claim.id for each in of["TUR"].promises] == ["000-8c", "002-23i"]
    assert [each.said.claim.id for each in of["DEU"].refusals] == ["000-10a", "000-37c"]
    missing = {each.id for each in answer.nobody}
    assert missing >= {"consultation", "more-observation", "supply"}
    # members promised troops to a force that reassures, nobody that the Coalition fights
    assert missing >= {"coalition-on-land", "coalition-at-sea"}


def test_invented_register_shows_every_class() -> None:
    harbour = parse(shipped_bytes("harbour-accord"), name="harbour-accord.yaml")

    assert {each.kind for each in contradictions(harbour)} == set(Kind)
