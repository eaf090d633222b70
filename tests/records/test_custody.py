"""What was done with an object: one form, of which nothing else is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.custody import Act, Custody, custody_predicate, read_custody

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

AT = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
HEX = "ab" * 32
DETAILS: dict[Act, dict[str, Json]] = {
    Act.COLLECTED: {"method": "handed over", "place": "Pelven"},
    Act.RECEIVED: {},
    Act.SEALED: {},
    Act.OPENED: {},
    Act.COPIED: {"to": "the commission"},
    Act.DERIVED: {"parameters": "none", "parent": HEX, "tool": "crop", "version": "2"},
    Act.OFFERED: {"from": "desk", "to": "o.ivanova"},
    Act.ACCEPTED: {"from": "desk", "offer": "12", "to": "o.ivanova"},
    Act.EXPORTED: {"level": "mission", "manifest": HEX, "to": "the commission"},
    Act.VERIFIED: {"outcome": "hash agrees"},
    Act.WITHHELD: {"from": "the public"},
    Act.ERASED: {},
}
GOLDEN = {
    Act.COLLECTED: b'{"act":"collected","at":"2026-06-27T16:30:00.000000Z","by":"P. Patrol",'
    b'"detail":{"method":"handed over","place":"Pelven"},"reason":"a complaint"}',
    Act.ACCEPTED: b'{"act":"accepted","at":"2026-06-27T16:30:00.000000Z","by":"P. Patrol",'
    b'"detail":{"from":"desk","offer":"12","to":"o.ivanova"},"reason":"a complaint"}',
    Act.ERASED: b'{"act":"erased","at":"2026-06-27T16:30:00.000000Z","by":"P. Patrol",'
    b'"detail":{},"reason":"a complaint"}',
}


def predicate(act: Act) -> dict[str, Json]:
    return {
        "act": str(act),
        "at": "2026-06-27T16:30:00.000000Z",
        "by": "P. Patrol",
        "detail": dict(DETAILS[act]),
        "reason": "a complaint",
    }


@pytest.mark.parametrize("act", Act)
def test_every_act_is_read_and_written_alike(act: Act) -> None:
    said = predicate(act)

    found = read_custody(said, entry=7)

    assert (found.act, found.at, found.by, found.entry) == (act, AT, "P. Patrol", 7)
    assert found.detail == DETAILS[act]
    assert custody_predicate(found) == said


@pytest.mark.parametrize("act", GOLDEN)
def test_the_bytes_of_an_act_never_change(act: Act) -> None:
    found = read_custody(parse_canonical(GOLDEN[act], where="golden"), entry=7)

    assert canonical(custody_predicate(found)) == GOLDEN[act]


@pytest.mark.parametrize("act", Act)
def test_a_member_of_another_kind_is_refused_by_name(act: Act) -> None:
    for name in predicate(act):
        for wrong in (None, 7, [], "", "two\nlines", {"a": 1}):
            with pytest.raises(BadInput, match=rf"entry 7: {name} is "):
                read_custody(predicate(act) | {name: wrong}, entry=7)


@pytest.mark.parametrize("act", Act)
def test_a_member_that_lacks_or_is_too_many_is_refused(act: Act) -> None:
    for name in predicate(act):
        lacking = {key: value for key, value in predicate(act).items() if key != name}
        with pytest.raises(BadInput, match=r"entry 7: says .*, expected act, at, by, detail, re"):
            read_custody(lacking, entry=7)
    with pytest.raises(BadInput, match="entry 7: says act, at, by, detail, mood, reason"):
        read_custody(predicate(act) | {"mood": "fine"}, entry=7)


@pytest.mark.parametrize("act", Act)
def test_a_detail_has_exactly_what_its_act_needs(act: Act) -> None:
    said, whole = predicate(act), DETAILS[act]

    for name in whole:
        less = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(BadInput, match=f"entry 7: detail of {act}: says "):
            read_custody(said | {"detail": less}, entry=7)
    with pytest.raises(BadInput, match=f"entry 7: detail of {act}: says .*mood"):
        read_custody(said | {"detail": {**whole, "mood": "fine"}}, entry=7)


@pytest.mark.parametrize(
    ("act", "detail", "problem"),
    [
        (Act.DERIVED, {"parent": "AB" * 32}, "detail of derived: parent is 'ABAB"),
        (Act.EXPORTED, {"manifest": "ab"}, "detail of exported: manifest is 'ab'"),
        (Act.OFFERED, {"to": "desk"}, "offered from desk to desk, expected two custodians"),
        (Act.OFFERED, {"to": "O. Ivanova"}, "custodian is 'O. Ivanova', must be small letters"),
        (Act.ACCEPTED, {"from": ".x"}, "custodian is '.x', must be small letters"),
        (Act.ACCEPTED, {"offer": "012"}, "offer is '012', expected the number of its entry"),
        (Act.ACCEPTED, {"offer": "-1"}, "offer is '-1', expected the number of its entry"),
        (Act.ACCEPTED, {"offer": "\u0661"}, "offer is '\u0661', expected the number of its entry"),
    ],
)
def test_a_detail_of_another_form_is_refused(
    act: Act, detail: dict[str, Json], problem: str
) -> None:
    said = predicate(act) | {"detail": {**DETAILS[act], **detail}}

    with pytest.raises(BadInput, match=rf"entry 7: {problem}"):
        read_custody(said, entry=7)


def test_an_act_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInput, match="entry 7: act is 'lost', expected one of collected, rec"):
        read_custody(predicate(Act.OPENED) | {"act": "lost"}, entry=7)


@given(
    st.sampled_from(sorted(Act)),
    st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 1, 1)),  # noqa: DTZ001
    st.text(min_size=1).filter(lambda t: t.isprintable() and t.strip()),
)
def test_whatever_is_said_comes_back_as_it_was(act: Act, at: datetime, words: str) -> None:
    custody = Custody(
        act=act,
        at=at.replace(tzinfo=UTC),
        by=words,
        reason=words,
        detail={name: str(value) for name, value in DETAILS[act].items()},
        entry=7,
    )

    sealed = canonical(custody_predicate(custody))

    assert read_custody(parse_canonical(sealed, where="statement"), entry=7) == custody
