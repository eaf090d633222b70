"""Promises of the reports' pages: what was published, its sealed bytes, and which edition it is."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, cast

import pytest
from litestar.testing import TestClient
from tests.mission.register_samples import FIRST, actor, claims

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.log import Log
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.proof import check_proof
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.demo_clock import clock_of
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.mission.register_load import load
from trucewatch.mission.register_report import report_register
from trucewatch.mission.report import report
from trucewatch.serve.app import make_app
from trucewatch.serve.pages import _issues
from trucewatch.serve.pages._issues import Issue, Sheaf, issues
from trucewatch.serve.pages._published import editions, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar import Litestar

START = datetime(2030, 9, 2, 12, tzinfo=UTC)
_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def kept(demo_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The demonstration with a bulletin of the day before, and a second edition of the last."""
    path: Path = tmp_path_factory.mktemp("published") / "m"
    shutil.copytree(demo_home.path, path)
    home = Home(path)
    clock = clock_of(home)
    with reading(home) as (log, _):
        day = issues(log)[0].day
    report(home, "daily", day=day - _DAY, level="public", clock=clock)
    with pytest.MonkeyPatch.context() as other:
        other.setattr("trucewatch.mission.report.code_version", lambda: "9.9.9+other")
        report(home, "daily", day=day, level="public", clock=clock)
    return home


@pytest.fixture(scope="module")
def found(kept: Home) -> list[Issue]:
    """What that mission published, the newest first."""
    with reading(kept) as (log, _):
        return issues(log)


@pytest.fixture(scope="module")
def kept_app(kept: Home) -> Litestar:
    """Its application."""
    return make_app(str(kept.path))


@pytest.fixture
def theirs(kept_app: Litestar) -> Iterator[TestClient[Litestar]]:
    """Anybody's browser."""
    with TestClient(kept_app) as client:
        yield client


@pytest.fixture
def ours(kept_app: Litestar, kept: Home) -> Iterator[TestClient[Litestar]]:
    """A browser of that mission."""
    with TestClient(kept_app) as client:
        client.cookies.set("tw_pass", first_pass(kept))
        yield client


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A mission that has just begun, and promised something."""
    path: Path = tmp_path_factory.mktemp("published") / "empty"
    create(path, clock=SimulatedClock(START), plan=Plan(seed=bytes(32), agreement="demo-truce"))
    first_pass(Home(path))
    return Home(path)


def text(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[-400:]
    body = re.sub(r"<[^>]+>", " ", answer.text.split('id="main"')[-1])
    return re.sub(r"\s+", " ", unescape(body))


def test_the_list_holds_every_edition_with_entry_day_and_files(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    page = theirs.get("/reports").text

    assert len(found) == 3
    for each in found:
        assert f'href="/reports/{each.entry}"' in page
        assert f'href="/log/{each.entry}"' in page
        assert f'href="/reports/{each.entry}/with-proofs.zip"' in page
        assert f'href="/reports/{each.entry}/{each.name}.csv"' in page


def test_both_roles_see_what_was_published_and_only_the_mission_how_to_publish(
    theirs: TestClient[Litestar], ours: TestClient[Litestar]
) -> None:
    public, mission = (text(client, "/reports") for client in (theirs, ours))

    assert "3 editions" in public
    assert "3 editions" in mission
    assert "reports/mission" in mission
    assert "reports/mission" not in public
    assert "tw report" not in public


def test_the_bytes_are_those_that_were_sealed(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    for issue in found:
        for file in issue.files:
            answer = theirs.get(f"/reports/{issue.entry}/{file.name}")
            assert answer.status_code == 200
            assert hashlib.sha256(answer.content).hexdigest() == file.sha256
            assert len(answer.content) == file.size_bytes


def test_a_sealed_page_has_its_own_look_and_can_do_nothing_else(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    answer = theirs.get(f"/reports/{found[0].entry}/{found[0].name}.html")

    policy = answer.headers["content-security-policy"]
    own = re.findall(r"style-src ('sha256-[A-Za-z0-9+/=]+')", answer.text)
    assert own
    assert f"style-src {own[0]}" in policy
    assert "default-src 'none'" in policy
    assert policy.count("sandbox") == 1
    assert "unsafe" not in policy
    assert answer.headers["content-type"].startswith("text/html")


def test_tables_are_saved_under_their_own_name(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    answer = theirs.get(f"/reports/{found[0].entry}/{found[0].name}.release.jsonl")

    assert f'filename="{found[0].name}.release.jsonl"' in answer.headers["content-disposition"]


def test_the_page_shows_every_hash_and_the_sealed_words(
    theirs: TestClient[Litestar], kept: Home, found: list[Issue]
) -> None:
    issue = found[0]
    sealed = theirs.get(f"/reports/{issue.entry}/{issue.name}.txt").text

    page = theirs.get(f"/reports/{issue.entry}").text
    shown = unescape(page)

    assert sealed in shown
    for file in issue.files:
        assert f"{file.sha256[:32]}<br>{file.sha256[32:]}" in page
        assert file.name in page
    points = json.loads(theirs.get(f"/reports/{issue.entry}/{issue.name}.json").text)
    assert points["day"] == issue.day.isoformat()
    assert "every hash matches, worked out just now" in shown
    assert (kept.reports / "public" / f"{issue.name}.txt").read_text() == sealed


def test_the_summary_holds_the_sealed_words_line_breaks_aside(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    issue = found[0]
    sealed = " ".join(theirs.get(f"/reports/{issue.entry}/{issue.name}.txt").text.split())

    page = theirs.get(f"/reports/{issue.entry}").text
    part = page[page.index("sumwords") : page.index("</ol>", page.index("sumwords"))]
    points = [unescape(each) for each in re.findall(r"<li>(.*?)</li>", part)]

    assert len(points) == 9
    assert all(each in sealed for each in points)


def test_an_entry_is_one_edition_and_a_day_or_name_is_the_newest(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    newest, *_, first = found

    assert first.name == newest.name
    by_day, by_name = (theirs.get(f"/reports/{at}") for at in (newest.day, newest.name))
    assert f'href="/reports/{newest.entry}/with-proofs.zip"' in by_day.text
    assert f'href="/reports/{newest.entry}/with-proofs.zip"' in by_name.text
    old = theirs.get(f"/reports/{first.entry}").text
    assert f'href="/reports/{first.entry}/with-proofs.zip"' in old


def test_an_earlier_edition_says_that_there_is_a_later_one_and_stays(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    newest, *_, first = found
    old, new = (text(theirs, f"/reports/{each.entry}") for each in (first, newest))

    assert "A later edition of this was published" in old
    assert "This one stays as it was." in old
    assert "A later edition of this" not in new
    assert "newest edition" in new
    assert "9.9.9+other" in new
    assert re.search(r"\d files differ", new)
    assert f"A later edition was published: #{newest.entry}" in text(theirs, "/reports")


def test_days_before_and_after_are_one_link_away(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    newest, middle, _ = found

    page = theirs.get(f"/reports/{newest.entry}").text
    before = theirs.get(f"/reports/{middle.entry}").text

    assert f'rel="prev" href="/reports/{middle.entry}"' in page
    assert 'rel="next"' not in page
    assert f'rel="next" href="/reports/{newest.entry}"' in before


def test_days_that_could_be_out_and_are_not_are_named(
    theirs: TestClient[Litestar], ours: TestClient[Litestar], found: list[Issue]
) -> None:
    page = text(theirs, "/reports")
    part = page[page.index("Days without a bulletin") :]

    missing = found[0].day + _DAY
    assert f"{missing.day} September 2030" in part
    assert f"{found[0].day.day} September 2030" not in part[: part.index("They could be out")]
    assert f"tw report HOME daily --date {missing.year}" in text(ours, "/reports")


def test_the_archive_proves_each_of_its_files(
    theirs: TestClient[Litestar], kept: Home, found: list[Issue]
) -> None:
    issue = found[0]
    path = f"/reports/{issue.entry}/with-proofs.zip"

    answer, again = theirs.get(path), theirs.get(path)

    assert answer.content == again.content
    assert f'filename="{issue.name}-with-proofs.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        held = {name: package.read(name) for name in package.namelist()}
    with Log.open(kept.path) as log:
        verifier = parse_vkey(log.verifier.vkey, where="log")
    for name in (*(file.name for file in issue.files), "published.json"):
        proof, entry = (
            held[f"{issue.name}/proofs/{name}/{part}"]
            for part in ("entry.tlog-proof", "entry.json")
        )
        check_proof(proof, entry, verifier, where=name)
        digest = hashlib.sha256(held[f"{issue.name}/{name}"]).hexdigest()
        assert json.loads(entry)["object"] == digest
    assert "That does not mean that it is true." in held[f"{issue.name}/README.txt"].decode()


def test_the_statement_that_publishes_it_can_be_had(
    theirs: TestClient[Litestar], kept: Home, found: list[Issue]
) -> None:
    answer = theirs.get(f"/reports/{found[0].entry}/published.json")

    with Log.open(kept.path) as log:
        sealed = log.entry(found[0].entry).object
    assert hashlib.sha256(answer.content).hexdigest() == sealed


def test_the_list_can_be_cut_to_days(theirs: TestClient[Litestar], found: list[Issue]) -> None:
    day = found[1].day

    cut = text(theirs, f"/reports?from={day}&to={day}")
    none = text(theirs, "/reports?to=2029-01-01")

    assert "1 edition of 3" in cut
    assert "That says nothing of what happened in them." in none


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/reports/0", 404, "under which something was published"),
        ("/reports/999999", 404, "under which something was published"),
        ("/reports/daily-2030-01-01", 404, "under which something was published"),
        ("/reports/2030-02-30", 404, "under which something was published"),
        ("/reports/²", 404, "under which something was published"),
        ("/reports?from=soon", 400, "from"),
        ("/reports?to=20300901", 400, "to"),
        ("/reports?product=gossip", 400, "product"),
        ("/reports?page=0", 400, "page"),
    ],
)
def test_refuses_what_is_not_there_and_names_the_field(
    theirs: TestClient[Litestar], path: str, status: int, said: str
) -> None:
    answer = theirs.get(path)

    assert answer.status_code == status
    assert said in answer.text


def test_a_file_that_a_report_does_not_have_is_not_found(
    theirs: TestClient[Litestar], found: list[Issue]
) -> None:
    answer = theirs.get(f"/reports/{found[0].entry}/keys")

    assert answer.status_code == 404
    assert "has no file" in answer.text


def test_the_public_cannot_tell_that_something_was_published_for_the_mission_alone(
    kept: Home, found: list[Issue], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = found[0].entry
    told = [replace(each, level="mission") if each.entry == inner else each for each in found]
    monkeypatch.setattr(_issues, "issues", lambda _: told)

    with TestClient(make_app(str(kept.path))) as client:
        public = text(client, "/reports")
        hidden, none = (client.get(f"/reports/{entry}") for entry in (inner, 999_999))
        file = client.get(f"/reports/{inner}/{found[0].name}.html")
        client.cookies.set("tw_pass", first_pass(kept))
        mission = text(client, "/reports")

    assert "2 editions" in public
    assert f"#{inner}" not in public
    assert hidden.status_code == file.status_code == 404
    assert hidden.text == none.text.replace("999999", str(inner))
    assert "3 editions" in mission
    assert f"#{inner}" in mission


def test_with_nothing_published_the_page_says_what_to_do(empty: Home) -> None:
    app = make_app(str(empty.path), clock=SimulatedClock(START))
    with TestClient(app) as client:
        public = text(client, "/reports")
        client.cookies.set("tw_pass", first_pass(empty))
        mission = text(client, "/reports")

    assert "Nothing has been published yet" in public
    assert "may be published 24 hours later" in public
    assert "tw " not in public
    assert "tw run HOME tw report HOME daily" in mission


def test_a_product_without_a_text_version_offers_its_page_and_tables(
    empty: Home, tmp_path: Path
) -> None:
    path = tmp_path / "m"
    shutil.copytree(empty.path, path)
    home, clock = Home(path), SimulatedClock(START)
    load(home, claims(FIRST), actor=actor(clock))
    done = report_register(home, "register", day=None, level="public", clock=clock)

    with TestClient(make_app(str(path), clock=clock)) as client:
        listed = text(client, "/reports")
        shown = text(client, f"/reports/{done.entry}")
        sealed = client.get(f"/reports/{done.entry}/register-{done.day}.html")

    assert "Register of commitments" in listed
    assert "It has no text version." in shown
    assert "its tables, for a spreadsheet" in shown
    assert sealed.status_code == 200
    assert "style-src 'sha256-" in sealed.headers["content-security-policy"]


class Sealed:
    """A log of some objects, one of which does not match."""

    def __init__(self, objects: dict[str, bytes], broken: str = "") -> None:
        self.objects, self.broken = objects, broken

    def object(self, digest: str) -> bytes:
        if digest == self.broken:
            raise EvidenceBroken(digest, "does not match")
        return self.objects[digest]


def made(entry: int, files: dict[str, str]) -> Issue:
    sheaves = tuple(
        Sheaf(name=f"daily-2030-09-02{end}", end=end, sha256=digest, entry=entry, size_bytes=1)
        for end, digest in files.items()
    )
    return Issue(
        entry=entry,
        product="daily",
        day=date(2030, 9, 2),
        level="public",
        issued_at=START,
        code="1",
        input_size=1,
        name="daily-2030-09-02",
        files=sheaves,
    )


def test_corrections_of_earlier_bulletins_are_read_from_the_sealed_numbers() -> None:
    numbers = json.dumps({"corrections": ["Bulletin 1 gave 18; it is 17."]}).encode()
    log = cast("Log", Sealed({"t": b"SUMMARY\n-------\n 1. All\n    quiet.\n", "n": numbers}))

    words = words_of(log, made(5, {".txt": "t", ".json": "n"}))

    assert words.corrections == ("Bulletin 1 gave 18; it is 17.",)
    assert words.summary == ("All quiet.",)


def test_bytes_that_do_not_match_are_named_and_their_words_not_shown() -> None:
    log = cast("Log", Sealed({"n": b"{}"}, broken="t"))

    words = words_of(log, made(5, {".txt": "t", ".json": "n"}))

    assert set(words.problems) == {"daily-2030-09-02.txt"}
    assert words.text == ""
    assert words.summary == ()


def test_editions_count_the_files_that_differ_from_the_one_before() -> None:
    told = [made(9, {".a": "1", ".b": "3"}), made(5, {".a": "1", ".b": "2"})]

    assert [(each.issue.entry, each.others) for each in editions(told, told[0].name)] == [
        (9, 1),
        (5, 0),
    ]


def test_the_pages_need_no_script_and_no_inline_style(
    theirs: TestClient[Litestar], ours: TestClient[Litestar], found: list[Issue]
) -> None:
    for client in (theirs, ours):
        for path in ("/reports", f"/reports/{found[0].entry}"):
            page = client.get(path).text
            assert not re.search(r"<[^>]+ (style|on[a-z]+)=", page), path
            assert "<style" not in page, path
            assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page)), path


def test_the_links_of_the_first_page_lead_somewhere(theirs: TestClient[Litestar]) -> None:
    page = theirs.get("/").text

    links = {unescape(each) for each in re.findall(r'href="(/reports[^"]*)"', page)}
    assert any(each.endswith("/with-proofs.zip") for each in links)
    assert {theirs.get(each).status_code for each in links} == {200}
