"""The first page: whether it is holding, why, what was counted, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import Response, get

from trucewatch.access.role import Role
from trucewatch.report.bulletin.share import compares, covered_high_share
from trucewatch.serve.ask import Ask
from trucewatch.serve.maps import dots, figure, ground
from trucewatch.serve.maps.agreed import zones_of
from trucewatch.serve.maps.frame import Frame
from trucewatch.serve.pages import _answered, _scale, _worded
from trucewatch.serve.pages._issues import DAILY, ENDS
from trucewatch.serve.pages._standing import standing

if TYPE_CHECKING:
    from markupsafe import Markup

    from trucewatch.mission.configuration import Configuration
    from trucewatch.report.watching import Sector
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._scale import Scale
    from trucewatch.serve.pages._standing import Standing

_HERE = (".csv", ".release.jsonl", ".geojson", ".html")
_MAP_PX = (490, 440)
_BAR_PX = 100
_EXERCISE = "EXERCISE: "


class Stretch(NamedTuple):
    """One sector, or the whole ground, for its row.

    Attributes:
        sector: As the answers have it.
        bar: Its interval, on the axis that all rows share.
        rate: In figures.
        ends: Its interval in figures.
        covered_share: Covered part, of the class seen most, of the time since recommitment, 0 to 1.
    """

    sector: Sector
    bar: Scale | None
    rate: str
    ends: str
    covered_share: float


class Counted(NamedTuple):
    """One counting rule.

    Attributes:
        rule: Its name.
        what: What it counts.
        now: What it makes of the window.
        before: Of the one before.
        real_now: How many of them are real, with an interval; "" where that cannot be asked.
        real_before: Likewise, of the one before.
    """

    rule: str
    what: str
    now: str
    before: str
    real_now: str
    real_before: str


@get("/", sync_to_thread=True, include_in_schema=False)
def portal(ask: Ask) -> Response[str]:
    """Return the page of a report day."""
    stands = standing(ask)
    told = _answered.answer(ask, stands)
    return ask.page(
        "portal.html",
        stands=stands,
        told=told,
        title=_title(stands.using if stands else ask.shown.using),
        issue_files=_files(stands),
        ends=ENDS,
        worded=_worded,
        answered=_answered,
        **(_drawn(ask, stands) if stands else {}),
    )


def _drawn(ask: Asking, stands: Standing) -> dict[str, Any]:
    watching = stands.watching
    whole = watching.whole if watching and stands.bound else None
    top = _scale.top_per_1000h([whole]) if whole else 1.0
    widths = (_scale.WIDE_PX, _scale.NARROW_PX)
    drawn = [_scale.scale(whole, width, top, ask.tongue) for width in widths] if whole else []
    return {
        "whole": whole,
        "scales": [each for each in drawn if each],
        "stretches": _stretches(ask, stands),
        "lost": _answered.lost(ask, whole) if whole else [],
        "counted": _counted(ask, stands),
        "comparable": watching is None or compares(watching.whole.window, watching.whole.before),
        "unknown": _answered.unknown(ask, stands),
        "map": _map(ask, stands),
        "coarse": ask.viewer.role is not Role.MISSION,
    }


def _title(using: Configuration) -> str:
    """Return what the question is of: the agreement, without the mark that every page carries."""
    text = using.agreement.title.removeprefix(_EXERCISE)
    return text[:1].upper() + text[1:]


def _stretches(ask: Asking, stands: Standing) -> list[Stretch]:
    if stands.watching is None or not stands.bound:
        return []
    sectors = stands.watching.sectors
    top = _scale.top_per_1000h(sectors)
    found = []
    for each in sectors:
        rate, ends = _answered.rate(ask, each.period)
        bar = _scale.scale(each, _BAR_PX, top, ask.tongue)
        share = min(1.0, covered_high_share(each.period))
        found.append(Stretch(each, bar, rate, ends, share))
    return found


def _counted(ask: Asking, stands: Standing) -> list[Counted]:
    found = []
    for pair in stands.counts:
        now, before = (_answered.count_words(ask, each) for each in pair)
        rule = pair[0].rule
        real = ("", "")
        if rule == "incident":
            real = (_answered.real(ask, stands.real[0]), _answered.real(ask, stands.real[1]))
        found.append(Counted(rule, _answered.RULES[rule], now, before, *real))
    return found


def _map(ask: Asking, stands: Standing) -> Markup | None:
    """Return the map of the window; None where nothing in it has a place."""
    span, ours = (stands.start, stands.end), ask.viewer.role is Role.MISSION
    zones = zones_of(stands.using.agreement, span, restricted=ours)
    placed = stands.incidents.drop_nulls("lat_deg")
    if placed.is_empty() and not zones:
        return None
    frame = Frame.fit(figure.box_of(placed, zones, stands.using), _MAP_PX)
    beside = replace(figure.around(ask, span), using=stands.using, zones=zones)
    found = dots.dots(placed, frame)
    marks = figure.drawn(ask, found, beside, layers=figure.LAYERS, links=figure.PLAIN_LINKS)
    return figure.whole(ask, found, marks + ground.noted(figure.foot(ask, frame), frame))


def _files(stands: Standing | None) -> list[object]:
    issue = stands.issue if stands else None
    if issue is None or issue.product != DAILY:
        return []
    return [found for end in _HERE if (found := issue.file(end))]


ROUTES = (portal,)
