"""What the pages on comparing claims and asking where to look show can be typed as it stands."""

from __future__ import annotations

from pathlib import Path

from tests.test_docs import FENCE, text_of

from trucewatch.measure.tasking.looks import LOOK
from trucewatch.mission.tasking import read_looks
from trucewatch.records.alleged import COLUMNS, read_alleged

HOW_TO = Path(__file__).resolve().parent.parent / "docs" / "how-to"


def table(page: str) -> bytes:
    """Return the one table of a page."""
    (found,) = (body for _, kind, body in FENCE.findall(text_of(HOW_TO / page)) if kind == "csv")
    return str(found).encode()


def test_the_list_of_the_page_is_one_that_is_sealed() -> None:
    found = read_alleged(table("compare-claims.md"), name="page")

    assert [each.id for each in found.acts] == ["A1", "A2"]
    assert [each.said for each in found.totals] == ["about 40"]
    assert table("compare-claims.md").startswith(",".join(COLUMNS).encode())


def test_the_looks_of_the_page_are_read(tmp_path: Path) -> None:
    (tmp_path / "looks.csv").write_bytes(table("ask-where-to-look.md"))

    found = read_looks(tmp_path / "looks.csv")

    assert found["id"].to_list() == ["P1-north", "P1-south", "F1"]
    assert found.columns == list(LOOK)
