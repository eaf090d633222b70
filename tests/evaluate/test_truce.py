"""The exercise on an announced truce: counts by rule, with intervals, and none of a party."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binom

from trucewatch.agreement.parse import parse
from trucewatch.agreement.rule import COUNTING_RULES
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.errors import BadInput
from trucewatch.evaluate import truce, truce_words
from trucewatch.evaluate.truce_change import Counted, as_low, dispersion, rate_ratio
from trucewatch.evaluate.truce_count import RULES, Bounds, counts, daily, place_days, within
from trucewatch.evaluate.truce_line import read_areas, signed_km
from trucewatch.evaluate.truce_place import around
from trucewatch.evaluate.truce_reports import KINETIC, read_reports

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evaluate.truce_reports import Reports

HEAD = "datetime,lon,lat,place_name,event_type,n_reports"
DAY = date(2025, 4, 20)
SINCE = datetime(2025, 4, 19, 15, tzinfo=UTC)
UNTIL = datetime(2025, 4, 20, 21, tzinfo=UTC)
AREA = [[-30.5, 44.8], [-30.0, 44.8], [-30.0, 45.2], [-30.5, 45.2], [-30.5, 44.8]]
KM_DEG = 1 / 78.85  # of longitude at 45 N, WGS 84


def row(at: str, *, east_km: float = 5.0, name: str = "Ilmery", labels: str = "artillery") -> str:
    """Return a made-up row on fictional ground, some way east of the drawn area."""
    at = at if " " in at else f"{at} 00:00:00"
    return f"{at},{-30.0 + east_km * KM_DEG:.6f},45.0,{name},{labels},2"


def reports_of(*rows: str) -> Reports:
    return read_reports("\n".join([HEAD, *rows, ""]).encode(), name="made-up.csv")


def tar_of(**files: object) -> bytes:
    packed = io.BytesIO()
    with tarfile.TarFile(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            member = tarfile.TarInfo(f"{name}.geojson")
            member.size = len(raw)
            tar.addfile(member, io.BytesIO(raw))
    return lzma.compress(packed.getvalue())


def drawn(ring: list[list[float]] = AREA) -> dict[str, object]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": geometry}]}


def made_up_files() -> dict[str, bytes]:
    """Return both files of an invented spring: 10 places a day, 2 on the days of the truce."""
    rows = []
    for step in range(60):
        day = date(2025, 3, 13) + timedelta(days=step)
        places = 2 if day in truce.TRUCE else 10 + step % 3
        rows += [row(f"{day}", east_km=3.0 * k - 8, labels="uav|loc") for k in range(places)]
        rows += [row(f"{day} 18:30:00", east_km=60), row(f"{day}", east_km=1, labels="loc")]
    text = "\n".join([HEAD, *rows, ""]).encode()
    return {truce.REPORTS: text, truce.LINES: tar_of(a_20250415=drawn(), a_20250420=drawn())}


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    return truce.measure(seed=3, files=made_up_files())


def test_one_place_on_one_day_counts_once_however_often_it_is_told() -> None:
    reports = reports_of(
        row("2025-04-20", labels="artillery|loc"),
        row("2025-04-20 09:10:00", labels="firefighb|property"),
        row("2025-04-20", east_km=9, labels="raid"),
        row("2025-04-20", east_km=20, labels="property|civcas"),
        row("2025-04-21", labels="armor"),
    )

    assert daily(reports.table, DAY, DAY + timedelta(days=2)) == (2, 1, 0)


def test_one_name_at_two_points_is_two_places() -> None:
    reports = reports_of(row("2025-04-20", east_km=5), row("2025-04-20", east_km=5.5))

    assert daily(reports.table, DAY, DAY) == (2,)


@pytest.mark.parametrize("label", KINETIC)
def test_each_label_of_fighting_counts_alone(label: str) -> None:
    reports = reports_of(row("2025-04-20", labels=label))

    assert daily(reports.table, DAY, DAY) == (1,)


def test_every_rule_counts_the_same_rows_and_has_its_words() -> None:
    reports = reports_of(
        row("2025-04-20"),
        row("2025-04-20"),
        row("2025-04-20", east_km=30, name="Voronyne", labels="uav"),
        row("2025-04-20", labels="property"),
        row("2025-04-20", labels="loc"),
    )

    made = {count.rule: count.text for count in counts(reports.table)}

    assert made == {
        "settlement_day": "2",
        "settlement_day_placed": "1",
        "report_group": "3",
        "report": "6",
        "incident": "4",
        "osce_unit": "at least 2",
        "episode_60min_30rounds": "not known: no lower and no upper bound",
        "crossing": "not counted: no sensor here reports crossings",
        "ruled": "not counted: no body rules in this version",
    }
    assert list(made) == list(RULES)
    assert {*COUNTING_RULES} <= RULES.keys()


@pytest.mark.parametrize(
    ("at", "right", "late"),
    [
        ("2025-04-18", (0, 0), (0, 0)),
        ("2025-04-19", (0, 1), (0, 1)),
        ("2025-04-19 17:59:00", (0, 0), (0, 0)),
        ("2025-04-19 18:00:00", (1, 1), (0, 1)),
        ("2025-04-20", (1, 1), (0, 1)),
        ("2025-04-20 18:00:00", (1, 1), (1, 1)),
        ("2025-04-20 23:59:00", (1, 1), (1, 1)),
        ("2025-04-21", (0, 0), (0, 1)),
        ("2025-04-21 00:30:00", (0, 0), (0, 1)),
        ("2025-04-22", (0, 0), (0, 0)),
    ],
)
def test_a_row_without_a_clock_time_may_lie_on_either_side(
    at: str, right: tuple[int, int], late: tuple[int, int]
) -> None:
    table = reports_of(row(at)).table

    found = [within(table, SINCE, UNTIL, late=timedelta(days=d)) for d in (0, 1)]

    assert [one["settlement_day"] for one in found] == [Bounds(*right), Bounds(*late)]


@example(30, 0, 5)
@example(-24, 24, 0)
@given(st.integers(-60, 60), st.integers(0, 30), st.integers(0, 30))
def test_bounds_are_those_of_trying_every_hour(start_h: int, length_h: int, late_h: int) -> None:
    start = SINCE + timedelta(hours=start_h)
    end = start + timedelta(hours=length_h)
    table = pl.DataFrame(
        {
            "day": [DAY],
            "lon_deg": [0.0],
            "lat_deg": [0.0],
            "kinetic": [True],
            "time_start": [start],
            "time_end": [end],
        }
    )
    span_h = range(start_h - late_h, start_h + length_h + (length_h == 0))
    # A whole hour stands for what lies in it; a lone instant for itself.
    hits = [0 <= h < 30 for h in span_h]

    found = within(table, SINCE, UNTIL, late=timedelta(hours=late_h))["report_group"]

    assert found == Bounds(int(all(hits)), int(any(hits)))


def test_a_settlement_day_lies_inside_when_one_of_its_rows_does() -> None:
    table = reports_of(row("2025-04-19 20:00:00"), row("2025-04-19 08:00:00")).table

    found = within(table, SINCE, UNTIL, late=timedelta(0))

    assert found == {"settlement_day": Bounds(1, 1), "report_group": Bounds(1, 1)}


@given(st.integers(1, 60), st.integers(1, 60))
def test_ends_of_a_ratio_are_where_the_counts_would_be_surprising(one: int, other: int) -> None:
    ratio = rate_ratio(Counted(one, 2.0), Counted(other, 5.0))

    low, high = ratio["low"], ratio["high"]
    assert low is not None
    assert high is not None
    assert ratio["value"] == pytest.approx(one * 5 / (other * 2))
    shares = [2 * end / (2 * end + 5) for end in (low, high)]
    assert binom.sf(one - 1, one + other, shares[0]) == pytest.approx(0.025)
    assert binom.cdf(one, one + other, shares[1]) == pytest.approx(0.025)


def test_a_ratio_to_nothing_has_no_upper_end() -> None:
    ratio = rate_ratio(Counted(3, 1.0), Counted(0, 1.0))

    assert (ratio["value"], ratio["high"]) == (None, None)
    assert rate_ratio(Counted(0, 1.0), Counted(3, 1.0))["low"] == 0.0


@given(st.floats(1.01, 20.0))
def test_clustered_counts_say_less(spread: float) -> None:
    plain, wide = (
        rate_ratio(Counted(19, 2.0), Counted(99, 5.0), dispersion_ratio=r) for r in (0.5, spread)
    )

    assert plain == rate_ratio(Counted(19, 2.0), Counted(99, 5.0))
    assert (wide["low"] or 0.0) < (plain["low"] or 0.0)
    assert (wide["high"] or 0.0) > (plain["high"] or 0.0)


def test_days_drawn_from_poisson_have_a_dispersion_near_one() -> None:
    drawn_days = np.random.default_rng(5).poisson(16, 4_000)

    assert dispersion(drawn_days.tolist()) == pytest.approx(1.0, abs=0.05)


def test_a_drift_of_the_level_is_not_taken_for_clusters() -> None:
    level = np.linspace(60, 10, 4_000)

    drawn_days = np.random.default_rng(6).poisson(level)

    assert dispersion(drawn_days.tolist()) == pytest.approx(1.0, abs=0.06)
    assert np.var(drawn_days) / np.mean(drawn_days) > 5


def test_counts_windows_that_fall_as_low_and_leaves_out_those_after_nothing() -> None:
    found = as_low([0, 0, 10, 10, 5, 5, 0, 8], 0.5, window=2, before=2)

    # Against the two days before: 10 10 after nothing is left out, 10 5 after 5 is above half,
    # 5 5 after 10 is half, 5 0 after 7.5 is below, 0 8 after 5 is above.
    assert found == (2, 4)


def placed(*east_km: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "day": [DAY] * len(east_km),
            "lon_deg": [-30.0 + km * KM_DEG for km in east_km],
            "lat_deg": [45.0] * len(east_km),
        }
    )


def test_distance_is_from_the_line_and_negative_inside_the_area() -> None:
    areas = read_areas(tar_of(x_20250420=drawn()), name="a.tar.xz")

    away_km = signed_km(placed(-6, -1, 1, 6, 50), placed(-20, 5), areas)

    assert away_km == pytest.approx([-6, -1, 1, 6, 50], abs=0.1)


def test_a_boundary_beyond_which_no_place_is_named_is_no_line() -> None:
    areas = read_areas(tar_of(x_20250420=drawn()), name="a.tar.xz")
    west_km = -0.5 / KM_DEG

    # Two kilometres from the western boundary, which is a coast as far as the press knows.
    [away_km] = signed_km(placed(west_km + 2), placed(5, west_km - 0.5), areas)

    assert away_km == pytest.approx(west_km + 2, abs=0.3)


def test_takes_the_area_of_the_nearest_day() -> None:
    moved = [[lon + 4 * KM_DEG, lat] for lon, lat in AREA]
    areas = read_areas(tar_of(x_20250415=drawn(), x_20250422=drawn(moved)), name="a.tar.xz")
    table = placed(6, 6).with_columns(day=pl.Series([date(2025, 4, 14), date(2025, 4, 19)]))

    away_km = signed_km(table, placed(7), areas)

    assert away_km == pytest.approx([6, 2], abs=0.1)


@pytest.mark.parametrize(
    ("raw", "match"),
    [
        (b"no tar", "a.tar.xz: .* expected a tar of GeoJSON files"),
        (tar_of(notes=drawn()), "a.tar.xz: holds no file YYYYMMDD.geojson"),
        (tar_of(x_20251301=drawn()), "month must be in 1..12, expected a name that ends in a date"),
        (tar_of(x_20250420=b"{"), "x_20250420.geojson: is no collection of one feature"),
        (tar_of(x_20250420={"features": []}), "is no collection of one feature"),
        (tar_of(x_20250420=b"[" * 100_000), "is no collection of one feature"),
        (tar_of(x_20250420={"features": [{"geometry": None}]}), "is no "),
        (tar_of(x_20250420={"features": [{"geometry": {"type": "Point"}}]}), "is no "),
        (lzma.decompress(tar_of(x_20250420=drawn()))[:600], "expected a tar of GeoJSON files"),
        (tar_of(x_20250420=drawn([*AREA[:2], *AREA[3:1:-1], AREA[0]])), "is no sound area"),
    ],
)
def test_refuses_what_draws_no_area(raw: bytes, match: str) -> None:
    with pytest.raises(BadInput, match=match):
        read_areas(raw, name="a.tar.xz")


def test_refuses_an_area_beyond_which_nothing_is_named() -> None:
    areas = read_areas(tar_of(x_20250420=drawn()), name="a.tar.xz")

    with pytest.raises(BadInput, match="no place is named beyond the drawn area"):
        signed_km(placed(-5), placed(-5), areas)


def test_shifting_the_line_moves_places_near_it_and_across_it() -> None:
    rows = [row("2025-04-20", east_km=km) for km in (-13, -2, 3, 12, 18)]
    reports = reports_of(*rows, row("2025-04-20", name="Ruttschenkowo", east_km=1))
    areas = read_areas(tar_of(x_20250420=drawn()), name="a.tar.xz")

    found = {one.shift_km: one for one in around(reports, areas, [(DAY, DAY)])}

    assert {km: one.near for km, one in found.items()} == {0.0: (4,), 5.0: (4,), -5.0: (3,)}
    assert {km: one.far for km, one in found.items()} == {0.0: (1,), 5.0: (1,), -5.0: (2,)}
    assert {km: one.within.value_p for km, one in found.items()} == {0.0: 0.4, 5.0: 0.6, -5.0: 0.2}
    assert found[0.0].within_near.value_p == 0.5


def test_the_exercise_lasts_the_thirty_hours_that_were_announced() -> None:
    agreement = parse(shipped_bytes("easter-2025"), name="easter-2025")

    assert agreement.effective == SINCE
    assert agreement.expires == UNTIL
    assert agreement.expires - agreement.effective == timedelta(hours=30)


def test_the_exercise_forbids_what_the_daily_figures_count() -> None:
    agreement = parse(shipped_bytes("easter-2025"), name="easter-2025")
    reports = reports_of(*(row("2025-04-20", labels=label) for label in KINETIC))

    assert set(reports.table["class"]) == {*agreement.rules[0].acts}


def test_known_figures_are_held_against_what_is_found(found: dict[str, object]) -> None:
    musts = {one["metric"]: one["holds"] for one in found["must"]}  # type: ignore[attr-defined]

    assert musts == {
        "easter_days_reproduced": False,
        "may_days_reproduced": False,
        "before_may_off": False,
    }


def test_hands_back_figures_rules_limits_and_words(found: dict[str, object]) -> None:
    metrics: dict[str, dict[str, float]] = found["metrics"]  # type: ignore[assignment]
    text = "\n".join(found["text"])  # type: ignore[arg-type]

    assert (found["name"], found["seed"]) == ("truce", 3)
    assert metrics["settlement_days_2025_04_20"]["value"] == 3
    assert metrics["inside_30_h_settlement_day_dated_right"]["low"] == 4
    assert metrics["inside_30_h_settlement_day_dated_right"]["high"] == 6
    assert metrics["ratio_truce_to_before"]["high"] < 0.6
    assert all(" ".join(rule.split()) in " ".join(text.split()) for rule in RULES.values())
    assert found["cannot_say"] == list(truce_words.CANNOT_SAY)
    assert max(map(len, text.splitlines())) <= 100
    assert found == truce.measure(seed=3, quick=True, files=made_up_files())


def test_no_number_is_of_a_party_and_none_is_of_a_side_on_a_day(found: dict[str, object]) -> None:
    agreement = parse(shipped_bytes("easter-2025"), name="easter-2025")
    told = json.dumps(found)
    sided = {name for name in found["metrics"] if "inner" in name}  # type: ignore[attr-defined]

    assert not [party.id for party in agreement.parties if party.id in told]
    assert all(name.startswith("lean_inner_share_") for name in sided)
    assert "No number is of a party" in str(found["note"])


def test_refuses_reports_that_leave_a_span_empty() -> None:
    files = made_up_files() | {truce.REPORTS: "\n".join([HEAD, row("2025-04-20"), ""]).encode()}

    with pytest.raises(BadInput, match="no report of fighting from 2025-03-17 to 2025-04-13"):
        truce.measure(seed=1, files=files)


@pytest.mark.parametrize("raw", [b"", b"a,b\n1,2\n", HEAD.encode() + b"\n"])
def test_refuses_a_file_without_reports(raw: bytes) -> None:
    with pytest.raises(BadInput, match=r"made-up\.csv: .* expected press reports"):
        read_reports(raw, name="made-up.csv")


@pytest.mark.shared
def test_reproduces_the_known_daily_figures_on_the_real_files(shared: Path) -> None:
    files = {name: (shared / "data" / name).read_bytes() for name in truce.READS}

    found = truce.measure(seed=1, files=files)

    metrics: dict[str, dict[str, float]] = found["metrics"]  # type: ignore[assignment]
    assert all(one["holds"] for one in found["must"])  # type: ignore[attr-defined]
    assert metrics["easter_days_reproduced"]["value"] == 12
    assert metrics["may_days_reproduced"]["value"] == 3
    assert metrics["inside_30_h_settlement_day_dated_right"]["low"] == 5
    assert metrics["inside_30_h_settlement_day_dated_right"]["high"] == 16
    assert metrics["share_without_clock_twelve_days"]["value"] == pytest.approx(0.599, abs=1e-3)
    assert metrics["near_truce_line_as_drawn"]["value"] == 4
    reports = read_reports(files[truce.REPORTS], name="real")
    assert reports.refused == 1
    assert place_days(reports.between(*truce.TRUCE)).height == 19
