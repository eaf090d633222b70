"""How likely an incident was one of a rule's acts, another act, or left unsaid."""

from __future__ import annotations

import polars as pl

from trucewatch.agreement.sign import may_be
from trucewatch.assess._trace import DECIMALS
from trucewatch.errors import BadInput
from trucewatch.records.happening import HAPPENINGS

_SUM_TOLERANCE = 1e-6  # class probabilities come as decimal text
_VAGUE = ("explosion_undetermined",)  # an act, but it leaves open which


def class_shares(incidents: pl.DataFrame) -> pl.DataFrame:
    """Return the class probabilities of each incident as numbers.

    Args:
        incidents: `records.table.INCIDENT`; `class_p` is JSON of `HAPPENINGS` to probability.

    Returns:
        One column per kind of `HAPPENINGS`, in the order of the incidents; 0 for a kind that is not
        named.

    Raises:
        BadInput: Class probabilities that are no JSON object, name an unknown kind, lie outside
            0 to 1, or do not sum to 1.
    """
    layout = pl.Struct(dict.fromkeys(HAPPENINGS, pl.Float64()))
    try:
        shares = incidents["class_p"].str.json_decode(layout).struct.unnest().fill_null(0.0)
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        raise BadInput("class_p", f"not JSON of kinds ({first}), must be an object") from error
    _check(incidents, shares)
    return shares


def act_share_p(shares: pl.DataFrame, acts: tuple[str, ...]) -> pl.DataFrame:
    """Return how the class probabilities of each incident divide over a rule's acts.

    A kind that is nobody's act (damage, casualties, a thermal anomaly) does not say what was done,
    so it can neither meet nor exclude an act; neither can an undetermined explosion that the rule
    does not list. What was seen or heard does not exclude the weapon that it may be the sign of,
    nor the weapon the sign: an impact meets no rule on air strikes alone, and clears nobody of one.

    Args:
        shares: See `class_shares`.
        acts: Kinds that the rule speaks of.

    Returns:
        Columns `act_p` (one of them) and `other_p` (surely another act), each rounded to
        `DECIMALS`, in the order of the incidents. What is left to 1 is unsaid.
    """
    other = [
        name
        for name, happening in HAPPENINGS.items()
        if happening.act and name not in _VAGUE and not any(may_be(name, act) for act in acts)
    ]
    return shares.select(
        _sum(sorted(acts)).round(DECIMALS).alias("act_p"),
        _sum(other).round(DECIMALS).alias("other_p"),
    )


def _sum(names: list[str]) -> pl.Expr:
    """Return the sum of columns, of which there may be none."""
    return pl.sum_horizontal(pl.lit(0.0), *names)


def _check(incidents: pl.DataFrame, shares: pl.DataFrame) -> None:
    """Refuse what is no probability distribution over known kinds.

    Raises:
        BadInput: See `class_shares`.
    """
    sums = shares.select(
        pl.sum_horizontal(pl.all()).alias("sum_p"),
        pl.min_horizontal(pl.all()).alias("least_p"),
    )
    far = (pl.col("sum_p") - 1).abs() > _SUM_TOLERANCE
    bad = sums.with_columns(incidents["id"]).filter(far | (pl.col("least_p") < 0)).head(1)
    for incident, sum_p in bad.select("id", "sum_p").iter_rows():
        problem = f"probabilities of known kinds sum to {sum_p:g}, must be 0 to 1 each and sum to 1"
        where = f"incident {incident}: class_p"
        raise BadInput(where, problem)
