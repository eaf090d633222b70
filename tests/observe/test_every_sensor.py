"""Every sensor keeps the same promises; a new sensor is tested by adding its sample."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from golden import SAMPLES, golden, inputs, read, source_of
from trucewatch.observe import sensor, sensors
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.observation import COUNT_QUALIFIERS, GRADES_INFO, GRADES_SOURCE
from trucewatch.records.table import OBSERVATION, REFUSED

if TYPE_CHECKING:
    from trucewatch.records.batch import Batch

NAMES = sensors()
FILES = [(name, path) for name in NAMES for path in inputs(name)]
TEXTS = [(name, path) for name, path in FILES if path.suffix == ".csv"]
LATITUDES = {"lat", "latitude"}
PLACED = [
    (n, path) for n, path in TEXTS if LATITUDES & set(path.read_text().split("\n")[0].split(","))
]

every_sensor = pytest.mark.parametrize("name", NAMES)
every_file = pytest.mark.parametrize(("name", "path"), FILES, ids=lambda v: getattr(v, "stem", v))
every_placed_text = pytest.mark.parametrize(
    ("name", "path"), PLACED, ids=lambda v: getattr(v, "stem", v)
)
every_text = pytest.mark.parametrize(("name", "path"), TEXTS, ids=lambda v: getattr(v, "stem", v))


def read_as(name: str, raw: bytes) -> Batch:
    return read(sensor(name), raw)


def refused_whole(batch: Batch) -> bool:
    return batch.observations.is_empty() and batch.refused["row"].to_list() == [None]


def assert_partition(batch: Batch, records: int) -> None:
    seen = [*batch.observations["row"], *batch.refused["row"]]
    assert sorted(seen) == list(range(records)), "a record is in neither table, or in both"


def said(batch: Batch) -> list[str]:
    """What a batch says apart from where in which file it stands, in any order."""
    rows = batch.observations.drop("object", "row").to_dicts()
    return sorted([repr(row) for row in rows] + batch.refused["problem"].to_list())


@every_sensor
def test_has_a_sample_folder(name: str) -> None:
    folder = SAMPLES / name

    for file in ("input.csv", "expected.jsonl", "refused.jsonl"):
        wanted = f"{Path(file).stem}.*" if file == "input.csv" else file
        assert list(folder.glob(wanted)), (
            f"sensor {name!r} has no sample: add tests/observe/samples/{name}/ with input.EXT, "
            f"then run `./tw golden` for {file}"
        )


@every_sensor
def test_reads_its_samples_to_the_golden_records(name: str) -> None:
    for file, lines in golden(name).items():
        assert lines == (SAMPLES / name / file).read_text().splitlines(), (
            f"{name}/{file} differs: if that is meant, run `./tw golden` and read it"
        )


@every_sensor
def test_documents_itself(name: str) -> None:
    module = sensor(name)
    text = module.__doc__ or ""

    assert text.splitlines()[0].endswith("."), "the first line must be a sentence"
    assert "\nSource: " in text
    assert "error in " in text, "the docstring must give the unit of each error"
    assert set(module.SETTINGS) == set(module.SETTINGS_HELP)
    assert module.FAMILY.isidentifier()


@every_sensor
def test_model_gives_a_distribution_for_every_class_it_reports(name: str) -> None:
    model = sensor(name).MODEL
    reported = {
        k for path in inputs(name) for k in read_as(name, path.read_bytes()).observations["class"]
    }

    assert reported <= set(model.meaning_p)
    for kind, meaning_p in model.meaning_p.items():
        assert {kind, *meaning_p} <= set(HAPPENINGS)
        assert sum(meaning_p.values()) == pytest.approx(1)
    assert 0 < model.detection_p < 1
    assert model.false_alarms_per_km2_day > 0
    assert min(model.repeats_mean, model.spread_m, model.spread_s, model.channel_gap_s) >= 0
    assert "calibrated" in model.source or "measured" in model.source


@every_file
def test_fills_exactly_the_columns_of_an_observation(name: str, path: Path) -> None:
    raw = path.read_bytes()
    batch = read_as(name, raw)
    schema = dict(batch.observations.schema)
    features = schema.pop("features")

    assert schema == OBSERVATION
    assert list(batch.observations.columns) == [*OBSERVATION, "features"]
    assert isinstance(features, pl.Struct)
    assert dict(batch.refused.schema) == REFUSED
    assert batch.observations["sensor"].unique().to_list() == [name]
    assert batch.observations["object"].unique().to_list() == [source_of(raw, sensor(name)).object]


@every_file
def test_has_the_same_columns_when_nothing_is_accepted(name: str, path: Path) -> None:
    some, none = read_as(name, path.read_bytes()), read_as(name, b"")

    assert none.observations.schema == some.observations.schema
    assert none.refused.schema == some.refused.schema


@every_file
def test_states_an_error_on_every_observation(name: str, path: Path) -> None:
    seen = read_as(name, path.read_bytes()).observations
    placed = seen.filter(pl.col("lat_deg").is_not_null())
    determinant = pl.col("cov_ee_m2") * pl.col("cov_nn_m2") - pl.col("cov_en_m2") ** 2

    assert seen.height
    assert (seen["time_sigma_s"] > 0).all()
    assert (seen["time_start"] <= seen["time_end"]).all()
    assert (placed["cov_ee_m2"] > 0).all()
    assert (placed.select(determinant).to_series() > 0).all()


@every_file
def test_uses_only_declared_words(name: str, path: Path) -> None:
    seen = read_as(name, path.read_bytes()).observations
    counted = seen["count_qualifier"].is_not_null()

    assert set(seen["class"]) <= set(HAPPENINGS)
    assert set(seen["grade_source"]) <= set(GRADES_SOURCE)
    assert set(seen["grade_info"]) <= set(GRADES_INFO)
    assert set(seen["count_qualifier"].drop_nulls()) <= set(COUNT_QUALIFIERS)
    assert (seen["count_min"].is_not_null() == counted).all()
    assert seen["channel"].null_count() == 0
    assert seen["dedup_key"].is_unique().all()


@every_file
def test_is_a_function_of_the_bytes(name: str, path: Path) -> None:
    first, second = (read_as(name, path.read_bytes()) for _ in range(2))

    assert_frame_equal(first.observations, second.observations)
    assert_frame_equal(first.refused, second.refused)


@every_text
def test_every_record_is_accepted_or_refused_once(name: str, path: Path) -> None:
    raw = path.read_bytes()

    assert_partition(read_as(name, raw), raw.count(b"\n") - 1)


@every_text
def test_a_header_without_records_is_an_empty_batch(name: str, path: Path) -> None:
    header = path.read_bytes().partition(b"\n")[0] + b"\n"
    batch = read_as(name, header)

    assert batch.observations.is_empty()
    assert batch.refused.is_empty()


@every_text
def test_refuses_a_file_torn_at_any_byte_unless_it_ends_a_line(name: str, path: Path) -> None:
    raw = path.read_bytes()
    header_end = raw.index(b"\n") + 1

    for at in range(len(raw)):
        batch = read_as(name, raw[:at])
        whole_lines = at >= header_end and raw[at - 1 : at] == b"\n"
        assert refused_whole(batch) != whole_lines, f"cut at byte {at}"


@every_text
def test_refuses_a_last_row_that_lost_fields(name: str, path: Path) -> None:
    raw = path.read_bytes()
    torn = raw[: raw.rindex(b",")] + b"\n"
    batch = read_as(name, torn)

    assert refused_whole(batch)
    assert batch.refused["line"].item() == raw.count(b"\n")
    assert "last row is torn" in batch.refused["problem"].item()


@every_sensor
@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "file is empty"),
        (b"\n", "header lacks"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "starts with a PNG signature"),
        (b"%PDF-1.7\n", "starts with a PDF signature"),
        (b"PK\x03\x04rest", "starts with a zip signature"),
        (b"\x1f\x8b\x08rest", "starts with a gzip signature"),
        (b"\x7fELF\x02\x01", "starts with an ELF signature"),
        (b"SQLite format 3\0rest", "starts with a SQLite signature"),
        (b"a,b\n1,\0\n", "NUL byte at byte 6"),
        (b"a,b\n1,\xff\n", "byte 0xff at byte 6 is not UTF-8"),
        (b"a,b\r1,2\n", "carriage return"),
        (b'a,"b\n1,2\n', "header opens a quote"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_refuses_what_is_no_such_text(name: str, raw: bytes, says: str) -> None:
    batch = read_as(name, raw)

    assert refused_whole(batch)
    assert says in batch.refused["problem"].item()


@every_text
def test_refuses_a_header_without_a_required_column_by_name(name: str, path: Path) -> None:
    header, _, rest = path.read_bytes().partition(b"\n")
    first, _, others = header.partition(b",")
    batch = read_as(name, b"wrong," + others + b"\n" + rest)

    assert refused_whole(batch)
    assert re.match(rf"header lacks .*\b{first.decode()}\b", batch.refused["problem"].item())


@every_text
def test_refuses_a_header_that_names_a_column_twice(name: str, path: Path) -> None:
    header, _, rest = path.read_bytes().partition(b"\n")
    wider = rest.replace(b"\n", b",1\n")
    batch = read_as(name, header + b"," + header.partition(b",")[0] + b"\n" + wider)

    assert refused_whole(batch)
    assert "twice, expected once" in batch.refused["problem"].item()


@every_text
def test_ignores_a_column_that_the_format_does_not_know(name: str, path: Path) -> None:
    raw = path.read_bytes()
    header, _, rest = raw.partition(b"\n")
    wider = header + b",row\n" + rest.replace(b"\n", b",99\n")

    assert said(read_as(name, wider)) == said(read_as(name, raw))


@every_placed_text
def test_refuses_latitude_95_2_by_line_and_value(name: str, path: Path) -> None:
    header, first, *_ = path.read_text().splitlines()
    at = next(i for i, column in enumerate(header.split(",")) if column in LATITUDES)
    fields = first.split(",")
    fields[at] = "95.2"
    batch = read_as(name, f"{header}\n{first}\n{','.join(fields)}\n".encode())

    assert batch.observations["row"].to_list() == [0]
    assert batch.refused.row(0) == (1, 3, "latitude is 95.2, must be -90 to 90")


@every_text
def test_refuses_blank_short_and_long_rows_alone(name: str, path: Path) -> None:
    header, first, last, *_ = path.read_text().splitlines()
    width = header.count(",") + 1
    short = first.rpartition(",")[0]
    batch = read_as(name, f"{header}\n{first}\n\n{short}\n{first},9\n{last}\n".encode())

    assert batch.observations["row"].to_list() == [0, 4]
    assert batch.refused.rows() == [
        (1, 3, "row is empty, expected a record"),
        (2, 4, f"row has {width - 1} fields, expected {width}"),
        (3, 5, f"row has {width + 1} fields, expected {width}"),
    ]


@every_text
def test_refuses_a_file_with_a_line_break_inside_quotes(name: str, path: Path) -> None:
    header, first, *_ = path.read_text().splitlines()
    batch = read_as(name, f'{header}\n{first}\n"{first}\n{first}"\n'.encode())

    assert refused_whole(batch)
    assert batch.refused["line"].item() == 3
    assert "does not close on its line" in batch.refused["problem"].item()


@every_text
def test_refuses_a_row_with_quotes_inside_a_field_alone(name: str, path: Path) -> None:
    header, first, last, *_ = path.read_text().splitlines()
    batch = read_as(name, f'{header}\n{first}\n9"9"{first}\n{last}\n'.encode())

    assert batch.observations["row"].to_list() == [0, 2]
    assert batch.refused.row(0) == (1, 3, "quotes stand inside a field, expected around all of it")


@every_text
def test_lists_refused_rows_in_file_order_whatever_their_fault(name: str, path: Path) -> None:
    raw = path.read_bytes()
    lines = read_as(name, raw.replace(b"\n", b"\n\n")).refused["line"].to_list()

    assert len(lines) > raw.count(b"\n")
    assert lines == sorted(lines)


@every_text
def test_refuses_times_after_the_log_received_the_file(name: str, path: Path) -> None:
    raw = path.read_bytes()
    usual = read_as(name, raw)
    early = replace(source_of(raw, sensor(name)), logged_at=datetime(2000, 1, 1, tzinfo=UTC))
    batch = sensor(name).read(raw, source=early)
    problems = dict(batch.refused.select("row", "problem").iter_rows())

    assert batch.observations.is_empty()
    for row in usual.observations["row"]:
        assert "in the future" in problems[row]


@every_text
def test_line_endings_and_a_byte_order_mark_change_nothing(name: str, path: Path) -> None:
    raw = path.read_bytes()
    windows = b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n")

    assert said(read_as(name, windows)) == said(read_as(name, raw))


@every_text
def test_quotes_around_every_field_change_nothing(name: str, path: Path) -> None:
    header, *rows = (line for line in path.read_text().splitlines() if '"' not in line)
    plain = "\n".join([header, *rows, ""]).encode()
    quoted = "\n".join(
        ",".join(f'"{field}"' for field in line.split(",")) for line in [header, *rows]
    )

    assert said(read_as(name, f"{quoted}\n".encode())) == said(read_as(name, plain))


@every_text
def test_repeating_all_rows_keeps_the_earlier_keys(name: str, path: Path) -> None:
    raw = path.read_bytes()
    body = raw.partition(b"\n")[2]
    once = read_as(name, raw).observations["dedup_key"]
    twice = read_as(name, raw + body).observations["dedup_key"]

    assert twice.head(len(once)).to_list() == once.to_list()
    assert twice.is_unique().all()


@every_text
def test_the_order_of_rows_changes_only_their_order(name: str, path: Path) -> None:
    header, *rows = path.read_text().splitlines()
    expected = said(read_as(name, path.read_bytes()))
    rng = np.random.default_rng(1)

    for _ in range(5):
        shuffled = "\n".join([header, *rng.permutation(rows), ""]).encode()
        assert said(read_as(name, shuffled)) == expected


@every_text
def test_one_bad_row_does_not_change_how_the_others_are_read(name: str, path: Path) -> None:
    raw = path.read_bytes()
    header, _, body = raw.partition(b"\n")
    blank = read_as(name, header + b"\n\n" + body)
    plain = read_as(name, raw)

    moved = blank.observations.drop("object").with_columns(pl.col("row") - 1)
    assert_frame_equal(moved, plain.observations.drop("object"))
    assert blank.refused.height == plain.refused.height + 1


junk = st.text(alphabet='0129.,-"\n\r\tN é:+', max_size=12)


@every_text
@settings(max_examples=25, deadline=None, derandomize=True)
@given(drawn=st.data())
def test_any_damage_is_refused_and_never_raises(
    name: str, path: Path, drawn: st.DataObject
) -> None:
    raw = path.read_bytes()
    start = drawn.draw(st.integers(0, len(raw)))
    end = drawn.draw(st.integers(start, min(len(raw), start + 30)))
    damaged = raw[:start] + drawn.draw(junk).encode() + raw[end:]
    batch = read_as(name, damaged)

    if not refused_whole(batch):
        assert_partition(batch, damaged.count(b"\n") - 1)
