"""Checking what a bundle says on its face: copies of published files, and the word EXERCISE."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.contents import README, REPORT_FOLDER, is_demo, readme_text
from trucewatch.evidence.objects import object_path
from trucewatch.evidence.statement import CONFIGURED
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.entry import Entry
    from trucewatch.verify.statements import Statements

_PUBLISHED = "statement/published/v1"
_SETTINGS = "configuration/mission/v1"
_REPORT_TYPES = ("report/", "release/", "cited/")


def check_reports(
    files: Mapping[str, bytes], entries: Sequence[Entry], statements: Statements
) -> int:
    """Return the number of copies, each a sealed report under the name that was published.

    The newest edition alone has the plain name; an earlier one has the beginning of its hash in
    front of it. So no statement that publishes may be left out beside a copy.

    Raises:
        EvidenceBroken: A copy is of no included, sealed report, was never published, or has another
            name; or a statement that publishes is withheld.
    """
    names = sorted(name for name in files if name.startswith(REPORT_FOLDER))
    if not names:
        return 0
    _expect_every(_PUBLISHED, entries, statements, f"beside {names[0]}")
    sealed = {entry.object for entry in entries if entry.type.startswith(_REPORT_TYPES)}
    called = _names(statements)
    for name in names:
        digest = sha256_hex(files[name])
        if digest not in sealed or object_path(digest) not in files:
            raise EvidenceBroken(name, f"hashes to {digest}, expected an included, sealed report")
        if digest not in called:
            raise EvidenceBroken(name, "was never published, expected a statement that says so")
        if name.removeprefix(REPORT_FOLDER) not in called[digest]:
            problem = f"was published as {sorted(called[digest])}, expected that name"
            raise EvidenceBroken(name, problem)
    return len(names)


def check_readme(
    files: Mapping[str, bytes], entries: Sequence[Entry], statements: Statements, head: Checkpoint
) -> bool:
    """Return whether the bundle is of an exercise, once README.txt says what was sealed.

    Raises:
        EvidenceBroken: README.txt is another text, does not say EXERCISE when the mission is one,
            or says so when it is none; or the settings that tell are withheld.
    """
    for exercise in (True, False):
        if files[README] == readme_text(origin=head.origin, size=head.size, exercise=exercise):
            break
    else:
        raise EvidenceBroken(README, "is not the text of a bundle of this log")
    if not exercise:
        _expect_every(CONFIGURED, entries, statements, f"beside a {README} that is no exercise's")
    declared = says_exercise(head.origin, entries, statements, files)
    if declared is None and not exercise:
        problem = "mission.toml is withheld, expected it: it tells whether this is an exercise"
        raise EvidenceBroken(README, problem)
    if declared and not exercise:
        raise EvidenceBroken(README, f"does not say EXERCISE, expected it for {head.origin}")
    if declared is False and exercise:
        raise EvidenceBroken(README, "says EXERCISE, expected a sealed mission.toml that says so")
    return exercise


def says_exercise(
    origin: str, entries: Sequence[Entry], statements: Statements, files: Mapping[str, bytes]
) -> bool | None:
    """Return whether a log says of itself that it is worthless as proof.

    Args:
        origin: Its name; a demo always is.
        entries: All of its entries.
        statements: Those at hand; the newest configuration counts.
        files: Objects at hand by `object_path`, among other files.

    Returns:
        None when its settings are not at hand. A log that was never configured is no exercise.

    Raises:
        EvidenceBroken: The sealed settings cannot be read.
    """
    if is_demo(origin):
        return True
    if all(entry.type != CONFIGURED for entry in entries):
        return False
    sealed = {entry.object for entry in entries if entry.type == _SETTINGS}
    configured = [s for _, s in sorted(statements.by_index.items()) if s.type == "configured/v1"]
    cited = [s.sha256 for s in configured[-1].subjects if s.sha256 in sealed] if configured else []
    if not cited or object_path(cited[0]) not in files:
        return None
    where = f"object {cited[0]}"
    try:
        section = tomllib.loads(files[object_path(cited[0])].decode()).get("mission")
    except (ValueError, RecursionError) as error:
        raise EvidenceBroken(where, f"{error}, expected the TOML of a mission") from error
    exercise = section.get("exercise", True) if isinstance(section, dict) else None
    if not isinstance(exercise, bool):
        raise EvidenceBroken(where, "does not say whether it is an exercise, expected yes or no")
    return exercise


def _names(statements: Statements) -> dict[str, set[str]]:
    """Return the names of the copy of each published object, by its hash."""
    editions: dict[str, list[str]] = {}
    for _, statement in sorted(statements.by_index.items()):
        if statement.type == "published/v1":
            for subject in statement.subjects:
                seen = editions.setdefault(subject.name, [])
                seen[:] = [*(digest for digest in seen if digest != subject.sha256), subject.sha256]
    called: dict[str, set[str]] = {}
    for title, digests in editions.items():
        for digest in digests[:-1]:
            called.setdefault(digest, set()).add(f"{digest[:12]}-{title}")
        called.setdefault(digests[-1], set()).add(title)
    return called


def _expect_every(kind: str, entries: Sequence[Entry], statements: Statements, beside: str) -> None:
    for index, entry in enumerate(entries):
        clear = entry.type == kind and entry.level is Level.CLEAR
        if clear and index not in statements.by_index:
            where = f"entry {index}"
            raise EvidenceBroken(where, f"{kind} is withheld, expected it {beside}")
