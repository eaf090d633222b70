"""`tw evaluate`: what it prints, what it refuses, and when it says no."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from trucewatch.cli import main, measuring

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIGURE = {"value": 0.98765, "low": 0.9, "high": None}
INFINITE = {"value": math.nan, "low": -math.inf, "high": math.inf}
DECILES = {"best incident": [{"predicted": 0.2, "observed": 0.25, "n": 40}]}


def measured(*, holds: bool = True) -> dict[str, object]:
    must = {"metric": "f1", "op": ">=", "bound": 0.9, "holds": holds}
    return {
        "name": "association",
        "note": "a trial",
        "metrics": {"f1": FIGURE, "none": INFINITE},
        "must": [must],
        "deciles": DECILES,
    }


@pytest.fixture
def called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str, str]]:
    def call(line: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tw", "evaluate", *line.split()])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), *capsys.readouterr()

    return call


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, object]]]:
    """Stand in for an evaluation that takes minutes; returns what it is called with."""

    def put(name: str = "association", *, holds: bool = True) -> list[dict[str, object]]:
        calls: list[dict[str, object]] = []

        def measure(*, seed: int, quick: bool = False, text: str = "") -> dict[str, object]:
            calls.append({"seed": seed, "quick": quick, "text": text})
            return measured(holds=holds) | {"seed": seed}

        module = ModuleType(f"trucewatch.evaluate.{name}")
        module.measure = measure  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return calls

    return put


def test_prints_figures_with_intervals_and_whether_each_must_holds(called, stub) -> None:
    stub()

    code, out, err = called("association --seed 7")

    assert code == 0
    assert out.splitlines()[0] == "association, seed 7: a trial"
    lines = [line.split() for line in out.splitlines()]
    assert ["f1", "0.9877", "0.9", "-"] in lines
    assert ["none", "-", "-", "-"] in lines
    assert out.splitlines()[-1] == "must: f1 >= 0.9: holds"
    assert err == "Measuring association, seed 7 ...\n"


def test_exits_with_1_when_a_must_does_not_hold(called, stub) -> None:
    stub(holds=False)

    code, out, _ = called("association")

    assert code == 1
    assert out.splitlines()[-1] == "must: f1 >= 0.9: DOES NOT HOLD"


def test_a_quick_score_is_held_against_no_promise(called, stub) -> None:
    stub(holds=False)

    code, out, _ = called("association --quick")

    assert code == 0
    assert "must:" not in out
    assert "quick, no result" in out


@pytest.mark.parametrize("holds", [True, False])
def test_json_has_the_agreed_form_and_nothing_else(called, stub, *, holds: bool) -> None:
    stub(holds=holds)

    code, out, _ = called("association --json --seed 3")

    found = json.loads(out)
    assert code == (0 if holds else 1)
    assert list(found) == ["name", "seed", "note", "metrics", "must"]
    assert found["metrics"] == {"f1": FIGURE, "none": dict.fromkeys(INFINITE)}


def test_hands_on_the_seed_and_whether_to_be_quick(called, stub) -> None:
    calls = stub()

    called("association --quick --seed 12")

    assert calls == [{"seed": 12, "quick": True, "text": ""}]


def test_draws_the_reliability_of_memberships(called, stub, tmp_path: Path) -> None:
    stub()

    code, _, err = called(f"association --plot {tmp_path / 'reliability.svg'}")

    text = (tmp_path / "reliability.svg").read_text()
    assert code == 0
    assert "reliability.svg" in err
    assert text.startswith("<svg ")
    assert "best incident" in text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("--plot x.png", "--plot: is 'x.png', expected a name that ends in .svg"),
        ("--plot none/x.svg", "--plot: none is no folder, expected one"),
    ],
)
def test_refuses_a_plot_before_anything_is_measured(called, stub, line: str, text: str) -> None:
    calls = stub()

    code, _, err = called(f"association {line}")

    assert code == 2
    assert text in err
    assert calls == []


def test_refuses_a_plot_of_what_has_none(called, stub) -> None:
    calls = stub("infrasound")

    code, _, err = called("infrasound --plot x.svg")

    assert code == 2
    assert "--plot: infrasound has no reliability diagram, expected association" in err
    assert calls == []


@pytest.mark.parametrize("name", ["mars", "bcubed", "os", "../association", "__init__"])
def test_an_unknown_name_is_answered_with_those_there_are(called, name: str) -> None:
    code, _, err = called(name)

    assert code == 2
    assert f"tw: evaluation: '{name}' is not known, expected one of" in err
    assert "association" in err


def test_lists_every_evaluation(called) -> None:
    code, out, _ = called("list")

    assert code == 0
    assert "association" in out.split()
    assert "bcubed" not in out.split()


def test_reads_the_real_records_that_an_evaluation_needs(called, stub, tmp_path: Path) -> None:
    calls = stub("infrasound")
    (tmp_path / "sensors").mkdir()
    (tmp_path / "sensors" / "infrasound_detections_set2.dat").write_text("41.1 -112.9\n")

    code, _, _ = called(f"infrasound --data {tmp_path}")

    assert code == 0
    assert calls == [{"seed": 1, "quick": False, "text": "41.1 -112.9\n"}]


def test_reads_every_file_that_an_evaluation_names_and_prints_its_words(
    called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[object] = []

    def measure(*, seed: int, quick: bool, files: dict[str, bytes]) -> dict[str, object]:
        given.append(files)
        return measured() | {"seed": seed, "text": ["Nobody signed it."], "rules": {"one": "two"}}

    module = ModuleType("trucewatch.evaluate.truce")
    module.measure = measure  # type: ignore[attr-defined]
    module.READS = ("a.gz", "b.xz")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    (tmp_path / "a.gz").write_bytes(b"\x1f")
    missing = called(f"truce --data {tmp_path}")
    (tmp_path / "b.xz").write_bytes(b"\xfd")

    code, out, _ = called(f"truce --data {tmp_path}")
    told = called(f"truce --data {tmp_path} --json")

    assert missing[0] == 2
    assert "b.xz: no such file, expected a file of the records that it evaluates" in missing[2]
    assert code == 0
    assert given[0] == {"a.gz": b"\x1f", "b.xz": b"\xfd"}
    assert out.splitlines()[1] == "Nobody signed it."
    assert json.loads(told[1])["rules"] == {"one": "two"}


def test_says_which_records_are_missing(called, stub, tmp_path: Path) -> None:
    stub("infrasound")

    bare = called("infrasound")
    empty = called(f"infrasound --data {tmp_path}")

    assert bare[0] == empty[0] == 2
    assert "--data: is missing, infrasound needs the folder that holds sensors/infra" in bare[2]
    assert "infrasound_detections_set2.dat: no such file, expected the detections" in empty[2]


@pytest.mark.parametrize(
    ("raw", "text"), [(b"41.1 \xff", "byte 5 is not UTF-8"), (b"0" * 11_000_000, "is larger than")]
)
def test_refuses_records_that_are_no_short_text(
    called, stub, tmp_path: Path, raw: bytes, text: str
) -> None:
    stub("infrasound")
    (tmp_path / "sensors").mkdir()
    (tmp_path / "sensors" / "infrasound_detections_set2.dat").write_bytes(raw)

    code, _, err = called(f"infrasound --data {tmp_path}")

    assert code == 2
    assert text in err


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.98765, "0.9877"),
        (-2, "-2"),
        (13_949.6, "13,950"),
        (-5e6, "-5,000,000"),
        (None, "-"),
    ],
)
def test_figures_are_short_and_large_ones_whole(value: float | None, text: str) -> None:
    assert measuring._number(value) == text


def test_only_evaluations_that_take_a_seed_are_found() -> None:
    assert measuring._found("association") is not None
    assert measuring._found("share") is None


def test_help_answers_without_loading_what_measures() -> None:
    code = (
        "import sys; sys.argv = ['tw', 'evaluate', '--help']\n"
        "from trucewatch.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'polars', 'numba', 'scipy'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert "--quick" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
