"""Languages: catalogues, plural rules, and how each writes dates and numbers."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

TONGUES = {"en": "English", "uk": "Українська"}
"""Languages by their code, each by its own name; messages in the source are in the first."""

_FIRST = "en"
_MINUTE, _SECOND, _DAY = "d MMM HH:mm", "d MMM y, HH:mm:ss", "d MMMM y"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language.

    Attributes:
        code: As in `TONGUES`.
        locale: How it writes.
        words: Its catalogue.
    """

    code: str
    locale: Locale
    words: Translations

    def minute(self, time: datetime, zone: str = "UTC") -> str:
        """Return day, hour and minute in a time zone."""
        return dates.format_datetime(time, _MINUTE, tzinfo=ZoneInfo(zone), locale=self.locale)

    def second(self, time: datetime, zone: str = "UTC") -> str:
        """Return day, year and time to the second in a time zone."""
        return dates.format_datetime(time, _SECOND, tzinfo=ZoneInfo(zone), locale=self.locale)

    def day(self, time: datetime, zone: str = "UTC") -> str:
        """Return the day in a time zone, its month in words."""
        return dates.format_datetime(time, _DAY, tzinfo=ZoneInfo(zone), locale=self.locale)

    def number(self, amount: float, digits: int = 0) -> str:
        """Return a number with so many digits after the point."""
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return numbers.format_decimal(amount, pattern, locale=self.locale)

    def percent(self, value_share: float) -> str:
        """Return a share in whole percent; what is not quite all or none is never rounded to it."""
        whole = round(value_share * 100)
        if value_share > 0 and whole == 0:
            return "<1 %"
        if value_share < 1 and whole == 100:  # noqa: PLR2004 - percent
            return ">99 %"
        return f"{whole} %"


@cache
def tongue(code: str) -> Tongue:
    """Return a language by its code; an unknown one is the first."""
    code = code if code in TONGUES else _FIRST
    return Tongue(code=code, locale=Locale(code), words=_catalogue(code))


def chosen(wished: Sequence[str | None], accepted: str) -> Tongue:
    """Return the first language that is wished for and known, else the first that is accepted.

    Args:
        wished: Codes by weight, such as that of the address and that of a cookie.
        accepted: The header `Accept-Language`, or "".
    """
    for code in wished:
        if code in TONGUES:
            return tongue(code)
    offered = [part.split(";")[0].strip()[:2].lower() for part in accepted.split(",")]
    return tongue(next((code for code in offered if code in TONGUES), _FIRST))


def _catalogue(code: str) -> Translations:
    if code == _FIRST:
        return Translations()
    file = resources.files("trucewatch.serve") / "words" / f"{code}.po"
    compiled = io.BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=code))
    compiled.seek(0)
    return Translations(fp=compiled)
