"""`tw agreement`: what each verb prints, and what it exits with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    Verb = Callable[..., tuple[int, str, str]]

WHOLE = Path(__file__).parent.parent / "agreement" / "corpus" / "whole.yaml"


@pytest.fixture
def verb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Verb:
    """Run `tw agreement` in an empty folder; gives the exit code, what it said and what failed."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tw", "agreement", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def faulty(tmp_path: Path) -> str:
    """A text whose notice is addressed to nobody and whose radar is off."""
    text = WHOLE.read_text().replace("cover_share: 0.4", "cover_share: 0")
    (tmp_path / "faulty.yaml").write_text(text.replace("silence_days: 7", "silence_days: 0"))
    return "faulty.yaml"


def test_lists_the_shipped_agreements_with_their_titles(verb: Verb) -> None:
    code, out, _ = verb("list")
    names = [row["name"] for row in json.loads(verb("list", "--json")[1])]

    assert code == 0
    assert {"minsk-type", "paris-type", "local-truce", "exercise-box"} <= set(names)
    assert "minsk-type       EXERCISE" in out


def test_show_prints_words_or_the_whole_text_as_json(verb: Verb) -> None:
    shown = json.loads(verb("show", str(WHOLE), "--json")[1])

    assert verb("show", str(WHOLE))[1].startswith("EXERCISE")
    assert (shown["id"], len(shown["rules"])) == ("whole", 11)
    assert shown["effective"] == "2030-05-01T00:00:00Z"


def test_lint_says_nothing_and_exits_with_0_when_there_is_nothing_to_ask(verb: Verb) -> None:
    assert verb("lint", str(WHOLE))[:2] == (0, "Questions: none\n")
    assert verb("lint", "minsk-type", "--json")[:2] == (0, "[]\n")


def test_lint_names_what_it_found_and_exits_with_1(verb: Verb, faulty: str) -> None:
    code, out, _ = verb("lint", faulty)

    assert code == 1
    assert out.splitlines()[-1] == "Questions: 2"
    assert "rule R11: no declared means could observe it" in out
    assert out.splitlines()[1].endswith("[sequence-without-silence]")


def test_lint_prints_findings_as_json(verb: Verb, faulty: str) -> None:
    code, out, _ = verb("lint", faulty, "--json")

    assert code == 1
    assert [finding["code"] for finding in json.loads(out)] == [
        "unobservable-rule",
        "sequence-without-silence",
    ]


def test_compare_sets_two_designs_side_by_side(verb: Verb, faulty: str) -> None:
    code, out, _ = verb("compare", str(WHOLE), faulty)
    rows = {
        row["rule"]: row
        for row in json.loads(verb("compare", str(WHOLE), faulty, "--json")[1])["rules"]
    }

    assert code == 0
    assert "B has no means to see a breach of R11." in out
    assert "What this does not say" in out
    assert rows["R11"]["a"]["cover"]["independent_p"] == 0.4
    assert rows["R11"]["b"]["seen"]["means"] == []


def test_diff_prints_what_changed_and_exits_with_1(verb: Verb, faulty: str) -> None:
    code, out, _ = verb("diff", str(WHOLE), faulty)

    assert code == 1
    assert "sequence S_DIS: " in out
    assert out.splitlines()[-1] == "Changes: 2"
    assert len(json.loads(verb("diff", str(WHOLE), faulty, "--json")[1])) == 2


def test_diff_of_a_text_with_itself_is_empty(verb: Verb) -> None:
    assert verb("diff", str(WHOLE), str(WHOLE))[:2] == (0, "Changes: none\n")


def test_explain_says_a_rule_in_words(verb: Verb) -> None:
    code, out, _ = verb("explain", "minsk-type", "R01")
    explained = json.loads(verb("explain", "minsk-type", "R01", "--json")[1])

    assert code == 0
    assert "What would leave it open" in out
    assert explained["counted"] == "osce_unit"
    assert explained["questions"][0]["missing"] == "time"


def test_explain_refuses_a_rule_that_is_not_there(verb: Verb) -> None:
    code, _, err = verb("explain", "exercise-box", "R99")

    assert code == 2
    assert err.startswith("tw: exercise-box: id is R99, must be one of: R01, ")


@pytest.mark.parametrize("name", ["E_demining", "E_monitor_uav", "N_DEMINING", "fire"])
def test_explain_says_whatever_has_an_id(verb: Verb, name: str) -> None:
    code, out, _ = verb("explain", "minsk-type", name)
    [told] = json.loads(verb("explain", "minsk-type", name, "--json")[1])

    assert code == 0
    assert out.startswith(f"{name} ({told['sort']})")
    assert "Spoken of by: " in out
    assert told["spoken_of_by"]


def test_schema_prints_a_json_schema(verb: Verb) -> None:
    code, out, _ = verb("schema")

    assert code == 0
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "words",
    [("lint", "none"), ("compare", "none", "exercise-box"), ("diff", "exercise-box", "none"),
     ("explain", "none", "R01"), ("show", "none")],
)  # fmt: skip
def test_a_file_that_is_not_there_is_named(verb: Verb, words: tuple[str, ...]) -> None:
    code, _, err = verb(*words)

    assert code == 2
    assert "tw: none: no such file, expected one, or one of demo-truce, easter-2025" in err
