"""An act that is forbidden around a place while a window of silence is open, so that people work.

Windows are those of the logbook that every side asked has guaranteed, when all were asked whom the
text demands: from their start (or the last guarantee if later) to their end (or when they were
completed or cancelled, or a guarantee was taken back, if earlier); and a window of the agreement
that comes back every day, when the rule names it. A guarantee counts for sure once the log has it,
and its withdrawal once the log has that: in between they may count. What was struck from the
logbook, a window as a whole too, may count for what happened before that. Conditions are asked in
order; the first that does not hold settles the outcome.

1. The agreement is in force over the whole 95 % time interval of the incident: not at all gives
   `no_rule`, in part `indeterminate(time)`.
2. A window was surely open over the whole of it: none that may have been gives `no_rule`, in part
   or only by what was claimed `indeterminate(time)`. The trace names the window, both times of each
   act, and by which functions it was guaranteed; a guarantor is nobody who is responsible. Of
   several windows it is that in which the incident most likely lies.
3. P(inside): within the rule's radius, or the agreed one if smaller, of the window's place, both
   places with their errors, or in the zone of a daily window: at most `outside_p_max` gives
   `consistent`, less than `inside_p_min` or no position `indeterminate(location)`.
4. and on: as from condition 3 of `prohibited_act`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.agreement.force import Force, window
from trucewatch.assess._force import force, force_condition, unless
from trucewatch.assess._judge import Where, inside, judged
from trucewatch.assess._silence import overlaps, silences
from trucewatch.assess._trace import Condition
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical

if TYPE_CHECKING:
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known

EACH_ALONE = True
"""What is said of an incident does not hang on other incidents, but for exemptions that say so."""


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per incident that the version is set against.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`, in the order of the incidents. `inside_p` is null where no
        window was open.

    Raises `BadAgreement` when the rule does not forbid, or a daily window has no times.
    """
    in_force_over = window(version.agreement)
    columns = _nearest(known, rule, version).with_columns(
        force(known.facts.incidents, in_force_over)["force"]
    )
    of = f"the window, {rule.radius_m:g} m (less where so agreed) around its place, or its zone"
    restricted = any(
        version.agreement.zone(each.zone).restricted
        for each in version.agreement.provisions.windows
        if each.id == rule.window
    )
    asked = (force_condition(in_force_over), _open(), inside(rule, of, restricted=restricted))
    hide = ("inside_p",) if restricted else ()
    return judged(known, rule=rule, version=version, where=Where(columns, asked, hide=hide))


def _open() -> Condition:
    """Return whether a window was open then."""
    state = pl.col("open")
    return Condition(
        text="a window of silence was open over the whole time of the incident",
        value=pl.col("window"),
        holds=unless(state == str(Force.PARTLY), state == str(Force.YES)),
        refuted=Outcome.NO_RULE,
        unknown=Missing.TIME,
    )


def _nearest(known: Known, rule: Rule, version: Version) -> pl.DataFrame:
    """Return for each incident the window that it most likely lies in, and how likely.

    One that was surely open over the whole time comes before one that may have been, or was in
    part, unless the incident surely lies outside it.
    """
    count = len(known.facts.incidents)
    best, rank = np.full(count, -1), np.full(count, -1.0)
    inside_p, surely_open = np.full(count, np.nan), np.zeros(count, dtype=np.bool_)
    values = []
    for number, silence in enumerate(silences(known, rule, version)):
        values.append(canonical(silence.value).decode())
        may_be, _ = overlaps(known.facts.incidents, silence.may_be)
        _, surely = overlaps(known.facts.incidents, silence.sure)
        chance_p = np.nan_to_num(silence.inside_p, nan=1.0)  # without a place, it may be inside
        by = chance_p + 2 * (surely & (chance_p > rule.thresholds.outside_p_max))
        better = may_be & (by > rank)
        best[better], rank[better] = number, by[better]
        inside_p[better], surely_open[better] = silence.inside_p[better], surely[better]
    texts = pl.Series(["null", *values], dtype=pl.String)
    state = np.where(best < 0, 0, np.where(surely_open, 1, 2))
    states = pl.Series([str(Force.NO), str(Force.YES), str(Force.PARTLY)])
    return pl.DataFrame(
        {
            "window": texts.gather(best + 1),
            "open": states.gather(state),
            "inside_p": pl.Series(inside_p).fill_nan(None),
        }
    )
