"""One thing that the linter noticed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a lawyer should look at; it is no error.

    Attributes:
        code: Stable name of the check, such as `no-counting-rule`.
        where: What it is about, such as `rule R01`.
        text: What was found and what follows from it.
    """

    code: str
    where: str
    text: str
