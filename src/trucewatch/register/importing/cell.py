"""One cell of a sheet, and how it is read as text, a number or a day."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT_MAX = 400  # characters of a cell: a note, not a report
SHOWN_MAX = 40  # characters of a value in a message, which must fit a line
DECIMALS_MAX = 6  # of an amount, as `records.claims.delivery.AMOUNT` holds
AMOUNT_BOUND = Decimal(10**15)  # exclusive, as it holds
_EXACT = Context(prec=60)  # digits: the longest number times the greatest scale has 42

DAYS: dict[str, re.Pattern[str]] = {
    "YYYY-MM-DD": re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)", re.ASCII),
    "DD.MM.YYYY": re.compile(r"(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4})", re.ASCII),
    "DD/MM/YYYY": re.compile(r"(?P<d>\d\d?)/(?P<m>\d\d?)/(?P<y>\d{4})", re.ASCII),
    "MM/DD/YYYY": re.compile(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})", re.ASCII),
}
"""Ways to write a day, by the name that a mapping gives them."""


class Wrong(NamedTuple):
    """A cell that is no value.

    Attributes:
        reason: What was wrong, what was expected.
    """

    reason: str


Cell: TypeAlias = str | Decimal | date | Wrong | None
"""What a sheet holds: text as it stands there, or a number or day of a spreadsheet."""

Value: TypeAlias = str | Decimal | date | Wrong | None
"""What a field of a delivery holds, or why it cannot."""


class Signs(NamedTuple):
    """How a file writes numbers.

    Attributes:
        decimal: The decimal sign.
        thousands: The sign between groups of three digits, or "".
    """

    decimal: str
    thousands: str


class Scale(NamedTuple):
    """What a number of the file is worth.

    Attributes:
        times: What it is multiplied by, such as 1000000 for a column in millions.
        rounded_to: Decimals to which the product is rounded, half to even; None rounds nothing.
    """

    times: int = 1
    rounded_to: int | None = None


def text(cell: Cell) -> str | Wrong | None:
    """Return a cell as text."""
    if cell is None or isinstance(cell, Wrong):
        return cell
    words = shown_whole(cell)
    if len(words) > TEXT_MAX:
        return Wrong(f"has {len(words)} characters, must have at most {TEXT_MAX}")
    if not words.replace("\n", " ").replace("\t", " ").isprintable():
        return Wrong(f"{shown(cell)} has a control character, must be text")
    return words


def word(pattern: str, expected: str) -> Callable[[Cell], str | Wrong | None]:
    """Return what reads a cell as one word of a form.

    Args:
        pattern: What the whole of it must match.
        expected: The form in words, for messages.
    """
    form = re.compile(pattern)

    def read(cell: Cell) -> str | Wrong | None:
        if cell is None or isinstance(cell, Wrong):
            return cell
        if form.fullmatch(shown_whole(cell)):
            return shown_whole(cell)
        return Wrong(f"is {shown(cell)}, must be {expected}")

    return read


def number(cell: Cell, signs: Signs, scale: Scale) -> Decimal | Wrong | None:
    """Return a cell as an exact amount from 0."""
    if cell is None or isinstance(cell, Wrong):
        return cell
    found = _written(cell, signs) if isinstance(cell, str) else cell
    if not isinstance(found, Decimal):
        example = f"1{signs.thousands}234{signs.decimal}5"
        return Wrong(f"is {shown(cell)}, must be a number such as {example}")
    if found < 0:
        return Wrong(f"is {shown(cell)}, must be at least 0")
    found = _EXACT.multiply(found, scale.times)
    if found >= AMOUNT_BOUND:
        return Wrong(f"is {shown(cell)}, must be below {AMOUNT_BOUND:f} in all")
    if scale.rounded_to is not None:
        found = found.quantize(Decimal(1).scaleb(-scale.rounded_to), rounding=ROUND_HALF_EVEN)
    if found != found.quantize(Decimal(1).scaleb(-DECIMALS_MAX)):
        return Wrong(f"is {shown(cell)}, must have at most {DECIMALS_MAX} decimals or be rounded")
    return found


def day(cell: Cell, form: str) -> date | Wrong | None:
    """Return a cell as a day.

    Args:
        cell: The cell.
        form: A name of `DAYS`.
    """
    if cell is None or isinstance(cell, Wrong | date):
        return cell
    found = DAYS[form].fullmatch(cell) if isinstance(cell, str) else None
    if found is None:
        return Wrong(f"is {shown(cell)}, must be a day as {form}")
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return Wrong(f"is {shown(cell)}, must be a day that exists, as {form}")


def shown(cell: Cell) -> str:
    """Return a cell for a message: cut, and without control characters."""
    words = "".join(each if each.isprintable() else "?" for each in shown_whole(cell))
    return repr(words if len(words) <= SHOWN_MAX else f"{words[:SHOWN_MAX]}...")


def shown_whole(cell: Cell) -> str:
    """Return a cell in one form for each value: plain digits, days as YYYY-MM-DD."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if isinstance(cell, str) else ""


def _written(words: str, signs: Signs) -> Decimal | None:
    """Return the number that a text writes, or None when it writes none."""
    decimal, thousands = re.escape(signs.decimal), re.escape(signs.thousands)
    whole = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|\d{{1,15}}" if thousands else r"\d{1,15}"
    if not re.fullmatch(rf"-?(?:{whole})(?:{decimal}\d{{1,15}})?", words, re.ASCII):
        return None
    plain = words.replace(signs.thousands, "") if thousands else words
    return Decimal(plain.replace(signs.decimal, "."))
