"""One rule in plain words: what is asked, what would leave it open, and which means see it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.agreement.compare import watched
from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.rule import After
from trucewatch.agreement.side_by_side import late, matter_text
from trucewatch.agreement.watch import ground
from trucewatch.agreement.words.rules import condition_words, not_asked
from trucewatch.errors import NotFound
from trucewatch.records.assessment import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.compare import Watched
    from trucewatch.agreement.rule import Rule

_WIDTH = 80
_AFTER = {
    After.EFFECTIVE: "the agreement takes effect",
    After.SIGNED: "its signature",
    After.ASKED: "it is asked for",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that is asked before a rule is said to be met or not.

    Attributes:
        asked: In words.
        open: When the answer is missing, in words, or "" when it cannot be.
        missing: What the assessment then names as missing, or None.
    """

    asked: str
    open: str
    missing: Missing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One rule in words.

    Attributes:
        rule: Its id.
        kind: Its kind in words.
        clause: The clause.
        source: Where the words come from.
        questions: What is asked of what happened.
        exemptions: What is asked when it would be a breach, in words, one for each exemption.
        watched: Which means could see it broken.
        counted: Name of the counting rule, or "".
    """

    rule: str
    kind: str
    clause: str
    source: str
    questions: tuple[Question, ...]
    exemptions: tuple[str, ...]
    watched: Watched
    counted: str


def explain(agreement: Agreement, rule_id: str) -> Explanation:
    """Return one rule in words; `named.tell` does so for whatever else has an id.

    Raises:
        NotFound: The agreement has no rule of that id.
    """
    rule = next((each for each in agreement.rules if each.id == rule_id), None)
    if rule is None:
        known = ", ".join(each.id for each in agreement.rules) or "none"
        raise NotFound(agreement.id, f"rule is {rule_id}, must be one of: {known}")
    checked = rule.kind != "text_only"
    return Explanation(
        rule=rule.id,
        kind=KINDS[rule.kind].text if rule.kind in KINDS else rule.kind,
        clause=rule.clause,
        source=rule.source,
        questions=tuple(_questions(agreement, rule)) if checked else (),
        exemptions=tuple(_exemptions(agreement, rule)),
        watched=watched(agreement, rule),
        counted=rule.counting_rule,
    )


def in_words(explanation: Explanation) -> str:
    """Return an explanation as text of at most 80 columns, ending in a line feed."""
    lines = [
        _wrapped(f"{explanation.rule}. {explanation.clause}", 0),
        _wrapped(f"Source: {explanation.source}", 0),
        _wrapped(f"Software checks {explanation.kind}.", 0),
        "",
        "What is asked",
        *(
            _wrapped(f"{place}. {each.asked}", 2)
            for place, each in enumerate(explanation.questions, 1)
        ),
        *([] if explanation.questions else ["  Nothing: software shows it and people apply it."]),
        "",
        "What would leave it open",
        *(
            _wrapped(f"indeterminate({each.missing}): {each.open}", 2)
            for each in explanation.questions
            if each.missing is not None
        ),
        *([] if any(each.missing for each in explanation.questions) else ["  Nothing."]),
        "",
        "What would be exempt",
        *(_wrapped(each, 2) for each in explanation.exemptions or ("Nothing.",)),
        "",
        "Who could see it broken",
        *_seen(explanation.watched),
        "",
        f"Counted as: {explanation.counted or 'not named'}",
        "A breach is found by people only; software sorts what they look at.",
    ]
    return "\n".join(lines) + "\n"


def _questions(agreement: Agreement, rule: Rule) -> Iterator[Question]:
    """Yield what is asked, from what settles most to what settles least."""
    yield Question(
        asked="Did it happen while the agreement was in force, and its place valid?",
        open="its time is not known well enough to say so",
        missing=Missing.TIME,
    )
    yield from _place(agreement, rule)
    unclear = [t for t in rule.terms if agreement.definitions[t].state is not Clarity.DEFINED]
    if rule.terms:
        yield Question(
            asked=f"Do all agree on the meaning of: {', '.join(rule.terms)}?",
            open=f"always, as long as nobody defines {', '.join(unclear)}" if unclear else "",
            missing=Missing.DEFINITION if unclear else None,
        )
    yield from _what(rule)
    yield from _until(rule)


def _place(agreement: Agreement, rule: Rule) -> Iterator[Question]:
    limits, zone = rule.thresholds, ground(agreement, rule)
    if rule.kind == "withdrawal_distance":
        yield _distance(agreement, rule)
    if rule.object_list:
        yield Question(
            asked=f"Is an object of {rule.object_list} within {rule.radius_m or 0:g} m of it?",
            open="the holder of the list has not answered",
            missing=Missing.OBJECT_LIST,
        )
    if zone:
        yield Question(
            asked=(
                f"Was it in {zone}? From a chance of {limits.inside_p_min:g} on it counts as"
                f" inside, up to {limits.outside_p_max:g} as outside."
            ),
            open="its place is not known well enough: the chance lies between the two",
            missing=Missing.LOCATION,
        )
    if rule.kind == "prohibited_flight" or (zone and agreement.zone(zone).altitude is not None):
        yield Question(
            asked="Was it at a height at which the zone holds?",
            open="its height was not measured",
            missing=Missing.ALTITUDE,
        )


def _distance(agreement: Agreement, rule: Rule) -> Question:
    limits = rule.thresholds
    datums = {party: agreement.datum(party) for party in rule.who}
    each = [f"{party} from {line.id if line else 'no line'}" for party, line in datums.items()]
    lost = [
        party
        for party, line in datums.items()
        if line is None or line.epoch is None or line.accuracy_m is None
    ]
    asked = f"Is it too near to the owner's own line ({', '.join(each)})?"
    if lost:
        open_ = f"always for {', '.join(lost)}: no line, or none with an epoch and an accuracy"
        return Question(asked=asked, open=open_, missing=Missing.BASELINE)
    return Question(
        asked=asked,
        open=(
            "position and line are not known well enough: the chance that it is too near lies"
            f" between {limits.outside_p_max:g} and {limits.inside_p_min:g}"
        ),
        missing=Missing.LOCATION,
    )


def _what(rule: Rule) -> Iterator[Question]:
    limits = rule.thresholds
    if rule.acts:
        acts = "; ".join(matter_text(act) for act in rule.acts)
        yield Question(
            asked=(
                f"Was it one of these: {acts}? From a chance of {limits.act_p_potential:g} on it"
                f" may be a breach, from {limits.act_p_on_its_face:g} it is one on its face, if"
                f" {limits.independent_min} independent sources say so."
            ),
            open="nobody can say what it was, as of most explosions",
            missing=Missing.WEAPON,
        )
    if rule.kind == "storage_inventory":
        yield Question(
            asked="Is each weapon there that was declared?",
            open="no inventory was ever declared",
            missing=Missing.BASELINE,
        )
    if not rule.acts or rule.matters:
        matters = "; ".join(matter_text(each) for each in rule.matters or KINDS[rule.kind].needs)
        yield Question(
            asked=f"Was it seen, or seen to be absent: {matters}?",
            open="nobody looked, or nobody could",
            missing=Missing.OBSERVATION,
        )


def _until(rule: Rule) -> Iterator[Question]:
    if rule.deadline is not None:
        days_d = rule.deadline.within_h / 24
        yield Question(
            asked=f"Is it later than {days_d:g} days after {_AFTER[rule.deadline.after]}?",
            open="",
            missing=None,
        )
    if rule.delay_max_min is not None:
        yield Question(
            asked=f"Did the delay last longer than {rule.delay_max_min:g} minutes?",
            open="",
            missing=None,
        )


def _exemptions(agreement: Agreement, rule: Rule) -> Iterator[str]:
    for name in rule.exemptions:
        exemption = agreement.exemption(name)
        asked = "; ".join(map(condition_words, exemption.conditions)) or "without any condition"
        left = "; ".join(not_asked(exemption))
        yield f"{name}: {asked}" + (f". Not asked: {left}" if left else "")


def _seen(side: Watched) -> Iterator[str]:
    if not side.needs:
        yield "  Nobody is asked to look."
        return
    yield _wrapped(f"Somebody must see one of: {'; '.join(map(matter_text, side.needs))}.", 2)
    if not side.seen.means:
        yield "  No means of the text does."
        return
    part = f" Only a part of its ground: {', '.join(side.in_part)}." if side.in_part else ""
    yield _wrapped(f"These means could: {', '.join(side.seen.means)}.{part}", 2)
    cover = side.cover
    yield _wrapped(
        f"A breach would be {late(side.seen)}. At least one of them covers about"
        f" {cover.independent_p:.0%} of its ground and time (between {cover.least_p:.0%} and"
        f" {cover.most_p:.0%}, as the text states their shares).",
        2,
    )
    accepted = ", ".join(side.seen.accepted_by)
    yield _wrapped(f"All of them are accepted by: {accepted or 'no party'}.", 2)


def _wrapped(text: str, indent: int) -> str:
    return textwrap.fill(
        text,
        width=_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
