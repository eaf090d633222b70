"""Set what happened, stood or was owed against the rules of an agreement, and say why.

One module per kind of rule, found by its file name; modules with a leading underscore are none. A
new kind is one file here, one line in `agreement.kinds` and one folder of samples under
`tests/assess/samples/`. The module has a function `check` with the signature of `RuleKind.check`.

An assessment sorts subjects for people. It never names a party and is never a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known
    from trucewatch.records.facts import Facts


class RuleKind(Protocol):
    """What a module of this folder offers."""

    def check(self, known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
        """Return the assessments of a rule: one row per subject, and per line measured from.

        Args:
            known: Everything that is known; see `_known.Known`.
            rule: A rule of this kind.
            version: The version of the agreement that it is in.

        Returns:
            `records.table.ASSESSMENT`, in any order. Rows of subjects that belong under another
            version may be among them; `assess` leaves them out.
        """
        ...


def kinds() -> tuple[str, ...]:
    """Return the kinds of rule that software can check, sorted, without loading them."""
    import pkgutil

    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in names if not name.startswith("_")))


def kind(name: str) -> RuleKind:
    """Return the module that checks rules of a kind.

    Raises:
        NotFound: There is no such kind.
    """
    import importlib

    from trucewatch.errors import NotFound

    if name not in kinds():
        problem = f"kind of rule is {name!r}, must be one of: {', '.join(kinds())}"
        raise NotFound("assess", problem)
    return cast("RuleKind", importlib.import_module(f"{__name__}.{name}"))


def assess(facts: Facts, *, versions: Sequence[Version]) -> pl.DataFrame:
    """Return everything that is known set against every rule of an agreement.

    Each subject is set against every version that was in force at some time of it; against the
    latest before it when none was, or the first when it came before all. A version that is tried
    out (`what_if`) is set against everything.

    Args:
        facts: What is known; each incident id once.
        versions: Versions of one agreement, in order; see `agreement.version.successive`.

    Returns:
        `records.table.ASSESSMENT`, sorted by `subject_kind`, `subject`, `rule`,
        `agreement_version` and `measured_from`.

    Raises `BadAgreement` for a rule of a kind that software cannot check.
    """
    from trucewatch.assess._every import every_rule

    return every_rule(facts, versions)


def assess_again(
    facts: Facts, *, versions: Sequence[Version], before: Facts, assessed: pl.DataFrame
) -> pl.DataFrame:
    """Return what `assess` returns, taking over what cannot have changed.

    Args:
        facts: What is known now.
        versions: See `assess`.
        before: What was known when it was assessed before.
        assessed: What `assess` returned then, for versions of the same agreement.

    Raises `BadAgreement` as `assess` does.
    """
    from trucewatch.assess._again import only_what_changed

    return only_what_changed(facts, versions, before, assessed)
