"""What was made of what, as W3C PROV-JSON: from a published page down to the received files.

    page --derived from--> release table --derived from--> computed statement
    computed statement --derived from--> head of the log --has member--> received object

An object is named by its SHA-256, a head by its size, a key by its id. It adds nothing to what the
statements say, and is a function of them; tools for provenance read it without knowing them.

Source: W3C Member Submission "The PROV-JSON Serialization", 24 April 2013.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement

_PREFIXES = {
    "head": "urn:trucewatch:head:",
    "key": "urn:trucewatch:key:",
    "object": "urn:trucewatch:sha256:",
    "step": "urn:trucewatch:entry:",
    "tw": "urn:trucewatch:",
}
_RELEASE = "release/"
_TOLD = ("published/v1", "computed/v1")


def provenance_text(
    origin: str, entries: Sequence[Entry], statements: Mapping[int, Statement]
) -> bytes:
    """Return the provenance of everything that was published or computed, as canonical JSON.

    Args:
        origin: Name of the log.
        entries: All of its entries.
        statements: Statements at hand, by entry.
    """
    graph = _Graph(origin, entries)
    for index, statement in sorted(statements.items()):
        if statement.type in _TOLD:
            graph.state(index, statement)
    graph.receive()
    return canonical({"prefix": _PREFIXES, **graph.records})


class _Graph:
    """The records, by kind and then by a name that is the same on every run."""

    def __init__(self, origin: str, entries: Sequence[Entry]) -> None:
        self.records: dict[str, dict[str, dict[str, str]]] = {}
        self._origin = origin
        self._entries = entries
        self._first: dict[str, int] = {}
        for index, entry in enumerate(entries):
            self._first.setdefault(entry.object, index)
        self._known: set[tuple[str, ...]] = set()
        self._heads: dict[int, str] = {}
        self._computed: dict[int, str] = {}  # newest statement by the size it was computed from

    def state(self, index: int, statement: Statement) -> None:
        """Add a statement, who made it, what it was made from and what came of it."""
        mine = self._object(self._entries[index].object, index)
        step, agent = f"step:{index}", f"key:{statement.keyid}"
        self._add("activity", step, {"prov:type": f"tw:{statement.type}"})
        self._add("agent", agent, {"prov:label": "a key of the mission's desk"})
        self._relate("wasAssociatedWith", {"prov:activity": step, "prov:agent": agent})
        self._relate("wasAttributedTo", {"prov:entity": mine, "prov:agent": agent})
        self._generate(mine, step)
        size = _input_size(statement)
        head = None if size is None else self._head(size, statement)
        if head is not None:
            self._relate("used", {"prov:activity": step, "prov:entity": head})
        if statement.type == "computed/v1":
            if size is not None and head is not None:
                self._derive(mine, head)
                self._computed[size] = mine
            return
        source = self._computed.get(-1 if size is None else size, head)
        cited = [s.sha256 for s in statement.subjects if s.sha256 in self._first]
        files = {digest: self._first[digest] for digest in cited}
        tables = [d for d, i in files.items() if self._entries[i].type.startswith(_RELEASE)]
        for digest, entry in files.items():
            name = self._object(digest, entry)
            self._generate(name, step)
            self._derive(mine, name)
            sources = [] if digest in tables else [f"object:{table}" for table in tables]
            for each in sources or ([] if source is None else [source]):
                self._derive(name, each)

    def receive(self) -> None:
        """Add the received objects to the smallest head that holds them, and chain the heads."""
        start, earlier = 0, ""
        for size, head in sorted(self._heads.items()):
            if earlier:
                self._relate("hadMember", {"prov:collection": head, "prov:entity": earlier})
            for index in range(start, size):
                if self._entries[index].type.startswith("received/"):
                    name = self._object(self._entries[index].object, index)
                    self._relate("hadMember", {"prov:collection": head, "prov:entity": name})
            start, earlier = size, head

    def _head(self, size: int, statement: Statement) -> str | None:
        if not 0 < size <= len(self._entries):
            return None
        given = statement.predicate["input"]
        root = str(given.get("root")) if isinstance(given, dict) else ""
        self._heads[size] = f"head:{size}"
        said = {"prov:type": "prov:Collection", "tw:log": self._origin, "tw:root": root}
        self._add("entity", f"head:{size}", said)
        return f"head:{size}"

    def _object(self, digest: str, index: int) -> str:
        said = {"tw:entry": str(index), "tw:type": self._entries[index].type}
        self._add("entity", f"object:{digest}", said)
        return f"object:{digest}"

    def _generate(self, entity: str, activity: str) -> None:
        self._relate("wasGeneratedBy", {"prov:entity": entity, "prov:activity": activity})

    def _derive(self, made: str, source: str) -> None:
        said = {"prov:generatedEntity": made, "prov:usedEntity": source}
        self._relate("wasDerivedFrom", said)

    def _relate(self, kind: str, said: dict[str, str]) -> None:
        known = (kind, *said.values())
        if known not in self._known:
            self._known.add(known)
            there = self.records.setdefault(kind, {})
            there[f"_:{kind}{len(there)}"] = said

    def _add(self, kind: str, name: str, said: dict[str, str]) -> None:
        self.records.setdefault(kind, {}).setdefault(name, said)


def _input_size(statement: Statement) -> int | None:
    given = statement.predicate.get("input")
    size = given.get("size") if isinstance(given, dict) else None
    return size if type(size) is int else None
