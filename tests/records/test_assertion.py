"""A conclusion without its data: who concludes, who holds the material, and nothing left unsaid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput
from trucewatch.records.assertion import assertion_predicate, read_assertion
from trucewatch.records.canonical import canonical, parse_canonical

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

GOLDEN = (
    b'{"about_from":"2026-06-27T00:00:00.000000Z","about_until":null,"by":"P. Patrol",'
    b'"conclusion":"the shot came from the north","control":"may be quoted, not shown",'
    b'"held_by":"its own archive","provider":"Ministry of Solvia"}'
)


def said(**changed: Json) -> dict[str, Json]:
    return parse_canonical(GOLDEN, where="golden") | changed


def test_the_bytes_of_an_assertion_never_change() -> None:
    found = read_assertion(said(), entry=7)

    assert (found.provider, found.held_by) == ("Ministry of Solvia", "its own archive")
    assert (found.about_from, found.about_until) == (datetime(2026, 6, 27, tzinfo=UTC), None)
    assert (found.entry, found.by) == (7, "P. Patrol")
    assert canonical(assertion_predicate(found)) == GOLDEN


def test_an_end_may_be_given_and_not_be_before_the_begin() -> None:
    later, earlier = "2026-06-28T00:00:00.000000Z", "2026-06-26T00:00:00.000000Z"

    found = read_assertion(said(about_until=later), entry=7)

    assert assertion_predicate(found) == said(about_until=later)
    with pytest.raises(BadInput, match=r"entry 7: about_until is 2026-06-26.*, must not be before"):
        read_assertion(said(about_until=earlier), entry=7)


@pytest.mark.parametrize("name", said())
def test_a_member_of_another_kind_is_refused_by_name(name: str) -> None:
    for wrong in (7, [], "", "two\nlines", {}):
        with pytest.raises(BadInput, match=f"entry 7: {name} is "):
            read_assertion(said(**{name: wrong}), entry=7)


@pytest.mark.parametrize("name", said())
def test_a_member_that_lacks_is_refused(name: str) -> None:
    lacking = {key: value for key, value in said().items() if key != name}

    with pytest.raises(BadInput, match=r"entry 7: says .*, expected about_from, about_until, by"):
        read_assertion(lacking, entry=7)


def test_a_member_too_many_is_refused() -> None:
    with pytest.raises(BadInput, match=r"entry 7: says .*proof"):
        read_assertion(said(proof="none"), entry=7)
