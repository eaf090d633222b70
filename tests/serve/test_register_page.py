"""Promises of the register's pages: what one state promised, by which source, as known when."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient
from tests.mission.register_samples import FIRST, MORE, actor, claims, table

from trucewatch.evidence.vault.compartment import make_compartment
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import Handling
from trucewatch.mission.init import Plan, create
from trucewatch.mission.passes import first_pass
from trucewatch.mission.register_claim import Reply, reply
from trucewatch.mission.register_import import import_table
from trucewatch.mission.register_load import claims_file, load
from trucewatch.records.claims.claim import Relation
from trucewatch.records.level import Level
from trucewatch.register.parse import parse
from trucewatch.register.shipped import shipped_bytes
from trucewatch.serve.app import make_app
from trucewatch.serve.pages._register_seen import public_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar import Litestar

START = datetime(2026, 6, 12, 12, tzinfo=UTC)
CANARIES = ("CANARYREADINESS", "CANARYREPLY", "CANARYPLACE", "ready-1", "UAV sensor-days")
PAGES = (
    "/register",
    "/register/BBB",
    "/register/CCC",
    "/register/differences",
    "/register/timeline",
    "/register/instruments/PACT",
    "/register/claims/sea-2",
    "/register/claims.csv",
    "/register/BBB/claims.csv",
    "/register/BBB/claims.json",
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A mission that has just begun."""
    path = tmp_path_factory.mktemp("promised") / "empty"
    create(path, clock=SimulatedClock(START), plan=Plan(seed=bytes(32), agreement="demo-truce"))
    first_pass(Home(path))
    return Home(path)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A mission with the small pact, what corrects it, a reply, and a tracker's table."""
    path = tmp_path_factory.mktemp("promised") / "m"
    clock = SimulatedClock(START)
    create(path, clock=clock, plan=Plan(seed=bytes(32), agreement="demo-truce"))
    made = Home(path)
    load(made, claims(FIRST), actor=actor(clock))
    answer = Reply(
        to="ready-1",
        of="BBB",
        text="CANARYREPLY is not so.",
        day=START.date(),
        title="Letter",
        grade="B2",
    )
    reply(made, answer, actor=actor(clock))
    import_table(made, table(), actor=actor(clock), handling=Handling(level=Level.CLEAR))
    clock.at = START + timedelta(days=10)
    load(made, claims(MORE), actor=actor(clock))
    first_pass(made)
    return made


@pytest.fixture(scope="module")
def paris(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A mission with the shipped register of press claims."""
    path = tmp_path_factory.mktemp("promised") / "paris"
    clock = SimulatedClock(START)
    create(path, clock=clock, plan=Plan(seed=bytes(32), agreement="demo-truce"))
    load(Home(path), claims_file("paris-2026"), actor=actor(clock))
    return Home(path)


@pytest.fixture
def ours(home: Home) -> Iterator[TestClient[Litestar]]:
    """A browser of the mission."""
    with TestClient(make_app(str(home.path))) as client:
        client.cookies.set("tw_pass", first_pass(home))
        yield client


@pytest.fixture
def theirs(home: Home) -> Iterator[TestClient[Litestar]]:
    """Anybody's browser."""
    with TestClient(make_app(str(home.path))) as client:
        yield client


@pytest.fixture
def press(paris: Home) -> Iterator[TestClient[Litestar]]:
    """Anybody's browser, at the register of press claims."""
    with TestClient(make_app(str(paris.path))) as client:
        yield client


def text(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[-400:]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.split('id="main"')[-1]))


def test_what_one_state_promised_is_two_links_from_the_first_page(
    press: TestClient[Litestar],
) -> None:
    first = press.get("/").text
    overview = press.get("/register").text
    state = text(press, "/register/USA")

    assert 'href="/register"' in first
    assert 'href="/register/USA"' in overview
    assert "What it promised, and what it refused" in state
    assert "Support of the United States for the force if that is attacked" in state


def test_a_state_shows_every_source_where_they_differ_and_which_goes_first(
    press: TestClient[Litestar],
) -> None:
    shown = text(press, "/register/USA")

    question = shown.index("Did it commit to support the force if that is attacked?")
    part = shown[question : question + 1500]
    assert all(at in part for at in ("001:25", "003:55-57", "004:25", "S2", "S3"))
    assert "Draft against final. Rule 1: a final text goes before a draft." in part
    assert re.search(r"003:55-57 +goes first", part)


def test_an_empty_cell_says_that_nothing_was_found_in_how_many_sources(
    press: TestClient[Litestar],
) -> None:
    page = press.get("/register").text

    row = page[
        page.index('scope="row" lang="en"><a href="/register/POL"', page.index('class="mx')) :
    ]
    row = row[: row.index("</tr>")]
    assert row.count('class="none"') == 10
    assert row.count("in 21 sources") == 10
    assert "refused" in row
    assert "stated by others" in row


def test_steps_say_how_far_a_provision_has_come(press: TestClient[Litestar]) -> None:
    page = press.get("/register/instruments/DOI2026").text

    now = re.findall(r'<li class="now" aria-current="step">([a-z ]+)</li>', page)
    assert now == ["intent signed"] * 4
    assert "sources differ" in page


def test_as_known_at_a_day_leaves_out_what_was_said_later_and_keeps_every_link(
    press: TestClient[Litestar],
) -> None:
    before = text(press, "/register/USA?asof=2026-01-06")
    page = press.get("/register/USA?asof=2026-01-06").text

    assert "Only what was said or published up to 6 Jan 2026." in before
    assert "It is said to stand behind the force" in before
    assert "3 Feb 2026" not in before.split("Choose a bar")[1]
    assert "235 claims have no day and are left out" in before
    assert 'href="/register/claims/001-25a?asof=2026-01-06"' in page


def test_the_days_are_a_form_and_links_that_need_no_script(press: TestClient[Litestar]) -> None:
    page = press.get("/register").text

    assert '<input type="date" name="asof"' in page
    assert 'href="/register?asof=2026-01-24"' in page
    assert not re.search(r"<[^>]+ (style|on[a-z]+)=", page)


def test_as_our_log_had_it_a_claim_that_came_later_is_not_there(
    theirs: TestClient[Litestar],
) -> None:
    then, now = (text(theirs, f"/register/BBB{query}") for query in ("?log=2026-06-14T00:00", ""))

    assert "It pledged boats." in then
    assert "two boats, not three" not in then
    assert "two boats, not three" in now
    assert "corrected by sea-2" in now


def test_the_public_learns_nothing_of_readiness_limits_or_gaps(
    ours: TestClient[Litestar], theirs: TestClient[Litestar]
) -> None:
    for path in PAGES:
        public = theirs.get(path)
        assert public.status_code == 200, path
        assert not [canary for canary in CANARIES if canary in public.text], path
    assert "CANARYREADINESS" in ours.get("/register/BBB").text
    hidden, other = (theirs.get(f"/register/claims/{name}") for name in ("ready-1", "ready-2"))
    assert hidden.status_code == other.status_code == 404
    assert hidden.text.replace("ready-1", "ready-2") == other.text


def test_the_mission_sees_what_is_due_and_the_public_does_not(
    ours: TestClient[Litestar], theirs: TestClient[Litestar]
) -> None:
    for path in ("/register", "/register/BBB"):
        assert "AMBER+STRICT" in ours.get(path).text
        assert "AMBER+STRICT" not in theirs.get(path).text
    assert "Due and delivered" in text(ours, "/register/BBB")
    assert "the diet of Betaland consents" in text(theirs, "/register/BBB")


@pytest.mark.parametrize("level", [Level.CLEAR, Level.AMBER])
def test_the_public_sees_what_arrived_from_open_tables_alone(tmp_path: Path, level: Level) -> None:
    clock = SimulatedClock(START)
    create(tmp_path / "m", clock=clock, plan=Plan(seed=bytes(32), agreement="demo-truce"))
    home = Home(tmp_path / "m")
    load(home, claims(FIRST), actor=actor(clock))
    compartment = "" if level is Level.CLEAR else "trackers"
    if compartment:
        make_compartment(home.path, compartment)
    handling = Handling(level=level, compartment=compartment)
    import_table(home, table(), actor=actor(clock), handling=handling)
    key = first_pass(home)

    with TestClient(make_app(str(home.path))) as client:
        theirs = "12 UAV_sensor-days" in client.get("/register/BBB").text
        client.cookies.set("tw_pass", key)
        ours = "12 UAV_sensor-days" in client.get("/register/BBB").text

    assert ours
    assert theirs == (level is Level.CLEAR)


def test_a_claim_that_a_hidden_one_corrects_does_not_look_as_if_it_stood() -> None:
    register = parse(shipped_bytes("harbour-accord"), name="harbour-accord")
    ready = next(each for each in register.claims if each.relation is Relation.READY)
    old = next(each for each in register.claims if each.relation is Relation.OFFERED)
    new = replace(ready, supersedes=old.id)
    told = tuple(new if each.id == ready.id else each for each in register.claims)

    cut = public_part(replace(register, claims=told))

    assert not {old.id, ready.id} & {each.id for each in cut.claims}
    assert not cut.requirements
    assert not cut.steps


def test_the_csv_of_a_state_holds_its_claims_and_says_what_they_are(
    press: TestClient[Litestar],
) -> None:
    answer = press.get("/register/ITA/claims.csv")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert "register-ITA.csv" in answer.headers["content-disposition"]
    assert {row["notice"] for row in rows} == {"EXERCISE"}
    assert {"001-48a", "S9-c"} <= {row["claim"] for row in rows}
    assert all("no finding" in row["marked"] for row in rows)


def test_the_json_of_a_state_says_as_known_when(press: TestClient[Litestar]) -> None:
    body = press.get("/register/ITA/claims.json?asof=2026-01-07").json()

    assert body["as_known_at"] == {"asof": "2026-01-07"}
    assert body["about"]["actor"]["name"] == "Italy"
    assert body["notice"] == "EXERCISE"


def test_a_claim_says_where_it_was_read_and_in_which_entry_it_came(
    ours: TestClient[Litestar],
) -> None:
    shown = text(ours, "/register/claims/sea-2")
    page = ours.get("/register/claims/sea-2").text

    assert "It pledged two boats, not three." in shown
    assert "It corrects: It pledged boats." in shown
    assert "Courier" in shown
    assert re.search(r'href="/log/\d+"', page)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/register/NOBODY", 404, "whom the register does not name"),
        ("/register/instruments/NONE", 404, "provision"),
        ("/register/claims/none", 404, "which is not in the register as shown"),
        ("/register?asof=soon", 400, "asof"),
        ("/register?asof=2026-01-06Tx", 400, "asof"),
        ("/register?asof=9999-12-31", 400, "asof"),
        ("/register/BBB?log=soon", 400, "log"),
        ("/register/differences?kind=loud", 400, "kind"),
        ("/register/timeline?page=-1", 400, "page"),
    ],
)
def test_refuses_what_is_not_there_and_names_the_field(
    theirs: TestClient[Litestar], path: str, status: int, said: str
) -> None:
    answer = theirs.get(path)

    assert answer.status_code == status
    assert said in answer.text


def test_without_a_register_the_page_says_how_to_load_one(empty: Home) -> None:
    with TestClient(make_app(str(empty.path))) as client:
        page = client.get("/register")
        state = client.get("/register/USA")

    assert page.status_code == 200
    assert "tw register load HOME paris-2026 --by NAME" in page.text
    assert state.status_code == 404


def test_differences_can_be_cut_to_one_class(press: TestClient[Litestar]) -> None:
    every, drafts = (
        press.get(f"/register/differences{query}").text.count('<section class="gap2"')
        for query in ("", "?kind=draft_against_final")
    )

    assert every == 23
    assert 0 < drafts < every


def test_the_timeline_goes_day_by_day_and_undated_claims_stand_last(
    press: TestClient[Litestar],
) -> None:
    first, last = (press.get(f"/register/timeline?page={page}").text for page in (1, 99))

    days = re.findall(r'<time datetime="([0-9-]+)"', first)
    assert days == sorted(days)
    assert "no day" in last


def test_the_pages_speak_ukrainian_dates(press: TestClient[Litestar]) -> None:
    assert "січ" in press.get("/register/USA?language=uk").text
