"""The fields of a delivery that an import may fill, and what each may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from trucewatch.agreement.reading.form import ID
from trucewatch.records.claims.delivery import DeliveryForm, DeliveryStage, Handling
from trucewatch.register.importing.cell import text, word
from trucewatch.register.reading.claims import CLAIM_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

    from trucewatch.register.importing.cell import Cell, Wrong

Reader: TypeAlias = "Callable[[Cell], str | Wrong | None]"
"""What reads a cell as text."""


def _one_of(choices: type[StrEnum]) -> Reader:
    words = [str(each) for each in choices]
    return word("|".join(words), f"one of: {', '.join(words)}")


_ID = word(CLAIM_ID, "an id: letters, digits, dash and underscore, at most 64")
_NAME = word(ID, "a word: a letter, then letters, digits, dash and underscore, at most 64")

WORDS: dict[str, Reader] = {
    "id": _ID,
    "donor": _NAME,
    "recipient": _NAME,
    "stage": _one_of(DeliveryStage),
    "of": _ID,
    "provision": _NAME,
    "domain": _NAME,
    "item": text,
    "unit": _NAME,
    "currency": word("[A-Z]{3}", "three capital letters, as ISO 4217 has them"),
    "form": _one_of(DeliveryForm),
    "paid_by": _ID,
    "source": text,
    "handling": _one_of(Handling),
    "place": text,
    "schedule": text,
    "note": text,
    "supersedes": _ID,
}
"""Fields of text, and what reads each."""

NUMBERS = ("quantity", "value")
DAY_FIELDS = ("announced", "due", "done")
REQUIRED = ("id", "donor", "recipient", "stage", "domain", "source", "handling")
"""Fields that every row must have: `handling`, since what does not say is never shown to all."""
