"""How a bulletin words times, counts, probabilities, places, and text from outside."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from trucewatch.report.material import NamedPlace

NONE_REPORTED = "none reported"
UNKNOWN = "not known"
SILENCE = "Coverage is unknown, so none reported does not mean that none happened."
WITHHELD = "[text not shown: it uses a word that is kept for determinations]"
_KEPT_WORD = "violation"  # only a determination under an agreement in force may use it
_JOINERS = "\u200c\u200d"  # letters of several scripts need them
_POINTS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
_EARTH_M = 6_371_008.8  # mean radius, IUGG
_AT_PLACE_KM = 1.5
_NEAR_KM = 40.0  # farther than this, naming a place would mislead
_SHORT_S = 120.0
_LONG_S = 7_200.0


def quote(text: str, *, limit: int = 300) -> str:
    r"""Return text from outside so that it is safe to set: one line, printable, not too long.

    Control and direction characters are shown as escapes, so that they act on no terminal or page.
    What is cut or withheld is said.

    Example:
        >>> print(quote("a\x1b[31m\n b"))
        a\x1b[31m b
    """
    if _KEPT_WORD in unicodedata.normalize("NFKC", text).casefold():
        return WITHHELD
    shown = "".join(_visible(letter) for letter in " ".join(text.split()))
    if len(shown) <= limit:
        return shown
    return f"{shown[:limit]} [cut, {len(shown):,} characters]"


def _visible(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS:
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def day_text(day: date) -> str:
    """Return a date as `27 June 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """Times of one bulletin, shown in its zone.

    Attributes:
        zone: The zone.
    """

    zone: ZoneInfo

    def minute(self, instant: datetime) -> str:
        """Return `27 Jun 02:41`."""
        local = instant.astimezone(self.zone)
        return f"{local.day} {_MONTHS[local.month - 1][:3]} {local:%H:%M}"

    def year(self, instant: datetime) -> str:
        """Return `27 Jun 2026 02:41`."""
        local = instant.astimezone(self.zone)
        return f"{local.day} {_MONTHS[local.month - 1][:3]} {local:%Y %H:%M}"

    def long(self, instant: datetime) -> str:
        """Return `19:30 on 27 June 2026`."""
        local = instant.astimezone(self.zone)
        return f"{local:%H:%M} on {day_text(local.date())}"

    def spread(self, middle: datetime, start: datetime, end: datetime) -> tuple[str, str]:
        """Return the time in words and, in words too, how well it is known."""
        width_s = (end - start).total_seconds()
        if width_s <= _SHORT_S:
            return self.minute(middle), ""
        if width_s <= _LONG_S:
            return self.minute(middle), f"within {math.ceil(width_s / 120)} min"
        return f"from {self.minute(start)}", f"to {self.minute(end)}"

    def zone_text(self, start: datetime, end: datetime) -> str:
        """Return the zone and its offsets, such as `Europe/Kyiv (EEST, UTC+03:00)`."""
        offsets = dict.fromkeys(self._offset(instant) for instant in (start, end))
        if self.zone.key == "UTC":
            return "UTC"
        return f"{self.zone.key} ({', then '.join(offsets)})"

    def _offset(self, instant: datetime) -> str:
        local = instant.astimezone(self.zone)
        digits = f"{local:%z}"
        offset = f"UTC{digits[:3]}:{digits[3:5]}" if local.utcoffset() else "UTC"
        name = local.tzname() or ""
        return f"{name}, {offset}" if name.isalpha() and name != offset else offset


def utc_text(instant: datetime) -> str:
    """Return `2026-06-27 16:30 UTC`."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def p_text(share_p: float) -> str:
    """Return a probability with two decimals, never rounded to a certainty.

    Example:
        >>> p_text(0.9987), p_text(0.5), p_text(0.0001)
        ('over .99', '.50', 'under .01')
    """
    if share_p > 0.99:  # noqa: PLR2004 - the last value that two decimals can show
        return "over .99"
    if share_p < 0.01:  # noqa: PLR2004
        return "under .01"
    return f"{share_p:.2f}".removeprefix("0")


def count_text(low: int | None, high: int | None, qualifier: str | None) -> str:
    """Return a reported count with its qualifier; an open count is never made a number.

    Example:
        >>> count_text(3, None, "at_least"), count_text(None, None, None)
        ('at least 3', 'not given')
    """
    if low is None and high is None:
        return "not given"
    if low is None:
        return f"at most {high:,}"
    if high is None:
        return f"several, at least {low:,}" if qualifier == "several" else f"at least {low:,}"
    figure = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return (
        figure
        if qualifier in {None, "exact", "range"}
        else f"{str(qualifier).replace('_', ' ')} {figure}"
    )


def plural(number: int, one: str, many: str = "") -> str:
    """Return the number with its noun.

    Example:
        >>> plural(1, "incident"), plural(1200, "incident")
        ('1 incident', '1,200 incidents')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def coordinates_text(lat_deg: float, lon_deg: float) -> str:
    """Return `48.750 N, 26.602 E`; a thousandth of a degree is about 100 m."""
    north = "N" if lat_deg >= 0 else "S"
    east = "E" if lon_deg >= 0 else "W"
    return f"{abs(lat_deg):.3f} {north}, {abs(lon_deg):.3f} {east}"


def near_text(lat_deg: float, lon_deg: float, places: Sequence[NamedPlace]) -> str:
    """Return `3 km NE of Pelven`, or "" when no named place is within 40 km.

    Distances on the sphere; ties go to the first by name.
    """
    legs = [(*_leg(place, lat_deg, lon_deg), place.name) for place in places]
    if not legs:
        return ""
    away_km, bearing_deg, name = min(legs, key=lambda leg: (leg[0], leg[2]))
    if away_km > _NEAR_KM:
        return ""
    if away_km <= _AT_PLACE_KM:
        return f"at or near {quote(name, limit=60)}"
    point = _POINTS[round(bearing_deg / 45) % 8]
    return f"{away_km:.0f} km {point} of {quote(name, limit=60)}"


def _leg(place: NamedPlace, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """Return distance in km and bearing in degrees from the place to the point."""
    south, north = math.radians(place.lat_deg), math.radians(lat_deg)
    east = math.radians(lon_deg - place.lon_deg)
    chord = math.sin((north - south) / 2) ** 2
    chord += math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    away_km = 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(chord))) / 1000
    ahead = math.cos(south) * math.sin(north) - math.sin(south) * math.cos(north) * math.cos(east)
    return away_km, math.degrees(math.atan2(math.sin(east) * math.cos(north), ahead)) % 360
