"""A comparison of two agreements as plain text, for the person who negotiates the third."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from trucewatch.agreement.kinds import KINDS, MATTERS
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.agreement.compare import Chamber, Comparison, Design, Seen, Watched
    from trucewatch.agreement.provision import Access

_WIDTH = 100
_INDENT = "     "


def side_by_side(comparison: Comparison) -> str:
    """Return a comparison as text of at most 100 columns, ending in a line feed."""
    sides = (("A", comparison.a), ("B", comparison.b))
    lines = [
        *(
            _wrapped(f"{name}  {each.title} ({each.id}, version {each.version})")
            for name, each in sides
        ),
        "",
        "In short",
        *(_wrapped(f"  {name}  {_short(name, comparison)}") for name, _ in sides),
        "",
        "Who takes part",
        *(_wrapped(f"  {name}  {_participants(each)}") for name, each in sides),
        "",
        "What could be seen, rule by rule",
        *_rules(comparison),
        "",
        "How late, matter by matter",
        *_matters(comparison),
        "",
        "Who decides, and who can stop it",
        *(line for name, each in sides for line in _bodies(name, each)),
        "",
        "Where monitors may go",
        *(line for name, each in sides for line in _access(name, each)),
        "",
        "What must be proved, and what follows",
        *(line for name, each in sides for line in _after(name, each)),
        "",
        "What this does not say",
        *(_wrapped(f"  {sentence}") for sentence in comparison.not_said),
    ]
    return "\n".join(lines) + "\n"


def _short(name: str, comparison: Comparison) -> str:
    design = comparison.a if name == "A" else comparison.b
    rows = [row.a if name == "A" else row.b for row in comparison.rules]
    checked = [each for each in rows if each is not None and each.needs]
    first_h = [each.seen.delay_least_h for each in checked if each.seen.delay_least_h is not None]
    slowest = f"; the others have a first report within {max(first_h):g} h" if first_h else ""
    stopped = [each.body.id for each in design.bodies if each.stopped.accused]
    return (
        f"{len(rows) - rows.count(None)} rules, {len(checked)} of which software checks;"
        f" {len(design.unseen)} of these no means sees{slowest}. One party alone stops a finding"
        f" about itself in {len(stopped)} of {len(design.bodies)} bodies, and their clocks together"
        f" run {design.clocks_h:g} h."
    )


def _participants(design: Design) -> str:
    named = [f"{each.id} ({each.role}, {each.accession})" for each in design.participants]
    return "; ".join(named).replace("_", " ") or "nobody"


def _rules(comparison: Comparison) -> Iterator[str]:
    for row in comparison.rules:
        yield _wrapped(f"  {row.rule}  {KINDS[row.kind].text if row.kind in KINDS else row.kind}")
        yield from _rule_side("A", row.a)
        yield from _rule_side("B", row.b)
    for name, design in (("A", comparison.a), ("B", comparison.b)):
        if design.unseen:
            yield _wrapped(f"  {name} has no means to see a breach of {', '.join(design.unseen)}.")


def _rule_side(name: str, side: Watched | None) -> Iterator[str]:
    if side is None:
        yield f"    {name}  no such rule"
    elif not side.needs:
        yield f"    {name}  people apply it; software only shows it"
    elif not side.seen.means:
        yield f"    {name}  no means could see it broken"
    else:
        cover = side.cover
        yield (
            f"    {name}  covered {cover.independent_p:.2f} ({cover.least_p:.2f} to"
            f" {cover.most_p:.2f}), by what all accept {cover.agreed_p:.2f}, {late(side.seen)}"
        )
        part = f"; only a part of the ground: {', '.join(side.in_part)}" if side.in_part else ""
        yield _wrapped(f"       by {', '.join(side.seen.means)}{part}")
        yield _wrapped(f"       {_acceptance(side.seen)}")


def _matters(comparison: Comparison) -> Iterator[str]:
    for row in comparison.matters:
        yield _wrapped(f"  {matter_text(row.matter)}")
        for name, seen in (("A", row.a), ("B", row.b)):
            if seen is None:
                yield f"    {name}  no rule asks for it"
            elif not seen.means:
                yield f"    {name}  no means shows it"
            else:
                yield _wrapped(f"    {name}  {late(seen)}: {', '.join(seen.means)}")


def matter_text(name: str) -> str:
    """Return a happening or a matter in words."""
    return HAPPENINGS[name].text if name in HAPPENINGS else MATTERS.get(name, name)


def late(seen: Seen) -> str:
    """Return how late something is known that is seen by at least one means."""
    if seen.delay_least_h == seen.delay_most_h:
        return f"known after {seen.delay_least_h:g} h"
    return f"known after {seen.delay_least_h:g} to {seen.delay_most_h:g} h"


def _acceptance(seen: Seen) -> str:
    return f"all of these are accepted by {', '.join(seen.accepted_by) or 'no party'}"


def _bodies(name: str, design: Design) -> Iterator[str]:
    if not design.bodies:
        yield f"  {name}  no body is named"
    for chamber in design.bodies:
        body = chamber.body
        seats = ", ".join(f"{who} {count}" for who, count in chamber.stopped.voters)
        quorum = "not stated" if body.quorum is None else f"{body.quorum} of them"
        clock = "" if body.within_h is None else f", within {body.within_h:g} h"
        deadlock = f"; a deadlock goes to {body.next}" if body.next else ""
        yield _wrapped(f"  {name}  {body.title}: votes {seats or 'not stated'}; quorum {quorum}")
        voting = str(body.voting).replace("_", " ")
        yield _wrapped(f"       decides by {voting}{clock}{deadlock}")
        for line in _stopped(chamber):
            yield _wrapped(f"       {line}")


def _stopped(chamber: Chamber) -> Iterator[str]:
    stopped = chamber.stopped
    if not stopped.known:
        yield "who can stop it cannot be said: votes or voting are not stated"
        return
    if not stopped.decides:
        yield "it can never decide, even with all there and in favour"
        return
    yield f"stopped by the absence of {_sets(stopped.absent)}"
    yield f"stopped by the no of {_sets(stopped.opposed)}"
    alone = ", ".join(stopped.accused)
    yield f"a finding about itself can be stopped alone by {alone or 'no party'}"


def _sets(sets: Sequence[tuple[str, ...]]) -> str:
    return "; or ".join(" with ".join(some) for some in sets) or "no three members or fewer"


def _access(name: str, design: Design) -> Iterator[str]:
    if not design.access:
        yield f"  {name}  the text grants no access"
    for each in design.access:
        yield _wrapped(f"  {name}  {_right(each)}")


def _right(access: Access) -> str:
    notice = "without notice" if not access.notice_h else f"at {access.notice_h:g} h notice"
    return (
        f"{', '.join(access.means) or 'all means'} in {access.zone or 'all places'},"
        f" {'day and night' if access.night else 'by day only'}, {notice},"
        f" {'with an escort if a party insists' if access.escort else 'without escort'}"
    )


def _after(name: str, design: Design) -> Iterator[str]:
    proof = "; ".join(f"{topic}: {standard}" for topic, standard in design.standards)
    yield _wrapped(f"  {name}  {proof.replace('_', ' ') or 'no standard of proof is named'}")
    for remedy in design.remedies:
        clock = "" if remedy.within_h is None else f", within {remedy.within_h:g} h"
        binds = {"yes": "binding", "no": "not binding"}.get(remedy.binding, "binding undefined")
        yield _wrapped(f"       {remedy.id} {remedy.text} (by {remedy.by}{clock}, {binds})")


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text,
        width=_WIDTH,
        subsequent_indent=_INDENT + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
