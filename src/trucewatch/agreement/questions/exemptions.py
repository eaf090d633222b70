"""Questions about exemptions: can anybody ever be exempt?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.exemption import Asks
from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.questions.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.exemption import Condition, Exemption
    from trucewatch.agreement.provision import Notice

_OF_A_NOTICE = (
    Asks.NOTIFIED,
    Asks.LEAD,
    Asks.INSIDE_NOTIFIED_AREA,
    Asks.WITHIN_NOTIFIED_NUMBER,
)
_PLANNED = (*_OF_A_NOTICE, Asks.OPERATOR_IS_MONITOR, Asks.JOINTLY_AGREED)
_IN_ANSWER = (Asks.INCOMING_FIRE, Asks.MECHANISM_TRIED_AND_FAILED)
_CODE = "unreachable-exemption"


def about_exemptions(agreement: Agreement) -> Iterator[Finding]:
    """Yield exemptions that nobody can reach, that ask nothing, or that ask what is not given."""
    named = {each for rule in agreement.rules for each in rule.exemptions}
    for exemption in agreement.exemptions:
        where = f"exemption {exemption.id}"
        if exemption.id not in named:
            text = "no rule names it: nothing is exempt by it"
            yield Finding(code=_CODE, where=where, text=text)
        if not exemption.conditions:
            text = "it asks nothing: whatever a rule with it forbids is exempt"
            yield Finding(code="exemption-without-condition", where=where, text=text)
        yield from _contradiction(exemption)
        yield from _notice(exemption, agreement.provisions.notices)
    yield from _flights(agreement)
    yield from _shadowed(agreement)
    yield from _self_defence(agreement)


def _contradiction(exemption: Exemption) -> Iterator[Finding]:
    asked = [condition.asks for condition in exemption.conditions]
    ahead = [each for each in asked if each in _PLANNED]
    answer = [each for each in asked if each in _IN_ANSWER]
    if ahead and answer:
        text = (
            f"it asks {ahead[0]}, which is of something planned, and {answer[0]}, which is of an"
            " answer to fire: nothing can be both"
        )
        yield Finding(code=_CODE, where=f"exemption {exemption.id}", text=text)


def _notice(exemption: Exemption, notices: Sequence[Notice]) -> Iterator[Finding]:
    """Yield what an exemption asks of a notice that the text does not provide for."""
    asked = {condition.asks: condition.value for condition in exemption.conditions}
    where = f"exemption {exemption.id}"
    wanted = [each for each in asked if each in _OF_A_NOTICE]
    if not wanted or Asks.OPERATOR_IS_MONITOR in asked:  # the mission's own notices need no clause
        return
    fitting = [each for each in notices if exemption.activity in ("", each.activity)]
    if not fitting:
        activity = exemption.activity or "any activity"
        text = f"it asks {wanted[0]}, and no notice provides for {activity}"
        yield Finding(code=_CODE, where=where, text=text)
        return
    lead_h = asked.get(Asks.LEAD)
    given_h = max(each.lead_h for each in fitting)
    if lead_h is not None and lead_h > given_h:
        text = (
            f"it asks {lead_h:g} h ahead, and the notice is due {given_h:g} h ahead: whoever gives"
            " notice in time is still not exempt"
        )
        yield Finding(code="lead-beyond-notice", where=where, text=text)


def _flights(agreement: Agreement) -> Iterator[Finding]:
    """Yield exemptions of flights that a notice of flights elsewhere would satisfy.

    The craft is compared with the notice only where the notice names any, so that no condition can
    stand for the area.
    """
    named = {e for r in agreement.rules if "flight" in KINDS[r.kind].needs for e in r.exemptions}
    for exemption in agreement.exemptions:
        asked = {condition.asks for condition in exemption.conditions}
        if exemption.id in named and asked & {*_PLANNED} and Asks.INSIDE_NOTIFIED_AREA not in asked:
            text = (
                "it does not ask that a flight keeps to the area of its notice: one notice exempts"
                " every flight of its time, wherever it is and whosever it is"
            )
            yield Finding(code="flight-without-area", where=f"exemption {exemption.id}", text=text)


def _shadowed(agreement: Agreement) -> Iterator[Finding]:
    """Yield exemptions that add nothing to one that the same rule tries before."""
    for rule in agreement.rules:
        tried = [agreement.exemption(each) for each in rule.exemptions]
        for place, exemption in enumerate(tried):
            for before in tried[:place]:
                if _covers(before, exemption):
                    text = f"in rule {rule.id} {before.id} exempts already whatever it would exempt"
                    yield Finding(code=_CODE, where=f"exemption {exemption.id}", text=text)


def _covers(wide: Exemption, narrow: Exemption) -> bool:
    """Return whether all that the narrow one asks includes all that the wide one asks."""
    if not wide.conditions or wide.activity != narrow.activity:
        return False
    return all(
        any(_implies(each, asked) for each in narrow.conditions) for asked in wide.conditions
    )


def _implies(strict: Condition, loose: Condition) -> bool:
    if strict.asks is not loose.asks:
        return False
    if strict.value is None or loose.value is None:
        return strict.value == loose.value
    if strict.asks is Asks.INCOMING_FIRE:  # minutes before: fewer is stricter
        return strict.value <= loose.value
    return strict.value >= loose.value


def _self_defence(agreement: Agreement) -> Iterator[Finding]:
    clause = agreement.provisions.self_defence
    if clause is not None and not clause.exemption:
        text = "it states no conditions: each side will judge its own return fire"
        yield Finding(code="self-defence-without-conditions", where="self_defence", text=text)
