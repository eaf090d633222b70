"""Promises of the pages of one observation and of one sealed object."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient
from tests.mission.measured_samples import NOW
from tests.serve.watched_samples import FAULTS, at, make

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.records.table import OBSERVATION
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from trucewatch.mission.home import Home


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make(tmp_path_factory.mktemp("observation"))


@pytest.fixture(scope="module")
def officer(watched: Home) -> Iterator[TestClient[Litestar]]:
    clock = SimulatedClock(NOW + timedelta(days=1))
    with TestClient(make_app(str(watched.path), clock=clock)) as client:
        client.cookies.set("tw_pass", first_pass(watched))
        yield client


@pytest.fixture(scope="module")
def reader(watched: Home) -> Iterator[TestClient[Litestar]]:
    clock = SimulatedClock(NOW + timedelta(days=1))
    with TestClient(make_app(str(watched.path), clock=clock)) as client:
        yield client


def sealed(home: Home, *, named: str = "", kind: str = "", at_clear: bool = True) -> str:
    """Return an object of the log by its label, by its type, or the first above CLEAR."""
    with reading(home) as (log, _):
        for _, entry in log.entries():
            label = log.labels(entry.object)[:1] == (named,) if named else True
            clear = (entry.level == "CLEAR") == at_clear
            if label and clear and entry.type.startswith(kind or "received/"):
                return entry.object
    raise AssertionError(named or kind)


def test_an_observation_is_told_column_by_column_with_the_line_it_was_read_from(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    object_ = sealed(watched, named="news.csv")

    text = officer.get(f"/observations/{object_}/1").text

    for name in set(OBSERVATION) - {"object", "row"}:
        assert f">{name}</td>" in text, name
    assert '<pre class="raw" tabindex="0">20300903,-30.2,45.0,Orva,A,2</pre>' in text
    assert "line 3 of the unpacked file" in text
    assert f'href="/incidents/{at(watched, 3)}"' in text
    assert object_ in text
    assert "entry proven to be in the log" in text


@pytest.mark.parametrize("address", ["{o}/99", "{o}/-1", "{o}/x", "{o}/99999999999", "abc/1"])
def test_an_address_that_nobody_knows_is_not_found(
    watched: Home, officer: TestClient[Litestar], address: str
) -> None:
    path = address.format(o=sealed(watched, named="news.csv"))

    assert officer.get(f"/observations/{path}").status_code == 404


def test_observations_are_for_the_mission_alone(
    watched: Home, reader: TestClient[Litestar]
) -> None:
    there, nowhere = sealed(watched, named="news.csv"), "0" * 64

    codes = {reader.get(f"/observations/{each}/1").status_code for each in (there, nowhere)}

    assert codes == {403}


def test_an_object_is_hashed_again_and_its_bytes_are_those_that_were_sealed(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    object_ = sealed(watched, named="faults.csv")

    page = officer.get(f"/objects/{object_}")
    content = officer.get(f"/objects/{object_}/bytes")

    assert "hash matches, worked out just now" in page.text
    assert "unchanged since sealing does not mean true" in page.text
    assert content.content == FAULTS
    assert hashlib.sha256(content.content).hexdigest() == object_
    assert content.headers["content-disposition"] == 'attachment; filename="faults.csv"'
    assert content.headers["content-type"] == "application/octet-stream"


def test_an_object_tells_what_of_it_was_refused(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    text = unescape(officer.get(f"/objects/{sealed(watched, named='faults.csv')}").text)

    assert "latitude is 95.2, must be -90 to 90" in text
    assert "row has 4 fields, expected 6" in text


def test_an_object_above_clear_is_handed_out_as_ciphertext(
    watched: Home, officer: TestClient[Litestar]
) -> None:
    object_ = sealed(watched, at_clear=False)

    text = officer.get(f"/objects/{object_}").text
    content = officer.get(f"/objects/{object_}/bytes").content

    assert "sealed as ciphertext" in text
    assert b"Quietford" not in content
    assert hashlib.sha256(content).hexdigest() == object_


def test_the_public_reads_agreements_and_nothing_that_was_received(
    watched: Home, reader: TestClient[Litestar]
) -> None:
    text = sealed(watched, kind="configuration/agreement/")
    hidden = [
        sealed(watched, named="news.csv"),
        sealed(watched, at_clear=False),
        sealed(watched, kind="configuration/mission/"),
        sealed(watched, kind="statement/"),
        "0" * 64,
        "x",
    ]

    refused = [reader.get(f"/objects/{each}{more}") for each in hidden for more in ("", "/bytes")]

    assert reader.get(f"/objects/{text}").status_code == 200
    assert {each.status_code for each in refused} == {404}
    assert all("is no sealed object that you may see" in each.text for each in refused)


def test_the_public_reads_the_files_of_a_bulletin(
    demo_home: Home, public: TestClient[Litestar]
) -> None:
    object_ = sealed(demo_home, kind="report/daily/")

    content = public.get(f"/objects/{object_}/bytes").content

    assert hashlib.sha256(content).hexdigest() == object_
