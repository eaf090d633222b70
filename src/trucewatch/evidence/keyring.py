"""Who may sign what, entry by entry: the keys that a log's own statements admit and withdraw.

The first `configured` statement lists the desk's keys. Each `enrolled/v1` after it, signed by a key
that may, admits another key for some types of statement, or withdraws one. A key is good from the
entry after the one that admits it up to the one that withdraws it, and never outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.statement import (
    BATCH,
    CONFIGURED,
    ENROLLED,
    open_configured,
    open_envelope,
    parse_envelope,
)
from trucewatch.records.enrolment import EVERYTHING, Enrolment, Holder, read_enrolment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.evidence.statement import Statement


class Keyring:
    """The keys that may sign, after the statements that it was shown, in the order of the log."""

    def __init__(self) -> None:
        self._good: dict[str, Enrolment] = {}
        self._ever: dict[str, bytes] = {}
        self._withdrawn: dict[str, Enrolment] = {}

    @property
    def founded(self) -> bool:
        """Whether it has seen the first `configured` statement."""
        return bool(self._ever)

    @property
    def good(self) -> Mapping[str, Enrolment]:
        """What may sign now, by key id."""
        return self._good

    @property
    def withdrawn(self) -> Mapping[str, Enrolment]:
        """The withdrawal of each key that was admitted once and is not good now, by key id."""
        return self._withdrawn

    @property
    def ever(self) -> Mapping[str, bytes]:
        """Raw public key of everything that could sign at some time, by key id."""
        return self._ever

    def named(self, name: str) -> Enrolment | None:
        """Return the newest good key of a device, person or desk by name, if it has one."""
        found = [each for each in self._good.values() if each.name == name]
        return max(found, key=lambda each: each.entry, default=None)

    def open(self, index: int, kind: str, data: bytes) -> Statement:
        """Return the statement in an entry, once its signature and right to sign were verified.

        Args:
            index: Index of the entry; later than every one shown before.
            kind: Type of the entry, such as `statement/published/v1`.
            data: The envelope.

        Raises:
            EvidenceBroken: No `configured` statement came before; or signed by a key that may not
                sign this here; or the statement is of another type than its entry says.
        """
        where = f"entry {index}"
        if not self.founded:
            if kind != CONFIGURED:
                problem = f"first {CONFIGURED} is not at hand, expected it: it lists who may sign"
                raise EvidenceBroken(where, problem)
            statement, keys = open_configured(data, where=where)
            self._found(keys, index)
        else:
            statement = self._opened(data, where)
        if kind != STATEMENT_PREFIX + statement.type:
            problem = f"statement is {statement.type}, its entry says {kind}"
            raise EvidenceBroken(where, problem)
        if statement.type == ENROLLED:
            self._enrol(read_enrolment(statement.predicate, entry=index), statement, where)
        return statement

    def _opened(self, data: bytes, where: str) -> Statement:
        keyid = parse_envelope(data, where=where).keyid
        if keyid in self._withdrawn:
            problem = f"signed by key {keyid}, withdrawn by entry {self._withdrawn[keyid].entry}"
            raise EvidenceBroken(where, f"{problem}, expected one that is good here")
        holder = self._good.get(keyid)
        if holder is None:
            known = ", ".join(sorted(self._good)) or "none"
            raise EvidenceBroken(where, f"signed by key {keyid}, expected one of {known}")
        statement = open_envelope(data, {keyid: holder.public}, where=where)
        may = EVERYTHING in holder.may and statement.type != BATCH
        if not may and statement.type not in holder.may:
            problem = f"{statement.type} is signed by {holder.kind} {holder.name}"
            raise EvidenceBroken(where, f"{problem}, which may sign {', '.join(holder.may)}")
        return statement

    def _found(self, keys: Mapping[str, bytes], index: int) -> None:
        for number, (keyid, public) in enumerate(keys.items()):
            self._ever[keyid] = public
            self._good[keyid] = Enrolment(
                revoked=False,
                kind=Holder.DESK,
                name="desk" if number == 0 else f"desk-{number + 1}",
                public=public,
                may=(EVERYTHING,),
                sensor="",
                since=None,
                entry=index,
            )

    def _enrol(self, new: Enrolment, statement: Statement, where: str) -> None:
        if [subject.sha256 for subject in statement.subjects] != [new.keyid]:
            raise EvidenceBroken(where, f"subject is another key, expected {new.keyid} alone")
        if new.revoked:
            old = self._good.get(new.keyid)
            if old is None or (old.kind, old.name) != (new.kind, new.name):
                problem = f"withdraws {new.kind} {new.name}, key {new.keyid}"
                raise EvidenceBroken(where, f"{problem}, expected one that is good here")
            if new.kind is Holder.DESK and len(self._desks()) == 1:
                raise EvidenceBroken(where, "withdraws the last desk, expected one to remain")
            del self._good[new.keyid]
            self._withdrawn[new.keyid] = new
            return
        if new.keyid in self._ever:
            raise EvidenceBroken(where, f"admits key {new.keyid}, which was admitted before")
        self._ever[new.keyid] = new.public
        self._good[new.keyid] = new

    def _desks(self) -> list[Enrolment]:
        return [each for each in self._good.values() if each.kind is Holder.DESK]
