"""The page on writing an agreement is a doctest: its lines print what the page says."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import TYPE_CHECKING

from tests.test_docs import FENCE, text_of

from trucewatch.agreement.lint import lint
from trucewatch.agreement.parse import parse

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "write-an-agreement.md"
EXAMPLES_MIN = 20


def blocks(kind: str) -> list[str]:
    """Return the bodies of the page's blocks of one kind."""
    return [body for _, found, body in FENCE.findall(text_of(PAGE)) if found == kind]


def test_the_page_runs_and_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (agreement,) = blocks("yaml")
    (tmp_path / "two-hills.yaml").write_text(agreement)
    monkeypatch.chdir(tmp_path)
    session = doctest.DocTestParser().get_doctest(
        "\n".join(blocks("pycon")), {}, PAGE.name, str(PAGE), 0
    )
    said: list[str] = []

    ran = doctest.DocTestRunner().run(session, out=said.append)

    assert ran.attempted >= EXAMPLES_MIN
    assert "".join(said) == ""


def test_the_file_of_the_page_raises_no_question() -> None:
    (agreement,) = blocks("yaml")

    assert lint(parse(agreement.encode(), name="two-hills.yaml")) == ()
