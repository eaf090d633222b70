"""A tracker's table is imported whole or not at all, and every fault has its row and column."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import polars as pl
import pytest

from trucewatch.errors import BadInput
from trucewatch.records.claims.delivery import DELIVERY
from trucewatch.register.import_table import read_table, take
from trucewatch.register.importing.mapping import parse_mapping
from trucewatch.register.parse import parse
from trucewatch.register.shipped import shipped_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.register.import_table import Imported

REGISTER = parse(shipped_bytes("harbour-accord"), name="harbour-accord.yaml")
MAPPING = b"""
schema: trucewatch/import/v1
id: harbour-tracker
title: A tracker of support to the harbour, invented
file: csv
header_row: 3
delimiter: semicolon
decimal: comma
thousands: point
day: DD.MM.YYYY
empty: [n/a, "-"]
ignored: [Remarks of the editor]
columns:
  Ref: {field: id}
  Country: {field: donor, values: countries}
  Status: {field: stage, values: stages}
  Fills: {field: of}
  Article: {field: provision}
  What: {field: item}
  Number: {field: quantity}
  Counted in: {field: unit}
  Worth (m): {field: value, times: 1000000, rounded_to: 2}
  Money: {field: currency}
  Announced: {field: announced}
  Due: {field: due}
  Done: {field: done}
constants: {recipient: DAL, domain: harbour_watch, source: The invented tracker, handling: open}
values:
  countries: {Arvenia: ARV, Broska: BRO, Corlund: COR, Tarn League: TAR}
  stages:
    promised: pledged
    decided: committed
    set aside: allocated
    arrived: delivered
    checked: verified
"""
CSV = parse_mapping(MAPPING, name="tracker.yaml")
SHEET = MAPPING.replace(b"file: csv", b"file: xlsx\nsheet: Support").replace(
    b"delimiter: semicolon\n", b""
)
XLSX = parse_mapping(SHEET, name="tracker.yaml")
HEADERS = [
    *("Ref", "Country", "Status", "Fills", "Article", "What", "Number", "Counted in"),
    *("Worth (m)", "Money", "Announced", "Due", "Done", "Remarks of the editor"),
]
TITLE = [["Support to the harbour, invented"], []]
COUNTRIES = ("Arvenia", "Broska", "Corlund", "Tarn League")
STAGES = ("promised", "decided", "set aside", "arrived", "checked")


def row(ref: str, **given: Any) -> dict[str, Any]:
    plain = {"Ref": ref, "Country": "Arvenia", "Status": "promised", "Number": "40"}
    plain |= {"Counted in": "watchers", "Announced": "01.06.2031"}
    return dict.fromkeys(HEADERS, "") | plain | given


def arrived(ref: str, fills: str, **given: Any) -> dict[str, Any]:
    return row(ref, **({"Status": "arrived", "Fills": fills, "Done": "01.07.2031"} | given))


def text_of(rows: list[dict[str, Any]], headers: list[str] = HEADERS) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerows([*TITLE, headers, *([each[h] for h in headers] for each in rows)])
    return out.getvalue().encode()


def book_of(
    rows: list[dict[str, Any]], change: Callable[[Any], None] = lambda _book: None
) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "Support"
    for each in [["Support to the harbour, invented"], [], HEADERS]:
        sheet.append(each)
    for each in rows:
        sheet.append([each[h] if each[h] != "" else None for h in HEADERS])
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(rows: list[dict[str, Any]], **given: Any) -> Imported:
    return read_table(text_of(rows), CSV, REGISTER, name="support.csv", **given)


def faults(imported: Imported) -> list[tuple[int | None, str | None, str]]:
    return imported.refused.rows()


def test_reads_a_row_as_the_mapping_says() -> None:
    told = row(
        "d-1",
        Article="ACCORD-1",
        What="Watchers",
        Number="1.234,5",
        Due="1.9.2031",
        **{"Worth (m)": "0,333333333", "Money": "XTS", "Remarks of the editor": "none"},
    )

    accepted, refused = read([told])

    assert refused.is_empty()
    assert dict(accepted.schema) == DELIVERY
    assert {k: v for k, v in accepted.row(0, named=True).items() if v is not None} == {
        "id": "d-1",
        "donor": "ARV",
        "recipient": "DAL",
        "stage": "pledged",
        "provision": "ACCORD-1",
        "domain": "harbour_watch",
        "item": "Watchers",
        "quantity": Decimal("1234.5"),
        "unit": "watchers",
        "value": Decimal("333333.33"),
        "currency": "XTS",
        "announced": date(2031, 6, 1),
        "due": date(2031, 9, 1),
        "source": "The invented tracker",
        "handling": "open",
    }


def test_leaves_out_rows_without_a_word_and_reads_what_means_nothing_as_nothing() -> None:
    blank = dict.fromkeys(HEADERS, "")

    accepted, refused = read([blank, row("d-1", What="n/a", Due="-"), blank])

    assert refused.is_empty()
    assert accepted.select("id", "item", "due").rows() == [("d-1", None, None)]


A_1 = {"Fills": "a-1"}
BOATS = {"Counted in": "boats"}
DECIDED = {"Status": "decided"}
VALUED = {"Worth (m)": "1"}
FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("Ref", "is empty, must be given", {"Ref": ""}),
    ("Ref", "is 'no id', must be an id", {"Ref": "no id"}),
    ("Ref", "is 'a-1', which row 4 has already", {"Ref": "a-1"}),
    ("Ref", "is 't1-a', which is the id of a claim", {"Ref": "t1-a"}),
    ("Ref", "is 'not_said', which is the id of a claim or a word", {"Ref": "not_said"}),
    ("Country", "is empty, must be given", {"Country": ""}),
    ("Country", "is 'arvenia', which the mapping gives no meaning", {"Country": "arvenia"}),
    ("Status", "is 'maybe', which the mapping gives no meaning", {"Status": "maybe"}),
    ("Article", "is 'ACCORD-9', which the register does not declare", {"Article": "ACCORD-9"}),
    ("Number", "is empty and so is the value", {"Number": "", "Counted in": ""}),
    ("Number", "is 'forty', must be a number such as 1.234,5", {"Number": "forty"}),
    ("Number", "is '12.34', must be a number", {"Number": "12.34"}),
    ("Number", "is '-4', must be at least 0", {"Number": "-4"}),
    ("Number", "must be a number such as", {"Number": "9" * 16}),
    ("Number", "must have at most 6 decimals or be rounded", {"Number": "1,1234567"}),
    ("Counted in", "is empty, must be given with the quantity", {"Counted in": ""}),
    ("Counted in", "is 'two words', must be a word", {"Counted in": "two words"}),
    ("Number", "is empty, must be given with the", VALUED | {"Number": "", "Money": "XTS"}),
    ("Worth (m)", "is empty, must be given with the currency", {"Money": "XTS"}),
    ("Worth (m)", "must be below 1000000000000000 in all", {"Worth (m)": "9" * 10, "Money": "XTS"}),
    ("Money", "is empty, must be given with the value", VALUED),
    ("Money", "is 'Euro', must be three capital letters", {"Worth (m)": "1", "Money": "Euro"}),
    ("Announced", "is '30.02.2031', must be a day that exists", {"Announced": "30.02.2031"}),
    ("Announced", "is '2031-06-01', must be a day as DD.MM.YYYY", {"Announced": "2031-06-01"}),
    ("Done", "is given, must be empty where the stage is pledged", {"Done": "01.07.2031"}),
    ("Done", "is empty, must be given where the stage is", {"Status": "arrived"} | A_1),
    ("Fills", "is empty, must name what is committed", DECIDED),
    ("Fills", "is 'gone', must be an earlier row", DECIDED | {"Fills": "gone"}),
    ("Fills", "is 'g1-2b', must be an earlier row", DECIDED | {"Fills": "g1-2b"}),
    ("Fills", "is 'g2-9a', must be an earlier row", DECIDED | {"Fills": "g2-9a"}),
    ("Fills", "is 'not_said', must be an earlier row or a claim", {"Fills": "not_said"}),
    ("Fills", "is 'a-1', which is pledged, must be before pledged", {"Fills": "a-1"}),
    ("Country", "is 'BRO', must be who promised 'a-1'", DECIDED | A_1 | {"Country": "Broska"}),
    ("Counted in", "is 'boats', must be 'watchers' as", DECIDED | A_1 | BOATS),
    ("What", "has 500 characters, must have at most 400", {"What": "x" * 500}),
    ("What", "has a control character", {"What": "bell\a"}),
]  # fmt: skip


@pytest.mark.parametrize(("column", "reason", "given"), FAULTS, ids=[e[1] for e in FAULTS])
def test_names_the_row_the_column_and_the_reason(
    column: str, reason: str, given: dict[str, Any]
) -> None:
    imported = read([row("a-1"), row("a-2") | given])

    ((number, header, problem),) = faults(imported)

    assert (number, header) == (5, column)
    assert reason in problem
    assert imported.accepted.get_column("id").to_list() == ["a-1"]


def test_names_every_fault_of_a_row() -> None:
    imported = read([row("a-1", Country="Nowhere", Number="x", Announced="soon")])

    assert [each[:2] for each in faults(imported)] == [
        (4, "Announced"),
        (4, "Country"),
        (4, "Number"),
    ]


def test_a_row_with_another_number_of_fields_is_refused_alone() -> None:
    raw = text_of([row("a-1"), row("a-2")]).replace(b"\r\na-2;", b"\r\na-2;;")

    imported = read_table(raw, CSV, REGISTER, name="support.csv")

    assert faults(imported) == [(5, None, "row has 15 fields, must have 14")]
    assert imported.accepted.height == 1


def test_what_fills_a_refused_row_is_refused_with_it() -> None:
    chain = [row("a-1", Number="x"), arrived("a-2", "a-1"), arrived("a-3", "a-2", Status="checked")]

    imported = read(chain[::-1])

    assert [each[:2] for each in faults(imported)] == [(4, "Fills"), (5, "Fills"), (6, "Number")]
    assert "which is row 6 and is refused" in faults(imported)[1][2]
    assert imported.accepted.is_empty()


def test_a_row_may_fill_a_claim_of_the_register() -> None:
    imported = read([arrived("a-1", "t2-a", Number="7")])

    assert imported.refused.is_empty()


def test_a_member_may_fill_what_its_group_promised() -> None:
    joint = tuple(
        replace(each, subject="HARBOUR_GROUP") if each.id == "t2-a" else each
        for each in REGISTER.claims
    )
    rows = [arrived("a-1", "t2-a"), arrived("a-2", "t2-a", Country="Tarn League")]

    imported = read_table(text_of(rows), CSV, replace(REGISTER, claims=joint), name="support.csv")

    assert [each[:2] for each in faults(imported)] == [(5, "Country")]


def test_what_rows_break_down_is_filled_row_by_row() -> None:
    imported = read([row("p-1", Fills="t2-a"), arrived("a-1", "t2-a"), arrived("a-2", "p-1")])

    assert faults(imported) == [
        (5, "Fills", "is the claim 't2-a', which pledged rows break down, must be one of those")
    ]


def test_knows_the_rows_of_earlier_imports() -> None:
    earlier = read([row("a-1"), row("p-1", Fills="t2-a")]).accepted

    imported = read(
        [row("a-1"), arrived("b-1", "a-1"), arrived("b-2", "t2-a"), arrived("b-3", "p-1")],
        earlier=earlier,
    )

    assert [each[:2] for each in faults(imported)] == [(4, "Ref"), (6, "Fills")]
    assert "an earlier import has already" in faults(imported)[0][2]


def supersedes_mapping() -> bytes:
    return MAPPING.replace(b"  Article: {field: provision}", b"  Article: {field: supersedes}")


def test_a_correction_is_a_new_row_of_the_same_kind() -> None:
    mapping = parse_mapping(supersedes_mapping(), name="m.yaml")
    rows = [
        row("a-1"),
        row("a-2", Article="a-1", Number="30"),
        row("a-3", Article="a-1"),
        row("a-4", Article="a-4"),
        row("a-5", Article="a-2", **{"Counted in": "boats"}),
    ]

    imported = read_table(text_of(rows), mapping, REGISTER, name="support.csv")

    assert [each[0] for each in faults(imported)] == [6, 7, 8]
    assert [each[2].split(", ")[1] for each in faults(imported)] == [
        "which is superseded already",
        "must be another row",
        "must be of the same donor",
    ]


def test_what_a_loan_pays_for_names_the_loan() -> None:
    mapping = parse_mapping(
        MAPPING.replace(b"  Article: {field: provision}", b"  Article: {field: paid_by}"), name="m"
    )
    loan = row("loan", **{"Number": "", "Counted in": "", "Worth (m)": "5", "Money": "XTS"})
    rows = [loan, row("a-1", Article="loan"), row("a-2", Article="gone"), row("a-3", Article="a-3")]

    imported = read_table(text_of(rows), mapping, REGISTER, name="support.csv")

    assert [each[:2] for each in faults(imported)] == [(6, "Article"), (7, "Article")]
    assert imported.accepted.get_column("paid_by").to_list() == [None, "loan"]


def test_nothing_is_half_loaded() -> None:
    imported = read([row("a-1"), row("a-2", Number="x"), row("a-3", Country="")])

    with pytest.raises(BadInput, match=r"^support.csv: row 5: Number is 'x'.*, and 1 more$"):
        take(imported, name="support.csv")
    allowed = take(imported, name="support.csv", allow_refused=True)
    assert allowed.get_column("id").to_list() == ["a-1"]
    assert take(read([row("a-1")]), name="support.csv").height == 1


def test_a_column_that_nobody_decided_on_does_not_go_by_unseen() -> None:
    headers = [*HEADERS, "New", ""]
    rows = [row("a-1") | {"New": "x", "": ""}, row("a-2") | {"New": "x", "": "stray"}]

    imported = read_table(text_of(rows, headers), CSV, REGISTER, name="support.csv")

    assert faults(imported) == [
        (3, "New", "is not in the mapping, must be read or listed in ignored"),
        (5, None, "column 16 has a value and no header, must have one"),
    ]


WHOLE: list[tuple[str, bytes]] = [
    ("file is empty", b""),
    ("starts as a zip or a workbook", b"PK\x03\x04"),
    ("starts as a gzip", b"\x1f\x8b"),
    ("byte 1 is NUL", b"a\0b\n"),
    ("byte 1 is not utf-8", b"a\xff\n"),
    ("ends inside a line", text_of([row("a-1")]).rstrip()),
    ("row 3: is empty, must hold the headers", b"title\n"),
    ("header 'Ref' is missing", text_of([row("a-1")], HEADERS[1:])),
    ("header 'Ref' stands there twice", text_of([row("a-1")], [*HEADERS, "Ref"])),
    ("not delimited text", b'title\n\n"Ref" x;Country\n'),
    ("has 201 columns", b"title\n\n" + b"a;" * 200 + b"\n"),
]


@pytest.mark.parametrize(("problem", "raw"), WHOLE, ids=[each[0] for each in WHOLE])
def test_refuses_what_is_no_such_table(problem: str, raw: bytes) -> None:
    with pytest.raises(BadInput, match=problem):
        read_table(raw, CSV, REGISTER, name="support.csv")


def test_refuses_more_rows_than_any_tracker_has() -> None:
    with pytest.raises(BadInput, match="has more than 200000 rows"):
        read_table(b"\n" * 200_001, CSV, REGISTER, name="support.csv")


def test_reads_a_file_without_a_last_line_break_when_the_mapping_says_so() -> None:
    open_end = parse_mapping(MAPPING.replace(b"file: csv", b"file: csv\nopen_end: true"), name="m")
    raw = text_of([row("a-1")]).rstrip(b"\r\n")

    assert read_table(raw, open_end, REGISTER, name="support.csv").accepted.height == 1


def test_a_workbook_reads_like_the_text() -> None:
    told = {"Number": 1234.5, "Due": datetime(2031, 9, 1), "Announced": date(2031, 6, 1)}  # noqa: DTZ001
    money = {"Worth (m)": 0.333333333, "Money": "XTS"}
    written = {"Number": "1.234,5", "Due": "01.09.2031", "Announced": "01.06.2031"}

    book = read_table(book_of([row("a-1", **told, **money)]), XLSX, REGISTER, name="support.xlsx")
    text = read([row("a-1", **written, **(money | {"Worth (m)": "0,333333333"}))])

    assert book.refused.is_empty()
    assert book.accepted.equals(text.accepted)


def test_names_cells_that_are_no_values() -> None:
    noon = datetime(2031, 9, 1, 12)  # noqa: DTZ001 - a workbook has no zones
    wrong = {"Number": "=20+20", "What": "#REF!", "Due": noon, "Worth (m)": True}
    rows = [row("a-1", **wrong), row("a-2", Announced=45000, What=7)]

    imported = read_table(book_of(rows), XLSX, REGISTER, name="support.xlsx")

    assert faults(imported) == [
        (4, "Due", "is 2031-09-01 12:00:00, must be a day"),
        (4, "Money", "is empty, must be given with the value"),
        (4, "Number", "is a formula, must be a value"),
        (4, "What", "is the error #REF!, must be a value"),
        (4, "Worth (m)", "is True, must be text, a number or a day"),
        (5, "Announced", "is '45000', must be a day as DD.MM.YYYY"),
    ]


def test_names_hidden_sheets() -> None:
    def hide(book: Any) -> None:
        book.create_sheet("Behind").sheet_state = "veryHidden"

    imported = read_table(book_of([row("a-1")], hide), XLSX, REGISTER, name="support.xlsx")

    assert faults(imported) == [
        (None, None, "sheet 'Behind' is hidden, must be shown or taken out")
    ]
    with pytest.raises(BadInput, match=r"^support.xlsx: sheet 'Behind' is hidden"):
        take(imported, name="support.xlsx")


def test_reads_rows_beyond_the_size_that_a_workbook_claims() -> None:
    raw = book_of([row("a-1"), row("a-2")])
    with_claim = _rewritten(raw, b"A1:N5", b"A1:N4")

    imported = read_table(with_claim, XLSX, REGISTER, name="support.xlsx")

    assert imported.accepted.height == 2


def test_refuses_what_is_no_workbook() -> None:
    def rename(book: Any) -> None:
        book.active.title = "Other"

    for raw, problem in (
        (b"", "file is empty"),
        (text_of([row("a-1")]), "does not start as a zip"),
        (book_of([row("a-1")])[:-40], "is no zip package"),
        (_rewritten(book_of([row("a-1")]), b"<sheetData>", b"<sheetDa"), "not a workbook"),
        (book_of([row("a-1")], rename), "sheet 'Support' is missing, must be one of: Other"),
        (b"x" * 33_554_433, "must have at most 33554432"),
        (b"x" + book_of([row("a-1")]), "does not start as a zip"),
    ):
        with pytest.raises(BadInput, match=problem):
            read_table(raw, XLSX, REGISTER, name="support.xlsx")


def _rewritten(raw: bytes, old: bytes, new: bytes) -> bytes:
    """Return a package with one part changed."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            part = given.read(name)
            made.writestr(name, part.replace(old, new) if "sheet1.xml" in name else part)
    return out.getvalue()


def tracker(count: int, generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return chains of five stages, one row each."""
    rows: list[dict[str, Any]] = []
    for at in range(count // 5):
        country = COUNTRIES[int(generator.integers(len(COUNTRIES)))]
        amount = int(generator.integers(1, 5000))
        for place, stage in enumerate(STAGES):
            told = {"Country": country, "Status": stage, "Number": f"{amount},25"}
            told["Done"] = "01.07.2031" if place > 2 else ""
            rows.append(row(f"c{at}-{place}", Fills=f"c{at}-{place - 1}" if place else "", **told))
    return rows


KINDS: list[tuple[str, dict[str, Any], str]] = [
    ("Ref", {"Ref": ""}, "is empty"),
    ("Ref", {"Ref": "c0-0"}, "which row 4 has already"),
    ("Country", {"Country": "Eskaria"}, "gives no meaning"),
    ("Status", {"Status": "rumoured"}, "gives no meaning"),
    ("Number", {"Number": "about ten"}, "must be a number"),
    ("Number", {"Number": "-3"}, "must be at least 0"),
    ("Counted in", {"Counted in": ""}, "is empty"),
    ("Done", {"Done": "31.06.2031"}, "a day that exists"),
    ("Fills", {"Fills": "nothing-there"}, "must be an earlier row"),
    ("Fills", {"Fills": "c0-4"}, "which is verified"),
]


def planted(
    rows: list[dict[str, Any]], generator: np.random.Generator, each: int
) -> list[tuple[int, str, str]]:
    """Spoil last rows of chains, which none fills; return where, in which column, and why."""
    last = np.arange(9, len(rows), 5)  # all chains but the first, which some kinds point at
    chosen = generator.choice(last, size=each * len(KINDS), replace=False)
    found = []
    for place, at in enumerate(chosen.tolist()):
        column, change, reason = KINDS[place % len(KINDS)]
        rows[at].update(change)
        found.append((at + 4, column, reason))
    return sorted(found)


def test_lists_exactly_the_bad_rows_of_ten_thousand() -> None:
    generator = np.random.default_rng(7)
    rows = tracker(10_000, generator)
    expected = planted(rows, generator, 30)
    raw = text_of(rows)
    start_s = time.process_time()

    imported = read_table(raw, CSV, REGISTER, name="support.csv")

    assert time.process_time() - start_s < 5
    found = [each for each in faults(imported) if each[0] is not None]
    assert [each[:2] for each in found] == [each[:2] for each in expected]
    assert all(e[2] in f[2] for e, f in zip(expected, found, strict=True))
    assert imported.accepted.height == 9_700
    with pytest.raises(BadInput, match="and 299 more"):
        take(imported, name="support.csv")


def test_finds_the_same_in_a_workbook() -> None:
    generator = np.random.default_rng(11)
    rows = tracker(1_000, generator)
    expected = planted(rows, generator, 3)

    imported = read_table(book_of(rows), XLSX, REGISTER, name="support.xlsx")

    assert [each[:2] for each in faults(imported)] == [each[:2] for each in expected]
    assert imported.accepted.height == 970


def test_the_order_of_rows_changes_nothing() -> None:
    rows = tracker(50, np.random.default_rng(3))

    forward, backward = read(rows).accepted, read(rows[::-1]).accepted

    assert forward.sort("id").equals(backward.sort("id"))
    assert forward.height == 50
    assert isinstance(forward, pl.DataFrame)


def test_a_currency_that_all_rows_have_says_nothing_where_no_value_is_told() -> None:
    plain = MAPPING.replace(b"  Money: {field: currency}\n", b"").replace(
        b"constants: {", b"constants: {currency: XTS, "
    )
    ignored = plain.replace(b"[Remarks of the editor]", b"[Remarks of the editor, Money]")
    rows = [row("a-1"), row("a-2", **{"Worth (m)": "1"})]

    imported = read_table(text_of(rows), parse_mapping(ignored, name="m"), REGISTER, name="s.csv")

    assert imported.refused.is_empty()
    assert imported.accepted.get_column("currency").to_list() == [None, "XTS"]
