"""Whom the mission's own settings name outside of it: witnesses, and authorities for time.

What is sealed with the settings is what a bundle brings along. It shows whom the mission trusted
and when; a reader who has policy and roots from elsewhere uses those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput
from trucewatch.evidence.contents import POLICY, ROOTS
from trucewatch.records.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement, Subject

SETTINGS_TYPE = "configuration/mission/v1"
POLICY_TYPE = "configuration/witness/v1"
ROOTS_TYPE = "configuration/roots/v1"


class Outside(NamedTuple):
    """Who outside the mission is to be believed, as its settings say.

    Attributes:
        policy: The policy of witnesses in force (C2SP tlog-policy), or None.
        roots: For each authority by short name, every certificate (PEM) that the settings ever
            gave for it, in the order of the log.
    """

    policy: bytes | None
    roots: Mapping[str, bytes]

    @property
    def files(self) -> dict[str, bytes]:
        """What a bundle holds of it, by file name."""
        files = {f"{ROOTS}{name}.pem": pem for name, pem in self.roots.items()}
        return files if self.policy is None else files | {POLICY: self.policy}


def outside(
    entries: Sequence[Entry],
    statements: Mapping[int, Statement],
    content_of: Callable[[str], bytes | None],
) -> Outside:
    """Return whom the settings name, as far as they are at hand.

    Args:
        entries: All entries of the log.
        statements: Statements at hand, by entry.
        content_of: Returns an object by its SHA-256 in hex, or None when it is not at hand.
    """
    kinds: dict[str, set[str]] = {}
    for entry in entries:
        if entry.type in {SETTINGS_TYPE, POLICY_TYPE, ROOTS_TYPE}:
            kinds.setdefault(entry.object, set()).add(entry.type)
    policy: bytes | None = None
    found: dict[str, dict[bytes, None]] = {}
    for _, statement in sorted(statements.items()):
        if statement.type != "configured/v1":
            continue
        named = _by_kind(statement.subjects, kinds)
        policy = next((content_of(s.sha256) for s in named[POLICY_TYPE]), None)
        for settings in named[SETTINGS_TYPE][:1]:
            content = content_of(settings.sha256)
            files = {s.name: content_of(s.sha256) for s in named[ROOTS_TYPE]}
            for name, file in _authorities(content, f"object {settings.sha256}").items():
                pem = files.get(file)
                if pem is not None:
                    found.setdefault(name, {})[pem] = None
    roots = {name: b"\n".join(pems) for name, pems in sorted(found.items())}
    return Outside(policy=policy, roots=roots)


def read_settings(content: bytes, *, where: str) -> Mapping[str, object]:
    """Return the tables of a sealed mission.toml.

    Raises:
        BadInput: It is no TOML.
    """
    try:
        return parse_toml(content, where=where)
    except BadInput as error:
        raise BadInput(where, f"{error.problem}, expected the TOML of a mission") from error


def _by_kind(
    subjects: Sequence[Subject], kinds: Mapping[str, set[str]]
) -> dict[str, list[Subject]]:
    every = (SETTINGS_TYPE, POLICY_TYPE, ROOTS_TYPE)
    return {kind: [s for s in subjects if kind in kinds.get(s.sha256, ())] for kind in every}


def _authorities(content: bytes | None, where: str) -> dict[str, str]:
    """Return the name of the file of roots by authority."""
    tables = {} if content is None else read_settings(content, where=where)
    sections = tables.get("timestamp")
    found = {}
    for name, section in sections.items() if isinstance(sections, dict) else ():
        file = section.get("roots") if isinstance(section, dict) else None
        if isinstance(file, str):
            found[name] = file
    return found
