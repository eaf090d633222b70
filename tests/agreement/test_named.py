"""Whatever has an id can be said in words, with what else speaks of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.exemption import Asks, Condition
from trucewatch.agreement.named import in_words, tell
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.agreement.show import show
from trucewatch.agreement.words.rules import not_asked
from trucewatch.errors import NotFound

WHOLE = parse((Path(__file__).parent / "corpus" / "whole.yaml").read_bytes(), name="whole.yaml")
PROVIDED = WHOLE.provisions


def said(name: str) -> str:
    [named] = tell(WHOLE, name)
    return " ".join(in_words(named).split())


def test_an_exemption_is_told_with_its_conditions_its_rules_and_what_it_does_not_ask() -> None:
    text = said(WHOLE.exemptions[0].id)

    assert "1. fire came in within the 10 minutes before" in text
    assert "Not asked: who does it; how many." in text
    assert "Spoken of by: rule R01" in text


def test_a_notice_is_told_with_whom_it_goes_to_how_early_and_who_may_object() -> None:
    notice = PROVIDED.notices[0]

    text = said(notice.id)

    assert f"Addressed to: {', '.join(notice.to)}; at least " in text
    assert "The addressee may" in text
    assert text.endswith(
        "Spoken of by: rule R09; exemption E_BLAST from R01, by the same activity."
    )


def test_a_window_is_told_with_every_rule_that_holds_in_it() -> None:
    window = PROVIDED.windows[0]
    rules = [r.id for r in WHOLE.rules if r.kind == "silence_window"]

    [named] = tell(WHOLE, window.id)

    assert named.sort == "window"
    assert [by.split(",")[0] for by in named.spoken_of_by] == [f"rule {each}" for each in rules]


def every_id() -> list[str]:
    nouns = (
        *WHOLE.rules,
        *WHOLE.exemptions,
        *WHOLE.zones,
        *WHOLE.lines,
        *WHOLE.weapons,
        *WHOLE.parties,
        *PROVIDED.windows,
        *PROVIDED.notices,
        *PROVIDED.sequences,
        *PROVIDED.access,
        *PROVIDED.object_lists,
        *PROVIDED.instruments,
        *WHOLE.mechanism.bodies,
        *WHOLE.mechanism.means,
        *WHOLE.mechanism.remedies,
    )
    return [*(each.id for each in nouns), *WHOLE.definitions]


@pytest.mark.parametrize("name", every_id())
def test_every_id_is_told_in_80_columns_as_show_prints_it(name: str) -> None:
    shown = show(WHOLE)

    for named in tell(WHOLE, name):
        assert max(map(len, in_words(named).splitlines())) <= 80
        assert all(line in shown for line in named.words)


def test_ids_that_are_alike_in_two_sorts_are_both_told() -> None:
    zone = replace(WHOLE.zones[0], id=PROVIDED.windows[0].id)

    found = tell(replace(WHOLE, zones=(zone,), rules=()), zone.id)

    assert [each.sort for each in found] == ["window", "zone"]


def test_refuses_an_id_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="whole: id is E_NONE, must be one of: R01, R02"):
        tell(WHOLE, "E_NONE")


@pytest.mark.parametrize("name", ["local-truce", "minsk-type", "paris-type"])
def test_what_is_told_of_a_party_is_the_same_as_of_the_other(name: str) -> None:
    raw = shipped_bytes(name)
    swapped = raw.replace(b"ALPHA", b"@@").replace(b"BRAVO", b"ALPHA").replace(b"@@", b"BRAVO")

    [alpha] = tell(parse(raw, name=name), "ALPHA")
    [bravo] = tell(parse(swapped, name=name), "BRAVO")

    assert sorted(alpha.spoken_of_by) == sorted(bravo.spoken_of_by)


def test_that_the_mission_gave_a_notice_asks_neither_who_flies_nor_where_nor_when() -> None:
    by_monitor = (Condition(asks=Asks.OPERATOR_IS_MONITOR, value=None),)
    exemption = replace(WHOLE.exemptions[0], conditions=by_monitor)

    text = " ".join(show(replace(WHOLE, exemptions=(exemption,))).split())

    assert (
        "Not asked: who does it; where; whether all of it falls in the notified time; how many."
    ) in text


@given(st.sets(st.sampled_from(sorted(Asks))), st.sampled_from(sorted(Asks)))
def test_a_further_condition_leaves_no_more_unasked(asks: set[Asks], more: Asks) -> None:
    def left(asked: set[Asks]) -> set[str]:
        conditions = tuple(Condition(asks=each, value=None) for each in sorted(asked))
        timed = {"when", "whether all of it falls in the notified time"}
        found = not_asked(replace(WHOLE.exemptions[0], conditions=conditions))
        return {"when" if each in timed else each for each in found}

    assert left(asks | {more}) <= left(asks)
    assert "who does it" in left(asks)
