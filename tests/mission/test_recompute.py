"""Deriving numbers again from a bundle: what is the same, what differs, and what is not open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import typer
from tests.mission import sealed
from tests.mission.samples import firms, news
from tests.report import regenerate as daily_samples
from typer.testing import CliRunner

from trucewatch.cli import recomputing
from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.bundle import read_bundle, write_bundle
from trucewatch.mission import recount, replay, rerender, run
from trucewatch.mission import report as report_module
from trucewatch.mission.bundled import open_bundle
from trucewatch.mission.erase import erase
from trucewatch.mission.export import export
from trucewatch.mission.ingest import ingest
from trucewatch.mission.linked import Said
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.recompute import recompute
from trucewatch.mission.report import report
from trucewatch.mission.trail import Outcome
from trucewatch.records.canonical import canonical
from trucewatch.report import product
from trucewatch.report.material import Rendered
from trucewatch.store.digest import digests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home
    from trucewatch.mission.recompute import Recomputed
    from trucewatch.report.material import Material

DAY = date(2026, 6, 27)
STEM = f"daily-{DAY}"


@pytest.fixture
def watched(home: Home, tmp_path: Path, clock: SimulatedClock) -> Home:
    """A mission with a day of fires and news that was run; nothing is published yet."""
    for sensor, raw in (("firms", firms(day=27, n=8)), ("news", news(day=27))):
        path = tmp_path / f"{sensor}.csv"
        path.write_bytes(raw)
        list(ingest(home, sensor, [path], clock=clock))
    run.run(home, clock=clock)
    return home


def publish(home: Home, clock: SimulatedClock) -> None:
    report(home, "daily", day=DAY, level="public", clock=clock)


def bundle(home: Home, path: Path, level: Any, clock: SimulatedClock) -> Path:
    return export(home, path / f"{level}.zip", level=level, clock=clock).path


def of(done: Recomputed, outcome: Outcome) -> list[str]:
    return [step.what for step in done.steps if step.outcome is outcome]


def test_a_public_bundle_leads_from_its_table_to_every_published_byte(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    publish(watched, clock)

    done = recompute(bundle(watched, tmp_path, "public", clock))

    assert done.holds
    assert [step.number for step in done.steps] == list(range(1, len(done.steps) + 1))
    assert of(done, Outcome.SAME) == [
        "every link of the bundle",
        f"the five counts of {STEM}.json",
        f"{STEM}.csv",
        f"{STEM}.geojson",
        f"the other numbers of {STEM}.json",
        f"{STEM}.txt",
        f"{STEM}.html",
        f"names in {STEM}.release.jsonl, each of reports that were sealed before",
    ]
    [closed] = [step for step in done.steps if step.outcome is Outcome.NOT_OPEN]
    assert closed.what == f"{STEM}.release.jsonl"
    assert closed.found.startswith("the exact rows stay in the mission; commitment: computed/v1")


def test_a_bundle_of_the_mission_is_computed_again_from_what_was_received(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    publish(watched, clock)
    (tmp_path / "late.csv").write_bytes(firms(day=26, n=4, sat="N20"))
    list(ingest(watched, "firms", [tmp_path / "late.csv"], clock=clock))
    publish(watched, clock)  # files that no run has used are counted as received
    run.run(watched, clock=clock)
    publish(watched, clock)

    done = recompute(bundle(watched, tmp_path, "mission", clock))

    assert done.holds
    assert set(of(done, Outcome.NOT_OPEN)) == set()
    found = of(done, Outcome.SAME)
    assert sum(what.startswith("tables of computed/v1") for what in found) == 2
    assert sum(what == f"{STEM}.html" for what in found) == 2 * 3
    assert sum(what == f"{STEM}.cited.jsonl" for what in found) == 3


def test_a_rebuilt_mission_is_computed_again_the_same(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    (tmp_path / "late.csv").write_bytes(firms(day=26, n=4, sat="N20"))
    list(ingest(watched, "firms", [tmp_path / "late.csv"], clock=clock))
    rebuild(watched)  # computes incidents that no statement records
    (tmp_path / "later.csv").write_bytes(firms(day=25, n=4, sat="N20"))
    list(ingest(watched, "firms", [tmp_path / "later.csv"], clock=clock))
    publish(watched, clock)

    done = recompute(bundle(watched, tmp_path, "mission", clock))

    assert done.holds
    assert f"{STEM}.release.jsonl" in of(done, Outcome.SAME)


def see(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the mission know what could have been seen, and what was in the way of seeing it."""
    honest = report_module.material_of

    def seeing(*given: Any) -> Material:
        return replace(
            honest(*given),
            watching=daily_samples.three_answers(),
            hindered=daily_samples.HINDERED,
            declared_n=2,
            visited_n=5,
        )

    for module in (report_module, rerender):
        monkeypatch.setattr(module, "material_of", seeing)


def test_covered_hours_are_not_open_to_the_public_and_its_page_repeats_them_as_told(
    watched: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch)
    publish(watched, clock)

    outer = recompute(bundle(watched, tmp_path, "public", clock))
    inner = recompute(bundle(watched, tmp_path, "mission", clock))

    closed = {step.what: step.found for step in outer.steps if step.outcome is Outcome.NOT_OPEN}
    assert outer.holds
    assert closed[f"covered hours, rates and answers of {STEM}.json"] == (
        "watch reports are never public, because where patrols go endangers them; the page repeats "
        "them as told"
    )
    assert {f"{STEM}.html", f"{STEM}.txt"} <= set(of(outer, Outcome.SAME))
    assert inner.holds
    assert set(of(inner, Outcome.NOT_OPEN)) == set()
    assert f"{STEM}.json" in of(inner, Outcome.SAME)


def test_a_page_that_tells_another_coverage_than_its_numbers_is_named(
    watched: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def brag(files: dict[str, bytes]) -> None:
        name = f"{STEM}.json"
        told = json.loads(files[name])
        told["watching"]["whole"]["window"]["covered_high_h"] = 24.0
        files[name] = canonical(told) + b"\n"

    see(monkeypatch)
    cheat(monkeypatch, brag)
    publish(watched, clock)

    done = recompute(bundle(watched, tmp_path, "public", clock))

    assert not done.holds
    named = {f"the five counts of {STEM}.json", f"{STEM}.html", f"{STEM}.txt"}
    assert named <= set(of(done, Outcome.DIFFERENT))


def cheat(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, bytes]], None]) -> None:
    """Make the mission publish something else than what it computed."""
    honest = product("daily")

    def render(material: Material) -> Rendered:
        files = dict(honest(material).files)
        change(files)
        return Rendered(files=files)

    monkeypatch.setattr(report_module, "product", lambda _: render)


def drop_a_row(files: dict[str, bytes]) -> None:
    name = f"{STEM}.release.jsonl"
    files[name] = b"".join(files[name].splitlines(keepends=True)[1:])


def change_a_count(files: dict[str, bytes]) -> None:
    name = f"{STEM}.json"
    told = json.loads(files[name])
    told["counts"][0]["current"]["low"] -= 1
    files[name] = canonical(told) + b"\n"


def change_the_sheet(files: dict[str, bytes]) -> None:
    files[f"{STEM}.csv"] += b"\r\n"


def change_the_page(files: dict[str, bytes]) -> None:
    files[f"{STEM}.html"] = files[f"{STEM}.html"].replace(b"<h1>", b"<h1> ", 1)


def break_the_numbers(files: dict[str, bytes]) -> None:
    files[f"{STEM}.json"] = b'{"v":1}\n'


@pytest.mark.parametrize(
    ("change", "public", "mission"),
    [
        (drop_a_row, f"the five counts of {STEM}.json", f"rows of {STEM}.release.jsonl"),
        (change_a_count, f"the five counts of {STEM}.json", f"{STEM}.json"),
        (change_the_sheet, f"{STEM}.csv", f"{STEM}.csv"),
        (change_the_page, f"{STEM}.html", f"{STEM}.html"),
        (break_the_numbers, "published/v1", f"{STEM}.json"),
    ],
)
def test_what_was_published_and_does_not_follow_is_named(  # noqa: PLR0913 - a table of fraud
    watched: Home,
    tmp_path: Path,
    clock: SimulatedClock,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[dict[str, bytes]], None],
    public: str,
    mission: str,
) -> None:
    cheat(monkeypatch, change)
    publish(watched, clock)

    outer = recompute(bundle(watched, tmp_path, "public", clock))
    inner = recompute(bundle(watched, tmp_path, "mission", clock))

    assert not outer.holds
    assert public in of(outer, Outcome.DIFFERENT)
    assert not inner.holds
    assert [what for what in of(inner, Outcome.DIFFERENT) if what.startswith(mission)]


def test_a_run_that_recorded_something_else_is_named_with_its_table(
    watched: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = digests
    (tmp_path / "late.csv").write_bytes(firms(day=26, n=4, sat="N20"))
    list(ingest(watched, "firms", [tmp_path / "late.csv"], clock=clock))
    monkeypatch.setattr(
        run, "digests", lambda *a: honest(*a) | {"incident": {"sha256": "ab" * 32, "rows": 3}}
    )
    run.run(watched, clock=clock)

    done = recompute(bundle(watched, tmp_path, "mission", clock))

    [step] = [step for step in done.steps if step.outcome is Outcome.DIFFERENT]
    assert step.what.startswith("tables of computed/v1, entry ")
    assert step.found == "incident: not what the same code recorded"


def test_other_packages_may_give_other_last_digits_and_no_other_rows(
    watched: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bundle(watched, tmp_path, "mission", clock)
    honest = digests

    def shaken(*places: Any) -> dict[str, dict[str, object]]:
        return {n: d | {"sha256": "ab" * 32} for n, d in honest(*places).items()}

    monkeypatch.setattr(replay, "digests", shaken)
    same = recompute(path)
    monkeypatch.setattr(replay, "packages", lambda: {"polars": "9"})
    other = recompute(path)

    assert not same.holds
    assert other.holds
    assert len(of(other, Outcome.WITHIN)) == 1


def test_what_another_version_made_otherwise_is_not_called_different(
    watched: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheat(monkeypatch, change_the_page)
    publish(watched, clock)
    paths = [bundle(watched, tmp_path, level, clock) for level in ("public", "mission")]
    for module in (recount, replay):
        monkeypatch.setattr(module, "code_version", lambda: "9.9.9")

    done = [recompute(path) for path in paths]

    assert all(each.holds for each in done)
    for each in done:
        [step] = [s for s in each.steps if s.what == f"{STEM}.html" and "made by" in s.found][:1]
        assert step.outcome is Outcome.NOT_OPEN
        assert step.found.endswith("and this is 9.9.9")


def test_names_the_object_that_is_enciphered_or_erased(
    home: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    sealed.compartment(home)
    sealed.open_file(home, tmp_path, clock=clock)
    secret = sealed.seal(home, sealed.hotline(), clock=clock)
    run.run(home, clock=clock)
    report(home, "daily", day=date(2026, 6, 26), level="public", clock=clock)

    hidden = recompute(bundle(home, tmp_path, "mission", clock))
    erase(home, secret.object, said=Said(by="A", reason="asked"), clock=clock)
    (tmp_path / "mission.zip").unlink()
    gone = recompute(bundle(home, tmp_path, "mission", clock))

    reasons = {s.found for s in hidden.steps if s.outcome is Outcome.NOT_OPEN}
    assert reasons == {f"entry {secret.index} is enciphered: no key of this object here"}
    tombstone = f"not recomputable: erased by entry {hidden.size + 1}"  # after the export's own
    closed = {s.found for s in gone.steps if s.outcome is Outcome.NOT_OPEN}
    assert {reason.split(";")[0] for reason in closed} == {tombstone}
    assert hidden.holds
    assert gone.holds


def test_refuses_a_folder_of_a_mission_and_a_broken_bundle(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    path = bundle(watched, tmp_path, "public", clock)
    files = read_bundle(path)
    files["data/index.tsv"] += b"x"
    write_bundle(tmp_path / "broken.zip", files)

    with pytest.raises(BadInput, match="is a mission's folder, expected a bundle"):
        recompute(watched.path)
    with pytest.raises(EvidenceBroken, match=r"data/index\.tsv"):
        recompute(tmp_path / "broken.zip")


def test_says_that_nothing_was_published(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    done = recompute(bundle(watched, tmp_path, "public", clock))

    assert of(done, Outcome.NOT_OPEN) == ["published products"]


def test_a_log_without_an_object_is_not_computed_again(
    watched: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    opened = open_bundle(read_bundle(bundle(watched, tmp_path, "public", clock)), vkey=None)
    held_back = next(e.object for e in opened.entries if e.type.startswith("received/"))
    files = {n: c for n, c in opened.files.items() if not n.endswith(held_back)}

    with pytest.raises(EvidenceBroken, match=r"object is withheld .* expected every object"):
        replay.Replay(replace(opened, files=files), tmp_path)


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    for verb in recomputing.VERBS:
        app.command()(verb)
    return app


def test_the_command_prints_each_step_and_exits_with_1_when_one_differs(
    watched: Home,
    tmp_path: Path,
    clock: SimulatedClock,
    monkeypatch: pytest.MonkeyPatch,
    command: typer.Typer,
) -> None:
    publish(watched, clock)
    good = bundle(watched, tmp_path, "public", clock)
    cheat(monkeypatch, change_the_sheet)
    (tmp_path / "late.csv").write_bytes(firms(day=27, n=4, sat="N20"))
    list(ingest(watched, "firms", [tmp_path / "late.csv"], clock=clock))
    run.run(watched, clock=clock)
    publish(watched, clock)
    (tmp_path / "bad").mkdir()
    bad = bundle(watched, tmp_path / "bad", "public", clock)

    fine = CliRunner().invoke(command, ["recompute", str(good)])
    wrong = CliRunner().invoke(command, ["recompute", str(bad)])
    told = CliRunner().invoke(command, ["recompute", str(bad), "--json"])

    assert fine.exit_code == 0
    assert f"  4  same       {STEM}.geojson\n" in fine.stdout
    assert "not open: 1; same: 8" in fine.stdout
    assert wrong.exit_code == told.exit_code == 1
    assert f"DIFFERENT  {STEM}.csv" in wrong.stdout
    assert json.loads(told.stdout)["holds"] is False


def test_the_rerendered_names_are_those_of_the_cited_reports(
    watched: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = report_module._cited

    def swapped(*given: Any) -> bytes:
        first, second, *rest = honest(*given).splitlines()
        told = [json.loads(line) for line in (first, second)]
        told[0]["members"], told[1]["members"] = told[1]["members"][:1], told[0]["members"]
        lines = [canonical(one) for one in told]
        return b"".join(line + b"\n" for line in [*lines, *rest])

    monkeypatch.setattr(report_module, "_cited", swapped)
    publish(watched, clock)

    done = recompute(bundle(watched, tmp_path, "mission", clock))

    assert of(done, Outcome.DIFFERENT) == [f"{STEM}.cited.jsonl"]
