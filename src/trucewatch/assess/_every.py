"""Every rule of every version, set against everything that is known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.assess import kind, kinds
from trucewatch.assess._known import Known
from trucewatch.assess._under import under
from trucewatch.errors import BadAgreement
from trucewatch.records.table import ASSESSMENT, conform, empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.records.facts import Facts

ORDER = ("subject_kind", "subject", "rule", "agreement_version", "measured_from")
"""Columns by which assessments are sorted; together they name a row."""

_WITHIN = ("rule", "agreement_version", "measured_from")  # the order of rows of one subject

INCIDENT_KIND = "incident"
"""Kind of subject that an incident is."""

_THREADS = 2  # most time is spent outside the interpreter; the design names a machine of 2 cores


def every_rule(facts: Facts, versions: Sequence[Version]) -> pl.DataFrame:
    """Return what `assess` returns."""
    refuse_unknown_kinds(versions)
    known = Known(facts, versions)
    return in_order(checked(known, rules_of(versions)), known.facts.incidents)


def refuse_unknown_kinds(versions: Sequence[Version]) -> None:
    """Refuse a rule that no module checks.

    Raises:
        BadAgreement: There is one.
    """
    possible = kinds()
    for version in versions:
        for rule in version.agreement.rules:
            if rule.kind not in possible:
                problem = f"kind is {rule.kind!r}, must be one of: {', '.join(possible)}"
                where = f"{version.agreement.id}: rule {rule.id}"
                raise BadAgreement(where, problem)


def rules_of(versions: Sequence[Version]) -> list[tuple[Version, Rule]]:
    """Return every rule with its version, sorted by rule and then version."""
    found = [(version, rule) for version in versions for rule in version.agreement.rules]
    return sorted(found, key=lambda each: (each[1].id, each[0].agreement.version))


def checked(known: Known, rules: Sequence[tuple[Version, Rule]]) -> list[pl.DataFrame]:
    """Return the assessments of each rule, of subjects that its version is set against."""
    loaded = {rule.kind: kind(rule.kind) for _, rule in rules}

    def check(version: Version, rule: Rule) -> pl.DataFrame:
        found = loaded[rule.kind].check(known, rule=rule, version=version)
        if len(known.versions) <= 1:
            return found
        kept = under(found, known.versions, as_of=known.facts.as_of)
        return found.filter(kept[known.versions.index(version)])

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(lambda each: check(*each), rules))


def in_order(tables: Sequence[pl.DataFrame], incidents: pl.DataFrame) -> pl.DataFrame:
    """Return assessments as one table, sorted by `ORDER`.

    Args:
        tables: See `checked`.
        incidents: `records.table.INCIDENT`, sorted by id.
    """
    of_incidents = pl.col("subject_kind") == INCIDENT_KIND
    many = [each.filter(of_incidents) for each in tables]
    few = pl.concat([empty(ASSESSMENT), *(each.filter(~of_incidents) for each in tables)])
    few = conform(few, ASSESSMENT).sort(ORDER)
    before = few.filter(pl.col("subject_kind") < INCIDENT_KIND)
    after = few.filter(pl.col("subject_kind") > INCIDENT_KIND)
    return pl.concat([before, _woven(many, incidents.select(subject="id")), after])


def _woven(tables: list[pl.DataFrame], incidents: pl.DataFrame) -> pl.DataFrame:
    """Return assessments of incidents, sorted.

    Sorting millions of rows by text is slow, so rows are put in order by number: the place of the
    incident, then that of the rule. What names a row follows from that number, so it is not moved.
    Columns are moved one by one, so that memory holds all of them but once, and what is the same in
    all rows is kept as one value: to fill memory with it takes longer than to work it out.
    """
    if not tables:
        return empty(ASSESSMENT)
    rules = pl.concat([table.select(_WITHIN).unique() for table in tables]).unique().sort(_WITHIN)
    places = [
        _places(table.select("subject"), incidents) * len(rules)
        + _places(table.select(_WITHIN), rules)
        for table in tables
    ]
    keys = pl.concat(places)
    order = keys.arg_sort()
    keys = keys.gather(order)
    columns = {"subject": incidents["subject"].gather(keys // len(rules))}
    one = {"subject_kind": INCIDENT_KIND}
    for name in _WITHIN:
        values = rules[name].cast(ASSESSMENT[name])
        if values.n_unique() == 1:
            one[name] = values[0]
        else:
            columns[name] = values.gather(keys % len(rules))
    tables = [table.drop("subject_kind", "subject", *_WITHIN) for table in tables]
    for name in tables[0].columns:
        parts = [table[name].cast(ASSESSMENT[name]) for table in tables]
        tables = [table.drop(name) for table in tables]
        same = pl.concat([part.head(1) for part in parts]).unique()
        if len(same) == 1 and all(part.eq_missing(same).all() for part in parts):
            one[name] = same[0]
        else:  # in one piece: to take rows from many pieces needs far more memory
            columns[name] = pl.concat(parts, rechunk=True).gather(order)
    literals = [pl.lit(value, dtype=ASSESSMENT[name]).alias(name) for name, value in one.items()]
    return pl.DataFrame(columns).with_columns(literals).select(*ASSESSMENT)


def _places(rows: pl.DataFrame, sorted_rows: pl.DataFrame) -> pl.Series:
    """Return the place of each row among others that are sorted and hold it once."""
    if len(sorted_rows) == 1:
        return pl.Series([0], dtype=pl.UInt64).new_from_index(0, len(rows))
    if rows.equals(sorted_rows):
        return pl.int_range(len(rows), dtype=pl.UInt64, eager=True)
    found = sorted_rows.with_row_index("place")
    joined = rows.join(found, on=rows.columns, how="left", maintain_order="left")
    return joined["place"].cast(pl.UInt64)
