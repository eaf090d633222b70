"""`tw calibrate`: are the errors that sensors declare the errors that they make?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.cli.printing import HomeArgument, JsonOption, print_json, say

if TYPE_CHECKING:
    from trucewatch.mission.calibrate import Calibration

PANEL = "Check"


def calibrate(home: HomeArgument, *, json: JsonOption = False) -> None:
    """Estimate by how much each sensor misstates its own errors; changes nothing.

    Put what you decide into mission.toml: it is sealed with the configuration, so that a scale
    never moves by itself.
    """
    from trucewatch.mission.calibrate import REPORTS_MIN
    from trucewatch.mission.calibrate import calibrate as estimate
    from trucewatch.mission.home import Home

    found = estimate(Home(home))
    if json:
        print_json(found)
        return
    say(f"{found.reports:,} precise reports; factors on the declared one-sigma errors, 95 %")
    if found.reports < REPORTS_MIN:
        say(f"too few to rely on: below {REPORTS_MIN:,}, do not change the configuration for this")
    for name, scale in found.scales.items():
        if scale.reason is not None:
            say(f"  {name:12} not estimated: {scale.reason}")
            continue
        space, time = (
            f"{part.ratio:.2f} ({part.ends[0]:.2f} to {part.ends[1]:.2f})"
            for part in (scale.space, scale.time)
        )
        say(f"  {name:12} space {space}  time {time}  from {scale.pairs:,} pairs")
        if name in found.in_use:
            now = found.in_use[name]
            say(f"  {'':12} in use {now[0]:g} and {now[1]:g}")
    _show_lines(found)


def _show_lines(found: Calibration) -> None:
    usable = {n: s for n, s in found.scales.items() if s.reason is None}
    if len(usable) == 1:
        say("This rests on one sensor's own repeats, which share their errors: do not use it.")
        return
    if usable:
        say("In mission.toml this would be:")
        say("[fusion.sigma_scale]")
    for name, scale in usable.items():
        say(f"{name} = [{scale.space.ratio:.2f}, {scale.time.ratio:.2f}]")


VERBS = (calibrate,)
