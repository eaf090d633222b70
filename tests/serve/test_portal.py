"""Promises of the first page: the answer, why, what was counted, and what nobody knows."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient
from tests.mission.covered_samples import CAMERA, begin, made, strikes
from tests.mission.measured_samples import NOW, mission
from tests.serve.watched_samples import make

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.passes import first_pass
from trucewatch.mission.run import run
from trucewatch.report.bulletin.unseen import CAUSES
from trucewatch.serve.app import make_app
from trucewatch.serve.pages._answered import LOST
from trucewatch.serve.pages._scale import rate_figure
from trucewatch.serve.tongue import tongue

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

    from trucewatch.mission.home import Home

BREAKS = CAMERA.replace("tolerated_per_1000h = 20", "tolerated_per_1000h = 0.01\nalpha_p = 0.4")
HOLDS = CAMERA.replace("tolerated_per_1000h = 20", "tolerated_per_1000h = 900\nalpha_p = 0.4")
INTERVAL = re.compile(r"^(up to [\d.,]+|[\d.,]+ to [\d.,]+) \(\d[\d.]* %\)$")
TAG = re.compile(r"<[^>]+>")


def words(text: str) -> str:
    """Return what a reader reads of a page, its main part alone."""
    main = text[text.index("<main") : text.index("</main>")]
    return " ".join(unescape(TAG.sub(" ", main)).split())


def told(home: Home, path: str = "/") -> str:
    """Return the words of a page of a mission."""
    return words(page(home, path))


def page(home: Home, path: str, *, ours: bool = False, status: int = 200) -> str:
    app = make_app(str(home.path), clock=SimulatedClock(NOW + timedelta(days=2)))
    with TestClient(app) as client:
        if ours:
            client.cookies.set("tw_pass", first_pass(home))
        answer = client.get(path)
    assert answer.status_code == status
    return answer.text


def in_force_from(home: Home, day: str, *, version: int) -> None:
    """Put another version of the text on disk."""
    path = home.path / "agreement.yaml"
    text = path.read_text().replace("version: 1", f"version: {version}")
    path.write_text(text.replace("effective: 2030-09-01", f"effective: {day}"))


def cells(text: str, label: str) -> list[str]:
    """Return what stands in the cells of a label."""
    found = re.findall(rf'<td[^>]*data-l="{re.escape(label)}"[^>]*>(.*?)</td>', text)
    return [" ".join(unescape(TAG.sub(" ", each)).split()) for each in found]


@pytest.fixture(scope="module")
def undeclared(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home, _ = mission(tmp_path_factory.mktemp("undeclared"), declared=False)
    return home


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make(tmp_path_factory.mktemp("hidden"))


def test_both_roles_read_the_answer_the_counts_and_what_is_not_known(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    for client in (public, mission):
        read = words(client.get("/").text)

        assert re.search(r"We cannot tell\.|It is (not )?holding\.", read)
        assert "The line declared beforehand is" in read
        assert "How many? It depends on the rule" in read
        assert "What we do not know Who did it" in read
        assert "No count is given for a party" in read


def test_where_nobody_declared_what_watches_it_cannot_tell(undeclared: Home) -> None:
    text = page(undeclared, "/?date=2030-09-03")
    read = words(text)

    assert "We cannot tell. Nobody has declared what watches this ground" in read
    assert "How much of this day anybody could have seen: nobody declared it." in read
    assert "covered hours</text>" not in text
    assert not cells(text, "Interval")


def test_it_says_not_holding_when_the_evidence_is_there(
    tmp_path: Path,
) -> None:
    read = told(made(tmp_path, BREAKS, denied=False))

    assert "It is not holding." in read
    assert "until the parties recommit" in read


def test_it_says_holding_when_the_evidence_is_there(tmp_path: Path) -> None:
    read = told(made(tmp_path, HOLDS, denied=False))

    assert "It is holding." in read
    assert "Holding is taken back when the upper end rises to the line." in read


def test_before_any_run_it_cannot_tell(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    strikes(home, clock)

    read = told(home)

    assert (
        "We cannot tell. Nothing that was received has been put together and released yet." in read
    )


def test_before_the_first_release_the_public_reads_that_there_is_none(demo_home: Home) -> None:
    first = SimulatedClock(datetime(2030, 9, 2, 6, tzinfo=UTC))

    with TestClient(make_app(str(demo_home.path), clock=first)) as client:
        theirs = words(client.get("/").text)
        client.cookies.set("tw_pass", first_pass(demo_home))
        ours = words(client.get("/").text)

    assert "Nothing that was received has been put together and released yet." in theirs
    assert "Report day 2030-09-01" in ours


def test_no_ceasefire_is_none_that_holds(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    in_force_from(home, "2030-09-04", version=1)
    strikes(home, clock)
    run(home, clock=clock)

    read = told(home, "/?date=2030-09-02")

    assert "None was in force. No ceasefire was in force on this report day" in read
    assert "cannot tell" not in read


def test_every_rule_counts_and_every_rate_has_its_interval(mission: TestClient[Litestar]) -> None:
    text = mission.get("/").text
    rules = re.findall(r'<th scope="row"><span class="bytes">(\w+)</span>', text)
    rates = cells(text, "Per 1,000 covered hours")

    assert rules == ["incident", "osce_unit", "episode_60min_30rounds", "crossing", "ruled"]
    assert len(rates) == 2
    assert all(INTERVAL.match(each) for each in cells(text, "Interval"))
    assert len(cells(text, "Interval")) == len(cells(text, "Covered")) == len(rates)
    assert re.search(
        r'class="sc-t b"[^>]*>[\d.,]+ \([\d.,]+ to [\d.,]+, \d[\d.]* % interval\)', text
    )


def test_a_count_of_incidents_says_how_many_are_real(mission: TestClient[Litestar]) -> None:
    text = mission.get("/").text
    first = text[text.index(">incident</span>") :]
    row = first[: first.index("</tr>")]

    counted = [int(n) for n in re.findall(r"<span>(?:<b>)?(\d+)", row)]
    real = re.findall(r"(\d+) to (\d+) of them real \(90 % interval\)", row)

    assert len(counted) == len(real) == 2
    for n, (low, high) in zip(counted, real, strict=True):
        assert int(low) <= int(high) <= n


def test_a_count_of_nothing_is_in_words(undeclared: Home) -> None:
    text = page(undeclared, "/?date=2030-09-05")

    assert cells(text, "2030-09-05")[0] == "none by this rule"
    assert "which does not mean that none happened" in words(text)
    assert "0 incidents" not in words(text)


def test_the_link_to_a_day_shows_that_day(public: TestClient[Litestar]) -> None:
    text = public.get("/").text
    [last] = re.findall(r'href="(/\?date=[\d-]+)">Permanent link', text)

    again = public.get(last).text

    assert words(again) == words(text)
    [before] = re.findall(r'rel="prev" href="(/\?date=[\d-]+)"', again)
    assert date.fromisoformat(before[-10:]) == date.fromisoformat(last[-10:]) - timedelta(days=1)
    assert f'rel="next" href="{last}"' in public.get(before).text


def test_an_earlier_day_stands_on_the_text_that_was_in_force_then(tmp_path: Path) -> None:
    home, clock = begin(tmp_path)
    strikes(home, clock)
    run(home, clock=clock)
    in_force_from(home, "2030-09-04", version=2)
    run(home, clock=clock)

    old, new = (told(home, f"/?date=2030-09-{day}") for day in ("03", "05"))

    assert "Since 2 September 2030" in old  # the first report; the first text is older
    assert "Since 4 September 2030" in new


@pytest.mark.parametrize(
    "value", ["yesterday", "2030-13-01", "2030-08-01", "1969-12-31", "2999-01-01"]
)
def test_a_day_that_cannot_be_shown_is_refused_by_name(
    public: TestClient[Litestar], mission: TestClient[Litestar], value: str
) -> None:
    for client in (public, mission):
        answer = client.get("/", params={"date": value})

        assert answer.status_code == 400
        assert re.search(r"date\s*: is .*, expected", words(answer.text))


def test_the_public_asks_in_vain_for_a_day_before_it_is_released(demo_home: Home) -> None:
    noon = datetime(2030, 9, 5, 12, tzinfo=UTC)
    with TestClient(make_app(str(demo_home.path), clock=SimulatedClock(noon))) as client:
        theirs = _last(client.get("/").text)
        asked = client.get("/?date=2030-09-04")
        client.cookies.set("tw_pass", first_pass(demo_home))
        ours = _last(client.get("/").text)
        answered = client.get("/?date=2030-09-04")

    assert (theirs, ours) == (date(2030, 9, 3), date(2030, 9, 4))
    assert asked.status_code == 400
    assert answered.status_code == 200


def _last(text: str) -> date:
    [found] = re.findall(r'name="date" value="[\d-]+" min="[\d-]+" max="([\d-]+)"', text)
    return date.fromisoformat(found)


def test_what_is_confidential_is_in_no_number_of_the_public(hidden: Home) -> None:
    theirs = page(hidden, "/?date=2030-09-05")
    ours = page(hidden, "/?date=2030-09-05", ours=True)

    assert cells(theirs, "2030-09-05")[0] == "none by this rule"
    assert cells(ours, "2030-09-05")[0].startswith("1 ")
    assert "Quietford" not in theirs


def test_the_public_sees_no_name_of_the_mission_and_no_ground_watched(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    theirs, ours = public.get("/").text, mission.get("/").text

    assert "m-veil" not in theirs
    assert "m-veil" in ours
    assert "as the mission sees it: not for publication" in ours
    assert "released after a delay; places stand on a 1 km grid" in theirs
    links = re.findall(r'href="/incidents/([^"]+)"', theirs)
    assert all(name.startswith("p-") for name in links)


def test_it_leads_to_what_was_sealed(public: TestClient[Litestar]) -> None:
    text = public.get("/").text

    assert re.search(r"sealed as entry #\d+", text)
    assert re.search(r'href="/reports/daily-2030-\d\d-\d\d/daily-2030-\d\d-\d\d\.csv"', text)
    assert re.search(r'href="/incidents\.csv\?from=[^"]+&amp;to=', text)
    assert re.search(r'<p class="bytes soft gap1">[0-9a-f]{64}</p>', text)


def test_the_first_day_is_compared_with_none_before_it(public: TestClient[Litestar]) -> None:
    [first] = re.findall(r'name="date" value="[\d-]+" min="([\d-]+)"', public.get("/").text)

    text = public.get(f"/?date={first}").text

    assert 'rel="prev"' not in text
    assert len(cells(text, "Interval")) == 1
    assert not cells(text, str(date.fromisoformat(first) - timedelta(days=1)))


def test_every_cause_of_a_lost_hour_has_words() -> None:
    assert set(CAUSES) <= set(LOST)


def test_an_end_is_rounded_outwards_and_nothing_is_rounded_away() -> None:
    english = tongue("en")

    assert rate_figure(0.0, english, up=False) == "0"
    assert rate_figure(0.004, english, up=False) == "0"
    assert rate_figure(0.004, english) == "<0.01"
    assert rate_figure(1.231, english, up=True) == "1.24"
    assert rate_figure(1.239, english, up=False) == "1.23"


def test_it_needs_no_script(public: TestClient[Litestar]) -> None:
    text = public.get("/").text
    main = text[text.index("<main") : text.index("</main>")]

    assert "<script" not in main
    assert not re.search(r"\s(style|on\w+)=", main)
