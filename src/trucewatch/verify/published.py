"""Checking what a bundle says on its face: copies of published files, and the word EXERCISE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.contents import REPORTS
from trucewatch.evidence.outside import SETTINGS_TYPE, read_settings
from trucewatch.evidence.readme import README, is_demo, readme_text
from trucewatch.evidence.statement import CONFIGURED
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.verify.sealed import Sealed
    from trucewatch.verify.statements import Statements

_PUBLISHED = "statement/published/v1"
_REPORT_TYPES = ("report/", "release/", "cited/")


def check_reports(files: Mapping[str, bytes], sealed: Sealed) -> int:
    """Return the number of copies, each a sealed report under the name that was published.

    The newest edition alone has the plain name; an earlier one has the beginning of its hash in
    front of it. So no statement that publishes may be left out beside a copy.

    Raises:
        EvidenceBroken: A copy is of no included, sealed report, was never published, or has another
            name; or a statement that publishes is withheld.
    """
    names = sorted(name for name in files if name.startswith(REPORTS))
    if not names:
        return 0
    _expect_every(_PUBLISHED, sealed, f"beside {names[0]}")
    kept = {entry.object for entry in sealed.entries if entry.type.startswith(_REPORT_TYPES)}
    called = _names(sealed.statements)
    for name in names:
        digest = sha256_hex(files[name])
        if digest not in kept or sealed.content_of(digest) is None:
            raise EvidenceBroken(name, f"hashes to {digest}, expected an included, sealed report")
        if digest not in called:
            raise EvidenceBroken(name, "was never published, expected a statement that says so")
        if name.removeprefix(REPORTS) not in called[digest]:
            problem = f"was published as {sorted(called[digest])}, expected that name"
            raise EvidenceBroken(name, problem)
    return len(names)


def check_readme(files: Mapping[str, bytes], sealed: Sealed, level: str) -> bool:
    """Return whether the bundle is of an exercise, once README.txt says what was sealed.

    Raises:
        EvidenceBroken: README.txt is another text, does not say EXERCISE when the mission is one,
            or says so when it is none; or the settings that tell are withheld.
    """
    origin, size = sealed.head.origin, sealed.head.size
    for exercise in (True, False):
        text = readme_text(origin=origin, size=size, level=level, exercise=exercise)
        if files[README] == text:
            break
    else:
        raise EvidenceBroken(README, "is not the text of a bundle of this log")
    if not exercise:
        _expect_every(CONFIGURED, sealed, f"beside a {README} that is no exercise's")
    declared = says_exercise(sealed)
    if declared is None and not exercise:
        problem = "mission.toml is withheld, expected it: it tells whether this is an exercise"
        raise EvidenceBroken(README, problem)
    if declared and not exercise:
        raise EvidenceBroken(README, f"does not say EXERCISE, expected it for {origin}")
    if declared is False and exercise:
        raise EvidenceBroken(README, "says EXERCISE, expected a sealed mission.toml that says so")
    return exercise


def says_exercise(sealed: Sealed) -> bool | None:
    """Return whether a log says of itself that it is worthless as proof.

    A demo always is. The newest configuration counts.

    Returns:
        None when its settings are not at hand. A log that was never configured is no exercise.

    Raises:
        EvidenceBroken: The sealed settings do not say.
    """
    if is_demo(sealed.head.origin):
        return True
    if all(entry.type != CONFIGURED for entry in sealed.entries):
        return False
    kept = {entry.object for entry in sealed.entries if entry.type == SETTINGS_TYPE}
    told = sorted(sealed.statements.by_index.items())
    configured = [s for _, s in told if s.type == "configured/v1"]
    cited = [s.sha256 for s in configured[-1].subjects if s.sha256 in kept] if configured else []
    content = sealed.content_of(cited[0]) if cited else None
    if content is None:
        return None
    where = f"object {cited[0]}"
    section = read_settings(content, where=where).get("mission")
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


def _expect_every(kind: str, sealed: Sealed, beside: str) -> None:
    for index, entry in enumerate(sealed.entries):
        clear = entry.type == kind and entry.level is Level.CLEAR
        if clear and index not in sealed.statements.by_index:
            where = f"entry {index}"
            raise EvidenceBroken(where, f"{kind} is withheld, expected it {beside}")
