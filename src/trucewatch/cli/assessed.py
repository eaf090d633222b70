"""How an assessment, and a record of the logbook, is shown."""

from __future__ import annotations

from json import dumps as json_text
from typing import TYPE_CHECKING

from trucewatch.cli.printing import counted, print_json, say

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.explain_record import RecordExplained, StepShown
    from trucewatch.mission.silence_kept import Broken

_NEARLY_SURE_P = 0.999


def chance(chance_p: float) -> str:
    """Return a probability for people: three decimals, and never a false certainty."""
    if chance_p > _NEARLY_SURE_P:
        return f"over {_NEARLY_SURE_P}"
    return (
        f"{chance_p:.3f}" if chance_p >= 1 - _NEARLY_SURE_P else f"under {1 - _NEARLY_SURE_P:.3f}"
    )


def show_assessment(a: dict[str, object]) -> None:
    """Print an assessment with its trace, condition by condition."""
    why = f" ({a['why']})" if a["why"] else ""
    inside = "" if a["inside_p"] is None else f"; P(inside) {chance(float(str(a['inside_p'])))}"
    measured = f"; measured from {a['measured_from']}" if a["measured_from"] else ""
    say(f"  rule {a['rule']}: {a['outcome']}{why}{inside}{measured}")
    say(f"    agreement {str(a['agreement'])[:12]}, version {a['agreement_version']}")
    trace = a["trace"]
    for step in trace if isinstance(trace, list) else []:
        _show_condition(step, indent=4)


def _show_condition(step: dict[str, object], *, indent: int) -> None:
    """Print one condition; those of an exemption stand below the one that they make."""
    holds = {True: "yes", False: "no"}.get(step["holds"], "unknown")  # type: ignore[call-overload]
    value = step["value"]
    nested = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    within = nested and all("condition" in each for each in nested)
    shown = "" if within else f": {value_words(value)}"
    say(f"{' ' * indent}{holds:7} {step['condition']}{shown}")
    for each in nested if within else []:
        _show_condition(each, indent=indent + 4)


def value_words(value: object) -> str:
    """Return what was found, for people.

    Example:
        >>> value_words({"from": "2030-09-01T00:00:00.000000Z", "until": None, "of": [1, 2]})
        'from 2030-09-01T00:00:00.000000Z, until none, of 1, 2'
    """
    if isinstance(value, dict):
        return ", ".join(f"{str(k).replace('_', ' ')} {value_words(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(value_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def show_record(home: Path, asked: str, *, json: bool) -> None:
    """Print a record of the logbook, act by act, with what was made of it."""
    from trucewatch.mission.explain_record import explain_record
    from trucewatch.mission.home import Home

    found = explain_record(Home(home), asked)
    if json:
        print_json(found)
        return
    say(f"{found.id}{f' is {found.state}' if found.state else ''}")
    if found.summary:
        say(f"  what   {found.summary}")
        say(f"  when   {found.start} to {found.end or 'now: it lasts'}")
    for step in found.steps:
        _show_step(step)
    for each in found.broken:
        _show_broken(each)
    for a in found.assessments:
        show_assessment(a)
    _show_proof(found)


def _show_step(step: StepShown) -> None:
    struck = "" if step.voided_by is None else f"VOIDED by entry {step.voided_by}: "
    told = f"{step.act} at {step.at}, by {step.by}; logged {step.logged_at}"
    say(f"  {struck}entry {step.entry}: {told}")
    for name, value in step.detail.items():
        if value not in (None, [], {}):
            say(f"    {name:15} {value if isinstance(value, str) else json_text(value)}")
    for each in step.objects:
        say(f"    object          {each}")
    if step.note:
        say(f"    note            {step.note}")


def _show_broken(each: Broken) -> None:
    why = f" ({each.why})" if each.why else ""
    say(f"  ALERT  {each.incident} in this window; rule {each.rule}: {each.outcome}{why}")
    say(f"    guaranteed by {', '.join(each.guarantors) or 'nobody'}")
    say(f"    hotline: {', '.join(each.calls) or 'no call logged yet'}")


def _show_proof(found: RecordExplained) -> None:
    if found.steps:
        good = sum(step.proven for step in found.steps)
        say(f"  {good} of {counted(len(found.steps), 'act')} proven to be in the log")
    say(f"  of {found.checkpoint_size} entries, root {found.checkpoint_root}")
    say("  Proven means unchanged since sealing; it does not mean true.")
