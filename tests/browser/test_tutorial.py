"""A newcomer does what the tutorial says, in its order, and reads what it says one reads."""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from PIL import Image
from tools.tutorial_shots import MOST_BYTES, PICTURES, WIDTH

from trucewatch.cli.serving import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator, Page
    from tests.browser.conftest import Served

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = (DOCS / "tutorial" / "look-at-a-mission.md").read_text()
PICTURE = re.compile(r"^!\[(?P<alt>[^\]]+)\]\(\.\./images/(?P<file>look-\w+\.png)\)$", re.MULTILINE)
AT_MOST = 300  # characters that three dots stand for
_NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => done(location.href)))"
PRESSED = ("link", "button", "checkbox")


class Told(NamedTuple):
    """One step of the tutorial: its heading, what is pressed, what is read, and its pictures."""

    heading: str
    presses: list[str]
    quotes: list[str]
    pictures: list[str]


def told(page: str) -> list[Told]:
    """Return the numbered steps of a page."""
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)[1:]
    found = []
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        if not re.match(r"\d+\. ", heading):
            continue
        blocks = re.findall(r"^```text\n(.*?)^```\n", text, re.DOTALL | re.MULTILINE)
        prose = re.sub(r"^```.*?^```\n", "", text, flags=re.DOTALL | re.MULTILINE)
        quotes = [line for block in blocks for line in block.splitlines()]
        files = [match["file"] for match in PICTURE.finditer(text)]
        found.append(Told(heading, re.findall(r"\*\*(.+?)\*\*", prose), quotes, files))
    return found


def as_pattern(quote: str) -> str:
    """Return a pattern of a quoted line, in which three dots stand for a few words."""
    words = " ".join(quote.split())
    return f".{{0,{AT_MOST}}}?".join(re.escape(part) for part in words.split("..."))


@dataclass
class Newcomer:
    """Somebody at a browser who presses what they are told, and remembers what they read."""

    page: Page
    served: Served
    folder: Path
    pressed: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Read the page as it is shown."""
        self.read.append(" ".join(self.page.locator("body").inner_text().split()))

    def has_read(self, quote: str) -> bool:
        """Return whether a quoted line stood on something that was read."""
        return any(re.search(as_pattern(quote), text) for text in self.read)

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path)
        self.look()

    def back(self, times: int) -> None:
        """Go back in the browser."""
        for _ in range(times):
            self.page.go_back()
        self.look()

    def find(self, name: str, within: str) -> Locator:
        """Return what bears a name, or else what begins with it, and can be pressed."""
        begins = re.compile(f"^{re.escape(name)}")
        for called in (re.compile(f"^{re.escape(name)}$"), begins):
            for role in PRESSED:
                found = self.page.locator(within).get_by_role(role, name=called)  # type: ignore[arg-type]
                if seen := [each for each in found.all() if each.is_visible()]:
                    return seen[0]
        pytest.fail(f"{name} cannot be pressed on {self.page.url}")

    def press(self, name: str, within: str = "body") -> None:
        """Press something, and read what comes of it."""
        self.pressed.append(name)
        self.find(name, within).click()
        self.page.wait_for_load_state()
        self.page.wait_for_function("() => !document.querySelector('#main[aria-busy]')")
        self.look()

    def keep(self, name: str) -> bytes:
        """Press something that is kept as a file, and return it."""
        self.pressed.append(name)
        with self.page.expect_download() as kept:
            self.find(name, "#main").click()
        return Path(kept.value.path()).read_bytes()

    def type(self, commands: str) -> int:
        """Type commands in a shell, read what they print, and return how they ended."""
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-e", "-c", commands], cwd=self.folder, capture_output=True, check=False
        )
        self.read.append(" ".join(done.stdout.decode().split()))
        return done.returncode


def is_it_holding(newcomer: Newcomer) -> None:
    newcomer.open("/")

    assert "EXERCISE" in newcomer.read[-1]
    assert "What we do not know" in newcomer.read[-1]
    assert "No reports is not the same as no incidents" in newcomer.read[-1]


def a_night(newcomer: Newcomer) -> None:
    page, circle = newcomer.page, "#main svg a[href^='/logbook/window-']"
    newcomer.open(f"/enter?pass={newcomer.served.key}")
    assert page.url.endswith("/map")
    page.locator("#ask [name=from]").fill("2030-09-18T18:00")
    page.locator("#ask [name=to]").fill("2030-09-19T06:00")

    with page.expect_response(lambda answer: "/map/view" in answer.url):
        newcomer.press("Show", "#ask")

    assert "18 Sep 18:00 to 19 Sep 06:00." in newcomer.read[-1]
    assert page.locator(circle).count() == 1
    with page.expect_response(lambda answer: "/map/view" in answer.url):
        newcomer.press("Windows of silence", "#ask")
    page.wait_for_function("s => !document.querySelector(s)", arg=circle)
    newcomer.find("Windows of silence", "#ask").check()
    page.locator(circle).wait_for()
    newcomer.press("18 Sep 23:11", "#drawer")
    page.locator("#drawer [data-open]").wait_for()
    newcomer.look()


def one_incident(newcomer: Newcomer) -> None:
    newcomer.press("Open incident", "#drawer")
    seen = newcomer.read[-1]
    assert re.search(r"CAM-FERRY 0\.08 0\.24 night 65 % it saw it", seen)
    newcomer.press("artillery fire", "#main table")
    newcomer.press("spotrep-20300918.csv", "#main")

    bytes_kept = newcomer.keep("Sealed bytes")

    assert hashlib.sha256(bytes_kept).hexdigest() in newcomer.read[-1]


def why(newcomer: Newcomer) -> None:
    newcomer.back(2)
    assert "Who saw it" in newcomer.read[-1]
    assert re.search(r"Undetermined 0\.20", newcomer.read[-1])
    newcomer.press("R02", "#main")


def a_blast(newcomer: Newcomer) -> None:
    newcomer.press("Incidents")
    newcomer.page.locator("#main [name=outcome]").select_option("exempt")
    newcomer.press("Show", "#main")
    newcomer.press("21 Sep", "#main table")
    newcomer.press("notification", "#main")


def jamming(newcomer: Newcomer) -> None:
    newcomer.press("Logbook")
    newcomer.press("Restrictions", "#main")
    newcomer.press("22 Sep 00:20", "#main table")


def one_state(newcomer: Newcomer) -> None:
    newcomer.press("Register")
    newcomer.press("Arvenia", "#main")
    newcomer.press("T2", "#main table")


def response(newcomer: Newcomer) -> None:
    newcomer.press("Response")

    assert "Response to the determination of 25 September 2030" in newcomer.read[-1]


def a_bulletin(newcomer: Newcomer) -> None:
    newcomer.press("Reports")
    newcomer.press("Read the bulletin")
    hashes = newcomer.read[-1].replace(" ", "")

    newcomer.press("Read it as sealed")

    sealed = newcomer.page.request.get(newcomer.page.url).body()
    assert hashlib.sha256(sealed).hexdigest() in hashes
    newcomer.look()
    assert "INCIDENT BULLETIN" in newcomer.read[-1].upper()


def check_it(newcomer: Newcomer) -> None:
    newcomer.back(1)
    newcomer.press("Verify")
    key = newcomer.page.locator("#main pre").first.inner_text()
    archive = newcomer.page.locator("#file a[href$='with-proofs.zip']")
    typed = newcomer.page.locator("#file pre").inner_text()
    zipped = newcomer.page.request.get(archive.get_attribute("href") or "").body()
    (newcomer.folder / archive.inner_text()).write_bytes(zipped)

    assert newcomer.type(key) == 0
    assert len(typed.splitlines()) == 3
    assert newcomer.type(typed) == 0

    _, hashed, checked = typed.splitlines()
    assert newcomer.type(f"echo x >> {hashed.split()[-1]}") == 0
    assert newcomer.type(checked) == 1


def no_mouse(newcomer: Newcomer) -> None:
    page = newcomer.page
    newcomer.press("Українська")
    assert page.locator("html").get_attribute("lang") == "uk"
    newcomer.press("English")
    assert page.locator("html").get_attribute("lang") == "en"
    newcomer.press("Incidents")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/i-*")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/incidents(\?|$)"))
    page.keyboard.press("?")
    page.wait_for_url("**/help#keyboard")
    newcomer.look()
    assert "next and previous row of the main list" in newcomer.read[-1]
    newcomer.press("Language, look and keys", "footer")
    page.get_by_role("link", name="off", exact=True).click()
    newcomer.press("Incidents")
    newcomer.pressed.pop()  # to see that the keys are off, which the page does not ask for
    before = page.url
    page.keyboard.press("?")
    assert page.evaluate(_NEXT_FRAME) == before


STEPS: dict[str, Callable[[Newcomer], None]] = {
    "1. Is it holding?": is_it_holding,
    "2. A night on the map": a_night,
    "3. One incident, down to the sealed bytes": one_incident,
    "4. Why it is a potential breach": why,
    "5. An announced blast": a_blast,
    "6. A week of jamming": jamming,
    "7. What one state promised": one_state,
    "8. The response room": response,
    "9. A published bulletin": a_bulletin,
    "10. Check it yourself": check_it,
    "11. Your language, and no mouse": no_mouse,
}


@pytest.mark.system
def test_the_tutorial_leads_where_it_says_and_shows_what_it_quotes(
    browse: Callable[..., BrowserContext],
    served: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    window = browse(viewport={"width": WIDTH, "height": 800}, locale="en-GB")
    newcomer = Newcomer(window.new_page(), served, tmp_path)
    monkeypatch.setattr("trucewatch.serve.served.serve_at", lambda *_, **__: None)
    show(served.home, host="127.0.0.1", port=8000)
    newcomer.read.append(" ".join(capsys.readouterr().out.split()))

    wrong = []
    for step in told(TUTORIAL):
        STEPS[step.heading](newcomer)
        if newcomer.pressed != step.presses:
            wrong.append(f"{step.heading}: pressed {newcomer.pressed}, told {step.presses}")
        unread = [quote for quote in step.quotes if not newcomer.has_read(quote)]
        wrong += [f"{step.heading}: nobody reads {quote}" for quote in unread]
        newcomer.pressed, newcomer.read = [], []

    assert wrong == []


def test_every_heading_is_a_step_and_every_step_a_heading() -> None:
    headings = [step.heading for step in told(TUTORIAL)]

    assert headings == [*STEPS]
    assert [int(heading.partition(".")[0]) for heading in headings] == [*range(1, len(STEPS) + 1)]


def test_every_step_quotes_what_is_read_and_has_one_picture() -> None:
    steps = told(TUTORIAL)

    assert [step.heading for step in steps if not step.quotes] == []
    assert [step.heading for step in steps if len(step.pictures) != 1] == []


def test_the_pictures_are_those_that_the_tool_takes_in_the_order_of_the_page() -> None:
    shown = [match["file"] for match in PICTURE.finditer(TUTORIAL)]

    assert len(PICTURES) == len({picture.name for picture in PICTURES})
    assert shown == [f"look-{picture.name}.png" for picture in PICTURES]
    assert sorted(shown) == sorted(file.name for file in (DOCS / "images").glob("look-*.png"))


@pytest.mark.parametrize("match", [*PICTURE.finditer(TUTORIAL)], ids=lambda match: match["file"])
def test_a_picture_is_small_and_says_in_words_what_it_shows(match: re.Match[str]) -> None:
    file = DOCS / "images" / match["file"]

    with Image.open(file) as picture:
        size = picture.size

    assert file.stat().st_size <= MOST_BYTES
    assert size[0] <= WIDTH
    assert len(match["alt"]) >= 60


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("5 reports", "had 5 reports of it", True),
        ("5 reports", "had 15 of 5  reports", False),
        ("a ... b", "a " + "c" * AT_MOST + " b", True),
        ("a ... b", "a " + "c" * (AT_MOST + 1) + " b", False),
        ("P(x) > 0.9", "Px > 0.9", False),
    ],
)
def test_a_quote_is_looked_for_as_it_stands(quote: str, text: str, found: bool) -> None:
    assert bool(re.search(as_pattern(quote), text)) == found
