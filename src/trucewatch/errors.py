"""Every exception that trucewatch raises on purpose.

TruceWatchError
├── BadInput          a file, row or argument from outside could not be read
├── BadAgreement      an agreement contradicts itself or its schema
├── BadRegister       a register of commitments contradicts itself or its schema
├── BadMission        a mission folder or its mission.toml cannot be used
├── EvidenceBroken    a hash, signature, proof or structure does not match
├── LogRefused        the log may not be written now (held by another, unsafe SQLite)
├── NotAllowed        somebody asks for what their role may not see or do
├── NotFound          an id that nobody knows
├── NotReleasable     the public level may not see this yet
└── UnknownStatement  a statement type that this version cannot read

Messages read *where: what was wrong, what was expected*. `advice` is for people, apart from it.
"""

from __future__ import annotations


class TruceWatchError(Exception):
    """Base of all errors that a caller is expected to handle.

    Args:
        where: File, row, field, entry or command that the message is about.
        problem: What was found and what was expected, both values, no full stop.
        advice: What a person could do about it, if there is anything.

    Attributes:
        exit_code: What the command line exits with: 1 the answer is no, 2 bad usage or input.
    """

    exit_code = 2

    def __init__(self, where: str, problem: str, *, advice: str = "") -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem
        self.advice = advice


class BadInput(TruceWatchError):  # noqa: N818 - reads as a sentence at the raise
    """A file, row or argument from outside could not be read."""


class BadAgreement(TruceWatchError):  # noqa: N818
    """An agreement contradicts itself or its schema."""


class BadRegister(TruceWatchError):  # noqa: N818
    """A register of commitments contradicts itself or its schema."""


class BadMission(TruceWatchError):  # noqa: N818
    """A mission folder or its mission.toml cannot be used."""


class EvidenceBroken(TruceWatchError):  # noqa: N818
    """A hash, signature, proof or structure does not match."""

    exit_code = 1


class LogRefused(TruceWatchError):  # noqa: N818
    """The log may not be written now: another process holds it, or SQLite is unsafe."""


class NotAllowed(TruceWatchError):  # noqa: N818
    """Somebody asks for what their role may not see or do."""

    exit_code = 1


class NotFound(TruceWatchError):  # noqa: N818
    """An id that nobody knows."""


class NotReleasable(TruceWatchError):  # noqa: N818
    """The public level may not see this yet."""

    exit_code = 1


class UnknownStatement(TruceWatchError):  # noqa: N818
    """A statement type that this version cannot read; it is preserved, and a rebuild stops."""

    exit_code = 1
