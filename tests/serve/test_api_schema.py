"""Promises of the OpenAPI document: whatever is asked, the answer is one that it tells of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

    from trucewatch.mission.home import Home

DOCUMENT = "/api/v1/openapi.json"
OTHERS = r"/(changes|intake)(/|$)"  # a stream, and what writes; they have tests of their own
CASES = 50
"""Of each role and each way to make them: 200 in all."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
LISTS = ("incidents", "assessments", "observations", "logbook", "reports", "sensors")
MODES = {"positive": GenerationMode.POSITIVE, "negative": GenerationMode.NEGATIVE}


@pytest.fixture(scope="module")
def ids(demo_home: Home) -> dict[str, list[dict[str, str]]]:
    """Values of the paths of things that are there, by path."""
    from litestar.testing import TestClient

    key = {"Authorization": f"Bearer {first_pass(demo_home)}"}
    with TestClient(make_app(str(demo_home.path))) as client:
        found = {
            name: client.get(f"/api/v1/{name}?size=3", headers=key).json().get("items", [])
            for name in (*LISTS, "log/entries")
        }
    public = [{"name": each["id"]} for each in found["incidents"]]
    return {
        "/api/v1/incidents/{name}": public,
        "/api/v1/observations/{object_}/{row}": [
            {"object_": each["object"], "row": str(each["row"])} for each in found["observations"]
        ],
        "/api/v1/logbook/{name}": [{"name": each["id"]} for each in found["logbook"]],
        "/api/v1/reports/{name}": [{"name": str(each["entry"])} for each in found["reports"]],
        "/api/v1/sensors/{name}": [{"name": each["name"]} for each in found["sensors"]],
        "/api/v1/sensors/{name}/refused": [{"name": each["name"]} for each in found["sensors"]],
        "/api/v1/log/entries/{index}": [{"index": "0"}, {"index": "7"}],
        "/api/v1/log/consistency/{old}/{new}": [{"old": "1", "new": "3"}],
        "/api/v1/objects/{object_}": [{"object_": each["object"]} for each in found["log/entries"]],
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("role", ["public", "mission"])
def test_every_answer_is_one_that_the_document_tells_of(
    app: Litestar, demo_home: Home, ids: dict[str, list[dict[str, str]]], role: str, mode: str
) -> None:
    every = schemathesis.openapi.from_asgi(DOCUMENT, app).exclude(path_regex=OTHERS)
    key = {"Authorization": f"Bearer {first_pass(demo_home)}"} if role == "mission" else {}
    statuses: set[int] = set()
    asked = 0

    @seed(20300930)
    @settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=every.as_strategy(generation_mode=MODES[mode]), told=st.data())
    def ask(case: schemathesis.Case[Any], told: st.DataObject) -> None:
        nonlocal asked
        there = ids.get(case.operation.path, [])
        known = told.draw(st.sampled_from([{}, *there]))
        case.path_parameters.update(known)
        answer = case.call(headers=key)
        case.validate_response(answer, checks=CHECKS)
        statuses.add(answer.status_code)
        asked += 1

    ask()

    assert asked >= CASES
    assert 200 in statuses
    assert not {each for each in statuses if each >= 500}


def test_the_document_is_the_same_for_everybody_and_needs_nothing_from_elsewhere(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    told = public.get(DOCUMENT)

    assert told.json() == mission.get(DOCUMENT).json()
    assert told.json()["openapi"].startswith("3.1")
    assert "http" not in json.dumps(told.json()["paths"])
    for page in ("/api/schema", "/api/schema/", "/api/schema/openapi.json"):
        assert "<script" not in public.get(page).text, page


def test_every_resource_tells_what_it_answers_and_how_it_refuses(
    public: TestClient[Litestar],
) -> None:
    paths: dict[str, Any] = public.get(DOCUMENT).json()["paths"]

    for path, ways in paths.items():
        if path.endswith(("/changes", "/map")) or "/intake" in path:
            continue
        told = ways["get"]
        assert told["description"], path
        assert "Raises:" not in told["description"], path
        assert {"200", "400", "403", "404"} <= set(told["responses"]), path
        assert "application/problem+json" in told["responses"]["403"]["content"], path
        for each in told.get("parameters", ()):
            assert each.get("description") or each["in"] == "path", (path, each["name"])
