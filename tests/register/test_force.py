"""The force component by component: nothing is added that may be told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trucewatch.records.claims.claim import Basis, Relation
from trucewatch.records.claims.quantity import Qualifier, Quantity
from trucewatch.records.claims.requirement import Requirement
from trucewatch.register.checklists import NOT_LISTED, Settled, checklists
from trucewatch.register.force import force
from trucewatch.register.known import is_joint, known
from trucewatch.register.parse import parse
from trucewatch.register.shipped import shipped_bytes

if TYPE_CHECKING:
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.checklists import Item
    from trucewatch.register.force import Component, Missing

HARBOUR = parse(shipped_bytes("harbour-accord"), name="harbour-accord.yaml")
PARIS = parse(shipped_bytes("paris-2026"), name="paris-2026.yaml")
TEMPLATE = next(each for each in HARBOUR.claims if each.id == "t2-a")


def watchers(low: int, high: int | None = None, scope: str = "whole_watch") -> Quantity:
    top = Decimal(low if high is None else high)
    return Quantity(
        low=Decimal(low), high=top, qualifier=Qualifier.RANGE, unit="watchers", scope=scope
    )


def pledge(name: str, subject: str, quantity: Quantity | None, **changed: Any) -> Claim:
    return replace(TEMPLATE, id=name, subject=subject, quantity=quantity, **changed)


def component(register: Register, name: str) -> Component:
    return next(each for each in force(register) if each.requirement.id == name)


def missing(*pledges: Claim, needed: Quantity | None = watchers(20)) -> Missing:  # noqa: B008
    claims = (*(each for each in HARBOUR.claims if each.domain != "harbour_watch"), *pledges)
    watch = Requirement(id="watch", text="x", domain="harbour_watch", needed=needed)
    register = replace(HARBOUR, claims=claims, requirements=(watch,))
    return component(register, "watch").missing


def test_shows_who_leads_offers_limits_is_ready_and_refuses() -> None:
    pilots = component(HARBOUR, "pilot_service")

    assert pilots.requirement.lead == "TAR"
    assert pilots.needed == "at least 90 pilots"
    assert [(each.said.claim.id, each.quantity) for each in pilots.offers] == [
        ("g1-4a", "20 to 30 pilots"),
        ("q1-4a", ""),
        ("t1-g", ""),
    ]
    assert [each.said.claim.place for each in pilots.caveats] == ["inside the breakwater"]
    assert [each.quantity for each in pilots.readiness] == ["about 30 days"]
    assert [each.said.claim.id for each in pilots.refusals] == ["g2-3a"]
    assert pilots.offers[0].behind == "g2-3a"
    assert "stand-down" in pilots.offers[2].condition


@pytest.mark.parametrize(
    ("pledges", "expected"),
    [
        ([], (20, 20)),
        ([pledge("a", "ARV", watchers(12))], (8, 8)),
        ([pledge("a", "ARV", watchers(5, 9))], (11, 15)),
        ([pledge("a", "ARV", watchers(12)), pledge("b", "COR", watchers(3))], (5, 5)),
        ([pledge("a", "ARV", watchers(30))], (0, 0)),
        ([pledge("a", "ARV", watchers(12), relation=Relation.OFFERED)], (20, 20)),
        ([pledge("a", "ARV", watchers(12), relation=Relation.ASSIGNED)], (20, 20)),
        ([pledge("a", "HARBOUR_GROUP", watchers(12))], (8, 8)),
    ],
)
def test_takes_pledges_off_what_is_needed(pledges: list[Claim], expected: tuple[int, int]) -> None:
    found = missing(*pledges)

    assert found.why == ""
    assert found.amount == expected
    assert found.unit == "watchers"


TWELVE = pledge("a", "ARV", watchers(12))
OTHERS = {"basis": Basis.WORDS_OF_OTHERS, "grade": "C3"}
ELSEWHERE = OTHERS | {"source": "G1", "first": 2, "last": 2, "relation": Relation.REFUSED}
GROUP = pledge("c", "HARBOUR_GROUP", watchers(12), relation=Relation.OFFERED)
CANNOT: list[tuple[str, list[Claim]]] = [
    (
        "scopes differ: whole_watch is needed, a is of ARV",
        [pledge("a", "ARV", watchers(12, scope="ARV"))],
    ),
    ("a gives no number", [pledge("a", "ARV", None)]),
    ("units differ", [pledge("a", "ARV", replace(watchers(1), unit="boats"))]),
    ("joint scope", [TWELVE, pledge("b", "HARBOUR_GROUP", watchers(12))]),
    ("joint scope", [TWELVE, pledge("b", "BRO", watchers(12)), GROUP]),
    ("subjects ARV and TELL overlap", [TWELVE, pledge("b", "TELL", watchers(12))]),
    ("must be one object", [TWELVE, pledge("b", "BRO", watchers(2), object="ACCORD-4")]),
    (
        "a is contradicted by r",
        [replace(TWELVE, **OTHERS), pledge("r", "ARV", None, **ELSEWHERE)],  # type: ignore[arg-type]
    ),
]


@pytest.mark.parametrize(("why", "pledges"), CANNOT, ids=[each[0] for each in CANNOT])
def test_computes_nothing_where_amounts_may_not_be_added(why: str, pledges: list[Claim]) -> None:
    found = missing(*pledges)

    assert found.amount is None
    assert found.why.startswith("cannot be computed: ")
    assert why in found.why


def test_one_joint_amount_told_by_each_member_is_never_added() -> None:
    joint = watchers(15, scope="Harbour_Group")
    told = [pledge("a", "ARV", joint), pledge("b", "BRO", joint)]

    found = missing(*told, needed=watchers(40, scope="Harbour_Group"))

    assert "Harbour_Group is a joint scope" in found.why


def test_a_refusal_that_goes_before_a_pledge_takes_it_out() -> None:
    later = date(2031, 8, 1)
    no = pledge("r", "ARV", None, relation=Relation.REFUSED, said_on=later)

    found = missing(
        pledge("a", "ARV", watchers(12), grade="D5"), no, pledge("b", "BRO", watchers(4))
    )

    assert found.amount == (16, 16)
    assert found.claims == ("b",)


def test_says_when_no_text_says_how_much_is_needed() -> None:
    why = "cannot be computed: no text says how much is needed"

    assert missing(pledge("a", "ARV", watchers(12)), needed=None).why == why
    assert {each.missing.why for each in force(PARIS)} == {why}


def test_paris_shows_both_sides_and_sums_no_troops() -> None:
    land = component(PARIS, "land")
    neighbouring = component(PARIS, "neighbouring")

    assert {"FRA", "BEL"} <= {each.actor for each in land.caveats}
    assert {"HRV", "CZE", "ITA"} <= {each.actor for each in land.refusals}
    assert land.missing.amount is None
    assert is_joint("FRA_and_GBR", known(PARIS))
    assert not is_joint("FRA", known(PARIS))
    assert {each.actor for each in neighbouring.offers} == {"DEU"}


def test_the_order_of_claims_changes_nothing() -> None:
    assert force(replace(HARBOUR, claims=HARBOUR.claims[::-1])) == force(HARBOUR)
    assert checklists(replace(HARBOUR, claims=HARBOUR.claims[::-1])) == checklists(HARBOUR)


def items(register: Register) -> dict[str, Item]:
    return {item.id: item for each in checklists(register) for item in each.items}


def test_a_checklist_tells_done_from_outstanding_from_unknown() -> None:
    found = items(HARBOUR)

    assert [each.name for each in checklists(HARBOUR)] == ["sojourn", "domestic"]
    assert found["sojourn-law"].state is Settled.NOTHING_KNOWN
    assert found["senate"].state is Settled.DONE
    assert (found["senate"].required, found["senate"].fulfilled) == (("t2-b",), ("g2-5a",))
    assert found["diet"].state is Settled.OUTSTANDING
    assert [each.id for each in checklists(HARBOUR)[1].outstanding()] == ["diet"]


def test_what_is_required_and_on_no_list_is_listed_too() -> None:
    steps = tuple(each for each in HARBOUR.steps if each.id != "diet")

    found = checklists(replace(HARBOUR, steps=steps))

    assert found[-1].name == NOT_LISTED
    assert [(each.id, each.of, each.state) for each in found[-1].items] == [
        ("diet_of_corlund", "COR", Settled.OUTSTANDING)
    ]


def test_paris_has_the_votes_of_parliaments_outstanding() -> None:
    found = items(PARIS)

    assert found["dom-commons"].state is Settled.OUTSTANDING
    assert found["dom-bundestag"].state is Settled.OUTSTANDING
    assert found["sofa-jurisdiction"].state is Settled.NOTHING_KNOWN
