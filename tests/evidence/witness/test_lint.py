from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest
from tests.evidence.witness.test_policy import LOG, WITNESS_LINES, witness

from trucewatch.evidence.witness.lint import lint
from trucewatch.evidence.witness.policy import parse_policy

GOOD = f"""\
{WITNESS_LINES}
group Ex any X1 X2
group outside 2 X3 Y1 Y2
group enough all Ex outside
quorum enough
# operator mission-unit: X1 X2
# operator north-lab: X3
# operator south-lab: Y1
# operator university: Y2
# operator press: Y3
# party north: X3
# party south: Y1
# mission: mission-unit
"""
PARTIES = ("north", "south")


def found(*changes: tuple[str, str], parties: tuple[str, ...] = PARTIES) -> list[str]:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return lint(parse_policy(text.encode()), parties)


def test_finds_nothing_in_a_policy_that_promises_all() -> None:
    assert found() == []
    assert found(("# party south: Y1", "# party south: offered 2026-06-27")) == []


def test_every_witness_has_an_operator() -> None:
    assert found(("# operator press: Y3\n", "")) == [
        "witness Y3 has no operator, expected a line '# operator NAME: Y3'"
    ]


@pytest.mark.parametrize(
    "change",
    [
        ("group Ex any X1 X2", "group Ex all X1 X2"),
        ("group Ex any X1 X2", "group Ex any X1"),
        ("group Ex any X1 X2\ngroup outside 2 X3", "group Ex any X1\ngroup outside 2 X2 X3"),
    ],
)
def test_the_witnesses_of_one_operator_count_once(change: tuple[str, str]) -> None:
    assert found(change) == [
        "operator mission-unit may count more than once (X1, X2), "
        "expected one group with 'any' that holds all of these"
    ]


def test_each_party_has_a_witness_or_an_offer() -> None:
    assert found(parties=("north", "south", "east")) == [
        "party east has no witness and no offer, expected a line "
        "'# party east: WITNESS' or '# party east: offered YYYY-MM-DD'"
    ]
    assert found(parties=("north",)) == [
        "party south is not in the agreement, expected one of north"
    ]


def test_the_witness_of_a_party_is_its_own() -> None:
    assert found(("# party south: Y1", "# party south: X1")) == [
        "party south has witness X1, which the mission runs itself (mission-unit)"
    ]
    assert found(("# party south: Y1", "# party south: X3")) == [
        "parties north and south have witnesses of one operator (north-lab), expected one each"
    ]


@pytest.mark.parametrize(
    ("quorum", "problem"),
    [
        ("Ex", "quorum Ex can be met by the mission's own witnesses"),
        ("X1", "quorum X1 can be met by the mission's own witnesses"),
        ("none", "quorum is none: a head counts without any witness"),
    ],
)
def test_the_mission_cannot_meet_the_quorum_alone(quorum: str, problem: str) -> None:
    assert [f.partition(", expected")[0] for f in found(("quorum enough", f"quorum {quorum}"))] == [
        problem
    ]


def test_the_mission_says_which_operator_it_is() -> None:
    assert found(("# mission: mission-unit\n", "")) == [
        "which operator is the mission is not said, expected a line '# mission: OPERATOR'"
    ]


def test_the_example_of_the_documentation_promises_all() -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "run-a-witness.md"
    block = re.findall(r"```text\n(log .*?)```", page.read_text(), re.DOTALL)[0]
    numbers = count(1)
    text = re.sub(
        "WITNESSKEY", lambda _: witness(f"w{(n := next(numbers))}", n).verifier.vkey, block
    )

    policy = parse_policy(text.replace("LOGKEY", LOG.vkey).encode())

    assert len(policy.witnesses) == 3
    assert lint(policy, PARTIES) == []
