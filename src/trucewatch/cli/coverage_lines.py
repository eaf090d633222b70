"""Coverage and whether it is holding, in words."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from trucewatch.cli.printing import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from trucewatch.mission.covered_told import ClassCovered, Covered
    from trucewatch.mission.is_holding import Changed, Holding
    from trucewatch.report.watching import Rated, Sector, Watching

_WHOLE = "whole ground"
_PER = "per 1,000 covered hours"
_SEEN_ALIKE = 3  # more than so many classes that are seen alike are counted, not named


def coverage_lines(found: Covered) -> list[str]:
    """Return what could have been seen, in words."""
    told = ["MISSION ONLY: shows where people were"]
    told.append(f"{_minute(found.start)} to {_minute(found.end)}, {found.passed_h:g} hours")
    told.append("Covered, by sector and class:")
    told += [f"  {_place(each.sector)}: {_classes(each)}" for each in found.classes]
    told.append("Assets, hours at full power all over the sector:")
    for asset in found.assets:
        unknown = asset.cloud_unknown_h
        sky = f"; {unknown:.2f} under a sky of which nobody speaks" if unknown else ""
        told.append(
            f"  {asset.asset}, {_place(asset.sector)}: watched {asset.watched_h:.2f}, "
            f"lost {asset.lost_h:.2f}{sky}"
        )
    told.append("Lost, and why:" if found.lost else "Nothing was lost.")
    told += [
        f"  {each.asset}, {_place(each.sector)}: {each.cause} {each.lost_h:.2f}"
        for each in found.lost
    ]
    told += found.told
    return told + _strangers(found.strangers)


def _classes(each: ClassCovered) -> str:
    many = len(each.kinds) > _SEEN_ALIKE
    names = f"{each.kinds[0]} and {len(each.kinds) - 1} alike" if many else ", ".join(each.kinds)
    if f"{each.low_h:.2f}" == f"{each.high_h:.2f}":
        return f"{names} {each.low_h:.2f} h, {_percent(each.low_share)}"
    return (
        f"{names} {each.low_h:.2f} to {each.high_h:.2f} h, "
        f"{_percent(each.low_share)} to {_percent(each.high_share)}, by what the sky was"
    )


def holding_lines(found: Holding) -> list[str]:
    """Return whether it is holding, in words."""
    watching = found.watching
    told = [f"Report day {found.day}, by the first {found.input_size:,} entries of the log"]
    told.append(_declared(found))
    for each in (watching.whole, *watching.sectors):
        told += _sector(each)
    told.append(_rule(watching))
    if found.changed is not None:
        told.append(_changed(found.changed))
    return told + _strangers(watching.strangers)


def _declared(found: Holding) -> str:
    if found.declared_entry is None or found.declared_at is None:
        return "Tolerance: none was declared; [holding] tolerated_per_1000h in mission.toml is it"
    since = found.watching.whole.period.start
    said = (
        f"Tolerance: declared in mission.toml, entry {found.declared_entry} of the log, "
        f"{_minute(found.declared_at)}"
    )
    if found.beforehand:
        return f"{said}, before the period began"
    return f"{said}, AFTER the period began ({_minute(since)}): it was not declared beforehand"


def _sector(each: Sector) -> Iterator[str]:
    yield f"{_place(each.id)}: {_answer(each)}"
    yield f"  since {_minute(each.period.start)}: {_rated(each.period)}, at all times at once"
    if each.tolerated_per_1000h is not None:
        yield f"  tolerated: {each.tolerated_per_1000h:g} {_PER}"
    share = _percent(each.period.covered_share)
    yield f"  covered since then: {share}, at least {_percent(each.coverage_min_share)} asked"
    for name, rated in (("this day", each.window), ("day before", each.before)):
        yield f"  {name}: {_rated(rated)}; covered {_ends(rated)}"
    if each.lost:
        lost = ", ".join(f"{one.cause} {one.hours_h:.2f}" for one in each.lost)
        yield f"  lost this day, asset-hours: {lost}"


def _answer(each: Sector) -> str:
    if each.why == "no tolerance":
        return "Cannot tell: no tolerance was declared"
    if each.why == "declared late":
        return "Cannot tell: what is tolerated was declared after the period had begun"
    if each.why == "too little covered":
        return "Cannot tell: too little was covered"
    if each.why == "evidence too weak":
        return "Cannot tell: the evidence does not suffice yet"
    return each.answer.capitalize()


def _rated(rated: Rated) -> str:
    """Return a count with its rate; where nothing was seen, with what could have been missed."""
    other = f", {rated.other_n:,} in no rate" if rated.other_n else ""
    number = f"{counted(rated.count, 'incident')}{other}"
    low, middle, high = rated.low_per_1000h, rated.middle_per_1000h, rated.high_per_1000h
    if low is None or middle is None or high is None:
        return f"{number}, no rate: nothing could be seen of the class that is seen least"
    if not rated.count:
        return f"{number}, at most {_figure(high)} {_PER} ({_percent(rated.level_p)})"
    return (
        f"{number}, {_figure(middle)} {_PER} "
        f"({_percent(rated.level_p)}: {_figure(low)} to {_figure(high)})"
    )


def _ends(rated: Rated) -> str:
    low, high = rated.covered_low_h, rated.covered_high_h
    hours = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"
    return f"{hours} of {rated.passed_h:g} h, {_percent(rated.covered_share)} at least"


def _rule(watching: Watching) -> str:
    return (
        f"Counted, of classes {', '.join(watching.counts)}: what a declared asset saw where "
        f"and when it could, likelier real than not; chance of a false answer "
        f"{_percent(watching.alpha_p)}, either way"
    )


def _changed(changed: Changed) -> str:
    said = (
        f"The rate changed within the last {changed.within_d} report days, "
        f"with probability {changed.chance_p:.2f}"
    )
    if changed.since is None or not changed.before_per_1000h or not changed.after_per_1000h:
        return f"{said}."
    return (
        f"{said}: likeliest on the day from {_minute(changed.since)}, "
        f"from {_three(changed.before_per_1000h)} to {_three(changed.after_per_1000h)} {_PER}."
    )


def _three(rate_per_1000h: tuple[float, float, float]) -> str:
    low, middle, high = rate_per_1000h
    return f"{_figure(middle)} (90 %: {_figure(low)} to {_figure(high)})"


def _strangers(names: Iterable[str]) -> list[str]:
    listed = ", ".join(names)
    return [f"Nobody declared {listed}: what they report of their watch counts for nothing"] * bool(
        listed
    )


def _place(sector: str) -> str:
    return f"sector {sector}" if sector else _WHOLE


def _figure(rate_per_1000h: float) -> str:
    return f"{rate_per_1000h:,.2f}"


def _percent(of_share: float) -> str:
    return f"{100 * of_share:.3g} %"


def _minute(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
