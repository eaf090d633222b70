"""Responses to determinations as tables: tiers with clocks, who was asked for what, what lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.instant import instant_text
from trucewatch.report.register.document import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.report.register.document import Cell
    from trucewatch.respond.asked import Ask
    from trucewatch.respond.view import Response

_DUTY = (
    "ask", "actor", "measure", "text", "state", "due_at", "clock", "commitments", "legal_force",
    "outstanding", "reported", "seen", "adopted_until",
)  # fmt: skip


def response_sheets(found: Sequence[Response]) -> tuple[Sheet, ...]:
    """Return the tables of all responses, in log order; not for the public."""
    return (
        _asked(found),
        _responses(found),
        _tiers(found),
        _nobody(found),
        _consultations(found),
        _requests(found),
        _hours(found),
    )


def _responses(found: Sequence[Response]) -> Sheet:
    rows = tuple(
        (
            each.id,
            _time(each.determination.at),
            each.determination.found,
            each.determination.found_by,
            each.determination.standard,
            each.tier,
            each.state,
            "; ".join(f"{turn.act} {_time(turn.at)} {turn.note}".strip() for turn in each.turns),
        )
        for each in found
    )
    columns = ("response", "determined", "found", "by", "standard", "tier", "state", "turns")
    return Sheet(
        id="responses", title="Responses to determinations", notes=(), columns=columns, rows=rows
    )


def _tiers(found: Sequence[Response]) -> Sheet:
    rows = tuple(
        (
            each.id,
            tier.id,
            tier.text,
            "PRESS ONLY" if tier.press_only else "",
            "yes" if tier.in_force else "no",
            tier.clock.state.value.replace("_", " "),
            _time(tier.clock.due_at),
            "; ".join(pause.reason for pause in tier.clock.pauses),
        )
        for each in found
        for tier in each.tiers
    )
    return Sheet(
        id="tiers",
        title="Tiers and their clocks",
        notes=("What is overdue is judged against the newest time of the log.",),
        columns=("response", "tier", "text", "mark", "in_force", "clock", "due_at", "pauses"),
        rows=rows,
    )


def _asked(found: Sequence[Response]) -> Sheet:
    rows = tuple(
        (each.id, *_ask(ask)) for each in found for side in each.actors for ask in side.asks
    )
    return Sheet(
        id="asked",
        title="Who was asked for what, under which commitment",
        notes=("What an actor reports is its own word until somebody else has seen it.",),
        columns=("response", *_DUTY),
        rows=rows,
    )


def _ask(ask: Ask) -> tuple[Cell, ...]:
    force = dict.fromkeys(
        f"{one.value} ({one.at})" for each in ask.commitments for one in each.force
    )
    return (
        ask.id,
        ask.actor,
        ask.measure,
        ask.text,
        ask.state.replace("_", " "),
        _time(ask.clock.due_at),
        ask.clock.state.value.replace("_", " "),
        "; ".join(f"{each.claim} {each.relation}" for each in ask.commitments) or "none promised",
        "; ".join(force) or "no source says",
        "; ".join(each.text for each in ask.outstanding),
        "; ".join(each.said for each in ask.reports),
        ask.seen.value.replace("_", " "),
        None if ask.until is None else _time(ask.until),
    )


def _nobody(found: Sequence[Response]) -> Sheet:
    rows = tuple(
        (each.id, each.tier, gap.what, gap.id, gap.text, gap.why)
        for each in found
        for gap in each.nobody
    )
    return Sheet(
        id="nobody",
        title="What nobody has promised",
        notes=(),
        columns=("response", "tier", "what", "id", "text", "why"),
        rows=rows,
    )


def _consultations(found: Sequence[Response]) -> Sheet:
    rows = tuple(
        (
            each.id,
            one.id,
            _time(one.at),
            " ".join(one.participants),
            one.subject,
            "; ".join(f"{actor}: {words}" for actor, words in one.statements),
            one.concluded,
        )
        for each in found
        for one in each.consultations
    )
    columns = ("response", "consultation", "at", "participants", "subject", "said", "concluded")
    return Sheet(id="consultations", title="Consultations", notes=(), columns=columns, rows=rows)


def _requests(found: Sequence[Response]) -> Sheet:
    rows = tuple(
        (
            each.id,
            one.id,
            one.actor,
            one.what,
            None if one.due is None else _time(one.due),
            "yes" if one.overdue else "no",
            one.answer,
            one.decided,
        )
        for each in found
        for one in each.requests
    )
    columns = ("response", "request", "of", "what", "due", "overdue", "answer", "decided")
    return Sheet(id="requests", title="Requests of the cell", notes=(), columns=columns, rows=rows)


def _hours(found: Sequence[Response]) -> Sheet:
    rows = tuple(
        (each.id, one.step, one.of, one.done, _hour(one.median_h), _hour(one.ninth_h))
        for each in found
        for one in each.hours
    )
    return Sheet(
        id="hours",
        title="Hours from the determination",
        notes=("Empty where fewer than half, or than nine in ten, have done it.",),
        columns=("response", "step", "asked", "done", "median_h", "nine_in_ten_h"),
        rows=rows,
    )


def _hour(hours_h: float | None) -> str | None:
    return None if hours_h is None else f"{hours_h:.1f}"


def _time(at: datetime) -> str:
    return instant_text(at)
