"""What an act of the logbook may say, by itself, before it is asked what it follows."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.form import is_hex64
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Act, Step

TEXT_MAX = 2_000
"""Most characters of a text; a longer one belongs into a file, which is sealed as an exhibit."""

ITEMS_MAX = 1_000
"""Most items of a list or a table."""


def check_step(step: Step, act: Act | None, where: str) -> None:
    """Check what a step says, of which each member is of its form.

    Args:
        step: The step.
        act: What it is; None for `voided`.
        where: How to name it in an error.

    Raises:
        BadInput: It cannot be; the message names the member.
    """
    for each in step.objects:
        if not is_hex64(each):
            raise BadInput(where, f"objects holds {each[:80]!r}, expected 64 lowercase hex digits")
    _check_times(step, where)
    _check_numbers(step.detail, where)
    if not step.note and (act is None or act.needs_note):
        why = "why the record or the act is voided" if act is None else f"why: {act.text}"
        raise BadInput(where, f"note is null, expected {why}")
    for member in () if act is None else act.some:
        value = step.detail[member]
        if value is not None and not value:
            problem = f"{member} is {value}, expected "
            raise BadInput(where, problem + ("at least one" if value == [] else "more than 0"))


def check_texts(value: Json, where: str) -> None:
    """Check that texts and lists are not too long, and that texts are in their one form.

    Raises:
        BadInput: One is too long, not in Unicode form NFC, or has blanks around it.
    """
    if isinstance(value, str):
        _check_text(value, where)
    if not isinstance(value, dict | list):
        return
    if len(value) > ITEMS_MAX:
        raise BadInput(where, f"list has {len(value)} items, must be at most {ITEMS_MAX}")
    for each in value.values() if isinstance(value, dict) else value:
        check_texts(each, where)


def _check_text(text: str, where: str) -> None:
    if len(text) > TEXT_MAX:
        raise BadInput(where, f"text has {len(text)} characters, must be at most {TEXT_MAX}")
    if text != text.strip():
        raise BadInput(where, f"text {text[:80]!r} has blanks around it, expected none")
    if not unicodedata.is_normalized("NFC", text):
        problem = f"text {ascii(text)[:80]} is in another Unicode form"
        raise BadInput(where, f"{problem}, expected NFC")


def _check_times(step: Step, where: str) -> None:
    """Check the order of times; all have one form, so text is in the order of time.

    Raises:
        BadInput: An act in the future, an end that is not after its start, or a visit due before it
            was planned.
    """
    if step.at > step.logged_at:
        problem = f"at is {instant_text(step.at)}, which was the future"
        raise BadInput(where, f"{problem}, must not be after {instant_text(step.logged_at)}")
    start, end = step.detail.get("start"), step.detail.get("end")
    if start is not None and end is not None and not str(start) < str(end):
        raise BadInput(where, f"end is {end}, must be after start {start}")
    due, at = step.detail.get("due"), instant_text(step.at)
    if due is not None and str(due) < at:
        raise BadInput(where, f"due is {due}, must not be before {step.act} at {at}")


def _check_numbers(detail: Mapping[str, Json], where: str) -> None:
    least, most = detail.get("number_min"), detail.get("number_max")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        raise BadInput(where, f"number_max is {most}, must be at least number_min {least}")
    if most == 0:
        problem = "number_max is 0, must be at least 1 of what is seen"
        raise BadInput(where, problem, advice="What is there no longer is entered as: gone")
