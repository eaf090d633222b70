"""Promises to those who spoke in confidence: nothing above CLEAR ever reaches the public.

Words, ids and numbers are planted where the public may not look; then every route is asked for
everything, in every format, with ids that the public may not know.
"""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urldefrag

import polars as pl
import pytest
from litestar.testing import TestClient
from tests.mission.measured_samples import NOW
from tests.mission.register_samples import FIRST, MAPPING, TABLE, actor, claims, table
from tests.serve.watched_samples import make
from tools.crawled import crawl

from trucewatch.evidence.keys import load_release
from trucewatch.mission.alias import alias
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.desk import lock, merge
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import Handling, ingest
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.mission.register_claim import Reply, reply
from trucewatch.mission.register_import import import_table
from trucewatch.mission.register_load import load
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.records.level import Level
from trucewatch.report.release import cell_centre
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response
    from litestar import Litestar

THEN = NOW + timedelta(days=20)
"""When every report day has been released."""
LAT_DEG, LON_DEG = 45.04317, -29.77173
SECRET = f"""date,lon,lat,place,type,n_reports
20300903,{LON_DEG},{LAT_DEG},CANARYVILLAGE,A,7
20300903,{LON_DEG},95.7313,CANARYFAULT,A,2
20300904,-29.6,45.05,Pelven,A,4
""".encode()
"""One that stands alone, one that cannot be read, one that an analyst merges into another."""
WORDS = (
    "CANARY",
    "Quietford",  # of the watched sample's confidential file
    "95.7313",
    f"{LAT_DEG}",
    f"{LON_DEG}",
    "ready-1",
    "UAV sensor-days",
)
"""What no answer to the public may hold, in any case of its letters."""
ASSET = """
[coverage.CANARY-POST]
sensor = "news"
detects = { "*" = 0.4 }
source = "CANARYSOURCE"
always = true
"""
ADDRESSES = (
    "/incidents?from=2030-09-05&to=2030-09-06",
    f"/incidents?box={LON_DEG - 0.01},{LAT_DEG - 0.01},{LON_DEG + 0.01},{LAT_DEG + 0.01}",
    "/incidents?from=yesterday",
    "/map?asof=2030-09-06T00:00:00Z",
    "/map?from=2030-09-05&to=2030-09-06",
    "/?date=2030-09-05",
    "/log?type=received",
    "/api/v1/changes?once=true",
    "/api/v1/changes?once=true&since=1",
    "/api/v1/changes?once=true&since=1.0",
    "/api/v1/log/entries?size=1000",
    "/api/v1/assessments?size=1000&subject_kind=restriction",
    "/api/v1/incidents?size=1000",
    "/search?q=canary",
    "/search?q=Quietford",
    "/api/v1/search?q=canary",
    "/api/v1/register/claims?relation=ready",
)


class Planted(NamedTuple):
    """The mission, the same before anything was planted, and what the public may not name.

    Attributes:
        home: The mission.
        before: A copy from before.
        hidden: Ids of what is there and not to be seen, each with one of the same form that
            nothing has.
        words: What no answer may hold.
    """

    home: Home
    before: Home
    hidden: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder: Path = tmp_path_factory.mktemp("canary")
    home, clock = make(folder), SimulatedClock(NOW + timedelta(days=1))
    load(home, claims(FIRST.replace("CANARYREADINESS within", "Within")), actor=actor(clock))
    report(home, "daily", day=datetime(2030, 9, 3, tzinfo=UTC).date(), level="public",
           clock=SimulatedClock(THEN))  # fmt: skip
    clock = SimulatedClock(THEN)
    before = Home(shutil.copytree(home.path, folder / "before"))
    record = _plant(home, folder, clock)
    with reading(home) as (log, there):
        incidents = there.desk.read("incident")
        members = there.desk.read("members").cast({"object": pl.String})
        secret = [e.object for _, e in log.entries() if e.level == "AMBER"]
    amber = set(members.filter(pl.col("object").is_in(secret))["incident"])
    release = load_release(home.path / "keys" / "release.key")
    ids = [*amber, *(alias(release, each) for each in amber), *secret, record, "ready-1"]
    ids += ["news", "CANARY-POST", next(e for e in incidents["id"] if e not in amber)]
    at = incidents.filter(pl.col("id").is_in(list(amber))).filter(pl.col("time").dt.day() == 3)
    cell = cell_centre(at).row(0, named=True)
    words = (*WORDS, *amber, *incidents["id"], str(cell["lon_deg"]), record)
    return Planted(home, before, tuple((each, _other(each)) for each in ids), words)


def _plant(home: Home, folder: Path, clock: SimulatedClock) -> str:
    """Plant; return the id of a record of the logbook."""
    path = folder / "CANARYFILE.csv"
    path.write_bytes(SECRET)
    amber = Handling(level=Level.AMBER, compartment="hotline")
    list(ingest(home, "news", [path], clock=clock, handling=amber))
    said = {"about": "CANARYCALL", "party": "ALPHA", "place": None, "to": "CANARYOFFICER"}
    act = NewAct(kind="contact", act="called", at=NOW, by="CANARYBY", note="CANARYNOTE",
                 detail=said)  # fmt: skip
    (called,) = enter(home, [act], clock=clock)
    hidden: dict[str, Any] = {
        "asset": "NEWSROOM", "hindrance": "denial", "people": 4, "planned": "CANARYPLAN",
        "place": {"error_m": 50.0, "lat_deg": LAT_DEG, "lon_deg": LON_DEG},
        "present": "CANARYMEN", "radius_m": 5_000, "said": "CANARYWORDS", "sensor": None,
    }  # fmt: skip
    enter(home, [NewAct(kind="restriction", act="encountered", at=NOW, by="CANARYBY",
                        detail=hidden)], clock=clock)  # fmt: skip
    told = "  - {id: ready-2, at: 'G1:6', subject: CCC, relation: ready, grade: B2, "
    told += "text: CANARYREADY.}\n"
    told += "  - {id: limit-1, at: 'G1:7', subject: CCC, relation: limits, object: watch, "
    told += "text: CANARYLIMIT., place: CANARYPLACE, grade: B2}\n"
    more = "schema: trucewatch/register/v1\nextends: small-pact\nas_of: 2026-06-05\nclaims:\n"
    load(home, claims(more + told), actor=actor(clock))
    answer = Reply(to="ready-2", of="CCC", text="CANARYREPLY", day=NOW.date(),
                   title="CANARYLETTER", grade="B2")  # fmt: skip
    reply(home, answer, actor=actor(clock))
    import_table(home, table(TABLE, MAPPING), actor=actor(clock),
                 handling=Handling(level=Level.AMBER, compartment="hotline"))  # fmt: skip
    home.settings.write_text(home.settings.read_text() + ASSET)
    run(home, clock=clock)
    with reading(home) as (_, there):
        table_ = there.desk.read("incident")
    first = table_.filter(pl.col("lon_deg") < -30.1)["id"][0]
    pelven = table_.filter(pl.col("time").dt.day() == 4)["id"].to_list()
    merge(home, pelven, said=Said(by="CANARYANALYST", reason="CANARYMERGE"), clock=clock)
    lock(home, first, said=Said(by="CANARYANALYST", reason="CANARYREASON"), clock=clock)
    run(home, clock=clock)
    return called.id


def _other(name: str) -> str:
    """Return an id of the same form that nothing has; it begins alike, as far as errors tell."""
    if re.fullmatch(r"[0-9a-f]{64}", name):
        return name[:-6] + "0ddba1"
    if re.fullmatch(r"[ip]-[a-z2-7]{16}", name):
        return name[:-4] + "qqqq"
    return f"{name[:-1]}{'9' if name[-1] != '9' else '8'}"


@pytest.fixture(scope="module")
def reader(planted: Planted) -> Iterator[TestClient[Litestar]]:
    with TestClient(make_app(str(planted.home.path), clock=SimulatedClock(THEN))) as client:
        yield client


def everything(answer: Response) -> str:
    """Return headers and body of an answer."""
    heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{answer.status_code}\n{heads}\n\n{answer.text}"


def found_in(text: str, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word.lower() in text.lower()]


def routes(app: Litestar) -> list[str]:
    """Every path that answers GET, with its parameters as `{}`."""
    paths = {
        route.path for route in app.routes if "GET" in route.methods and "/static" not in route.path
    }
    return sorted(re.sub(r"\{[^}]*\}", "{}", path) for path in paths)


def test_the_canaries_live(planted: Planted) -> None:
    with TestClient(make_app(str(planted.home.path), clock=SimulatedClock(THEN))) as officer:
        officer.cookies.set("tw_pass", first_pass(planted.home))
        pages = [
            "/api/v1/observations?size=1000", "/api/v1/logbook", "/api/v1/register/claims",
            "/api/v1/sensors/news/refused", "/api/v1/incidents?size=1000", "/logbook",
            "/settings", "/register/BBB", "/intake", "/intake/refused", "/log?type=received",
        ]  # fmt: skip
        known = "\n".join(officer.get(path).text for path in pages)
        known += officer.get(f"/incidents/{planted.hidden[0][0]}").text

    missing = {planted.words[-2]}  # its cell, which nothing but a public page would tell
    assert {word for word in planted.words if not found_in(known, (word,))} <= missing
    for word in ("CANARYCALL", "CANARYREADY", "CANARYLIMIT", "CANARYREPLY", "CANARYBY"):
        assert word in known, word


def test_no_page_that_leads_from_another_tells_the_public_of_them(
    planted: Planted, reader: TestClient[Litestar]
) -> None:
    seen: dict[str, str] = {}
    links: set[str] = set()

    def fetch(path: str) -> tuple[int, str, str]:
        answer = reader.get(path)
        seen[path] = everything(answer)
        links.update(re.findall(r'(?:href|src)="(/[^"]+)"', answer.text))
        kind = answer.headers["content-type"] if answer.status_code == 200 else "not found"
        return 200, kind, answer.text  # whether links lead somewhere is another promise

    crawl(fetch, most=50)
    for link in sorted(links):
        path = urldefrag(link.replace("&amp;", "&"))[0]
        if path not in seen and not path.startswith(("/static", "/leave", "/prefer", "/map?")):
            seen[path] = everything(reader.get(path))

    leaks = {path: found_in(text, planted.words) for path, text in seen.items()}
    assert len(seen) > 60
    assert any(path.endswith(".csv") for path in seen)
    assert not {path: words for path, words in leaks.items() if words}


def test_no_route_tells_the_public_of_them(planted: Planted, reader: TestClient[Litestar]) -> None:
    plain = [path for path in routes(reader.app) if "{}" not in path and path != "/api/v1/changes"]
    for path in (*plain, *ADDRESSES):
        text = everything(reader.get(path, headers={"Last-Event-ID": "1"}))
        asked = path.lower()

        words = [word for word in found_in(text, planted.words) if word.lower() not in asked]
        assert not words, path


def test_what_is_hidden_answers_as_what_is_not_there(
    planted: Planted, reader: TestClient[Litestar]
) -> None:
    asked = 0
    for route in (path for path in routes(reader.app) if "{}" in path):
        if route.startswith(("/log/", "/api/v1/log/", "/api/schema")):
            continue  # entries are public, and have numbers alone
        for hidden, other in planted.hidden:
            addresses = [route.replace("{}", each) for each in (hidden, other)]
            if route.count("{}") > 1:
                rest = route.replace("{}", "0").rpartition("/")[2]
                addresses = [
                    re.sub(r"\{\}", rest, route.replace("{}", each, 1)) for each in (hidden, other)
                ]
            there, nowhere = (reader.get(path, follow_redirects=False) for path in addresses)

            said = [_blind(each, name) for each, name in ((there, hidden), (nowhere, other))]
            assert said[0] == said[1], addresses[0]
            assert there.status_code in {403, 404}, addresses[0]
            assert not found_in(said[0], planted.words), addresses[0]
            asked += 1
    assert asked > 200


def _blind(answer: Response, name: str) -> str:
    """Return an answer without the name that was asked for, as far as errors repeat it."""
    text = everything(answer)
    for length in (len(name), 60, 40, 20, 12):
        text = text.replace(name[:length], "NAME") if length <= len(name) else text
    return re.sub(r"content-length: \d+", "", text)


@pytest.mark.parametrize("word", ["subject", "rule", "object", "sensor", "channel", "source"])
def test_a_filter_by_what_is_hidden_leaves_nothing(
    planted: Planted, reader: TestClient[Litestar], word: str
) -> None:
    for hidden, other in planted.hidden:
        for path in ("assessments", "incidents", "observations", "register/claims", "logbook"):
            there, nowhere = (
                reader.get(f"/api/v1/{path}", params={word: each}) for each in (hidden, other)
            )

            assert _blind(there, hidden) == _blind(nowhere, other), (path, hidden)


def test_no_count_and_no_order_moves_when_something_is_hidden(
    planted: Planted, reader: TestClient[Litestar]
) -> None:
    """An incident that a hidden report joins is withdrawn; nothing else may change."""
    paths = (
        "/api/v1/assessments?size=1000", "/api/v1/register", "/api/v1/register/claims",
        "/api/v1/register/claims?relation=limits", "/api/v1/register/differences",
        "/api/v1/register/timeline", "/api/v1/reports", "/api/v1/agreement", "/register/claims.csv",
    )  # fmt: skip
    with TestClient(make_app(str(planted.before.path), clock=SimulatedClock(THEN))) as earlier:
        before = earlier.get("/api/v1/incidents?sort=time").json()
        told = {path: (reader.get(path), earlier.get(path)) for path in paths}
    now = reader.get("/api/v1/incidents?sort=time").json()
    gone = [each["id"] for each in before["items"] if each not in now["items"]]

    assert now["total"] == len(now["items"]) == before["total"] - 1
    assert len(gone) == 1
    for path, (after, first) in told.items():
        if "assessments" in path:
            kept = [e for e in first.json()["items"] if e["subject"] not in gone]
            assert after.json()["items"] == kept
        else:
            assert _undated(after.text) == _undated(first.text), path


def _undated(text: str) -> str:
    """Return a text without the day until which somebody looked; a hidden reply moves that."""
    return re.sub(r"looked at until \d{4}-\d\d-\d\d|\"day\":\"2030-[^\"]*\"", "", text)


def test_the_public_cannot_learn_by_sending(planted: Planted, reader: TestClient[Litestar]) -> None:
    for sensor in ("news", "nosuch"):
        for heads in ({}, {"Authorization": "Bearer of-nobody"}):
            answer = reader.post(f"/api/v1/intake/{sensor}", content=SECRET, headers=heads)

            assert answer.status_code == 403
            assert not found_in(everything(answer), planted.words)


def test_the_stream_tells_the_public_of_the_log_alone(
    planted: Planted, reader: TestClient[Litestar]
) -> None:
    with reading(planted.home) as (log, _):
        size = log.size
    text = reader.get("/api/v1/changes?once=true&since=1").text

    told = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert all(set(each) <= {"size", "root", "incidents"} for each in told)
    assert {each["size"] for each in told if "size" in each} <= {size}
