"""What was promised and has not arrived; who is reminded; what the public sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.delivery import DELIVERY, GAP, STAGES
from trucewatch.register.budget import budget
from trucewatch.register.chains import chained
from trucewatch.register.deliveries import PUBLIC_COLUMNS, public, shares
from trucewatch.register.gaps import Reminder, gaps, lines, reminders
from trucewatch.register.parse import parse
from trucewatch.register.promised import Interval, gap_between
from trucewatch.register.provisions import implemented
from trucewatch.register.shipped import shipped_bytes

if TYPE_CHECKING:
    from trucewatch.records.claims.register import Register

HARBOUR = parse(shipped_bytes("harbour-accord"), name="harbour-accord.yaml")
SILENT = replace(
    HARBOUR,
    claims=(),
    instruments=tuple(replace(each, clauses=()) for each in HARBOUR.instruments),
)
DAY = date(2031, 9, 30)
UAV = {"unit": "UAV_sensor-days", "provision": "ACCORD-1"}


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    plain = dict.fromkeys(DELIVERY) | {"donor": "ARV", "recipient": "DAL", "stage": "pledged"}
    plain |= {"domain": "harbour_watch", "source": "tracker", "handling": "open"}
    found = [
        plain | {k: Decimal(v) if k in {"quantity", "value"} else v for k, v in row.items()}
        for row in rows
    ]
    return pl.DataFrame(found, schema=DELIVERY)


def row(name: str, stage: str, of: str | None = None, **given_: Any) -> dict[str, Any]:
    done = date(2031, 7, 1) if stage in {"delivered", "verified"} else None
    return {"id": name, "stage": stage, "of": of, "done": done, **given_}


PLEDGE = row("p", "pledged", quantity=40, due=date(2031, 8, 31), **UAV)
DELIVERED = row("d", "delivered", "p", quantity=12, **UAV)
VERIFIED = row("v", "verified", "d", quantity=12, **UAV)


def number(frame: pl.DataFrame, column: str) -> list[int | None]:
    return [None if each is None else int(each) for each in frame.get_column(column)]


def test_scenario_23_forty_pledged_and_twelve_verified_leave_one_line_of_twenty_eight() -> None:
    found = gaps(SILENT, table(PLEDGE, DELIVERED, VERIFIED), day=DAY)

    assert dict(found.schema) == GAP
    assert found.height == 1
    line = found.row(0, named=True)
    assert (line["donor"], line["unit"], line["provision"]) == (
        "ARV",
        "UAV_sensor-days",
        "ACCORD-1",
    )
    assert (line["pledged_low"], line["delivered_low"], line["verified"]) == (40, 12, 12)
    assert (line["gap_low"], line["gap_high"]) == (28, 28)
    assert (line["due"], line["overdue_d"]) == (date(2031, 8, 31), 30)
    assert line["rows"] == "d p v"
    assert line["hangs_on"] == "the stand-down on the bay is in force"
    assert found.write_csv().count("\n") == 2


def test_scenario_23_reminds_once_in_an_interval_and_not_again() -> None:
    found = gaps(SILENT, table(PLEDGE, DELIVERED, VERIFIED), day=DAY)
    sent: list[Reminder] = []

    for after in range(30):
        day = DAY + timedelta(days=after)
        due = reminders(found, sent, day=day, every_days=14).get_column("id")
        sent += [Reminder(line, day) for line in due]

    assert [each.day - DAY for each in sent] == [timedelta(0), timedelta(14), timedelta(28)]
    with pytest.raises(BadInput, match="every_days: is 0, must be at least 1"):
        reminders(found, sent, day=DAY, every_days=0)


def test_nobody_is_reminded_of_what_is_not_overdue() -> None:
    rows = [
        PLEDGE | {"due": DAY},
        PLEDGE | {"id": "q", "due": None},
        PLEDGE | {"id": "r"},
        row("rd", "delivered", "r", quantity=40, **UAV),
    ]

    found = lines(SILENT, table(*rows), day=DAY)

    assert found.height == 3
    assert reminders(found, [], day=DAY, every_days=7).is_empty()


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        ([DELIVERED], 28),
        ([VERIFIED | {"of": "p"}], 28),
        ([DELIVERED, DELIVERED | {"id": "d2", "quantity": 5}, VERIFIED], 23),
        ([row("c", "committed", "p", quantity=40, **UAV)], 40),
        ([row("c", "committed", "p", quantity=40, **UAV), DELIVERED | {"of": "c"}], 28),
        ([DELIVERED | {"done": DAY + timedelta(days=1)}], 40),
        ([DELIVERED, DELIVERED | {"id": "d2", "supersedes": "d", "quantity": 10}], 30),
        ([DELIVERED, DELIVERED | {"id": "d2", "supersedes": "d", "quantity": 10}, VERIFIED], 30),
        ([PLEDGE | {"id": "p2", "supersedes": "p", "quantity": 15}, DELIVERED], 3),
        ([DELIVERED | {"of": "not_said"}], 40),
        ([DELIVERED | {"quantity": 50}], None),
    ],
)  # fmt: skip
def test_counts_what_arrived_once(rows: list[dict[str, Any]], missing: int | None) -> None:
    found = gaps(SILENT, table(PLEDGE, *rows), day=DAY)

    assert number(found, "gap_high") == ([] if missing is None else [missing])


def test_money_and_things_are_never_added() -> None:
    rows = [
        row("p", "pledged", quantity=4, unit="boats", value=100, currency="XTS"),
        row("m", "pledged", value=70, currency="XTS"),
        row("pd", "delivered", "p", quantity=1, unit="boats", value=25, currency="XTS"),
        row("md", "delivered", "m", value=30, currency="XTS"),
    ]

    found = gaps(SILENT, table(*rows), day=DAY)

    assert found.select("id", "unit").rows() == [("m", "XTS"), ("p", "boats")]
    assert number(found, "gap_low") == [40, 3]


def test_claims_tell_of_a_gap_too() -> None:
    found = gaps(HARBOUR, table(), day=DAY)

    line = found.filter(pl.col("id") == "t2-a").row(0, named=True)
    assert (line["pledged_low"], line["delivered_low"], line["verified"]) == (12, 7, 5)
    assert (line["gap_low"], line["gap_high"], line["overdue_d"]) == (5, 5, None)
    assert line["claims"] == "g2-1a g2-2a t2-a"
    assert line["hangs_on"] == (
        "the senate of Arvenia consents; and the stand-down on the bay is in force"
    )


def test_what_rows_and_claims_both_tell_is_counted_once() -> None:
    watchers = {"unit": "watchers"}
    rows = table(
        row("d", "delivered", "t2-a", quantity=8, **watchers),
        row("v", "verified", "d", quantity=2, **watchers),
    )

    found = gaps(HARBOUR, rows, day=DAY).filter(pl.col("id") == "t2-a")

    assert number(found, "gap_high") == [4]
    assert found.get_column("rows").to_list() == ["d v"]


def test_the_rest_of_a_claim_that_rows_break_down_is_a_line_of_its_own() -> None:
    part = row("p", "pledged", "t2-a", quantity=9, unit="watchers")

    found = gaps(HARBOUR, table(part), day=DAY)
    whole = gaps(HARBOUR, table(part | {"quantity": Decimal(12)}), day=DAY)

    of_watch = pl.col("unit") == "watchers"
    assert number(found.filter(of_watch), "gap_high") == [9, 3]
    assert whole.filter(of_watch).get_column("id").to_list() == ["p"]


def again(register: Register, claim: str, **changed: Any) -> Register:
    (first,) = [each for each in register.claims if each.id == claim]
    return replace(register, claims=(*register.claims, replace(first, **changed)))


def much(claim: str, low: int) -> Any:
    (found,) = [each for each in HARBOUR.claims if each.id == claim]
    assert found.quantity is not None
    return replace(found.quantity, low=Decimal(low), high=Decimal(low))


def line_of(register: Register, name: str) -> dict[str, Any]:
    return gaps(register, table(), day=DAY).filter(pl.col("id") == name).row(0, named=True)


def test_a_promise_that_is_told_twice_is_one_line() -> None:
    twice = again(HARBOUR, "t2-a", id="z", source="G1", first=3, last=3)

    line = line_of(twice, "t2-a")

    assert number(
        gaps(twice, table(), day=DAY).filter(pl.col("unit") == "watchers"), "pledged_low"
    ) == [12]
    assert line["claims"] == "g2-1a g2-2a t2-a z"


def test_amounts_that_sources_tell_differently_are_not_averaged() -> None:
    promise = line_of(again(HARBOUR, "t2-a", id="z", quantity=much("t2-a", 20)), "t2-a")
    arrived = line_of(again(HARBOUR, "g2-1a", id="z", quantity=much("g2-1a", 9)), "t2-a")

    assert promise["why"] == "sources tell of different amounts of this promise"
    assert (promise["pledged_low"], promise["pledged_high"]) == (12, 20)
    assert arrived["why"] == "sources tell of different amounts that arrived"
    assert promise["gap_low"] is arrived["gap_low"] is arrived["delivered_low"] is None


def test_a_refusal_that_goes_before_a_promise_is_named() -> None:
    refused = again(
        HARBOUR,
        "g2-9b",
        id="z",
        relation=Relation.REFUSED,
        quantity=None,
        grade="A1",
        supersedes="",
    )

    assert line_of(refused, "g2-9b")["why"] == "the refusal z goes before it"


def test_a_claim_that_was_corrected_keeps_the_rows_that_fill_it() -> None:
    corrected = again(HARBOUR, "t2-a", id="z", supersedes="t2-a", quantity=much("t2-a", 10))
    rows = table(row("d", "delivered", "t2-a", quantity=4, unit="watchers"))

    found = gaps(corrected, rows, day=DAY).filter(pl.col("unit") == "watchers")

    assert found.get_column("id").to_list() == ["z"]
    assert number(found, "gap_high") == [6]


def test_what_is_due_to_the_budget_is_no_gap() -> None:
    due = row("b", "pledged", provision="budget", value=10, currency="XTS")

    assert gaps(SILENT, table(due), day=DAY).is_empty()


@given(
    whole=st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted),
    part=st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted),
)
def test_a_gap_holds_every_difference_of_what_its_intervals_hold(
    whole: list[int], part: list[int]
) -> None:
    found = gap_between(Interval(*map(Decimal, whole)), Interval(*map(Decimal, part)))

    every = [
        max(0, w - p) for w in range(whole[0], whole[1] + 1) for p in range(part[0], part[1] + 1)
    ]
    assert found == (min(every), max(every))
    assert gap_between(Interval(Decimal(3), None), Interval(Decimal(1), None)) == (0, None)


def test_the_order_of_rows_and_claims_changes_nothing() -> None:
    rows = [PLEDGE, DELIVERED, VERIFIED, row("q", "pledged", "t2-a", quantity=9, unit="watchers")]
    turned = replace(HARBOUR, claims=HARBOUR.claims[::-1])

    one = lines(HARBOUR, table(*rows), day=DAY)
    other = lines(turned, table(*rows[::-1]), day=DAY)

    assert one.equals(other)


def test_stages_are_kept_apart_and_shared_out_of_what_was_pledged() -> None:
    rows = table(
        PLEDGE,
        row("c", "committed", "p", quantity=30, **UAV),
        DELIVERED | {"of": "c"},
        VERIFIED | {"quantity": 9},
        row("loose", "delivered", "not_said", quantity=5, **UAV),
        row("loan", "pledged", value=100, currency="XTS", form="loan"),
        row("boat", "pledged", quantity=1, unit="boats", value=60, currency="XTS", paid_by="loan"),
    )

    found = shares(rows)

    tied = found.filter(pl.col("tied") & (pl.col("unit") == "UAV_sensor-days")).row(0, named=True)
    assert [tied[each] for each in STAGES] == [40, 30, None, 12, 9]
    assert (tied["committed_share"], tied["allocated_share"]) == (0.75, None)
    assert (tied["delivered_share"], tied["verified_share"]) == (0.3, 0.225)
    loose = found.filter(~pl.col("tied")).row(0, named=True)
    assert (loose["delivered"], loose["pledged"], loose["delivered_share"]) == (5, None, None)
    money = found.filter(pl.col("unit") == "XTS")
    assert number(money, "pledged") == [100]


def test_nothing_is_summed_across_donors_units_or_currencies() -> None:
    rows = [
        row(f"{donor}{unit}", "pledged", donor=donor, value=1, currency=unit)
        for donor in ("ARV", "BRO", "HARBOUR_GROUP")
        for unit in ("XTS", "XXX")
    ]

    found = shares(table(*rows))

    assert found.height == 6
    assert number(found, "pledged") == [1] * 6


def slow_root(rows: list[dict[str, Any]], name: str) -> str:
    by = {each["id"]: each for each in rows}
    while (
        name in by and by[name]["stage"] != "pledged" and by[name]["of"] not in {None, "not_said"}
    ):
        name = by[name]["of"]
    return name


@given(parents=st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_finds_the_start_of_a_chain_as_a_walk_does(parents: list[int]) -> None:
    stages = ("pledged", "committed", "allocated", "delivered", "verified")
    rows: list[dict[str, Any]] = []
    for at, parent in enumerate(parents):
        stage = stages[at % 5]
        before = [r["id"] for r in rows if stages.index(r["stage"]) < at % 5] + ["t2-a", "not_said"]
        of = before[parent % len(before)] if at % 5 else None
        rows.append(row(f"r{at}", stage, of, quantity=1, unit="watchers"))

    found = chained(table(*rows))

    assert dict(found.select("id", "root").rows()) == {
        each["id"]: slow_root(rows, each["id"]) for each in rows
    }


def test_tells_what_is_assessed_paid_and_in_arrears() -> None:
    due = {"provision": "budget", "currency": "XTS"}
    rows = table(
        row("a", "pledged", value=100, due=date(2031, 9, 20), **due),
        row("ap", "delivered", "a", value=30, **due),
        row("av", "verified", "ap", value=30, **due),
        row("b", "committed", "not_said", value=50, due=date(2031, 12, 31), **due),
        row("c", "pledged", value=10, due=date(2031, 9, 1), **due),
        row("cp", "delivered", "c", value=25, **due),
        row("x", "delivered", "not_said", value=7, **due),
        row("y", "delivered", "not_said", donor="BRO", value=2, **due),
        row("n", "pledged", value=999, currency="XTS"),
    )

    found = budget(rows, day=DAY)

    keys = ("donor", "assessed", "paid", "not_due", "arrears", "overdue_d", "besides")
    assert found.select(keys).rows() == [
        ("ARV", 160, 55, 50, 70, 10, 7),
        ("BRO", 0, 0, 0, 0, None, 2),
    ]


CANARIES = {
    "item": "CANARY-item",
    "place": "CANARY-place",
    "schedule": "CANARY-schedule",
    "note": "CANARY-note",
    "source": "CANARY-source",
    "provision": "CANARY-provision",
    "recipient": "CANARY-recipient",
    "form": "CANARY-form",
}


def canary(name: str, stage: str = "delivered", **given_: Any) -> dict[str, Any]:
    return row(
        f"CANARY-{name}",
        stage,
        "CANARY-of",
        **(CANARIES | {"quantity": 3, "unit": "boats"} | given_),
    )


def test_the_public_sees_sums_by_donor_and_nothing_else() -> None:
    rows = [
        canary("one"),
        canary("two", quantity=4),
        canary("seen", "verified"),
        canary("money", quantity=0, unit="boats", value=9, currency="XTS"),
    ]

    found = public(table(*rows), day=DAY)

    assert tuple(found.columns) == PUBLIC_COLUMNS
    assert found.rows() == [
        ("ARV", "harbour_watch", "delivered", "XTS", Decimal(9), 1),
        ("ARV", "harbour_watch", "delivered", "boats", Decimal(7), 3),
        ("ARV", "harbour_watch", "verified", "boats", Decimal(3), 1),
    ]
    assert "CANARY" not in found.write_json()


HIDDEN: list[dict[str, Any]] = [
    canary("transit", handling="transit", unit="CANARY"),
    canary("factory", handling="factory", unit="CANARY"),
    canary("hub", handling="hub_readiness", unit="CANARY"),
    canary("unsaid", handling=None, unit="CANARY"),
    canary("late", done=DAY - timedelta(days=29), unit="CANARY"),
    canary("undated", done=None, unit="CANARY"),
    canary("pledge", "pledged", unit="CANARY"),
    canary("committed", "committed", unit="CANARY"),
    canary("allocated", "allocated", unit="CANARY"),
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=[each["id"] for each in HIDDEN])
def test_the_public_never_sees(hidden: dict[str, Any]) -> None:
    found = public(table(hidden, canary("open", done=DAY - timedelta(days=30))), day=DAY)

    assert found.get_column("unit").to_list() == ["boats"]


def test_a_corrected_row_does_not_stay_in_public_sums() -> None:
    rows = [canary("a"), canary("b", quantity=1, supersedes="CANARY-a")]

    assert number(public(table(*rows), day=DAY), "amount") == [1]
    rows[1]["handling"] = "transit"
    assert public(table(*rows), day=DAY).is_empty()


def degree(*rows: dict[str, Any], register: Register = SILENT) -> int | None:
    return {each.provision: each for each in implemented(register, table(*rows), day=DAY)}[
        "ACCORD-1"
    ].degree


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([PLEDGE], 0),
        ([PLEDGE, row("c", "committed", "p", quantity=40, **UAV)], 1),
        ([PLEDGE, DELIVERED], 1),
        ([PLEDGE, DELIVERED | {"quantity": 20}], 2),
        ([PLEDGE, DELIVERED | {"quantity": 40}], 2),
        ([PLEDGE, DELIVERED | {"quantity": 40}, VERIFIED | {"quantity": 39}], 2),
        ([PLEDGE, DELIVERED | {"quantity": 40}, VERIFIED | {"quantity": 40}], 3),
        ([PLEDGE, VERIFIED | {"of": "p", "quantity": 40}, PLEDGE | {"id": "q"}], 1),
    ],
)
def test_a_provision_is_as_far_as_its_least_promise(
    rows: list[dict[str, Any]], expected: int | None
) -> None:
    assert degree(*rows) == expected


def test_claims_show_how_far_a_provision_is_and_silence_shows_nothing() -> None:
    found = {each.provision: each for each in implemented(HARBOUR, table(), day=DAY)}

    assert found["ACCORD-1"].degree == 1
    assert {"g2-1a", "g2-2a", "t2-a"} <= set(found["ACCORD-1"].claims)
    assert found["ACCORD-4"].degree is None
    assert found["ACCORD-4"].why.startswith("cannot tell")


def test_paris_tells_of_no_delivery_and_no_gap_is_made_up() -> None:
    paris = parse(shipped_bytes("paris-2026"), name="paris-2026.yaml")

    joint = gaps(paris, table(), day=date(2026, 2, 18)).filter(pl.col("donor") == "FRA_AND_GBR")

    assert number(joint, "pledged_high") == [15_000]
    assert all(
        each.degree in {None, 1} for each in implemented(paris, table(), day=date(2026, 2, 18))
    )


def test_what_is_due_today_is_no_arrear_and_what_is_paid_tomorrow_is_not_paid() -> None:
    due = {"provision": "budget", "currency": "XTS"}
    rows = table(
        row("a", "pledged", value=100, due=DAY, **due),
        row("ap", "delivered", "a", value=30, **due | {"done": DAY + timedelta(days=1)}),
    )

    today, tomorrow = budget(rows, day=DAY), budget(rows, day=DAY + timedelta(days=1))

    assert today.select("paid", "not_due", "arrears").row(0) == (0, 100, 0)
    assert tomorrow.select("paid", "not_due", "arrears").row(0) == (30, 0, 70)


def test_a_promise_that_cannot_be_computed_keeps_a_provision_from_being_done() -> None:
    twice = again(HARBOUR, "t2-a", id="z", quantity=much("t2-a", 20))
    rows = [PLEDGE, VERIFIED | {"of": "p", "quantity": 40}]

    watch = tuple(each for each in twice.claims if not each.id.startswith("u1-2"))
    replies = tuple(each for each in watch if each.relation is not Relation.REPLIED)

    assert degree(*rows) == 3
    assert degree(*rows, register=replace(twice, claims=replies)) == 1
