"""`tw warning`: whether signs have told of escalations before, and only then what they say now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.cli.printing import HomeArgument, JsonOption, print_json, say

if TYPE_CHECKING:
    from trucewatch.measure.warning.warned import Share, Warned
    from trucewatch.mission.warning import Ahead

PANEL = "Measure"


def warning(home: HomeArgument, *, json: JsonOption = False) -> None:
    """Say what precursors tell ahead, or why nothing is said; silent unless it beats a guess."""
    from trucewatch.mission.home import Home
    from trucewatch.mission.warning import warning as told

    found = told(Home(home))
    if json:
        print_json(found)
        return
    for line in lines(found):
        say(line)


def lines(found: Ahead) -> list[str]:
    """Return what is said ahead, in words."""
    told = [f"{found.days} days from {found.since:%Y-%m-%d}"]
    told.append(
        "exposure: hours covered, as declared"
        if found.covered
        else "coverage unknown: each day counts alike, whatever could be seen"
    )
    if found.bound_per_h is not None:
        told.append(
            f"in trouble above {1000 * found.bound_per_h:g} incidents per 1,000 hours: "
            f"{found.in_trouble} days, the last day {'too' if found.now else 'not'}"
        )
    if found.counts:
        told.append(", ".join(f"{number} {name}" for name, number in found.counts.items()))
    if found.why:
        told.append(f"silent: cannot tell, {found.why}")
    for each in found.leads:
        told += _lead(each)
    return told


def _lead(each: Warned) -> list[str]:
    ahead = f"{each.lead_d} days ahead" if each.lead_d > 1 else "1 day ahead"
    if not each.speaks:
        told = [f"{ahead}: silent, {each.why}"]
    elif each.chance_p is None:
        told = [f"{ahead}: an escalation has begun, nothing is asked"]
    else:
        told = [f"{ahead}: P(an escalation begins) {each.chance_p:.2f}"]
    if each.judged:
        told.append(
            f"  over {each.judged} days with {each.onsets} escalations: "
            f"precision {_share(each.precision)}, recall {_share(each.recall)}"
        )
    if each.better_mean is not None and each.better_low_mean is not None:
        told.append(
            f"  squared error less than that of the naive guess by {each.better_mean:.4f}, "
            f"surely by {each.better_low_mean:.4f}"
        )
    return told


def _share(share: Share) -> str:
    if share.value_p is None:
        return "cannot tell (no warning)"
    return f"{share.value_p:.2f} (90 % {share.low_p:.2f} to {share.high_p:.2f}, of {share.of})"


VERBS = (warning,)
