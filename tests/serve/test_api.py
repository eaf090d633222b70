"""Promises of the read API: the same rows as the pages, the same policy, every number checked."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from litestar.testing import TestClient
from tests.mission.measured_samples import NOW
from tests.mission.register_samples import FIRST, actor, claims
from tests.serve.booked_samples import booked

from trucewatch.evidence.merkle import check_consistency, check_inclusion, leaf_hash
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.passes import first_pass
from trucewatch.mission.register_load import load
from trucewatch.serve.api._asked import delimited
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar
    from tests.serve.booked_samples import Booked

OURS = ("observations", "logbook", "sensors", "response", "observations.csv", "logbook.csv")


def ask(client: TestClient[Litestar], path: str, **words: Any) -> Any:
    answer = client.get(f"/api/v1/{path}", params=words)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows(client: TestClient[Litestar], path: str, **words: Any) -> list[dict[str, str]]:
    answer = client.get(path if path.startswith("/") else f"/api/v1/{path}", params=words)
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Booked:
    return booked(tmp_path_factory)


@pytest.fixture(scope="module")
def officer(written: Booked) -> Iterator[TestClient[Litestar]]:
    """The mission's browser, where there is a logbook."""
    clock = SimulatedClock(NOW + timedelta(days=9))
    with TestClient(make_app(str(written.home.path), clock=clock)) as client:
        client.cookies.set("tw_pass", first_pass(written.home))
        yield client


@pytest.fixture(scope="module")
def pact(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A mission with a register."""
    path = tmp_path_factory.mktemp("api") / "pact"
    create(path, clock=(clock := SimulatedClock(NOW)), plan=Plan(seed=bytes(32)))
    load(Home(path), claims(FIRST), actor=actor(clock))
    first_pass(Home(path))
    return Home(path)


@pytest.mark.parametrize("role", ["public", "mission"])
def test_the_incidents_are_those_of_the_page_in_the_same_order(
    role: str, request: pytest.FixtureRequest
) -> None:
    client: TestClient[Litestar] = request.getfixturevalue(role)

    told = ask(client, "incidents", size=1000, sort="-real")

    listed = [row["id"] for row in rows(client, "/incidents.csv", sort="-real")]
    assert [each["id"] for each in told["items"]] == listed
    assert told["total"] == len(listed) > 10
    assert [row["id"] for row in rows(client, "incidents.csv", sort="-real")] == listed


def test_pages_follow_one_another_without_a_gap(public: TestClient[Litestar]) -> None:
    whole = ask(public, "incidents", size=1000)["items"]

    told, path = [], "/api/v1/incidents?size=7"
    while path:
        page = public.get(path).json()
        told += page["items"]
        path = page["next"]

    assert told == whole
    assert ask(public, "incidents", size=7, page=9999)["items"] == []


def test_the_public_gets_them_late_coarse_and_under_other_names(
    public: TestClient[Litestar], mission: TestClient[Litestar], demo_home: Home
) -> None:
    theirs, ours = (ask(each, "incidents", size=1000) for each in (public, mission))

    first = datetime.fromisoformat(min(each["time"] for each in ours["items"]))
    soon = make_app(str(demo_home.path), clock=SimulatedClock(first + timedelta(hours=12)))
    with TestClient(soon) as client:
        assert ask(client, "incidents")["total"] == 0 < theirs["total"]
    assert {each["id"][:2] for each in theirs["items"]} == {"p-"}
    assert {each["precise"] for each in theirs["items"]} == {None}
    assert all(each["precise"] and each["id"].startswith("i-") for each in ours["items"])
    assert {datetime.fromisoformat(each["time"]).second for each in theirs["items"]} == {0}
    assert all(each["error_km"] is None for each in ours["items"])


def test_one_incident_has_its_assessments_and_for_the_mission_its_observations(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    theirs, ours = (
        ask(each, f"incidents/{ask(each, 'incidents', size=1)['items'][0]['id']}")
        for each in (public, mission)
    )

    assert theirs["members"] is None
    assert all(each["trace"] is None is each["inside_p"] for each in theirs["assessments"])
    first = ours["members"][0]
    seen = mission.get(first["link"]).json()
    assert ours["incident"]["id"] in {each["incident"] for each in seen["incidents"]}
    assert (
        ours["assessments"] == ask(mission, "assessments", subject=ours["incident"]["id"])["items"]
    )
    assert any(each["trace"] for each in ours["assessments"])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("incidents?from=yesterday", "from"),
        ("incidents?from=0001-01-01T00:00:00%2B14:00", "from"),
        ("incidents?box=1,2,3", "box"),
        ("incidents?kind=weather", "kind"),
        ("incidents?page=0", "page"),
        ("incidents?size=1001", "size"),
        ("assessments?outcome=guilty", "outcome"),
        ("agreement?version=9", "version"),
        ("reports?product=novel", "product"),
        ("standing?date=x", "date"),
        ("register/claims?relation=x", "relation"),
    ],
)
def test_a_word_that_cannot_be_read_is_named(
    pact: Home, public: TestClient[Litestar], path: str, field: str
) -> None:
    with TestClient(make_app(str(pact.path))) as other:
        answer = (other if "register" in path else public).get(f"/api/v1/{path}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize("path", OURS)
def test_what_is_the_missions_is_refused_to_the_public(
    public: TestClient[Litestar], path: str
) -> None:
    answers = [public.get(f"/api/v1/{path}"), public.get(f"/api/v1/{path}?page=x&kind=x&asof=x")]

    assert {each.status_code for each in answers} == {403}
    assert len({each.text for each in answers}) == 1


def test_no_answer_is_kept_in_between(mission: TestClient[Litestar]) -> None:
    for path in ("incidents", "incidents.csv", "log", "sensors"):
        assert mission.get(f"/api/v1/{path}").headers["cache-control"] == "no-store", path


def test_every_observation_that_was_accepted_can_be_listed(mission: TestClient[Litestar]) -> None:
    sensors = ask(mission, "sensors")["items"]
    told = ask(mission, "observations", size=1000)
    listed = rows(mission, "observations.csv")

    assert told["total"] == len(listed) == sum(each["accepted"] for each in sensors)
    starts = [each["time_start"] for each in told["items"]]
    assert starts == sorted(starts, reverse=True)
    for each in sensors:
        assert ask(mission, "observations", sensor=each["name"])["total"] == each["accepted"]
    middle = starts[len(starts) // 2]
    early, late = (ask(mission, "observations", **{way: middle}) for way in ("to", "from"))
    assert early["total"] + late["total"] == told["total"]


def test_one_observation_tells_what_its_sensor_measured(mission: TestClient[Litestar]) -> None:
    first = ask(mission, "observations", size=1, sensor="firms")["items"][0]

    told = ask(mission, f"observations/{first['object']}/{first['row']}")

    assert told["observation"] == first
    assert told["features"]
    for address in (f"{first['object']}/999999", f"{'0' * 64}/0", "x/0", f"{first['object']}/-1"):
        assert mission.get(f"/api/v1/observations/{address}").status_code == 404, address


def test_a_sensor_tells_what_of_it_was_refused(officer: TestClient[Litestar]) -> None:
    told = ask(officer, "sensors/news/refused")

    assert told["total"] == ask(officer, "sensors/news")["refused"] == len(told["items"])
    assert any("latitude is 95.2" in each["problem"] for each in told["items"])
    assert officer.get("/api/v1/sensors/nosuch").status_code == 404
    assert {row["name"] for row in rows(officer, "sensors.csv")} >= {"news"}


def test_an_entry_is_proven_against_the_head_and_the_head_against_older_ones(
    public: TestClient[Litestar],
) -> None:
    head = ask(public, "log")
    told = ask(public, "log/entries/3")
    grown = ask(public, f"log/consistency/5/{head['size']}")

    leaf, root = leaf_hash(told["leaf"].encode()), bytes.fromhex(head["root"])
    proof = [bytes.fromhex(each) for each in told["proof"]]
    check_inclusion(leaf, index=3, size=head["size"], proof=proof, root=root, where="entry 3")
    proof = [bytes.fromhex(each) for each in grown["proof"]]
    old = bytes.fromhex(grown["old_root"])
    new = head["size"], root
    check_consistency(old=(5, old), new=new, proof=proof, where="the log")
    assert head["root"] == told["root"] == grown["new_root"]
    newest = ask(public, "log/entries", size=2)
    assert [each["index"] for each in newest["items"]] == [head["size"] - 1, head["size"] - 2]
    for path in (f"log/entries/{head['size']}", "log/entries/x", "log/consistency/9/5"):
        assert public.get(f"/api/v1/{path}").status_code == 404, path


def test_a_sealed_object_is_hashed_again(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    entries = ask(mission, "log/entries", size=1000)["items"]
    received = next(each for each in entries if each["type"].startswith("received/"))

    told = ask(mission, f"objects/{received['object']}")

    assert told["unchanged"]
    assert [each["entry"] for each in told["entries"]] == [received]
    content = mission.get(told["link"]).content
    assert hashlib.sha256(content).hexdigest() == received["object"]
    assert public.get(f"/api/v1/objects/{received['object']}").status_code == 404


def test_a_report_names_files_that_hash_to_what_it_says(public: TestClient[Litestar]) -> None:
    newest = ask(public, "reports", size=1)["items"][0]

    told = ask(public, f"reports/{newest['entry']}")

    assert told["report"] == newest
    assert told["summary"]
    assert not told["problems"]
    for file in newest["files"]:
        content = public.get(file["link"]).content
        assert hashlib.sha256(content).hexdigest() == file["sha256"], file["name"]
    assert {row["sha256"] for row in rows(public, "reports.csv")} >= {
        each["sha256"] for each in newest["files"]
    }


def test_the_agreement_is_told_rule_by_rule(public: TestClient[Litestar]) -> None:
    told = ask(public, "agreement")

    assert sum(each["in_force"] for each in told["versions"]) == 1
    rule = told["rules"][0]
    assert ask(public, f"agreement/rules/{rule['id']}") == rule
    assert rule["clause"]
    known = {each["rule"] for each in ask(public, "assessments", size=1000)["items"]}
    assert known <= {each["id"] for each in told["rules"]}
    assert public.get("/api/v1/agreement/rules/NOSUCH").status_code == 404
    assert public.get("/api/v1/agreement?version=1&asof=2030-09-01").status_code == 400


def test_the_logbook_is_told_act_by_act_as_of_any_time(
    written: Booked, officer: TestClient[Litestar]
) -> None:
    told = ask(officer, "logbook")
    struck = ask(officer, f"logbook/{written.ids['contact']}")
    denied = ask(officer, f"logbook/{written.ids['denied']}")

    assert {each["id"] for each in told["items"]} == set(written.ids.values())
    assert struck["state"] == "voided"
    assert struck["steps"][0]["voided_by"] == struck["steps"][1]["entry"]
    assert [each["act"] for each in denied["steps"]] == ["planned", "denied"]
    assert ask(officer, "logbook", kind="visit")["total"] == 2
    assert ask(officer, "logbook", asof="2030-09-01T00:00:00Z")["total"] == 0
    assert len(rows(officer, "logbook.csv")) == told["total"]
    assert officer.get("/api/v1/logbook/window-999").status_code == 404


def test_the_register_is_told_claim_by_claim_and_readiness_to_the_mission_alone(
    pact: Home,
) -> None:
    with TestClient(make_app(str(pact.path))) as client:
        public = ask(client, "register/claims")
        one = ask(client, "register/claims/sea-1")
        hidden = client.get("/api/v1/register/claims/ready-1").status_code
        held = ask(client, "register")
        told = ask(client, "register/timeline")
        early = ask(client, "register/claims", asof="2026-06-01")
        client.cookies.set("tw_pass", first_pass(pact))
        ours = ask(client, "register/claims")
        ready = ask(client, "register/claims/ready-1")

    assert public["total"] == held["claims"] == ours["total"] - 1
    assert hidden == 404
    assert ready["text"].startswith("CANARYREADINESS")
    assert one["quantity"] == {
        "low": "3", "high": "3", "qualifier": "exact", "unit": "boats", "scope": "BBB",
    }  # fmt: skip
    assert one["said_on"] == "2026-06-02"
    assert told["total"] > held["claims"]
    assert early["total"] < public["total"]


def test_how_a_day_stands_is_told_with_its_interval(mission: TestClient[Litestar]) -> None:
    told = ask(mission, "standing")
    page = mission.get("/").text

    assert told["answer"] in {"holding", "not holding", "cannot tell"}
    assert told["whole"]["period"]["low_per_1000h"] <= told["whole"]["period"]["high_per_1000h"]
    assert {each["id"] for each in told["sectors"]}
    assert str(told["incidents"]) in page


def test_what_a_spreadsheet_would_take_for_a_formula_is_text() -> None:
    table = pl.DataFrame({"a": ["=1+1", "@x", "-2", "plain", None], "n_m": [-1.5, 2, 3, 4, 5]})

    text = delimited(table)

    assert text.splitlines() == ["a,n_m", "'=1+1,-1.5", "'@x,2.0", "'-2,3.0", "plain,4.0", ",5.0"]
