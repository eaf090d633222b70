"""Set incidents against the rules of an agreement: what software may say, and why.

One module per kind of rule, found by its file name; modules with a leading underscore are none. A
new kind is one file here and one folder of samples under `tests/assess/samples/`; nothing else is
edited. The module has a function `check` with the signature of `RuleKind.check`.

An assessment sorts incidents for people. It never names a party and is never a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule


class RuleKind(Protocol):
    """What a module of this folder offers."""

    def check(
        self, incidents: pl.DataFrame, *, rule: Rule, agreement: Agreement, agreement_object: str
    ) -> pl.DataFrame:
        """Return one assessment per incident.

        Args:
            incidents: `records.table.INCIDENT`, any order.
            rule: A rule of this kind.
            agreement: The agreement that it is in.
            agreement_object: SHA-256 of the sealed agreement, lowercase hex.

        Returns:
            `records.table.ASSESSMENT`, in the order of the incidents.
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


def assess(incidents: pl.DataFrame, *, agreement: Agreement, agreement_object: str) -> pl.DataFrame:
    """Return every incident set against every rule of an agreement.

    Args:
        incidents: `records.table.INCIDENT`, any order, each id once.
        agreement: The agreement, in force or not.
        agreement_object: SHA-256 of the sealed agreement, lowercase hex.

    Returns:
        `records.table.ASSESSMENT`, one row per incident and rule, sorted by incident, then rule.

    Raises:
        BadAgreement: A rule is of a kind that software cannot check.
    """
    import polars as pl

    from trucewatch.errors import BadAgreement
    from trucewatch.records.table import ASSESSMENT, conform, empty

    for rule in agreement.rules:
        if rule.kind not in kinds():
            problem = f"kind is {rule.kind!r}, must be one of: {', '.join(kinds())}"
            where = f"{agreement.id}: rule {rule.id}"
            raise BadAgreement(where, problem)
    tables = [
        kind(rule.kind).check(
            incidents, rule=rule, agreement=agreement, agreement_object=agreement_object
        )
        for rule in agreement.rules
    ]
    return conform(pl.concat([empty(ASSESSMENT), *tables]), ASSESSMENT).sort("incident", "rule")
