"""An act that is forbidden in a zone, such as fire in a security zone.

Conditions are asked in order; the first that does not hold settles the outcome, and what was found
is listed in the trace up to there. Nobody's side is looked at, so the answer cannot hang on it.

1. The agreement is in force, and the zone valid, over the whole 95 % time interval of the incident:
   not at all gives `no_rule`, in part `indeterminate(time)`.
2. P(inside the zone): at most `outside_p_max` gives `consistent`, less than `inside_p_min` or no
   position `indeterminate(location)`.
3. Every term that the rule rests on is defined: else `indeterminate(definition)`.
4. P(another act) is at most `act_p_on_its_face`: else `consistent`.
5. P(act of the rule) is at least `act_p_potential`: else `indeterminate(weapon)`.
6. No exemption of the rule applies: else `exempt`. Asked only of a rule with exemptions; what each
   of them asked, and what was found, is in the trace.
7. to 9. P(act of the rule), independent sources and P(real) suffice for a `breach_on_its_face`:
   else `potential_breach`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.assess._judge import in_zone, judged

if TYPE_CHECKING:
    import polars as pl

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
        `records.table.ASSESSMENT`, in the order of the incidents. `inside_p` is given whether or
        not the agreement is in force, and null without a position.

    Raises `BadAgreement` when the rule does not forbid.
    """
    return judged(known, rule=rule, version=version, where=in_zone(known, rule, version))
