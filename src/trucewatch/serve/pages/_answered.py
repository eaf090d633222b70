"""The one big answer, and why, in plain sentences; what is not known, likewise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.records.assessment import Outcome
from trucewatch.report.bulletin.share import covered_high_share
from trucewatch.serve.nav import N_
from trucewatch.serve.pages._scale import bounded, rate_figure

if TYPE_CHECKING:
    from trucewatch.report.bulletin.interval import Tally
    from trucewatch.report.counting.rules import Count
    from trucewatch.report.watching import Rated, Sector
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.pages._standing import Standing

PER_H = 1000
UNDETERMINED = ("undetermined", "thermal_anomaly", "explosion_undetermined")
"""Kinds that leave open what it was."""
GLYPHS = {"holding": "ok", "not holding": "breach", "cannot tell": "ind"}
ANSWERS = {
    "holding": N_("It is holding."),
    "not holding": N_("It is not holding."),
    "cannot tell": N_("We cannot tell."),
}
SHORT = {
    "holding": N_("holding"),
    "not holding": N_("not holding"),
    "cannot tell": N_("cannot tell"),
}
WHYS = {
    "no tolerance": N_(
        "How much would be tolerated was not declared, so no rate can speak for or against it."
    ),
    "declared late": N_(
        "What is tolerated was declared after this time had begun, so it cannot be judged by that."
    ),
    "evidence too weak": N_("That does not yet suffice to say either."),
}
RULES = {
    "incident": N_("one happening, however many sensors reported it"),
    "osce_unit": N_(
        "each explosion, projectile, flash, flare, burst or shot that reports speak of"
    ),
    "episode_60min_30rounds": N_("thirty rounds or more at one place without a gap of an hour"),
    "crossing": N_("a line crossed on the ground or in the air"),
    "ruled": N_("a breach that a competent body ruled on"),
}
"""What each counting rule counts, in few words; its full words stand in every bulletin."""


LOST = {
    "watching": N_("less than full power, no cause given"),
    "outage": N_("sensors out of order"),
    "maintenance": N_("maintenance"),
    "cloud": N_("cloud"),
    "weather": N_("weather"),
    "withdrawn": N_("withdrawn by us"),
    "denied": N_("access denied"),
    "denial": N_("access denied"),
    "delay": N_("access delayed"),
    "conditional": N_("access on a condition"),
    "jamming": N_("navigation or link of an asset jammed"),
    "fire_at_asset": N_("fire at a patrol or an asset"),
    "mines_uxo": N_("mines or unexploded ordnance"),
    "communications": N_("communications cut"),
    "sensor_damaged": N_("a sensor damaged, removed or blinded"),
    "detention": N_("monitors detained"),
    "night": N_("night"),
    "absent": N_("expected files that did not come, explained"),
    "missing": N_("expected files that did not come, unexplained"),
    "silent": N_("silence beyond a sensor's own rhythm"),
}
"""What may have taken hours of watching, in words."""


class Answer(NamedTuple):
    """The answer, and each sentence of why."""

    text: str
    why: list[str]


def answer(ask: Asking, stands: Standing | None) -> Answer:
    """Return whether it is holding, in words."""
    say = ask.tongue.words.gettext
    if stands is None:
        nothing = say(N_("Nothing that was received has been put together and released yet."))
        return Answer(say(ANSWERS["cannot tell"]), [nothing])
    if not stands.bound:
        why = say(N_("No ceasefire was in force on this report day, so there was none to hold."))
        return Answer(say(N_("None was in force.")), [why])
    if stands.watching is None:
        undeclared = say(
            N_(
                "Nobody has declared what watches this ground, so nobody can say how much would "
                "have been seen of what happened. A number alone is no answer."
            )
        )
        return Answer(say(ANSWERS["cannot tell"]), [undeclared, _reported(ask, stands)])
    whole = stands.watching.whole
    return Answer(say(ANSWERS[whole.answer]), _why(ask, whole))


def _reported(ask: Asking, stands: Standing) -> str:
    real, _ = stands.real
    if not real.n:
        return ask.tongue.words.gettext(
            N_("No incident was reported on this day, which does not mean that none happened.")
        )
    said = ask.tongue.words.ngettext(
        "%(num)s incident was reported on this day; %(low)s to %(high)s are real (90 %% interval).",
        "%(num)s incidents were reported on this day; %(low)s to %(high)s of them are real "
        "(90 %% interval).",
        real.n,
    )
    number = ask.tongue.number
    return said % {"num": number(real.n), "low": number(real.low), "high": number(real.high)}


def _why(ask: Asking, whole: Sector) -> list[str]:
    say, period = ask.tongue.words.gettext, whole.period
    told = [since(ask, period)]
    if whole.tolerated_per_1000h is not None:
        line = rate_figure(whole.tolerated_per_1000h, ask.tongue)
        told.append(say(N_("The line declared beforehand is %(line)s.")) % {"line": line})
    if whole.why == "too little covered":
        shares = {"share": covered(ask, period), "least": least(ask, whole)}
        told.append(
            say(
                N_(
                    "Of the hours of that time %(share)s were covered, and at least %(least)s was "
                    "declared as necessary."
                )
            )
            % shares
        )
    elif whole.why:
        told.append(say(WHYS[whole.why]))
    return told


def since(ask: Asking, rated: Rated) -> str:
    """Return what was seen since a time, with its interval, as a sentence."""
    tongue, words = ask.tongue, ask.tongue.words
    zone = ask.shown.using.settings.mission.time_zone
    told = {"start": tongue.day(rated.start, zone), "per": tongue.number(PER_H)}
    if not bounded(rated):
        said = words.gettext(
            N_("Since %(start)s there is no upper end to the rate: too little could be seen.")
        )
        return said % told
    told |= _ends(ask, rated)
    if not rated.count:
        said = words.gettext(
            N_(
                "Since %(start)s nothing was seen of what counts. At the share that was covered, a "
                "rate of up to %(high)s per %(per)s covered hours could have gone unseen "
                "(%(level)s)."
            )
        )
        return said % told
    middle = rate_figure(rated.middle_per_1000h or 0.0, tongue)
    told |= {"num": tongue.number(rated.count), "middle": middle}
    said = words.ngettext(
        "Since %(start)s we counted %(num)s incident. Allowing for what nobody could have seen, "
        "that is %(middle)s per %(per)s covered hours, and the true rate may lie anywhere between "
        "%(low)s and %(high)s (%(level)s interval).",
        "Since %(start)s we counted %(num)s incidents. Allowing for what nobody could have seen, "
        "that is %(middle)s per %(per)s covered hours, and the true rate may lie anywhere between "
        "%(low)s and %(high)s (%(level)s interval).",
        rated.count,
    )
    return said % told


def rate(ask: Asking, rated: Rated) -> tuple[str, str]:
    """Return a rate and its interval in figures; words where there is none."""
    tongue, say = ask.tongue, ask.tongue.words.gettext
    if not bounded(rated):
        return say(N_("no rate")), say(N_("nothing could be seen"))
    ends = _ends(ask, rated)
    if not rated.count:
        return say(N_("none seen")), say(N_("up to %(high)s (%(level)s)")) % ends
    middle = rate_figure(rated.middle_per_1000h or 0.0, tongue)
    return middle, say(N_("%(low)s to %(high)s (%(level)s)")) % ends


def _ends(ask: Asking, rated: Rated) -> dict[str, str]:
    """Return both ends of an interval and its chance, in figures, each end rounded outwards."""
    low, high = rated.low_per_1000h or 0.0, rated.high_per_1000h or 0.0
    return {
        "low": rate_figure(low, ask.tongue, up=False),
        "high": rate_figure(high, ask.tongue, up=True),
        "level": level(rated),
    }


def at_a_glance(ask: Asking, rated: Rated) -> str:
    """Return a rate and its interval on one line, as it stands under the scale."""
    middle, between = rate(ask, rated)
    if not rated.count or not bounded(rated):
        return f"{middle}, {between}"
    said = ask.tongue.words.gettext(N_("%(middle)s (%(low)s to %(high)s, %(level)s interval)"))
    return said % {"middle": middle, **_ends(ask, rated)}


def line(ask: Asking, one: Sector) -> str:
    """Return what stands at the declared line; "" where none was declared."""
    if one.tolerated_per_1000h is None:
        return ""
    said = ask.tongue.words.gettext(N_("declared line, %(line)s"))
    return said % {"line": rate_figure(one.tolerated_per_1000h, ask.tongue)}


def level(rated: Rated) -> str:
    """Return the chance of an interval, such as `95 %`."""
    return f"{rated.level_p * 100:.3g} %"


def covered(ask: Asking, rated: Rated) -> str:
    """Return the covered share of some hours, of the class seen least to the class seen most."""
    low, high = (ask.tongue.percent(s) for s in (rated.covered_share, covered_high_share(rated)))
    if low == high:
        return low
    return ask.tongue.words.gettext(N_("%(low)s to %(high)s")) % {"low": low, "high": high}


def lost(ask: Asking, one: Sector) -> list[str]:
    """Return what took hours of watching on the report day, in words, the most first."""
    say = ask.tongue.words.gettext
    told = [say(LOST.get(each.cause, each.cause)) for each in one.lost]
    return list(dict.fromkeys(told))


def least(ask: Asking, one: Sector) -> str:
    """Return the covered share that was declared as necessary."""
    return ask.tongue.percent(one.coverage_min_share)


def count_words(ask: Asking, count: Count) -> str:
    """Return what a rule counts, in words where a number alone would mislead."""
    say, number = ask.tongue.words.gettext, ask.tongue.number
    if count.low is None:
        return say(N_("not counted here"))
    if count.high is None:
        at_least = say(N_("at least %(low)s")) % {"low": number(count.low)}
        return at_least if count.low else say(N_("not known"))
    if count.low == count.high:
        return number(count.low) if count.low else say(N_("none by this rule"))
    if not count.low:
        return say(N_("at most %(high)s")) % {"high": number(count.high)}
    ends = {"low": number(count.low), "high": number(count.high)}
    return say(N_("%(low)s to %(high)s")) % ends


def real(ask: Asking, tally: Tally) -> str:
    """Return how many incidents are real, with the interval of that; "" where there are none."""
    if not tally.n:
        return ""
    said = ask.tongue.words.gettext(N_("%(low)s to %(high)s of them real (90 %% interval)"))
    return said % {"low": ask.tongue.number(tally.low), "high": ask.tongue.number(tally.high)}


def unknown(ask: Asking, stands: Standing) -> list[str]:
    """Return what is not known of a report day, a sentence each."""
    say, words, number = ask.tongue.words.gettext, ask.tongue.words, ask.tongue.number
    total = len(stands.incidents)
    told = []
    if total:
        said = words.ngettext(
            "Who did it, in %(num)s incident: that is not assessed here.",
            "Who did it, in all %(num)s incidents: that is not assessed here.",
            total,
        )
        told.append(said % {"num": number(total)})
    kinds = int(stands.incidents["class"].is_in(UNDETERMINED).sum())
    if kinds:
        said = N_("What it was, in %(num)s of %(total)s incidents: the likeliest kind is open.")
        told.append(say(said) % {"num": number(kinds), "total": number(total)})
    told += _indeterminate(ask, stands)
    told.append(_uncovered(ask, stands))
    for each in stands.silences:
        said = N_(
            "What %(sensor)s would have reported from %(start)s to %(end)s: it was silent beyond "
            "its own rhythm."
        )
        span = {"start": ask.minute(each.start), "end": ask.minute(each.end)}
        told.append(say(said) % {"sensor": each.sensor, **span})
    return told


def _indeterminate(ask: Asking, stands: Standing) -> list[str]:
    rows = ask.shown.assessments.filter(pl.col("outcome") == Outcome.INDETERMINATE)
    open_n = len(stands.incidents.join(rows, left_on="id", right_on="subject", how="semi"))
    if not open_n:
        return []
    words = ask.tongue.words.ngettext(
        "Whether a rule covers %(num)s incident: its place, time or weapon is not known well "
        "enough.",
        "Whether a rule covers %(num)s incidents: their places, times or weapons are not known "
        "well enough.",
        open_n,
    )
    return [words % {"num": ask.tongue.number(open_n)}]


def _uncovered(ask: Asking, stands: Standing) -> str:
    say = ask.tongue.words.gettext
    if stands.watching is None:
        return say(N_("How much of this day anybody could have seen: nobody declared it."))
    shares = {"share": covered(ask, stands.watching.whole.window)}
    said = N_(
        "What happened while nobody could have seen it: %(share)s of the hours of this day were "
        "covered."
    )
    return say(said) % shares
