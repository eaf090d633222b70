"""A mapping says all that an import needs, or is refused with its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.claims.delivery import DELIVERY
from trucewatch.register.importing.cell import DAYS, Scale, Signs, Wrong, day, number
from trucewatch.register.importing.fields import DAY_FIELDS, NUMBERS, WORDS
from trucewatch.register.importing.mapping import mapping_schema, parse_mapping

PLAIN = """\
schema: trucewatch/import/v1
id: tracker
title: A tracker
file: csv
columns:
  Ref: {field: id}
  Who: {field: donor, values: names}
  Worth: {field: value, times: 1000}
constants: {recipient: AAA, stage: pledged, domain: sea, source: X, handling: open}
values: {names: {Alpha: AAA}}
"""


def test_reads_a_mapping_with_what_it_leaves_out() -> None:
    mapping = parse_mapping(PLAIN.encode(), name="m.yaml")

    assert (mapping.file, mapping.delimiter, mapping.header_row) == ("csv", ",", 1)
    assert (mapping.encoding, mapping.open_end, mapping.sheet) == ("utf-8", False, "")
    assert [(each.header, each.field, each.constant) for each in mapping.columns] == [
        ("Ref", "id", None),
        ("Who", "donor", None),
        ("Worth", "value", None),
        ("", "recipient", "AAA"),
        ("", "stage", "pledged"),
        ("", "domain", "sea"),
        ("", "source", "X"),
        ("", "handling", "open"),
    ]
    assert mapping.columns[1].read("Alpha") == "AAA"
    assert mapping.columns[2].read("1.5") == Decimal(1500)


WRONG: list[tuple[str, str, str]] = [
    ("trucewatch/import/v1", "trucewatch/import/v2", "m.yaml:1: .*must be one of"),
    ("file: csv", "file: ods", "m.yaml:4: .*must be one of: csv, xlsx"),
    ("file: csv", "file: xlsx", "file is xlsx, sheet must be given"),
    ("file: csv", "file: csv\nsheet: S", "m.yaml:5: file is csv, sheet must not be given"),
    ("file: csv", "file: xlsx\nsheet: S\nopen_end: true", "m.yaml:6: .*open_end must not be"),
    ("file: csv", "file: csv\nthousands: point", "thousands is point, must differ"),
    ("file: csv", "file: csv\ncolour: red", "m.yaml:5: key is 'colour'"),
    ("{field: id}", "{field: name}", "m.yaml:6: column Ref: field is 'name'"),
    ("{field: id}", "{field: value}", "field value is filled twice"),
    ("{field: id}", "{field: item}", "nothing fills id, must be a column or a constant"),
    ("{field: id}", "{field: id, times: 2}", "m.yaml:6: .*times is given for id"),
    ("{field: id}", "{field: id, rounded_to: 2}", "rounded_to is given for id"),
    ("{field: id}", "{field: id, day: DD.MM.YYYY}", "day is given for id"),
    ("values: names", "values: others", "column Who: values is 'others', must be one of: names"),
    ("{names: {Alpha: AAA}}", "{names: {}}", "m.yaml:10: names is empty"),
    ("stage: pledged", "stage: maybe", "m.yaml:9: stage is 'maybe', must be one of"),
    (", handling: open", "", "nothing fills handling"),
    ("file: csv", "file: csv\nignored: [Who]", "Who is a column that is read"),
]


@pytest.mark.parametrize(("old", "new", "problem"), WRONG, ids=[each[2] for each in WRONG])
def test_refuses_what_does_not_go_together(old: str, new: str, problem: str) -> None:
    assert old in PLAIN

    with pytest.raises(BadInput, match=problem):
        parse_mapping(PLAIN.replace(old, new).encode(), name="m.yaml")


def test_every_field_of_a_delivery_can_be_filled() -> None:
    assert sorted([*WORDS, *NUMBERS, *DAY_FIELDS]) == sorted(DELIVERY)


def test_the_schema_names_every_key() -> None:
    schema = mapping_schema()

    assert schema["title"] == "trucewatch/import/v1"
    assert set(schema["required"]) == {"schema", "id", "title", "file", "columns"}


@given(
    amount=st.decimals(0, 10**8, places=4),
    decimal=st.sampled_from(".,"),
    thousands=st.sampled_from(["", " ", "'"]),
)
def test_reads_back_every_number_that_is_written(
    amount: Decimal, decimal: str, thousands: str
) -> None:
    written = f"{amount:,.4f}".replace(",", "T").replace(".", decimal).replace("T", thousands)

    assert number(written, Signs(decimal, thousands), Scale()) == amount


@given(told=st.dates(date(1900, 1, 1)), form=st.sampled_from(sorted(DAYS)))
def test_reads_back_every_day_that_is_written(told: date, form: str) -> None:
    written = form.replace("YYYY", f"{told.year:04}")
    written = written.replace("MM", f"{told.month:02}").replace("DD", f"{told.day:02}")

    assert day(written, form) == told


@pytest.mark.parametrize("words", ["", "1e3", "+1", "1,2,3", "1 234", "NaN", "½", "\u0661", "0x1"])
def test_a_number_is_digits_or_nothing(words: str) -> None:
    assert isinstance(number(words, Signs(".", ","), Scale()), Wrong)


def test_rounds_only_when_told_and_half_to_even() -> None:
    exact = Signs(".", "")

    assert number("0.125", exact, Scale(1, 2)) == Decimal("0.12")
    assert number("0.1234567", exact, Scale(10)) == Decimal("1.234567")
    assert isinstance(number("0.1234567", exact, Scale()), Wrong)
    assert number(Decimal("999999999999999.999999"), exact, Scale()) == Decimal(
        "999999999999999.999999"
    )


def test_multiplies_every_digit() -> None:
    written = "123456789.123456789012345"

    assert number(written, Signs(".", ""), Scale(10**6, 6)) == Decimal("123456789123456.789012")
    assert isinstance(number("1.000000000000000", Signs(".", ""), Scale(10**12)), Decimal)
    assert isinstance(number("0." + "1" * 15, Signs(".", ""), Scale(10**9)), Decimal)
    assert isinstance(number("123456789012345.000000000000001", Signs(".", ""), Scale()), Wrong)
