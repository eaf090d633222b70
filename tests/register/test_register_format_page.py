"""The page on the format names every key of every element, and says which are required."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.agreement.reading.record import Maybe
from trucewatch.records.claims.claim import Relation
from trucewatch.register.contradictions import Kind
from trucewatch.register.reading import claims, plans, things
from trucewatch.register.reading.whole import ADDED, WHOLE

if TYPE_CHECKING:
    from trucewatch.agreement.reading.record import Keys

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "register-format.md"
SECTIONS: dict[str, Keys] = {
    "The register": WHOLE,
    "More of a register": ADDED,
    "sources": things.SOURCE.keys,
    "silent": things.PARAGRAPH.keys,
    "actors": things.ACTOR.keys,
    "atoms": things.ATOM.keys,
    "attributes": things.ATTRIBUTE.keys,
    "instruments": things.INSTRUMENT.keys,
    "texts": things.TEXT_VERSION.keys,
    "clauses": things.CLAUSE.keys,
    "provisions": things.PROVISION.keys,
    "claims": claims.CLAIM.keys,
    "quantity": claims.QUANTITY.keys,
    "requirements": plans.REQUIREMENT.keys,
    "steps": plans.STEP.keys,
    "tiers": plans.TIER.keys,
    "measures": plans.MEASURE.keys,
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

    said = {row[0].strip("`"): row[1] for row in rows(heading)}

    assert said == {key: "no" if isinstance(f, Maybe) else "yes" for key, f in keys.items()}
    assert all(row[3] for row in rows(heading))


def test_names_every_relation_and_every_class() -> None:
    (relation,) = (row for row in rows("claims") if row[0] == "`relation`")
    words = PAGE.read_text()

    assert relation[2] == ", ".join(f"`{each}`" for each in Relation)
    assert ", ".join(f"`{each}`" for each in Kind) in words
