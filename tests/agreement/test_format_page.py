"""The page on the format names every key of every element, and says which are required."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.agreement.kinds import ALWAYS, ANY_KIND, KINDS
from trucewatch.agreement.reading import mechanism, people, places, provisions, rules, weapons
from trucewatch.agreement.reading.record import Maybe
from trucewatch.agreement.reading.whole import WHOLE

if TYPE_CHECKING:
    from trucewatch.agreement.reading.record import Keys

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "agreement-format.md"
GENERAL = {key: form for key, form in rules.RULE_KEYS.items() if key in (*ALWAYS, *ANY_KIND)}
SECTIONS: dict[str, Keys] = {
    "The agreement": WHOLE,
    "parties": people.PARTY.keys,
    "definitions": people.DEFINITION.keys,
    "lines": places.LINE.keys,
    "zones": places.ZONE.keys,
    "belts": places.BELT.keys,
    "discs": places.DISCS.keys,
    "altitude": places.ALTITUDE.keys,
    "valid": places.VALID.keys,
    "weapons": weapons.WEAPON.keys,
    "withdrawal": weapons.WITHDRAWAL.keys,
    "rules": GENERAL,
    "deadline": rules.DEADLINE.keys,
    "conduct": rules.CONDUCT.keys,
    "exemptions": weapons.EXEMPTION.keys,
    "conditions": weapons.CONDITION.keys,
    "instruments": provisions.INSTRUMENT.keys,
    "windows": provisions.WINDOW.keys,
    "sequences": provisions.SEQUENCE.keys,
    "notices": provisions.NOTICE.keys,
    "access": provisions.ACCESS.keys,
    "object_lists": provisions.OBJECT_LIST.keys,
    "self_defence": provisions.SELF_DEFENCE.keys,
    "termination": provisions.TERMINATION.keys,
    "mechanism": mechanism.MECHANISM.keys,
    "bodies": mechanism.BODY.keys,
    "members": mechanism.MEMBER.keys,
    "means": mechanism.MEANS.keys,
    "remedies": mechanism.REMEDY.keys,
}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the tables under a heading, up to the next one."""
    found: list[list[str]] = []
    inside = False
    for line in PAGE.read_text().splitlines():
        if line.startswith("#"):
            inside = line.lstrip("# ") == heading
        elif inside and line.startswith("| `"):
            found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


@pytest.mark.parametrize("heading", SECTIONS)
def test_names_every_key_and_whether_it_is_required(heading: str) -> None:
    keys = SECTIONS[heading]

    said = {row[0].strip("`"): row[1] for row in rows(heading) if row[1] in ("yes", "no")}

    assert said == {key: "no" if isinstance(f, Maybe) else "yes" for key, f in keys.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_says_what_each_kind_of_rule_takes(kind: str) -> None:
    form = KINDS[kind]

    (row,) = (row for row in rows("rules") if row[0] == f"`{kind}`")

    told = [form.modalities, form.required, form.optional]
    expected = [", ".join(f"`{word}`" for word in words) or "-" for words in told]
    assert row[1:] == [form.text, *expected]


def test_explains_every_key_that_some_kind_takes() -> None:
    own = {key for key in rules.RULE_KEYS if key not in GENERAL}

    assert {row[0].strip("`") for row in rows("rules") if row[1] == "by kind"} == own
