"""The documentation is complete, current, and leads nowhere that is not there."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs import columns, generate  # noqa: E402 - the clone is no installed package

from trucewatch import errors  # noqa: E402
from trucewatch.agreement.parse import parse  # noqa: E402
from trucewatch.cli import app as command_line  # noqa: E402
from trucewatch.errors import BadInput, TruceWatchError  # noqa: E402
from trucewatch.mission.settings import named_sections, sections  # noqa: E402
from trucewatch.observe import sensor, sensors  # noqa: E402
from trucewatch.records import table  # noqa: E402
from trucewatch.records.happening import HAPPENINGS  # noqa: E402
from trucewatch.store import schema  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
LINKED = [*PAGES, *ROOT.glob("README.md")]
KEPT_WORD_PAGES = {"glossary.md", "read-a-bulletin.md", "what-it-will-not-do.md"}
FENCE = re.compile(r"^(```|~~~)(\w*)\n(.*?)^\1\n", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
ABSOLUTE = re.compile(r"(?<![\w.~:/<>-])/(?!usr/share/|dev/|api/v1)[A-Za-z][\w.-]*/[\w./-]*")
FIXED_LINE = "Would a past determination read differently? No: there was none."
SCHEMES = ("http://", "https://", "mailto:")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def text_of(page: Path) -> str:
    return page.read_text()


def prose_of(page: Path) -> str:
    """Return a page without its code blocks."""
    return FENCE.sub("", text_of(page))


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page, as a forge makes them from its headings."""
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in headings(page))
    return {title.strip().replace(" ", "-") for title in plain}


def reference(name: str) -> list[str]:
    return headings(DOCS / "reference" / f"{name}.md")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_generated_parts_are_what_the_code_says_today(page: Path) -> None:
    fresh = generate.renewed(text_of(page))

    assert text_of(page) == fresh, "stale: run `python -m docs.generate`"


def test_every_generated_part_stands_on_a_page() -> None:
    placed = {m["name"] for page in PAGES for m in generate.MARKED.finditer(text_of(page))}

    assert placed == set(generate.BLOCKS)


def test_a_stale_part_is_noticed() -> None:
    page = text_of(DOCS / "reference" / "errors.md")

    changed = page.replace("| 1 | A hash", "| 2 | A hash")

    assert changed != page
    assert generate.renewed(changed) == page


def test_every_command_has_a_heading() -> None:
    group = typer.main.get_command(command_line.app)
    names = [f"tw {name}" for name in group.commands]
    for name, command in group.commands.items():
        names += [f"tw {name} {below}" for below in getattr(command, "commands", ())]

    assert len(names) > len(group.commands)
    assert set(names) <= set(reference("commands"))


def test_every_verb_of_the_clone_has_a_heading() -> None:
    script = (ROOT / "tw").read_text()

    verbs = re.findall(r"^  ([a-z]+)\)", script, re.MULTILINE)

    assert verbs
    assert {f"./tw {verb}" for verb in verbs} <= set(reference("commands"))


def test_every_setting_has_a_heading() -> None:
    found = {**sections(), **named_sections()}
    keys = [f"{name}.{f.name}" for name, kind in found.items() for f in dataclasses.fields(kind)]
    keys += [f"sensors.{name}.{key}" for name in sensors() for key in sensor(name).SETTINGS]
    keys += [f"[{name}]" for name in found]

    assert set(keys) <= set(reference("settings"))


def test_every_sensor_has_a_heading() -> None:
    assert set(sensors()) <= set(reference("sensors"))


def test_every_exception_has_a_heading() -> None:
    kinds = [
        k for _, k in inspect.getmembers(errors, inspect.isclass) if k.__module__ == errors.__name__
    ]

    assert TruceWatchError in kinds
    assert {k.__name__ for k in kinds} <= set(reference("errors"))


def test_every_table_has_a_heading_and_every_column_a_row() -> None:
    page = text_of(DOCS / "reference" / "tables.md")
    tables = {
        name: value
        for module in (table, schema)
        for name, value in vars(module).items()
        if isinstance(value, dict)
        and re.fullmatch("[A-Z]+", name)
        and name not in {"SCHEMAS", "TABLES"}
    }

    assert set(tables) <= set(reference("tables"))
    assert {f"| `{column}` |" for found in tables.values() for column in found} <= set(
        re.findall(r"^\| `\w+` \|", page, re.MULTILINE)
    )


def test_every_class_of_happening_has_a_row() -> None:
    page = text_of(DOCS / "reference" / "happenings.md")

    assert [name for name in HAPPENINGS if f"| `{name}` |" not in page] == []


def typed(page: Path) -> Iterator[list[str]]:
    """Yield the words of each `./tw` line in the shell blocks of a page."""
    for _, kind, body in FENCE.findall(text_of(page)):
        if kind in {"sh", "console"}:
            for line in re.findall(r"^(?:\$ )?\./tw (.*)$", body, re.MULTILINE):
                yield line.split()


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_every_command_that_a_reader_is_told_to_type_exists(page: Path) -> None:
    verbs = set(re.findall(r"^  ([a-z]+)\)", (ROOT / "tw").read_text(), re.MULTILINE))
    group = typer.main.get_command(command_line.app)

    for words in typed(page):
        if words[0] in verbs:
            continue
        command = group.commands[words[0]]
        if hasattr(command, "commands"):
            command = next(command.commands[w] for w in words[1:] if w in command.commands)
        options = {option for param in command.params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options


def broken_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(prose_of(page)):
        if target.startswith(SCHEMES):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        there = found.is_relative_to(ROOT) and found.is_file()
        if not there or (anchor and anchor not in anchors(found)):
            yield target


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_no_link_is_broken(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_every_page_can_be_reached_from_the_index() -> None:
    index = DOCS / "index.md"
    linked = {(DOCS / target).resolve() for target in LINK.findall(text_of(index))}

    assert {page for page in DOCS.rglob("*.md") if page != index} - linked == set()


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_no_page_names_this_workplace(page: Path) -> None:
    text = text_of(page)
    climbing = re.findall(r"(?:\.\./)+[\w./-]*", text)

    assert ABSOLUTE.findall(text) == []
    assert [p for p in (ROOT, ROOT.parent, Path.home()) if p.parent != p and f"{p}/" in text] == []
    assert [up for up in climbing if not (page.parent / up).resolve().is_relative_to(ROOT)] == []


@pytest.mark.parametrize("path", ["a /one/two.txt b", "`/one/two`", "(/one/two/three)"])
def test_an_absolute_path_is_noticed(path: str) -> None:
    found = ABSOLUTE.findall(path)

    assert len(found) == 1


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_word_that_is_kept_for_determinations_is_only_explained(page: Path) -> None:
    used = "violation" in text_of(page).lower()

    assert not used or page.name in KEPT_WORD_PAGES


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_line_holds_one_sentence(page: Path) -> None:
    lines = prose_of(page).replace(FIXED_LINE, "").splitlines()
    running = [
        line for line in lines if line[:1] not in {"|", "-", ">", "#"} and not line[:1].isdigit()
    ]

    assert [line for line in running if re.search(r"[a-z`)*][.?!] [A-Z]", line)] == []


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=name_of)
def test_a_decision_has_its_number_and_its_parts(page: Path) -> None:
    number = page.name[:4]

    assert headings(page)[0].startswith(f"{number}: ")
    assert headings(page)[1:4] == ["Context", "Decision", "Consequence"]
    assert headings(page)[4:] in ([], ["Measured"])


def test_the_example_of_an_agreement_can_be_read() -> None:
    page = text_of(DOCS / "how-to" / "write-an-agreement.md")
    blocks = [body for _, kind, body in FENCE.findall(page) if kind == "yaml"]

    agreements = [parse(body.encode(), name="example.yaml") for body in blocks]

    assert [agreement.id for agreement in agreements] == ["two-hills"]


def steps(page: Path) -> list[tuple[str, str]]:
    """Return each command of a page's console blocks with the output that the page shows."""
    found: list[tuple[str, str]] = []
    for _, kind, body in FENCE.findall(text_of(page)):
        if kind != "console":
            continue
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            here = re.match(r"(.*<<'(\w+)'\n.*?^\2\n)", part, re.DOTALL | re.MULTILINE)
            command = here[1] if here else part.partition("\n")[0]
            found.append((command, part[len(command) :].lstrip("\n")))
    return found


def as_pattern(expected: str) -> str:
    """Return a pattern of the shown output, in which `...` stands for anything."""
    whole = re.sub(r"^\s*\.\.\.\n", "\0", expected, flags=re.MULTILINE)
    return re.escape(whole).replace("\0", r"(?s:.*)").replace(re.escape("..."), ".*")


def replayed(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command prints; ours runs in this process, any other in a shell."""
    if not command.startswith("./tw "):
        done = subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)  # noqa: S603
        return done.stdout.decode()
    try:
        typer.main.get_command(command_line.app).main(
            command.split()[1:], prog_name="tw", standalone_mode=False
        )
    except TruceWatchError as error:
        return f"tw: {error}\n"
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("page", "least"), [(ROOT / "README.md", 2), (DOCS / "tutorial" / "first-mission.md", 9)]
)
def test_a_page_prints_what_it_says(
    page: Path,
    least: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    told = steps(page)

    differing = [
        f"$ {command}\n{printed}"
        for command, expected in told
        if not re.fullmatch(as_pattern(expected), printed := replayed(command, capsys))
    ]

    assert len(told) >= least
    assert differing == []


def test_a_column_without_a_meaning_is_refused() -> None:
    with pytest.raises(BadInput, match="strange: column has no meaning"):
        columns.columns({"strange": "String"}, {})
