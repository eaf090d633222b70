"""Promises of the page of an incident."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from litestar.testing import TestClient
from tests.mission.measured_samples import NOW
from tests.mission.measured_samples import mission as mission_of
from tests.serve.watched_samples import SAID, at, make

from trucewatch.evidence.keys import load_release
from trucewatch.evidence.vault.compartment import compartment_path
from trucewatch.mission.alias import alias
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.erase import erase
from trucewatch.mission.home import Home
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

LATER = NOW + timedelta(days=9)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make(tmp_path_factory.mktemp("incident"))


@pytest.fixture(scope="module")
def officer(watched: Home) -> Iterator[TestClient[Litestar]]:
    with TestClient(make_app(str(watched.path), clock=SimulatedClock(LATER))) as client:
        client.cookies.set("tw_pass", first_pass(watched))
        yield client


@pytest.fixture(scope="module")
def reader(watched: Home) -> Iterator[TestClient[Litestar]]:
    with TestClient(make_app(str(watched.path), clock=SimulatedClock(LATER))) as client:
        yield client


def words(client: TestClient[Litestar], path: str) -> str:
    """Return the text of a page's main part."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    main = answer.text.split('id="main"', 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def public_name(home: Home, incident: str) -> str:
    return alias(load_release(home.path / "keys" / "release.key"), incident)


def test_the_mission_sees_every_section_filled(
    demo_home: Home, mission: TestClient[Litestar]
) -> None:
    with reading(demo_home) as (_, there):
        told = there.desk.read("assessment").filter(outcome="indeterminate")

    said = words(mission, f"/incidents/{told['subject'][0]}")

    for heading in (
        "What it was", "Who saw it", "Who should have seen it and did not",
        "Against the agreement", "What happened since", "Attributes", "Evidence", "As known at",
    ):  # fmt: skip
        assert heading in said, heading
    assert "indeterminate, R01" in said
    assert "party not assessed" in said
    assert "finds nothing" in said
    assert "unchanged since sealing does not mean true" in said
    assert "First report sealed, in " in said


def test_says_where_nobody_declared_what_watches(tmp_path: Path) -> None:
    home, _ = mission_of(tmp_path, declared=False)
    first_pass(home)

    with TestClient(make_app(str(home.path), clock=SimulatedClock(LATER))) as client:
        client.cookies.set("tw_pass", first_pass(home))
        said = words(client, f"/incidents/{at(home, 2)}")

    assert "Nobody declared what watches here" in said


def test_each_condition_of_a_rule_is_told_with_its_value_and_how_it_came_out(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    name = at(watched, 3)
    with reading(watched) as (_, there):
        told = there.desk.read("assessment").filter(subject=name, rule="R01")
    trace = json.loads(told["trace"].item())

    text = officer.get(f"/incidents/{name}").text
    page = words(officer, f"/incidents/{name}")

    steps = text.split('<ol class="trace">', 1)[1].split("</ol>")[0]
    assert steps.count("<li") == len(trace) + 1
    p = f"{trace[4]['value']:.3f}"
    assert f"holds: P(act of the rule) is at least 0.5 {p}" in page
    assert f"does not hold: On its face: P(act of the rule) is at least 0.95 {p}" in page


def test_the_public_page_says_what_it_leaves_out_and_leaves_it_out(
    watched: Home, reader: TestClient[Litestar]
) -> None:
    own = at(watched, 2)
    path = f"/incidents/{public_name(watched, own)}"

    said, source = words(reader, path), reader.get(path).text

    assert "Which sensors reported it stays in the mission" in said
    assert "centre of a 1 km cell" in said
    for hidden in (own, "M. Sarn", "news", "CAM-1", "NEWSROOM", "/objects/", "/observations/"):
        assert hidden not in source, hidden
    with reading(watched) as (_, there):
        place = there.desk.read("incident").filter(id=own).row(0, named=True)
    assert f"{place['lat_deg']:.4f}, {place['lon_deg']:.4f}" not in said


def test_the_public_cannot_tell_what_is_not_there_from_what_it_may_not_see(
    watched: Home, reader: TestClient[Litestar]
) -> None:
    hidden = public_name(watched, at(watched, 5))
    asked = [at(watched, 2), at(watched, 5), hidden, "p-aaaaaaaaaaaaaaaa", "i-aaaaaaaaaaaaaaaa"]

    answers = [reader.get(f"/incidents/{name}", follow_redirects=False) for name in asked]

    assert {each.status_code for each in answers} == {404}
    told = {each.text.replace(name, "NAME") for name, each in zip(asked, answers, strict=True)}
    assert len({re.sub(r'"[^"]*prefer[^"]*"', "", each) for each in told}) == 1


def test_an_incident_is_not_there_for_the_public_before_its_delay(watched: Home) -> None:
    name = public_name(watched, at(watched, 4))
    early, late = (
        make_app(str(watched.path), clock=SimulatedClock(NOW + timedelta(hours=h)))
        for h in (-10, 40)
    )

    with TestClient(early) as before, TestClient(late) as after:
        codes = [client.get(f"/incidents/{name}").status_code for client in (before, after)]

    assert codes == [404, 200]


def test_an_id_that_was_taken_over_leads_to_what_took_it_over(
    demo_home: Home, mission: TestClient[Litestar], public: TestClient[Litestar]
) -> None:
    with reading(demo_home) as (_, there):
        old, new = there.desk.read("superseded").select("id", "superseded_by").row(0)
    theirs = public_name(demo_home, new)

    ours = mission.get(f"/incidents/{old}?language=uk", follow_redirects=False)
    own = mission.get(f"/incidents/{theirs}", follow_redirects=False)
    named = public.get(f"/incidents/{public_name(demo_home, old)}", follow_redirects=False)

    assert ours.headers["location"] == f"/incidents/{new}?language=uk"
    assert own.headers["location"] == f"/incidents/{new}"
    assert named.headers["location"] == f"/incidents/{theirs}"


def test_who_should_have_seen_it_is_said_asset_by_asset(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    said = words(officer, f"/incidents/{at(watched, 2)}")

    assert "CAM-1 0.80 0.80 nothing should have seen it and did not" in said
    assert re.search(r"NEWSROOM 0\.50 0\.50 nothing it saw it", said)


def test_what_people_wrote_is_quoted_and_never_markup(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    text = officer.get(f"/incidents/{at(watched, 2)}").text

    quoted = re.findall(r'<blockquote class="sealed">(.*?)</blockquote>', text, re.DOTALL)
    assert len(quoted) == 1
    assert quoted[0].startswith("Nobody fired; it was &lt;b&gt;thunder&lt;/b&gt;.<cite>M. Sarn")
    assert SAID not in text


def test_evidence_above_clear_stands_as_ciphertext(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    text = officer.get(f"/incidents/{at(watched, 5)}").text

    assert re.search(r'class="hashrow"><svg[^>]*><use href="#lock"/></svg>', text)
    assert "AMBER" in text


def test_the_page_holds_no_script_of_its_own_and_no_style(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    text = officer.get(f"/incidents/{at(watched, 2)}").text

    assert re.findall(r"<script[^>]*>[^<]*", text) == [
        '<script type="module" src="/static/live.js">'
    ]
    assert not re.search(r"\sstyle=", text)


def test_a_report_that_came_twice_counts_once(watched: Home, officer: TestClient[Litestar]) -> None:
    said = words(officer, f"/incidents/{at(watched, 4)}")

    assert "1 distinct report, 1 independent" in said
    assert "downloaded once more" in said
    assert "faults.csv" in said


@pytest.fixture
def copied(watched: Home, tmp_path: Path) -> Home:
    return Home(Path(shutil.copytree(watched.path, tmp_path / "copy")))


def sealed_of(home: Home, incident: str) -> tuple[int, str]:
    """Return entry and hash of the one object that an incident rests on."""
    with reading(home) as (log, there):
        [object_] = there.desk.read("members").filter(incident=incident)["object"].cast(pl.String)
        [entry] = log.indices_of(object_)
    return entry, object_


def alter(home: Home, old: bytes, new: bytes) -> None:
    """Change sealed bytes behind the log's back."""
    with closing(sqlite3.connect(home.path / "log.db")) as database:
        [(first, bundle)] = database.execute(
            "SELECT first, bundle FROM object WHERE instr(bundle, ?)", (old,)
        ).fetchall()
        change = "UPDATE object SET bundle = ? WHERE first = ?"
        database.execute(change, (bundle.replace(old, new), first))
        database.commit()


def test_evidence_is_hashed_again_and_a_change_is_seen(
    copied: Home, watched: Home, officer: TestClient[Litestar]
) -> None:
    name = at(watched, 3)
    object_ = sealed_of(copied, name)[1]
    alter(copied, b"20300903,-30.2", b"20300903,-31.2")

    with TestClient(make_app(str(copied.path), clock=SimulatedClock(LATER))) as client:
        client.cookies.set("tw_pass", first_pass(copied))
        said = words(client, f"/incidents/{name}")
        page = words(client, f"/objects/{object_}")
        seen = words(client, f"/observations/{object_}/1")

    assert re.search(r"sealed [^,]+, unchanged", words(officer, f"/incidents/{name}"))
    assert re.search(r"sealed [^,]+, the bytes do not match", said)
    assert "unchanged since sealing does not mean true" in said
    assert f"object {object_} has bytes that hash to" in page
    assert "hash matches" not in page
    assert "The line cannot be shown" in seen


def test_every_time_that_a_report_became_known_leads_to_the_map_of_then(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    name = at(watched, 2)
    text = officer.get(f"/incidents/{name}").text

    links = re.findall(r'href="(/map\?asof=[^"]+)"', text)

    assert len(links) == 1
    shown = officer.get(unescape(links[0]))
    assert shown.status_code == 200


def test_no_distance_is_told_that_the_error_of_the_place_swallows(
    demo_home: Home, mission: TestClient[Litestar]
) -> None:
    with reading(demo_home) as (_, there):
        told = there.desk.read("incident").filter(pl.col("cov_ee_m2") > 1e6)

    said = words(mission, f"/incidents/{told['id'][0]}")

    assert "Where at or near " in said
    assert not re.search(r"m from ", said)


def test_a_report_whose_key_is_not_here_stands_with_the_reason(copied: Home) -> None:
    name = at(copied, 5)
    compartment_path(copied.path, "hotline").unlink()

    with TestClient(make_app(str(copied.path), clock=SimulatedClock(LATER))) as client:
        client.cookies.set("tw_pass", first_pass(copied))
        said = words(client, f"/incidents/{name}")

    assert "Cannot be read here:" in said


def test_an_erased_object_stands_as_a_tomb_and_its_incident_is_gone(copied: Home) -> None:
    name = at(copied, 5)
    entry, object_ = sealed_of(copied, name)
    said = Said(by="D. Keeper", reason="Consent was withdrawn.")

    erase(copied, str(entry), said=said, clock=SimulatedClock(LATER))

    with TestClient(make_app(str(copied.path), clock=SimulatedClock(LATER))) as client:
        client.cookies.set("tw_pass", first_pass(copied))
        page = client.get(f"/objects/{object_}")
        assert client.get(f"/incidents/{name}").status_code == 404
    assert page.status_code == 200
    assert '<use href="#tomb"/>' in page.text


def test_probabilities_are_never_certain(demo_home: Home, mission: TestClient[Litestar]) -> None:
    with reading(demo_home) as (_, there):
        sure = there.desk.read("incident").sort("real_p")["id"][-1]

    assert "P > 0.999 that it happened at all" in words(mission, f"/incidents/{sure}")


def test_a_title_names_no_place_that_is_far_off(
    demo_home: Home, mission: TestClient[Litestar]
) -> None:
    with reading(demo_home) as (_, there):
        sharp = there.desk.read("incident").filter(pl.col("cov_ee_m2") < 1e6)
    pages = [mission.get(f"/incidents/{name}").text for name in sharp["id"].head(20)]

    titled = [unescape(text.split("<h1>")[1].split("</h1>")[0]) for text in pages]
    told = [re.search(r"<dd>(\d+) km from ([^<]+)<br>", text) for text in pages]

    far = [
        (title, match[2])
        for title, match in zip(titled, told, strict=True)
        if match and int(match[1]) > 10
    ]
    assert far
    assert not [title for title, place in far if title.endswith(place)]
