"""Promises of the agreement's pages: the words as sealed, how they are read, and what changed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient

from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.configuration import restricted_texts
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app
from trucewatch.serve.pages import _agreed_words as words
from trucewatch.serve.pages._agreed_texts import shifts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar import Litestar

SEALED_AT = datetime(2031, 2, 20, 12, tzinfo=UTC)
NOW = datetime(2031, 7, 1, 12, tzinfo=UTC)
HUB_WORDS = "5 km around the declared hubs"
HUB_PLACES = ("Hub North", "-45.6", "45.6000", "-119.6", "CANARYHUB", HUB_WORDS)
SECOND = (
    (b"\nversion: 1\n", b"\nversion: 2\n"),
    (b"effective: 2031-03-01T00:01:00-08:00", b"effective: 2031-06-01T00:00:00-08:00"),
    (HUB_WORDS.encode(), b"CANARYHUB, 4 km around the declared hubs"),
    (b"radius_m: 5000\n", b"radius_m: 4000\n"),
    (b"  buffer zone:\n    state: defined", b"  buffer zone:\n    state: undefined"),
    (b"500 m around each of these places", b"Half a kilometre around each of these places"),
)


def second_text() -> bytes:
    """Return the text of a second version."""
    text = shipped_bytes("paris-type")
    for old, new in SECOND:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.fixture(scope="module")
def paris(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A mission with two versions of a long text that holds a restricted zone."""
    path: Path = tmp_path_factory.mktemp("agreed") / "m"
    clock = SimulatedClock(SEALED_AT)
    create(path, clock=clock, plan=Plan(seed=bytes(32), agreement="paris-type"))
    home = Home(path)
    clock.at = datetime(2031, 5, 20, tzinfo=UTC)
    (path / "agreement.yaml").write_bytes(second_text())
    with writing(home, clock):
        pass
    first_pass(home)
    return home


@pytest.fixture(scope="module")
def paris_app(paris: Home) -> Litestar:
    """Its application, in July."""
    return make_app(str(paris.path), clock=SimulatedClock(NOW))


@pytest.fixture
def theirs(paris_app: Litestar) -> Iterator[TestClient[Litestar]]:
    """Anybody's browser."""
    with TestClient(paris_app) as client:
        yield client


@pytest.fixture
def ours(paris_app: Litestar, paris: Home) -> Iterator[TestClient[Litestar]]:
    """A browser of that mission."""
    with TestClient(paris_app) as client:
        client.cookies.set("tw_pass", first_pass(paris))
        yield client


@pytest.fixture
def early(demo_home: Home) -> Iterator[TestClient[Litestar]]:
    """A browser at a time when the public may not see the last days of the demonstration yet."""
    app = make_app(str(demo_home.path), clock=SimulatedClock(datetime(2030, 9, 4, tzinfo=UTC)))
    with TestClient(app) as client:
        yield client


def text(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[-400:]
    body = re.sub(r"<[^>]+>", " ", answer.text.split('id="main"')[-1])
    return re.sub(r"\s+", " ", unescape(body))


def test_every_rule_stands_there_in_its_own_words_with_its_source(
    theirs: TestClient[Litestar],
) -> None:
    rules = parse(shipped_bytes("paris-type"), name="paris-type").rules

    shown = text(theirs, "/agreement")

    assert len(rules) == 24
    for rule in rules:
        assert " ".join(rule.clause.split()) in shown, rule.id
        assert f"Source: {rule.source}" in shown, rule.id


def test_every_reference_leads_to_a_place_that_is_there(theirs: TestClient[Litestar]) -> None:
    page = theirs.get("/agreement").text

    ids = set(re.findall(r' id="([^"]+)"', page))
    wanted = set(re.findall(r'href="#([^"]+)"', page))

    assert len(wanted) > 50
    assert wanted - ids - {"main"} == set()
    assert len(ids) == len(re.findall(r' id="([^"]+)"', page))


def test_a_rule_shows_how_each_term_is_read_and_what_the_text_does_not_say(
    public: TestClient[Litestar],
) -> None:
    page = public.get("/agreement/R01").text
    shown = text(public, "/agreement/R01")

    assert '<mark>fire</mark><sup><a href="#n1">1</a></sup>' in page
    assert 'id="n1"' in page
    assert "P(inside) at least 0.95; up to 0.05 is outside" in shown
    assert "no, unless the text names it: set by the mission" in shown
    assert "The sealed words decide, not what the software reads in them." in shown


def test_the_counts_of_a_rule_are_those_of_the_list_that_they_lead_to(
    early: TestClient[Litestar], demo_home: Home
) -> None:
    found = {}
    for role in ("public", "mission"):
        client, key = early, first_pass(demo_home) if role == "mission" else ""
        client.cookies.set("tw_pass", key)
        page = client.get("/agreement/R01").text
        part = page[page.index('id="outcomes"') :]
        links = re.findall(r'href="(/incidents\?rule=R01&amp;outcome=\w+)">([\d,]+)</a>', part)
        assert links, role
        for link, n in links:
            table = client.get(unescape(link).replace("/incidents?", "/incidents.csv?")).text
            assert len(table.splitlines()) - 1 == int(n.replace(",", "")), (role, link)
        found[role] = sum(int(n) for _, n in links)

    assert 0 < found["public"] < found["mission"]


def test_only_the_mission_sees_the_trace_of_an_incident(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    ours, theirs = (text(client, "/agreement/R01") for client in (mission, public))

    assert "A trace of R01" in ours
    assert "tw explain HOME i-" in ours
    assert "A trace of R01" not in theirs
    assert "tw explain" not in theirs
    assert "What is asked" in theirs
    assert "stay in the mission" in theirs


def test_a_trace_can_be_chosen_by_its_incident_and_no_other_one_is_found(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    page = mission.get("/agreement/R01").text
    links = re.findall(r'href="(/agreement/R01\?incident=(i-\w+)#trace)"', page)

    link, incident = links[-1]
    chosen = mission.get(link).text
    unknown = mission.get("/agreement/R01?incident=i-nothing")
    hidden = public.get(f"/agreement/R01?incident={incident}")

    assert f'href="/incidents/{incident}"' in chosen[chosen.index('id="trace"') :][:400]
    assert unknown.status_code == 404
    assert hidden.text == public.get("/agreement/R01?incident=i-nothing").text.replace(
        "i-nothing", incident
    )


def test_the_version_in_force_is_shown_and_a_moment_chooses_another(
    theirs: TestClient[Litestar],
) -> None:
    now = text(theirs, "/agreement")
    then = text(theirs, "/agreement?asof=2031-04-01T00:00Z")
    early = text(theirs, "/agreement?asof=2031-01-01T00:00Z")

    assert "paris-type , version 2" in now
    assert "Half a kilometre around" in now
    assert "paris-type , version 1" in then
    assert "Half a kilometre around" not in then
    assert "No version was in force at" in early


def test_a_link_keeps_the_version_that_was_asked_for(theirs: TestClient[Litestar]) -> None:
    page = theirs.get("/agreement?version=1").text
    rule = theirs.get("/agreement/R01?version=1").text

    assert 'href="/agreement/R01?version=1"' in page
    assert 'href="/agreement/R02?version=1"' in rule
    assert "Version 1, source" in rule


def test_two_versions_stand_side_by_side_with_the_changed_words_marked(
    theirs: TestClient[Litestar],
) -> None:
    page = theirs.get("/agreement?version=2&compare=1").text
    part = page[page.index('id="changes"') : page.index('id="rules"')]

    assert "<del>500" in part
    assert "<ins>Half" in part
    assert "Z_SETTLE" in part
    assert "difference" in part


def test_a_rule_tells_what_a_version_changed_of_what_it_names(
    theirs: TestClient[Litestar],
) -> None:
    touched, other = (text(theirs, f"/agreement/{rule}") for rule in ("R10", "R01"))

    assert "What version 2 changes" in touched
    assert "Z_SETTLE" in touched
    assert "Version 2 changes nothing of it." in other


def test_the_public_learns_neither_place_nor_words_of_a_restricted_zone(
    theirs: TestClient[Litestar], ours: TestClient[Litestar]
) -> None:
    paths = ["/agreement", "/agreement?version=1", "/agreement?version=2&compare=1"]
    paths += [f"/agreement/P{n:02d}" for n in range(1, 13)]

    for path in paths:
        page = theirs.get(path).text
        assert not [each for each in HUB_PLACES if each in page], path
    hub = text(theirs, "/agreement")
    assert "Its place is for the parties and the monitors alone." in hub
    assert "It changed. The place is restricted and not shown." in text(theirs, paths[2])
    whole = text(ours, "/agreement?version=2&compare=1")
    assert "CANARYHUB" in whole
    assert "Hub North" in whole


def test_the_sealed_file_is_offered_only_where_it_may_be_read(
    theirs: TestClient[Litestar], ours: TestClient[Litestar], public: TestClient[Litestar]
) -> None:
    link = r'href="(/objects/[0-9a-f]{64})"'

    assert not re.findall(link, theirs.get("/agreement").text)
    assert "so it is not handed out" in text(theirs, "/agreement")
    assert re.findall(link, ours.get("/agreement").text)
    offered = re.findall(link, public.get("/agreement").text)
    assert public.get(offered[0]).status_code == 200


def test_what_differs_of_a_hidden_zone_has_no_words_at_all() -> None:
    old, new = (parse(raw, name="x") for raw in (shipped_bytes("paris-type"), second_text()))

    every, cut = (shifts(old, new, hidden) for hidden in (frozenset(), frozenset({"Z_HUBS"})))

    told = {(each.field, each.kind) for each in every if each.id == "Z_HUBS"}
    left = [each for each in cut if each.id == "Z_HUBS"]
    assert ("text", "changed") in told
    assert {each.kind for each in left} == {"hidden"}
    assert not [each for each in left if each.old or each.new]


def test_the_linter_speaks_and_its_silence_is_no_praise(
    theirs: TestClient[Litestar], public: TestClient[Litestar]
) -> None:
    long, short = (text(client, "/agreement") for client in (theirs, public))

    assert "rests on 'buffer zone', which is undefined" in long
    assert "The linter asks nothing of this text." not in long
    assert "The linter asks nothing of this text." in short
    assert "A text without questions can still be a bad one." in short


def test_an_id_that_is_no_rule_leads_to_its_place_in_the_text(
    theirs: TestClient[Litestar],
) -> None:
    answer = theirs.get("/agreement/Z_SETTLE?version=1", follow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["location"] == "/agreement?version=1#Z_SETTLE"


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/agreement/R99", 404, "is no rule and no other part of version 2"),
        ("/agreement?version=9", 400, "version"),
        ("/agreement?compare=x", 400, "compare"),
        ("/agreement?asof=soon", 400, "asof"),
        ("/agreement?asof=9999-12-31T23:59:59-12:00", 400, "asof"),
    ],
)
def test_refuses_what_is_not_there_and_names_the_field(
    theirs: TestClient[Litestar], path: str, status: int, said: str
) -> None:
    answer = theirs.get(path)

    assert answer.status_code == status
    assert said in answer.text


def test_before_the_first_run_the_text_can_be_read_and_nothing_is_counted(
    theirs: TestClient[Litestar],
) -> None:
    assert "Nothing was assessed yet." in text(theirs, "/agreement")
    assert "Nothing was assessed yet." in text(theirs, "/agreement/R01")


def test_the_pages_need_no_script_and_no_inline_style(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    for client in (public, mission):
        for path in ("/agreement", "/agreement/R01"):
            page = client.get(path).text
            assert not re.search(r"<[^>]+ (style|on[a-z]+)=", page), path
            assert "<style" not in page, path
            assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page)), path


def test_a_clause_marks_each_of_its_terms_once_and_keeps_every_letter() -> None:
    clause = "No fire, and no fire within the fire zone of a town."

    segments, nth = words.marked(clause, ("fire", "fire zone", "river"))

    assert "".join(each.text for each in segments) == clause
    assert [each.text for each in segments if each.nth] == ["fire", "fire zone"]
    assert nth == {"fire": 1, "fire zone": 2}


def test_the_pages_speak_ukrainian_dates(theirs: TestClient[Litestar]) -> None:
    assert "2031" in text(theirs, "/agreement?language=uk")
    assert 'lang="uk"' in theirs.get("/agreement?language=uk").text


def test_the_public_does_not_get_the_file_that_holds_a_restricted_place(
    paris: Home, theirs: TestClient[Litestar], ours: TestClient[Litestar]
) -> None:
    with reading(paris) as (log, _):
        (hidden, *_) = restricted_texts(log)

    nowhere = theirs.get(f"/objects/{'0' * 64}")

    for path in (f"/objects/{hidden}", f"/objects/{hidden}/bytes"):
        assert ours.get(path).status_code == 200
        assert theirs.get(path).status_code == 404
        assert "Hub" not in theirs.get(path).text
    assert nowhere.status_code == 404
