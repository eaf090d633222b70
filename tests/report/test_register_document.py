"""Products of the register as files: safe to open, the same bytes, EXERCISE on each."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook

from trucewatch.errors import BadInput
from trucewatch.records.canonical import sha256_hex
from trucewatch.report.register.document import Document, Sheet
from trucewatch.report.register.render import rendered

SHEET = Sheet(
    id="claims",
    title="Claims",
    notes=("A note.",),
    columns=("claim", "text", "due_h"),
    rows=(("c1", "It said <b>yes</b> & more.", 24), ("c2", '=HYPERLINK("x")', None)),
)
DOCUMENT = Document(
    product="register",
    title="Register of commitments",
    day=date(2026, 7, 10),
    level="public",
    exercise=True,
    marked=("Nobody has adopted this.",),
    basis=("Log x, first 9 entries.",),
    sheets=(SHEET, replace(SHEET, id="empty", rows=())),
)
DIGESTS = {
    ".csv": "f3b8ef20f45887b5ac5387645e17798a6d8282ecaa899b4d78eda19381ce96a7",
    ".xlsx": "7c27e4bccc3f12c063a32c66c6dc6d5b1b9339bfb0d017a1550f490234212274",
}


def files(document: Document = DOCUMENT) -> dict[str, bytes]:
    return {f".{name.rpartition('.')[2]}": content for name, content in rendered(document).items()}


def test_the_bytes_of_table_and_workbook_never_change() -> None:
    made = files()

    assert {end: sha256_hex(made[end]) for end in DIGESTS} == DIGESTS
    assert files() == made
    assert list(rendered(DOCUMENT)) == [
        "register-2026-07-10.html",
        "register-2026-07-10.csv",
        "register-2026-07-10.xlsx",
    ]


def test_a_workbook_opens_and_holds_each_table_as_text() -> None:
    book = load_workbook(io.BytesIO(files()[".xlsx"]))

    assert book.sheetnames == ["read_me", "claims", "empty"]
    first = [row[0] for row in book["read_me"].iter_rows(values_only=True)]
    assert first[1] == "EXERCISE. Nothing here is a finding."
    assert {"Nobody has adopted this.", "level public"} <= set(first)
    assert list(book["claims"].iter_rows(values_only=True)) == [
        ("claim", "text", "due_h"),
        ("c1", "It said <b>yes</b> & more.", 24),
        ("c2", '=HYPERLINK("x")', None),
    ]
    assert book["claims"]["B3"].data_type == "s"
    assert book["claims"].oddHeader.center.text == "EXERCISE. Nothing here is a finding."


def test_the_parts_of_a_workbook_have_fixed_times() -> None:
    with zipfile.ZipFile(io.BytesIO(files()[".xlsx"])) as package:
        assert {each.date_time for each in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert package.testzip() is None


def test_a_character_that_no_workbook_may_hold_is_shown_as_unreadable() -> None:
    odd = replace(SHEET, rows=(("c1", "a\x00b\ufffec", 1),))

    book = load_workbook(io.BytesIO(files(replace(DOCUMENT, sheets=(odd,)))[".xlsx"]))

    assert book["claims"]["B2"].value == "a\ufffdb\ufffdc"


def test_a_table_holds_no_formula_and_says_what_it_is_in_each_line() -> None:
    rows = list(csv.DictReader(io.StringIO(files()[".csv"].decode())))

    assert [row["text"] for row in rows] == ["It said <b>yes</b> & more.", '\'=HYPERLINK("x")']
    assert {(r["notice"], r["level"], r["marked"]) for r in rows} == {
        ("EXERCISE", "public", "Nobody has adopted this.")
    }


def test_a_page_escapes_all_text_and_asks_for_nothing() -> None:
    page = files()[".html"].decode()

    assert "It said &lt;b&gt;yes&lt;/b&gt; &amp; more." in page
    assert not re.search(r"<(script|link|img|iframe)|src=|href=\"(?!#)", page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in page or f"'sha256-{digest}'" in page
    assert "which does not say that there is nothing" in page


@pytest.mark.parametrize("exercise", [True, False])
def test_says_exercise_where_it_is_one_and_nowhere_else(exercise: bool) -> None:
    made = files(replace(DOCUMENT, exercise=exercise))

    book = load_workbook(io.BytesIO(made[".xlsx"]))
    cells = {c for row in book["read_me"].iter_rows(values_only=True) for c in row}
    body = made[".html"].decode().partition("<body>")[2]
    assert ("EXERCISE" in body) == exercise
    assert (b"EXERCISE" in made[".csv"]) == exercise
    assert ("EXERCISE. Nothing here is a finding." in cells) == exercise


def test_refuses_a_ragged_table() -> None:
    with pytest.raises(BadInput, match="sheet claims: row 1: has 1 cells, expected 3"):
        replace(SHEET, rows=(("c1",),))
