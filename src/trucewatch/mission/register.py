"""The register in the log: which files were loaded, and the register that they make together.

A file is one object at level CLEAR, `register/claims/v1`, and one signed statement that cites it.
The first file is a register, each later one `extends` it. Nothing is ever taken back: a claim that
was wrong is superseded by a later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken, NotFound
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.log import Log
from trucewatch.evidence.statement import REGISTERED
from trucewatch.mission.configuration import opened_statements
from trucewatch.mission.logbook import size_at
from trucewatch.records.registered import read_registered
from trucewatch.register.before import before
from trucewatch.register.parse import extend, parse

if TYPE_CHECKING:
    from datetime import date, datetime

    from trucewatch.evidence.statement import Statement
    from trucewatch.mission.home import Home
    from trucewatch.records.claims.register import Register
    from trucewatch.records.registered import Registered

CLAIMS_TYPE = "register/claims/v1"
"""Entry type of a file of claims."""

REGISTERED_TYPE = STATEMENT_PREFIX + REGISTERED
"""Entry type of the statement that makes such a file part of the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A file of the register.

    Attributes:
        said: What its statement says; its entry is that of the statement.
        object: SHA-256 of the file, hex.
        file: Entry of the file.
        name: What the file was called: a label, not evidence.
        keyid: Key that signed the statement.
        logged_at: When the log acknowledged the statement.
    """

    said: Registered
    object: str
    file: int
    name: str
    keyid: str
    logged_at: datetime


def register_files(log: Log, size: int) -> tuple[RegisterFile, ...]:
    """Return the files of the register in the first `size` entries, in order, each verified."""
    found = opened_statements(log, size, {REGISTERED_TYPE})[1]
    return tuple(_file(log, index, statement) for index, statement in found)


def register_of(log: Log, size: int) -> Register:
    """Return the register that the first `size` entries hold, all files joined in log order.

    Args:
        log: The log of a mission.
        size: Entries that count.

    Raises:
        NotFound: They hold none.
    """
    files = register_files(log, size)
    if not files:
        problem = f"none was loaded in the first {size} entries, expected one"
        raise NotFound("register", problem, advice="Load one with: tw register load HOME NAME")
    return joined(tuple((each.said, log.object(each.object)) for each in files))


def register_at(home: Home, *, as_of: datetime | None, day: date | None = None) -> Register:
    """Return the register as the log has it, or as the log had it at an instant.

    Args:
        home: The mission.
        as_of: The instant, or None for now.
        day: Leave out what was said or published on this day or after it, when it is given.
    """
    with Log.open(home.expect().path) as log:
        register = register_of(log, log.size if as_of is None else size_at(log, as_of))
    return register if day is None else before(register, day)


@lru_cache(maxsize=8)
def joined(files: tuple[tuple[Registered, bytes], ...]) -> Register:
    """Return the register of some files, in their order.

    A file that is not in the format is refused (`BadRegister`), named by the entry of its
    statement.

    Args:
        files: What the statement of each says, and its bytes; at least one.

    Raises:
        EvidenceBroken: A statement names another register than its file does.
    """
    (first, raw), *more = files
    register = parse(raw, name=f"entry {first.entry}")
    for said, added in more:
        register = extend(register, added, name=f"entry {said.entry}")
    for said, _ in files:
        if said.register != register.id:
            where = f"entry {said.entry}"
            problem = f"register is {said.register}, expected {register.id} as in the file"
            raise EvidenceBroken(where, problem)
    return register


def _file(log: Log, index: int, statement: Statement) -> RegisterFile:
    """Return a file of the register.

    Raises:
        EvidenceBroken: The statement is not of its form, or not about one file of claims.
    """
    try:
        said = read_registered(statement.predicate, entry=index)
    except BadInput as error:  # it was readable when it was sealed
        raise EvidenceBroken(error.where, error.problem) from error
    sealed = [log.index_of(each.sha256, CLAIMS_TYPE) for each in statement.subjects]
    file = sealed[0] if len(sealed) == 1 else None
    if file is None or file > index:
        where, problem = f"entry {index}", f"is about {len(sealed)} objects"
        raise EvidenceBroken(where, f"{problem}, expected one {CLAIMS_TYPE} before it")
    object_ = statement.subjects[0].sha256
    return RegisterFile(
        said=said,
        object=object_,
        file=file,
        name=next(iter(log.labels(object_)), object_[:12]),
        keyid=statement.keyid,
        logged_at=log.entry(index).logged_at,
    )
