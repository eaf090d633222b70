"""Promises of the page on verifying: at most five steps, and its commands do what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient
from tests.serve.test_reports import START

from trucewatch.evidence.script import SCRIPT_TEXT
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.init import Plan, create
from trucewatch.records.canonical import sha256_hex
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

    from trucewatch.mission.home import Home

STEPS_MAX = 5


def section(page: str, name: str) -> str:
    at = page.index(f'id="{name}"')
    return page[at : page.index("</section>", at)]


def commands(part: str) -> list[str]:
    return [unescape(each) for each in re.findall(r"<pre[^>]*>(.*?)</pre>", part, re.DOTALL)]


@pytest.fixture(scope="module")
def handed_over(
    app: Litestar, demo_home: Home, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str], str]:
    """The folder of somebody who was given a bundle and saved what the page links."""
    folder: Path = tmp_path_factory.mktemp("checking")
    shutil.copy(demo_home.path / "bundle.zip", folder)
    with TestClient(app) as client:
        page = client.get("/verify").text
        for link in set(re.findall(r'href="(/log/(?:checkpoint|witness\.policy))"', page)):
            (folder / link.rpartition("/")[2]).write_bytes(client.get(link).content)
        zipped = re.search(r'href="(/reports/\d+/with-proofs\.zip)">([^<]+)<', page)
        assert zipped
        (folder / zipped[2]).write_bytes(client.get(zipped[1]).content)
    verb = folder / "bin" / "tw"
    verb.parent.mkdir()
    verb.write_text(f'#!/bin/sh\nexec {sys.executable} -m trucewatch "$@"\n')
    verb.chmod(0o755)
    return folder, commands(section(page, "bundle")), page


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the commands that our page tells
        ["/bin/sh", "-ec", f'PATH="$PWD/bin:$PATH"\n{command}'],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_steps_verify_a_bundle_as_they_stand(
    handed_over: tuple[Path, list[str], str],
) -> None:
    folder, steps, _ = handed_over

    told = [run(folder, step) for step in steps]

    assert len(steps) <= STEPS_MAX
    assert [each.returncode for each in told] == [0] * len(steps), told
    assert told[1].stdout == ""
    assert told[2].stdout == "bundle/verify.sh: OK\n"
    assert "PASS" in told[3].stdout
    assert "FAIL" not in told[3].stdout
    assert "verified (anchored by 2 witnesses" in told[4].stdout
    assert "What was shown to others is this log: checkpoint" in told[4].stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_steps_fail_when_one_byte_is_added(
    handed_over: tuple[Path, list[str], str],
) -> None:
    folder, steps, page = handed_over
    broken = folder / "again"
    broken.mkdir()
    for name in ("bundle.zip", "checkpoint", "witness.policy"):
        shutil.copy(folder / name, broken)
    adds = re.search(r">(echo x &gt;&gt; [^<]+)<", page)
    assert adds

    for command in (*steps[:2], unescape(adds[1])):
        assert run(broken, command).returncode == 0, command
    second, fourth = run(broken, steps[1].partition("\n")[2]), run(broken, steps[3])

    assert second.returncode != 0
    assert "data/checkpoint: FAILED" in second.stdout
    assert fourth.returncode != 0
    assert "FAIL" in fourth.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_published_file_is_checked_without_a_bundle(
    handed_over: tuple[Path, list[str], str],
) -> None:
    folder, steps, page = handed_over
    [lines] = commands(section(page, "file"))

    run(folder, steps[0])
    told = run(folder, lines)

    assert told.returncode == 0, told.stdout + told.stderr
    digest = re.search(r'class="bytes hash">([0-9a-f]{64})<', section(page, "file"))
    assert digest
    assert told.stdout.startswith(digest[1])
    assert told.stdout.count("PASS") == 3


def test_each_step_says_what_it_shows_and_what_not(public: TestClient[Litestar]) -> None:
    page = public.get("/verify").text
    part = section(page, "bundle")

    steps = part.count("<h3>")
    assert part.count("Shows:") == part.count("Does not show:") == steps == STEPS_MAX
    assert sha256_hex(SCRIPT_TEXT) in part
    limits = section(page, "not")
    assert limits.count("<li>") >= 6
    assert "That it is true." in limits
    assert "This is an exercise." in page


def test_the_key_on_the_page_is_that_of_the_log_with_a_warning(
    public: TestClient[Litestar], demo_home: Home
) -> None:
    page = unescape(public.get("/verify").text)

    vkey = (demo_home.path / "keys" / "log.vkey").read_text().strip()
    assert f"printf '%s\\n' '{vkey}' > log.vkey" in page
    assert "If the two differ, trust neither." in page


def test_only_the_mission_is_told_how_to_make_a_bundle(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    theirs, ours = public.get("/verify").text, mission.get("/verify").text

    assert "tw export HOME" in ours
    assert "tw export HOME" not in theirs


def test_links_lead_somewhere_and_nothing_needs_a_script(public: TestClient[Litestar]) -> None:
    page = public.get("/verify").text
    body = page[page.index('id="main"') : page.index("<footer")]

    links = {unescape(each).partition("#")[0] for each in re.findall(r'href="(/[^"]*)"', body)}
    assert len(links) > 5
    assert {public.get(link).status_code for link in links} == {200}
    assert not re.search(r"<[^>]+ (style|on[a-z]+)=", page)


def test_without_witnesses_and_without_reports_the_page_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path: Path = tmp_path_factory.mktemp("verified") / "empty"
    create(path, clock=SimulatedClock(START), plan=Plan(seed=bytes(32), agreement="demo-truce"))

    with TestClient(make_app(str(path), clock=SimulatedClock(START))) as client:
        page = unescape(client.get("/verify").text)
        log = unescape(client.get("/log").text)
        missing = client.get("/log/witness.policy")

    assert "No witness is named." in page
    assert "POLICY=" not in page
    assert "--witnesses" not in page
    assert 'id="file"' not in page
    assert "not anchored: no witness is named" in log
    assert missing.status_code == 404
