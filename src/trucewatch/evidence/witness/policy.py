"""Policies: whose cosignatures are enough.

    log VKEY [URL]
    witness NAME VKEY [URL]
    group NAME all|any|NUMBER MEMBER...
    quorum NAME|none

    # operator NAME: WITNESS...
    # party NAME: WITNESS
    # party NAME: offered YYYY-MM-DD
    # mission: OPERATOR

The first four kinds of line are C2SP tlog-policy, and other tools read them. The last four are
comments to those tools and demands to us: `lint` says which are not met. An ordinary comment must
not begin with one of their words, so that no demand is lost by a slip of the pen.

Stricter than the source: UTF-8 only, a last newline, and witnesses' keys have different names.

Source: C2SP tlog-policy (https://c2sp.org/tlog-policy).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.witness.cosignature import parse_witness_vkey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trucewatch.evidence.note import Verifier
    from trucewatch.evidence.witness.cosignature import CosignatureVerifier

NO_QUORUM = "none"
"""Name of the quorum that asks for no cosignature."""

_BYTES_MAX = 1_000_000
_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPACE = re.compile("[ \t]+")
_NUMBER = re.compile("[1-9][0-9]{0,4}")
_DEMAND = re.compile(r"(operator|party|mission)\b", re.IGNORECASE)
_OPERATOR = re.compile(r"operator ([^\s:]+): (\S+(?: \S+)*)")
_PARTY = re.compile(r"party ([^\s:]+): (?:offered ([0-9]{4}-[0-9]{2}-[0-9]{2})|(\S+))")
_MISSION = re.compile(r"mission: (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLog:
    """A log that the policy accepts.

    Attributes:
        verifier: Its key; the name is the log's origin.
        url: Where to reach it, or "".
    """

    verifier: Verifier
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWitness:
    """A witness that the policy knows.

    Attributes:
        name: What this policy calls it; has no meaning outside.
        verifier: Its key, whose own name stands in signature lines.
        url: Where to ask it, or "".
    """

    name: str
    verifier: CosignatureVerifier
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some witnesses and groups of which a number is enough.

    Attributes:
        name: What this policy calls it.
        needed: How many of the members must have cosigned, 1 to all.
        members: Names of witnesses and earlier groups.
    """

    name: str
    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Whose cosignatures are enough, and who stands behind the witnesses.

    Attributes:
        logs: Logs that are accepted.
        witnesses: Witnesses that are known.
        groups: In an order in which members come before the groups that name them.
        quorum: Name of the witness or group that must have cosigned, or `none`.
        operators: Names of the witnesses of each operator.
        parties: For each party the name of its witness, or the day on which one was offered.
        mission: The operator that is the mission itself, or "" when that is not said.
    """

    quorum: str
    logs: tuple[KnownLog, ...] = ()
    witnesses: tuple[KnownWitness, ...] = ()
    groups: tuple[Group, ...] = ()
    operators: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parties: dict[str, str | date] = field(default_factory=dict)
    mission: str = ""

    @property
    def verifiers(self) -> tuple[CosignatureVerifier, ...]:
        """The keys of all witnesses, as `open_cosignatures` takes them."""
        return tuple(w.verifier for w in self.witnesses)

    def satisfied(self, names: Collection[str]) -> bool:
        """Return whether cosignatures by these keys, named as in signature lines, are enough."""
        return self.quorum == NO_QUORUM or self.quorum in self._reached(names)

    def missing(self, names: Collection[str]) -> list[str]:
        """Return what is lacking, one line for each witness or group, none when it is enough."""
        reached = self._reached(names)
        groups = {g.name: g for g in self.groups}
        lacking: list[str] = []
        waiting = [] if self.quorum in {NO_QUORUM, *reached} else [self.quorum]
        while waiting:
            name = waiting.pop(0)
            group = groups.get(name)
            if group is None:
                lacking.append(f"witness {name} has not cosigned")
                continue
            there = ", ".join(m for m in group.members if m in reached) or "none"
            of = f"{group.needed} of {', '.join(group.members)}"
            lacking.append(f"group {name} needs {of}; there: {there}")
            waiting += [m for m in group.members if m in groups and m not in reached]
        return lacking

    def _reached(self, names: Collection[str]) -> set[str]:
        reached = {w.name for w in self.witnesses if w.verifier.name in names}
        for group in self.groups:
            if sum(member in reached for member in group.members) >= group.needed:
                reached.add(group.name)
        return reached


def parse_policy(text: bytes, *, where: str = "policy") -> Policy:
    """Return the policy in a file.

    Raises:
        BadInput: A line is not understood or names what is not defined before it, a name or key
            stands twice, or there is not exactly one quorum.
    """
    if len(text) > _BYTES_MAX:
        raise BadInput(where, f"has {len(text)} bytes, must be at most {_BYTES_MAX}")
    reader = _Reader()
    lines = text.split(b"\n")
    for number, line in enumerate(lines, 1):
        reader.at = f"{where}:{number}"
        if number == len(lines) and line:
            raise BadInput(reader.at, "line is torn, expected a newline at its end")
        reader.read(line)
    return reader.finished(where)


def format_policy(policy: Policy) -> bytes:
    """Return the one form in which we write a policy.

    Raises:
        BadInput: It is no policy that could be read again.
    """
    lines = [_line("log", log.verifier.vkey, log.url) for log in policy.logs]
    lines += [_line("witness", w.name, w.verifier.vkey, w.url) for w in policy.witnesses]
    lines += [_line("group", g.name, _threshold(g), *g.members) for g in policy.groups]
    lines.append(_line("quorum", policy.quorum))
    lines += [_line(f"# operator {o}:", *ws) for o, ws in policy.operators.items()]
    lines += [_line(f"# party {p}:", _given(given)) for p, given in policy.parties.items()]
    lines += [_line("# mission:", policy.mission)] if policy.mission else []
    text = "".join(lines).encode()
    if parse_policy(text) != policy:
        raise BadInput("policy", "reads as another one once written, expected names of one word")
    return text


class _Reader:
    """Reads a policy line by line; `at` names the line in errors."""

    def __init__(self) -> None:
        self.at = ""
        self._logs: list[KnownLog] = []
        self._log_keys: set[bytes] = set()
        self._witness_keys: set[bytes] = set()
        self._witness_names: set[str] = set()
        self._witnesses: dict[str, KnownWitness] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._quorum = ""
        self._operators: dict[str, tuple[str, ...]] = {}
        self._parties: dict[str, str | date] = {}
        self._mission = ""
        self._named_at: list[tuple[str, str]] = []  # witnesses in demands may be defined later
        self._kinds: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._read_quorum,
        }

    def read(self, raw: bytes) -> None:
        try:
            line = raw.decode()
        except UnicodeDecodeError as error:
            raise BadInput(self.at, f"not UTF-8 at byte {error.start}") from error
        if _REFUSED.search(line):
            raise BadInput(self.at, "line holds control characters, expected spaces and tabs only")
        line = line.strip(" \t")
        if line.startswith("#"):
            self._comment(" ".join(_SPACE.split(line[1:].strip(" \t"))))
        elif line:
            kind, *words = _SPACE.split(line)
            if kind not in self._kinds:
                problem = f"line begins with {kind[:40]!r}, expected {', '.join(self._kinds)} or #"
                raise BadInput(self.at, problem)
            self._kinds[kind](words)

    def finished(self, where: str) -> Policy:
        if not self._quorum:
            raise BadInput(where, "no quorum line, expected exactly one")
        for at, name in self._named_at:
            if name not in self._witnesses:
                raise BadInput(at, f"{name!r} is no witness, expected one that is defined")
        listed = Counter(name for names in self._operators.values() for name in names)
        for name, times in listed.items():
            if times > 1:
                raise BadInput(where, f"witness {name} stands {times} times under operators")
        return Policy(
            logs=tuple(self._logs),
            witnesses=tuple(self._witnesses.values()),
            groups=tuple(self._groups.values()),
            quorum=self._quorum,
            operators=self._operators,
            parties=self._parties,
            mission=self._mission,
        )

    def _log(self, words: list[str]) -> None:
        vkey, url = self._split(words, 1, "log VKEY [URL]")
        log = KnownLog(verifier=parse_vkey(vkey, where=self.at), url=url)
        if log.verifier.public in self._log_keys:
            raise BadInput(self.at, f"key of {log.verifier.name} stands twice, expected once")
        self._log_keys.add(log.verifier.public)
        self._logs.append(log)

    def _witness(self, words: list[str]) -> None:
        name, vkey, url = self._split(words, 2, "witness NAME VKEY [URL]")
        verifier = parse_witness_vkey(vkey, where=self.at)
        if verifier.public in self._witness_keys:
            raise BadInput(self.at, f"key of {name} stands twice, expected once")
        if verifier.name in self._witness_names:
            raise BadInput(self.at, f"two keys are named {verifier.name}, expected one")
        self._witness_keys.add(verifier.public)
        self._witness_names.add(verifier.name)
        self._witnesses[self._new(name)] = KnownWitness(name=name, verifier=verifier, url=url)

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:  # noqa: PLR2004 - name, threshold, member
            raise BadInput(self.at, "expected 'group NAME all|any|NUMBER MEMBER...'")
        name, threshold, *members = words
        for member in members:
            self._defined(member)
            if member in self._members:
                raise BadInput(self.at, f"{member} is a member already, expected once in all")
            self._members.add(member)
        needed = {"all": len(members), "any": 1}.get(threshold)
        if needed is None:
            needed = int(threshold) if _NUMBER.fullmatch(threshold) else 0
        if not 1 <= needed <= len(members):
            problem = f"threshold is {threshold[:20]!r}, expected all, any or 1 to {len(members)}"
            raise BadInput(self.at, problem)
        self._groups[self._new(name)] = Group(name=name, needed=needed, members=tuple(members))

    def _read_quorum(self, words: list[str]) -> None:
        if len(words) != 1 or self._quorum:
            raise BadInput(self.at, "expected one line 'quorum NAME' and one name in it")
        if words[0] != NO_QUORUM:
            self._defined(words[0])
        self._quorum = words[0]

    def _comment(self, text: str) -> None:
        if not _DEMAND.match(text):
            return
        if found := _OPERATOR.fullmatch(text):
            self._once(found[1], self._operators, "operator")
            self._operators[found[1]] = tuple(found[2].split(" "))
            self._named_at += [(self.at, name) for name in self._operators[found[1]]]
        elif found := _PARTY.fullmatch(text):
            self._once(found[1], self._parties, "party")
            self._parties[found[1]] = self._day(found[2]) if found[2] else found[3]
            self._named_at += [] if found[2] else [(self.at, found[3])]
        elif (found := _MISSION.fullmatch(text)) and not self._mission:
            self._mission = found[1]
        else:
            forms = "'operator NAME: WITNESS...', 'party NAME: WITNESS|offered DAY'"
            problem = f"comment is {text[:60]!r}, expected {forms} or one 'mission: OPERATOR'"
            raise BadInput(self.at, problem)

    def _split(self, words: list[str], n: int, form: str) -> list[str]:
        if len(words) not in {n, n + 1}:
            raise BadInput(self.at, f"{len(words)} words, expected '{form}'")
        return words if len(words) > n else [*words, ""]

    def _new(self, name: str) -> str:
        if name == NO_QUORUM or name in self._witnesses or name in self._groups:
            raise BadInput(self.at, f"name {name!r} is taken, expected another")
        return name

    def _defined(self, name: str) -> None:
        if name not in self._witnesses and name not in self._groups:
            raise BadInput(self.at, f"{name!r} is not defined, expected a name from a line above")

    def _once(self, name: str, there: Collection[str], kind: str) -> None:
        if name in there:
            raise BadInput(self.at, f"{kind} {name} stands twice, expected once")

    def _day(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise BadInput(self.at, f"day is {text!r} ({error}), expected YYYY-MM-DD") from error


def _line(*words: str) -> str:
    return " ".join(w for w in words if w) + "\n"


def _threshold(group: Group) -> str:
    if group.needed == 1:
        return "any"
    return "all" if group.needed == len(group.members) else str(group.needed)


def _given(given: str | date) -> str:
    return f"offered {given.isoformat()}" if isinstance(given, date) else given
