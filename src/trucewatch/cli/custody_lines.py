"""What `tw custody` shows: chains in plain words, and what files claim, as claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.cli.printing import say
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.evidence.custody import Step
    from trucewatch.evidence.intake.inspect import Facts
    from trucewatch.mission.chain import Chain
    from trucewatch.records.canonical import Json


def show_chain(found: Chain) -> None:
    """Print an object, what was said of it, and its chain."""
    say(f"object     {found.object}")
    for index, entry in found.sealed.items():
        say(f"sealed as  {entry.type}, entry {index}, {entry.size:,} bytes, {entry.level}")
    holder = found.custodian if found.erased is None else f"nobody: erased by entry {found.erased}"
    say(f"custodian  {holder}")
    if found.offer is not None:
        given = found.offer.custody
        say(f"offered    to {given.detail['to']} by entry {given.entry}, not accepted yet")
    for each in found.assertions:
        say(f"assertion  {each.provider} concludes: {each.conclusion} (entry {each.entry})")
        say(f"           rests on what {each.held_by} holds; allowed: {each.control}")
        say("           nobody else can check it: no finding may rest on this alone")
    for mark in found.marks:
        say(f"speaks for {mark.party}: {mark.reason} (entry {mark.entry}, {mark.by})")
    for step in found.steps:
        _show_step(step)


def _show_step(step: Step) -> None:
    logged = instant_text(step.logged_at)
    if step.acted is None:
        say(f"entry {step.entry}  {step.act}, as this entry shows")
    else:
        said = step.acted.custody
        detail = "".join(f", {name} {text}" for name, text in said.detail.items())
        say(f"entry {step.entry}  {step.act} by {said.by}{detail}")
        say(f"  reason   {said.reason}")
        say(f"  claimed  {instant_text(said.at)}")
    say(f"  logged   {logged}")
    signer = "" if step.acted is None else f", signed by {step.acted.signer}"
    say(f"  with     {step.custodian}{signer}")


def chain_json(found: Chain) -> dict[str, object]:
    """Return the same as JSON holds it."""
    offer = None if found.offer is None else found.offer.custody
    return {
        "object": found.object,
        "sealed": [
            {"entry": i, "type": e.type, "size": e.size, "level": e.level, "at": e.logged_at}
            for i, e in found.sealed.items()
        ],
        "custodian": found.custodian,
        "offered": None if offer is None else {"entry": offer.entry, **offer.detail},
        "erased": found.erased,
        "steps": [_step_json(step) for step in found.steps],
        "assertions": found.assertions,
        "marks": found.marks,
    }


def _step_json(step: Step) -> dict[str, object]:
    plain: dict[str, object] = {
        "entry": step.entry,
        "act": step.act,
        "custodian": step.custodian,
        "logged_at": step.logged_at,
    }
    if step.acted is None:
        return plain
    said: Mapping[str, object] = {
        "claimed_at": step.acted.custody.at,
        "by": step.acted.custody.by,
        "reason": step.acted.custody.reason,
        "detail": dict(step.acted.custody.detail),
        "signer": step.acted.signer,
        "objects": [subject.sha256 for subject in step.acted.subjects],
    }
    return {**plain, **said}


def show_facts(found: Facts) -> None:
    """Print what a file is and says of itself."""
    say(f"kind       {found.kind}, as its first bytes announce")
    for job, facts in found.facts.items():
        if job == "credentials":
            _show_credentials(facts)
        else:
            for line in _lines(facts):
                say(f"{job:10} {line}")
    for problem in found.problems:
        say(f"problem    {problem}")
    say("All of it is what the file says of itself; nothing here says that it is true")


def _lines(facts: Mapping[str, Json]) -> list[str]:
    lines = []
    for name, value in facts.items():
        if name == "claimed" and isinstance(value, dict):
            lines += [f"claims {claim} {text}" for claim, text in value.items() if text is not None]
        else:
            lines.append(f"{name} {value}")
    return lines


def _show_credentials(facts: Mapping[str, Json]) -> None:
    if not facts.get("present"):
        say("signed     no content credentials")
        return
    state, failures = facts.get("state"), facts.get("failures")
    if state in {"valid", "trusted"}:
        signer = facts.get("signer") or "a signer without a name"
        say(f"signed     {state}: the bytes are as {signer} signed them")
    else:
        named = ", ".join(map(str, failures)) if isinstance(failures, list) else ""
        say(f"signed     {state}: {named or 'no reason given'}")
    say(
        f"signer     {facts.get('trust')} by the anchors here: {facts.get('issuer') or 'no issuer'}"
    )
    if facts.get("elsewhere"):
        say(f"elsewhere  a manifest at {facts['elsewhere']}, which nobody asked")
