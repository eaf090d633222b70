"""What speaks for a party: the mark has one form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput
from trucewatch.records.canonical import canonical, parse_canonical
from trucewatch.records.exculpatory import exculpatory_predicate, read_exculpatory

if TYPE_CHECKING:
    from trucewatch.records.canonical import Json

GOLDEN = b'{"by":"P. Patrol","party":"solvia","reason":"shows the battery in its depot"}'


def said(**changed: Json) -> dict[str, Json]:
    return parse_canonical(GOLDEN, where="golden") | changed


def test_the_bytes_of_a_mark_never_change() -> None:
    found = read_exculpatory(said(), entry=7)

    assert (found.party, found.by, found.entry) == ("solvia", "P. Patrol", 7)
    assert canonical(exculpatory_predicate(found)) == GOLDEN


@pytest.mark.parametrize("name", said())
def test_a_member_of_another_kind_is_refused_by_name(name: str) -> None:
    for wrong in (None, 7, [], " ", "two\nlines", {}):
        with pytest.raises(BadInput, match=f"entry 7: {name} is "):
            read_exculpatory(said(**{name: wrong}), entry=7)


@pytest.mark.parametrize("name", said())
def test_a_member_that_lacks_is_refused(name: str) -> None:
    lacking = {key: value for key, value in said().items() if key != name}

    with pytest.raises(BadInput, match=r"entry 7: says .*, expected by, party, reason"):
        read_exculpatory(lacking, entry=7)


def test_a_member_too_many_is_refused() -> None:
    with pytest.raises(BadInput, match="entry 7: says by, guilt, party, reason"):
        read_exculpatory(said(guilt="none"), entry=7)
