from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.form import check_form, is_hex64, is_text

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

HEAD: dict[str, Json] = {"origin": "demo.invalid/evidence", "root": "ab" * 32, "size": 7}
GOOD: dict[str, Json] = {
    "text": "Why",
    "hex": "ab" * 32,
    "instant": "2026-06-27T16:30:00.000000Z",
    "count": 0,
    "flag": True,
    "texts": ["a", "b"],
    "words": {"place": "Pelven"},
    "seen": HEAD,
}
WRONG: list[tuple[str, Json]] = [
    ("text", ""),
    ("text", " "),
    ("text", "two\nlines"),
    ("text", "turned\u202eround"),
    ("text", None),
    ("text", 7),
    ("hex", "AB" * 32),
    ("hex", "ab" * 31),
    ("hex", None),
    ("instant", "2026-06-27T16:30:00Z"),
    ("instant", "2026-02-30T16:30:00.000000Z"),
    ("instant", 7),
    ("count", -1),
    ("count", True),
    ("count", 1.0),
    ("count", 2**53),
    ("flag", 1),
    ("flag", "true"),
    ("texts", "a"),
    ("texts", ["b", "a"]),
    ("texts", ["a", "a"]),
    ("texts", ["a", ""]),
    ("texts", [1]),
    ("words", []),
    ("words", {"place": 1}),
    ("words", {"": "Pelven"}),
    ("seen", {**HEAD, "more": 1}),
    ("seen", {**HEAD, "size": -1}),
    ("seen", {**HEAD, "root": "ab"}),
    ("seen", {**HEAD, "origin": ""}),
    ("seen", None),
]


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_each_kind_takes_what_it_is_for(kind: str) -> None:
    check_form({"member": GOOD[kind]}, {"member": kind}, where="entry 7")

    with pytest.raises(BadInput, match="entry 8: says other, expected member"):
        check_form({"other": GOOD[kind]}, {"member": kind}, where="entry 8")


@pytest.mark.parametrize(("kind", "value"), WRONG)
def test_each_kind_refuses_what_it_is_not_for(kind: str, value: Json) -> None:
    with pytest.raises(BadInput, match=r"entry 7: member is ['\"].*['\"], expected "):
        check_form({"member": value}, {"member": kind}, where="entry 7")


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_null_needs_a_question_mark(kind: str) -> None:
    check_form({"member": None}, {"member": f"{kind}?"}, where="entry 7")

    with pytest.raises(BadInput, match="member is 'None', expected"):
        check_form({"member": None}, {"member": kind}, where="entry 7")


def test_names_the_members_that_are_missing_or_too_many() -> None:
    with pytest.raises(BadInput, match="entry 7: says a, b, expected a, c"):
        check_form({"a": 1, "b": 2}, {"a": "count", "c": "count"}, where="entry 7")
    with pytest.raises(BadInput, match="entry 7: says nothing, expected a"):
        check_form({}, {"a": "count"}, where="entry 7")


@given(st.binary(min_size=32, max_size=32))
def test_every_hash_is_hex(raw: bytes) -> None:
    assert is_hex64(raw.hex())
    assert not is_hex64(raw.hex()[:-1])


@given(st.text())
def test_a_text_stands_on_one_line(text: str) -> None:
    if is_text(text):
        assert len(text.splitlines()) == 1
        assert text.strip()
