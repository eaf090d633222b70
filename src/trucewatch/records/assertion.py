"""What a provider concludes from material that it does not hand over: an assertion, not evidence.

The mission holds the provider's words and nothing below them. Nobody can check such a conclusion,
so no finding of responsibility may rest on assertions alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.form import check_form
from trucewatch.records.instant import instant_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json

_FORM = {
    "about_from": "instant?",
    "about_until": "instant?",
    "by": "text",
    "conclusion": "text",
    "control": "text",
    "held_by": "text",
    "provider": "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A conclusion without its data, as an `asserted/v1` statement records it.

    Attributes:
        provider: Who concludes.
        conclusion: What, in a sentence; the sealed exhibit has the provider's own words.
        held_by: Who holds the material that it is drawn from.
        control: What the provider allows to be done with it, in words.
        about_from: Begin of the time that it speaks of, if it says one.
        about_until: End of that time, if it says one.
        by: Who recorded it, as typed.
        entry: Index of its entry.
    """

    provider: str
    conclusion: str
    held_by: str
    control: str
    about_from: datetime | None
    about_until: datetime | None
    by: str
    entry: int


def assertion_predicate(assertion: Assertion) -> dict[str, object]:
    """Return what the statement of an assertion says; its entry is not part of it."""
    begin, end = assertion.about_from, assertion.about_until
    return {
        "about_from": None if begin is None else instant_text(begin),
        "about_until": None if end is None else instant_text(end),
        "by": assertion.by,
        "conclusion": assertion.conclusion,
        "control": assertion.control,
        "held_by": assertion.held_by,
        "provider": assertion.provider,
    }


def read_assertion(predicate: Mapping[str, Json], *, entry: int) -> Assertion:
    """Return the assertion that the predicate of an `asserted/v1` statement makes.

    Args:
        predicate: `about_from`, `about_until`, `by`, `conclusion`, `control`, `held_by` and
            `provider`.
        entry: Index of its entry.

    Raises:
        BadInput: A member is missing, too many or of another form; the message names it.
    """
    where = f"entry {entry}"
    check_form(predicate, _FORM, where=where)
    found = Assertion(
        provider=str(predicate["provider"]),
        conclusion=str(predicate["conclusion"]),
        held_by=str(predicate["held_by"]),
        control=str(predicate["control"]),
        about_from=_instant(predicate["about_from"], where),
        about_until=_instant(predicate["about_until"], where),
        by=str(predicate["by"]),
        entry=entry,
    )
    begin, end = found.about_from, found.about_until
    if begin is not None and end is not None and end < begin:
        problem = f"about_until is {instant_text(end)}"
        raise BadInput(where, f"{problem}, must not be before {instant_text(begin)}")
    return found


def _instant(value: Json, where: str) -> datetime | None:
    return None if value is None else parse_instant(str(value), where=where)
