"""What do we know of an actor, who does what if a tier starts, and is a provision binding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput, NotFound
from trucewatch.records.claims.claim import Relation
from trucewatch.register.asked import about
from trucewatch.register.conditions import Met
from trucewatch.register.legal import legal
from trucewatch.register.parse import parse
from trucewatch.register.who import who_if

if TYPE_CHECKING:
    from trucewatch.register.who import Standing, WhoIf

REGISTER = parse((Path(__file__).parent / "sample.yaml").read_bytes(), name="sample.yaml")


def standing(answer: WhoIf, actor: str) -> Standing:
    (found,) = (each for each in answer.actors if each.actor.id == actor)
    return found


def test_shows_the_refusal_and_the_offer_with_the_preferred_one_and_why() -> None:
    known = about(REGISTER, "DOR")

    shown = {group.relation: [each.claim.id for each in group.claims] for group in known.groups}
    assert shown[Relation.REFUSED] == ["c1"]
    assert shown[Relation.OFFERED] == ["c2"]
    (dispute,) = known.disputes
    assert (dispute.claims, dispute.preferred) == (("c1", "c2"), "c2")
    assert dispute.why == "rule 3: the subject's own words go before the words of others"


def test_shows_source_day_grade_and_the_reply_of_the_state() -> None:
    (refused,) = (
        each
        for group in about(REGISTER, "DOR").groups
        for each in group.claims
        if each.claim.id == "c1"
    )

    assert (refused.at, refused.outlet) == ("000:3", "The Gazette")
    assert str(refused.said_on) == "2031-05-02"
    assert refused.claim.grade == "C3"
    assert refused.replies == ("c10",)


def test_shows_what_others_say_to_it_and_what_was_removed() -> None:
    assert [each.claim.id for each in about(REGISTER, "DOR").of_others] == ["c11"]
    assert [each.clause.id for each in about(REGISTER, "USK").removed] == ["backing"]
    assert about(REGISTER, "DOR").removed == ()


def test_shows_a_corrected_claim_with_the_one_that_corrects_it() -> None:
    offered = next(e for e in about(REGISTER, "USK").groups if e.relation is Relation.OFFERED)

    assert [(e.claim.id, e.superseded_by) for e in offered.claims] == [("c13", "c14"), ("c14", "")]


@pytest.mark.parametrize("name", ["DOR", "doria", "The Dorians"])
def test_finds_an_actor_by_any_of_its_names(name: str) -> None:
    assert about(REGISTER, name).actor.id == "DOR"


def test_names_the_actors_when_asked_for_another() -> None:
    with pytest.raises(NotFound, match="actor: is 'Nobody', must be one of: DOR, MERLE, RING"):
        about(REGISTER, "Nobody")


def test_says_per_source_whether_a_provision_binds_official_text_first() -> None:
    answer = legal(REGISTER, "QA-4")

    said = [(e.of, e.value, e.said.at, e.said.official) for e in answer.answers]
    assert said == [
        ("QA-4", "political", "T", True),
        ("QA-4", "binding", "000:8", False),
        ("QA", "political", "001:9", False),
    ]
    assert (answer.official.text, answer.official.at) == ("the guns are silent", "c5")
    (dispute,) = answer.disputes
    assert dispute.preferred == "c5"


def test_the_condition_of_the_provision_itself_is_the_official_one() -> None:
    answer = legal(REGISTER, "QA-3").official

    assert (answer.text, answer.at) == ("the guns are silent and the host asks", "QA-3")
    assert legal(REGISTER, "QA").official.condition is None
    assert legal(REGISTER, "QA").provision is None


def test_names_the_provisions_when_asked_for_another() -> None:
    with pytest.raises(NotFound, match="is 'QA-9', must be one of: QA, QA-3, QA-4"):
        legal(REGISTER, "QA-9")


def test_says_who_promised_what_on_which_condition_and_which_step_is_missing() -> None:
    answer = who_if(REGISTER, tier="tier-1", domain="land", met={"quiet": True, "asked": True})

    state = standing(answer, "DOR")
    (promise,) = state.promises
    assert promise.quantity == "up to 300 troops"
    assert (promise.said.claim.subject, promise.said.at) == ("MERLE", "001:4-5")
    assert promise.official.text == "the guns are silent and the host asks"
    assert promise.met is Met.YES
    assert [(each.of, each.value) for each in promise.binding] == [("QA", "political")]
    assert promise.against == ("c1",)
    assert [each.said.claim.id for each in state.refusals] == ["c1"]
    assert [(each.atom, each.claims) for each in state.outstanding] == [("diet", ("c3",))]


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        ({}, Met.NOT_KNOWN),
        ({"quiet": True}, Met.NOT_KNOWN),
        ({"quiet": False}, Met.NO),
        ({"quiet": True, "asked": True}, Met.YES),
    ],
)
def test_a_condition_is_yes_no_or_not_known(met: dict[str, bool], expected: Met) -> None:
    answer = who_if(REGISTER, tier="1", domain="land", met=met)

    assert standing(answer, "DOR").promises[0].met is expected


def test_the_official_condition_and_its_own_must_both_hold() -> None:
    changed = tuple(
        replace(each, condition="diet") if each.id == "c2" else each for each in REGISTER.claims
    )
    own = replace(REGISTER, claims=changed)
    met = {"quiet": True, "asked": True}

    open_ = who_if(own, tier="1", met=met)
    closed = who_if(own, tier="1", met=met | {"diet": False})

    assert standing(open_, "DOR").promises[0].met is Met.NOT_KNOWN
    assert standing(closed, "DOR").promises[0].met is Met.NO


def test_a_step_is_done_when_a_claim_or_the_question_says_so() -> None:
    done = replace(
        next(each for each in REGISTER.claims if each.id == "c3"),
        id="done",
        relation=Relation.FULFILLED,
    )
    after = replace(REGISTER, claims=(*REGISTER.claims, done))

    assert standing(who_if(after, tier="1", met={}), "DOR").outstanding == ()
    assert standing(who_if(REGISTER, tier="1", met={"diet": True}), "DOR").outstanding == ()
    assert standing(who_if(after, tier="1", met={"diet": False}), "DOR").outstanding


def test_a_step_of_a_checklist_is_outstanding_too() -> None:
    (step,) = standing(who_if(REGISTER, tier="1", met={}), "USK").outstanding

    assert (step.atom, step.claims, step.steps) == ("senate", (), ("consent",))


def test_says_what_was_removed_and_which_role_has_no_instrument() -> None:
    state = standing(who_if(REGISTER, tier="1", domain="sea", met={}), "USK")

    assert [each.clause.id for each in state.removed] == ["backing"]
    assert [each.question for each in state.disputes] == ["role/USK/QA"]
    assert [each.said.claim.id for each in state.promises] == ["c14", "c7"]


def test_those_who_act_are_named_even_without_a_promise() -> None:
    answer = who_if(REGISTER, tier="1", domain="land", met={})

    assert (standing(answer, "ULA").acts, standing(answer, "ULA").promises) == (True, ())
    assert "MERLE" not in [each.actor.id for each in answer.actors]


def test_says_what_nobody_has_promised_and_what_there_is_instead() -> None:
    answer = who_if(REGISTER, tier="1", met={})

    said = [(each.what, each.id, each.why) for each in answer.nobody]
    assert said == [("measure", "notes", "no claim of a promise")]


def test_a_promise_behind_a_refusal_and_the_word_of_others_fill_nothing() -> None:
    reversed_ = {"c1": "A1", "c2": "F6"}
    changed = [
        replace(each, grade=reversed_.get(each.id, each.grade), basis=type(each.basis).NOT_SAID)
        for each in REGISTER.claims
        if each.id not in ("c13", "c14", "c15", "c16")
    ]
    answer = who_if(replace(REGISTER, claims=tuple(changed)), tier="1", met={})

    said = {each.id: (each.why, each.claims) for each in answer.nobody}
    assert said["column"] == ("the rule prefers a refusal to each promise", ("c2",))
    assert said["guards"] == said["column"]
    assert said["patrols"] == ("only others say that somebody will do it", ("c7",))
    assert said["ships"] == said["patrols"]


@pytest.mark.parametrize(
    ("key", "asked", "problem"),
    [
        ("tier", "9", "tier: is '9', must be one of: tier-1, tier-2"),
        ("domain", "moon", "domain: is 'moon', must be one of: land, sea"),
        ("met", {"x": True}, "met: condition is 'x', must be one of: asked, diet, quiet, senate"),
    ],
)
def test_refuses_what_the_register_does_not_know(key: str, asked: object, problem: str) -> None:
    question = {"tier": "1", "domain": "sea", "met": {}} | {key: asked}

    with pytest.raises(BadInput, match=problem):
        who_if(REGISTER, **question)  # type: ignore[arg-type]


def test_a_promise_without_a_signature_is_a_promise() -> None:
    pledged = tuple(
        replace(each, relation=Relation.PLEDGED) if each.id == "c7" else each
        for each in REGISTER.claims
        if each.id not in ("c13", "c14", "c15", "c16")
    )
    answer = who_if(replace(REGISTER, claims=pledged), tier="1", domain="sea", met={})

    assert standing(answer, "USK").disputes[0].preferred == "c8"
    assert "patrols" not in {each.id for each in answer.nobody}


def test_a_measure_with_named_adopters_is_filled_by_one_of_them() -> None:
    patrols = next(each for each in REGISTER.measures if each.id == "patrols")

    for adopters, missing in ((("DOR",), True), (("DOR", "USK"), False)):
        asked = replace(REGISTER, measures=(replace(patrols, adopters=adopters),))
        answer = who_if(asked, tier="1", domain="sea", met={})

        assert ("patrols" in {each.id for each in answer.nobody}) is missing
