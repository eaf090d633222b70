"""Promises of the operations view."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from litestar.testing import RequestFactory, TestClient
from tests.serve.map_samples import NOW, made

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app
from trucewatch.serve.ask import ask_of
from trucewatch.serve.maps.figure import box_of, figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from trucewatch.mission.home import Home

SELECTED = re.compile(r'data-id="([a-z0-9-]+)"')
CHIP = re.compile(r"outcome=([a-z_]+)[^>]*>.*? (\d+)</a>")


@pytest.fixture(scope="session")
def between(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A mission between two lines; tests only read it."""
    return made(tmp_path_factory.mktemp("between"))


@pytest.fixture
def desk(between: Home) -> Iterator[TestClient[Litestar]]:
    """A browser of that mission."""
    with TestClient(make_app(str(between.path), clock=SimulatedClock(NOW))) as client:
        client.cookies.set("tw_pass", first_pass(between))
        yield client


@pytest.fixture
def anybody(between: Home) -> Iterator[TestClient[Litestar]]:
    """Anybody's browser, of that mission."""
    with TestClient(make_app(str(between.path), clock=SimulatedClock(NOW))) as client:
        yield client


def test_the_page_is_complete_without_a_script(mission: TestClient[Litestar]) -> None:
    text = mission.get("/map").text

    assert text.count("m-inc") + text.count("m-cnt-t") > 5
    assert len(SELECTED.findall(text)) == 20
    assert '<form id="ask" action="/map">' in text
    assert 'class="hist"' in text
    assert 'aria-label="Zoom in"' in text


def test_nothing_on_it_is_inline(mission: TestClient[Litestar]) -> None:
    text = mission.get("/map").text

    assert not re.findall(r"\sstyle=|\son[a-z]+=|<style|<script(?! type=\"module\" src)", text)


def test_the_fragment_holds_the_parts_that_move(mission: TestClient[Litestar]) -> None:
    text = mission.get("/map/view?size=500x400").text

    assert re.findall(r'<template data-for="(\w+)">', text) == [
        "main", "timebar", "drawer", "counts",
    ]  # fmt: skip
    assert 'viewBox="0 0 500 400"' in text
    assert "<html" not in text
    assert "size=" not in text


def test_list_page_and_json_count_alike(mission: TestClient[Litestar]) -> None:
    asked = "?kind=artillery_fire&box=-31,44,-29,46"

    answer = mission.get(f"/api/v1/map{asked}").json()
    rows = mission.get(f"/incidents.csv{asked}").text.splitlines()[1:]

    west, south, east, north = answer["box"]
    inside = [f for f in answer["features"] if f["id"]]
    assert answer["total"] == len(inside) >= len(rows) > 0
    assert not answer["aggregated"]
    assert {row.split(",")[0] for row in rows} <= {f["id"] for f in inside}
    for each in inside:
        lon, lat = each["geometry"]["coordinates"]
        assert west <= lon <= east
        assert south <= lat <= north


def test_the_public_sees_its_own_names(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    theirs, ours = (set(SELECTED.findall(c.get("/map").text)) for c in (public, mission))

    assert all(name.startswith("p-") for name in theirs)
    assert not theirs & ours


def test_the_public_learns_nothing_of_what_is_kept_within_the_mission(
    desk: TestClient[Litestar], anybody: TestClient[Litestar]
) -> None:
    ours, theirs = (c.get("/map/view?box=-121.5,-49,-118.5,-45").text for c in (desk, anybody))

    for kept in ("Z_HUBS", "m-win", "m-sens outd", "m-veil", "not observed"):
        assert kept in ours
        assert kept not in theirs
    for shared in ("m-la", "m-lb", "m-tick a", "Z_SEC"):
        assert shared in ours
        assert shared in theirs
    assert '<span>Restrictions of movement</span><span class="n">0<' in anybody.get("/map").text


def test_one_browser_never_gets_the_page_of_another(between: Home) -> None:
    asked = "/map/view?box=-121.5,-49,-118.5,-45&again=1"
    app = make_app(str(between.path), clock=SimulatedClock(NOW))
    told = []

    for key in (first_pass(between), "", first_pass(between), ""):
        with TestClient(app) as client:
            client.cookies.set("tw_pass", key)
            told.append("Z_HUBS" in client.get(asked).text)

    assert told == [True, False, True, False]


def test_what_was_known_earlier_is_for_the_mission(
    desk: TestClient[Litestar], anybody: TestClient[Litestar]
) -> None:
    asked = f"/map?asof={NOW:%Y-%m-%dT%H:%M}"

    assert anybody.get(asked).status_code == 403
    assert "as known at" in desk.get(asked).text
    early = desk.get("/map?asof=2001-01-01T00:00")
    assert early.status_code == 400
    assert "asof" in early.text


def test_a_layer_that_is_off_is_not_drawn(desk: TestClient[Litestar]) -> None:
    only = desk.get("/map/view?layer=none&layer=incidents").text

    assert "m-inc" in only
    for kind in ("m-zone", "m-la", "m-win", "m-veil", "m-sens outd"):
        assert f'class="{kind}"' not in only


def test_a_status_is_asked_for_and_the_other_keeps_its_count(
    mission: TestClient[Litestar],
) -> None:
    every = mission.get("/api/v1/map").json()
    sure = mission.get("/api/v1/map?status=pr").json()

    of = [f for f in every["features"] if f["properties"]["status"] == "pr"]
    assert 0 < sure["total"] == len(of) < every["total"]
    assert f"unconfirmed {every['total'] - len(of)}" in mission.get("/map?status=pr").text


def test_chips_count_what_is_in_view(mission: TestClient[Litestar]) -> None:
    every = mission.get("/api/v1/map").json()
    held = [f["properties"]["time"] for f in every["features"] if f["id"]]
    early = sorted(held)[2][:16]
    asked = f"?to={early}"
    text = mission.get(f"/map/view{asked}").text
    rows = mission.get(f"/incidents.csv{asked}").text.splitlines()

    told = {name: int(n) for name, n in CHIP.findall(text)}
    head = rows[0].split(",")
    listed = [row.split(",")[head.index("id")] for row in rows[1:]]
    of = [mission.get(f"/api/v1/incidents/{name}").json() for name in listed]
    assert 0 < len(listed) < len(held)
    assert told
    for outcome, count in told.items():
        assert count == sum(outcome in {a["outcome"] for a in one["assessments"]} for one in of)


def test_the_drawer_tells_of_the_selected_incident(mission: TestClient[Litestar]) -> None:
    name = SELECTED.findall(mission.get("/map").text)[1]

    text = mission.get(f"/map?selected={name}").text

    assert f'href="/incidents/{name}"' in text
    assert "m-sel" in text
    assert "What it was" in text
    assert "Who saw it" in text
    assert "data-close" in text


def test_the_public_drawer_names_no_sensor(public: TestClient[Litestar]) -> None:
    name = SELECTED.findall(public.get("/map").text)[0]

    text = public.get(f"/map?selected={name}").text

    assert "Centre of a 1 km cell" in text
    assert "Who saw it" not in text
    assert "/sensors" not in text


def test_an_incident_that_is_not_seen_is_not_told_from_none(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    real = SELECTED.findall(mission.get("/map").text)[0]

    hidden, none = (
        public.get(f"/map/view?selected={name}").text.replace(name, "") for name in (real, "i-none")
    )

    assert hidden == none


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("layer=roads", "layer"), ("status=sure", "status"), ("box=1,2,3", "box"),
        ("box=3,4,1,2", "box"), ("size=wide", "size"), ("step=x", "step"), ("real=2", "real"),
        ("from=yesterday", "from"), ("outcome=guilty", "outcome"),
    ],
)  # fmt: skip
def test_refuses_a_word_that_it_cannot_read_by_name(
    mission: TestClient[Litestar], asked: str, field: str
) -> None:
    answer = mission.get(f"/map/view?{asked}")

    assert answer.status_code == 400
    assert field in answer.text
    assert mission.get(f"/api/v1/map?{asked}").json()["status"] == 400


def test_a_figure_for_a_page_leads_to_incidents_and_closer(app: Litestar, demo_home: Home) -> None:
    request = RequestFactory(app=app).get("/", headers={
        "authorization": f"Bearer {first_pass(demo_home)}"})  # fmt: skip
    ask = ask_of(request)
    seen = ask.shown
    box = box_of(seen.incidents, seen.using.agreement.zones, seen.using)

    drawn = figure(ask, box_deg=box, incidents=seen.incidents, selected=seen.incidents["id"][0])

    assert drawn.startswith('<svg viewBox="0 0 720 420"')
    assert 'href="/incidents/i-' in drawn
    assert 'href="/map?box=' in drawn
    assert "m-sel" in drawn
    for lon, lat in seen.incidents.select("lon_deg", "lat_deg").rows():
        assert box[0] <= lon <= box[2]
        assert box[1] <= lat <= box[3]


def test_where_nothing_was_run_it_says_so_in_words(
    mission: TestClient[Litestar],
) -> None:
    text = mission.get("/map?from=2050-01-01").text

    assert "That says nothing of what was not seen." in text
