"""The text for lawyers says what the file says, in 80 columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trucewatch.agreement.mechanism import Mechanism
from trucewatch.agreement.parse import parse
from trucewatch.agreement.provision import ObjectList, Provisions, Termination
from trucewatch.agreement.rule import After, Deadline
from trucewatch.agreement.shipped import shipped, shipped_bytes
from trucewatch.agreement.show import show
from trucewatch.agreement.zone import Altitude, AltitudeDatum

DEMO = parse(shipped_bytes("demo-truce"), name="demo-truce.yaml")
WHOLE = parse((Path(__file__).parent / "corpus" / "whole.yaml").read_bytes(), name="whole.yaml")


@pytest.mark.parametrize("name", shipped())
def test_fits_a_terminal_and_marks_the_exercise(name: str) -> None:
    text = show(parse(shipped_bytes(name), name=name))

    assert text.startswith("EXERCISE\n")
    assert max(map(len, text.splitlines())) <= 80
    assert "violation" not in text.lower()
    assert "Nobody has adopted this" in " ".join(text.split())


def test_shows_dates_parties_corners_and_limits() -> None:
    text = " ".join(show(DEMO).split())

    for said in (
        "Takes effect: 2030-09-01 00:00:00+00:00",
        "Ends before: 2030-10-31 00:00:00+00:00",
        "ALPHA (party) Fictional party north of the line",
        "44.825000 N 30.635000 W",
        "Who is bound: ALPHA, BRAVO.",
        "Counts as inside from P(inside) 0.95, as outside up to 0.05",
        "It is forbidden. Checked as: an act that is forbidden in a zone.",
        "Counted as: osce_unit.",
    ):
        assert said in text


def test_shows_what_is_absent_in_words() -> None:
    bare = replace(DEMO, parties=(), definitions={}, zones=(), rules=(), expires=None, note="")

    text = show(bare)

    assert text.count("  None.") == 5
    assert "Ends before:  none named" in text
    assert "Note" not in text


def test_says_what_a_text_is_silent_on_in_one_place() -> None:
    text = " ".join(show(DEMO).split())

    assert "What the text is silent on texts that belong to it; reference lines;" in text
    assert "self-defence; termination; bodies; means of monitoring; standards of proof" in text


def test_shows_every_element_in_plain_words() -> None:
    text = " ".join(show(WHOLE).split())

    for said in (
        "Signed: 2030-04-28 12:00:00+00:00",
        "ALPHA (party) Fictional party in the north",
        "MISSION (monitor, signed) Fictional mission",
        "LINE_B. As the forces stand; not agreed. It describes the situation of 2030-04-28 12:00",
        "It lies within about 200 m of what was meant (one standard deviation across it).",
        "Who measures from it: BRAVO. Seen along its points: ALPHA on the left, BRAVO on the right",
        "Along LINE_A: 10 km to its left and 10 km to its right, seen along its points.",
        "All ground within 500 m of: Ilmery school, 44.950000 N 30.200000 W",
        "Types, as patrols write them: D-30. Calibre from 100 mm. Counted by the barrel.",
        "ALPHA keeps it at least 25 km from LINE_A (phase 1).",
        "BRAVO keeps it at least 25 km from LINE_B (phase 1).",
        "ALPHA measures from LINE_A: GUNS 25 km. BRAVO measures from LINE_B: GUNS 25 km.",
        "Due within 14 days of the signature: until 2030-05-12 12:00:00+00:00.",
        "What may not be there: a weapon of a category. Weapons: GUNS.",
        "Where: Z_DIS. Who is bound: ALPHA, BRAVO. Steps: S_DIS.",
        "Within: 2 km of the place or object. While open: W_WORKS.",
        "Protected: what the list L_ENERGY holds.",
        "Notice to be given: N_BLAST.",
        "What hinders monitors: access denied; access delayed.",
        "Monitors bear a delay of up to 15 minutes.",
        "1. fire came in within the 10 minutes before 2. a call to the mechanism in between had no",
        "2. the notice came at least 24 hours ahead",
        "Exempt from: R01.",
        "Daily from 08:00 until 16:00, Atlantic/Azores.",
        "First: 7 days of silence. The execution may take 3 days. The whole may take 30 days.",
        "Addressed to: centre, MISSION; at least 48 hours ahead.",
        "The addressee may not object; the other party may see it.",
        "With: patrol. Without notice; without escort; by day and by night.",
        "Held by: MISSION, who answers yes or no.",
        "Its conditions: E_RETURN.",
        "May one party end it alone: no. Notice: 30 days.",
        "ALPHA 1 seat, BRAVO 1 seat, MISSION 1 seat without a vote.",
        "It decides by consensus, chaired by MISSION, within 24 hours.",
        "Quorum: 2 voting seats. A deadlock goes to: panel.",
        "It decides by more than half of the votes",
        "It can show: explosion, undetermined; explosion, impact; burst of fire.",
        "Where: Z_SEC; it covers 50 % of the time and ground there.",
        "It reports 15 minutes after the fact. Run by: MISSION. Accepted by: ALPHA, BRAVO.",
        "For a finding on responsibility: clear and convincing.",
        "Asked for by: centre, within 1 hour; binding.",
        "Least standard of proof: reasonable grounds to suspect.",
    ):
        assert said in text, said


def test_says_in_words_what_no_text_says() -> None:
    line = replace(WHOLE.lines[0], epoch=None, accuracy_m=None, datum_for=())
    body = replace(WHOLE.mechanism.bodies[0], quorum=None, next="", members=(), within_h=None)
    rule = replace(WHOLE.rules[1], deadline=Deadline(within_h=1e9, after=After.EFFECTIVE), phase=2)
    bare = replace(
        WHOLE,
        lines=(line,),
        rules=(rule,),
        provisions=Provisions(
            termination=Termination(unilateral=None, notice_h=None, text="It ends."),
            object_lists=(ObjectList(id="L", criteria="Works.", commitment="", held_by=""),),
        ),
        mechanism=Mechanism(bodies=(body,)),
    )

    text = " ".join(show(bare).split())

    for said in (
        "It describes the situation of a day that no text names.",
        "No text says how exact it is, so nothing can be measured from it.",
        "Who measures from it: nobody.",
        "BRAVO keeps it at least 25 km from its own line, which the text does not name",
        "GUNS no distance named (phase 2).",
        "of the date of effect: beyond any calendar.",
        "Who sits in it: no text says who.",
        "Quorum: no text says. A deadlock goes to: no other body.",
        "May one party end it alone: the text does not say.",
        "Held by: nobody named. No commitment to what is on it.",
    ):
        assert said in text, said


def test_leaves_out_where_a_restricted_zone_lies() -> None:
    hidden = replace(WHOLE.zone("Z_TOWN"), restricted=True)

    text = show(replace(WHOLE, zones=(hidden,)))

    assert "Z_TOWN (settlement vicinity)" in text
    assert "for the parties and the monitors alone" in " ".join(text.split())
    assert "44.95" not in text
    assert "Ilmery" not in text


@pytest.mark.parametrize(
    ("altitude", "said"),
    [
        ({"from_m": 0, "to_m": 3000}, "From 0 m to 3000 m above the ground."),
        ({"from_m": 150.5, "to_m": None}, "From 150.5 m above the ground upwards."),
    ],
)
def test_shows_heights(altitude: dict[str, float | None], said: str) -> None:
    high = replace(DEMO.zones[0], altitude=Altitude(**altitude, datum=AltitudeDatum.GROUND))

    assert said in show(replace(DEMO, zones=(high,)))


@pytest.mark.parametrize("name", shipped())
def test_both_parties_are_shown_alike(name: str) -> None:
    raw = shipped_bytes(name)
    swapped = raw.replace(b"ALPHA", b"@@").replace(b"BRAVO", b"ALPHA").replace(b"@@", b"BRAVO")

    text = show(parse(swapped, name=name))

    back = text.replace("ALPHA", "@@").replace("BRAVO", "ALPHA").replace("@@", "BRAVO")
    assert " ".join(back.split()) == " ".join(show(parse(raw, name=name)).split())


def test_says_how_many_corners_it_leaves_to_the_file() -> None:
    zone = replace(DEMO.zones[0], polygon=DEMO.zones[0].polygon * 2, since=DEMO.effective)

    text = show(replace(DEMO, zones=(zone,)))

    assert "and 8 more, in the file" in text
    assert "Valid from 2030-09-01 00:00:00+00:00 until the end." in text
