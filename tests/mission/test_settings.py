"""`mission.toml`: every key is checked, and an unknown one is an error."""

from __future__ import annotations

import pytest

from trucewatch.errors import BadMission
from trucewatch.mission.settings import parse_settings

GOOD = """
[mission]
name = "M"
[log]
origin = "m.invalid/evidence"
[fusion]
centre_lat_deg = 45
centre_lon_deg = -30
incidents_per_km2_day = 0.001
"""


def test_missing_keys_have_their_defaults() -> None:
    settings = parse_settings(GOOD.encode(), name="mission.toml")

    assert settings.mission.exercise
    assert settings.release.delay_h == 24.0
    assert settings.fusion.centre_lat_deg == 45.0
    assert settings.fusion.imprecise_sensors == ("news",)
    assert settings.sensors == {
        "firms": {},
        "news": {"zone": "Europe/Kyiv"},
        "picks": {"stations": "", "probability_min": "0"},
        "positions": {},
        "spotrep": {},
        "watch": {},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[mission", r"mission\.toml: not TOML"),
        (
            GOOD + "[serve]\n",
            r"mission\.toml: unknown section \[serve\], expected one of mission, ",
        ),
        (GOOD + "[release]\ndelay_d = 1\n", r"\[release\]: unknown key 'delay_d', expected one of"),
        (GOOD + '[release]\ndelay_h = "1"\n', r"\[release\]: delay_h is '1', expected float"),
        (GOOD + "[release]\ndelay_h = true\n", r"\[release\]: delay_h is True, expected float"),
        (GOOD + "[release]\ndelay_h = -1\n", r"\[release\]: delay_h is -1\.0, expected 0 to 8760"),
        (GOOD.replace('name = "M"', ""), r"\[mission\]: name is missing, expected a value"),
        (GOOD.replace('name = "M"', "name = 1"), r"\[mission\]: name is 1, expected str"),
        (GOOD.replace('"M"', '"M"\ntime_zone = "Mars"'), r"time_zone is 'Mars', expected an IANA"),
        (GOOD.replace('"M"', '"M"\nreport_cutoff = "25:00"'), r"is '25:00', expected HH:MM"),
        (GOOD.replace("= 45", "= 95"), r"centre_lat_deg is 95\.0, must be -90 to 90"),
        (GOOD + '[agreement]\nfile = "../a.yaml"\n', r"file is '\.\./a\.yaml', expected a plain"),
        (GOOD + "[sensors.radar]\n", r"\[sensors\.radar\]: no such sensor, expected firms, news"),
        (GOOD + "[sensors.news]\nhat = 1\n", r"\[sensors\.news\]: is .*, expected a table of text"),
        (GOOD + '[sensors.news]\nhat = "x"\n', r"unknown key 'hat', expected one of zone"),
        (GOOD + '[sensors.news]\nzone = "Mars"\n', r"'Mars' is no time zone, expected an IANA"),
        ("mission = 1\n", r"\[mission\]: is int, expected a table"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(BadMission, match=message):
        parse_settings(text.encode(), name="mission.toml")


COVERED = (
    GOOD
    + """
[coverage.CAM-1]
sensor = "picks"
detects = { explosion_impact = 0.8, "*" = 0.3 }
source = "40 test blasts in June 2030"
always = true
lat_deg = 45.1
lon_deg = -30
radius_km = 10
half_km = 5
night_ratio = 0.5
cloud_ratio = 0.9
[coverage.P-7]
sensor = "spotrep"
detects = { "*" = 0.7 }
source = "assumed"
[holding]
tolerated_per_1000h = 2
"""
)
ONE = '[coverage.X]\nsensor = "firms"\ndetects = {shot = 0.5}\nsource = "s"\n'


def test_reads_assets_and_what_is_tolerated() -> None:
    settings = parse_settings(COVERED.encode(), name="mission.toml")

    camera = settings.coverage["CAM-1"].asset("CAM-1")
    patrol = settings.coverage["P-7"].asset("P-7")

    assert camera.footprint is not None
    assert (camera.footprint.lon_deg, camera.footprint.radius_km) == (-30.0, 10.0)
    assert (camera.sensor, camera.always, camera.detection.half_km) == ("picks", True, 5.0)
    assert camera.detection.close_p("explosion_impact") == 0.8
    assert (patrol.footprint, patrol.always, patrol.detection.night_ratio) == (None, False, 1.0)
    assert settings.holding.tolerated_in("Z_SEC") == 2.0
    assert settings.holding.recommitments() == ()


def test_without_a_holding_section_nothing_is_tolerated_by_declaration() -> None:
    settings = parse_settings(GOOD.encode(), name="mission.toml")

    assert settings.coverage == {}
    assert settings.holding.tolerated_in("Z_SEC") is None
    assert (settings.holding.coverage_min_share, settings.holding.alpha_p) == (0.3, 0.05)


def test_tolerance_may_differ_by_sector() -> None:
    text = """[holding]
tolerated_per_1000h = { Z_SEC = 0.5, "*" = 3 }
counts = ["explosion_impact", "shot"]
since = ["2030-09-01T00:00:00.000000Z", "2030-09-15T00:00:00.000000Z"]
"""

    holding = parse_settings((GOOD + text).encode(), name="mission.toml").holding

    assert (holding.tolerated_in("Z_SEC"), holding.tolerated_in("Z_OTHER")) == (0.5, 3.0)
    assert [each.day for each in holding.recommitments()] == [1, 15]
    assert holding.counts == ("explosion_impact", "shot")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[coverage.X]\nsensor = "firms"\nsource = "s"\n', r"\[coverage\.X\]: detects is missing"),
        (ONE.replace("firms", "radar"), r"sensor is 'radar', expected firms, news"),
        (
            ONE.replace("firms", "watch"),
            r"\[coverage\.X\]: sensor is 'watch', which reports no happening, expected the module "
            r'that reads what the asset saw, such as sensor = "spotrep"',
        ),
        (ONE.replace("firms", "positions"), r"sensor is 'positions', which reports no happening"),
        (ONE.replace("coverage.X", 'coverage."a b"'), r"name must be of letters, digits, dots and"),
        (ONE.replace("shot", "bang"), r"\[coverage\.X\]: detects has 'bang', expected a class"),
        (ONE.replace("0.5", "1.5"), r"detects shot is 1\.5, must be 0 to 1"),
        (ONE.replace("0.5", "true"), r"detects: shot is True, expected Mapping"),
        (ONE.replace('"s"', '""'), r"source is empty, expected where the figures come from"),
        (ONE + "radius_km = 5\n", r"radius_km is 5 with lat_deg None and lon_deg None, expected"),
        (ONE + "lat_deg = 5\nlon_deg = 5\n", r"radius_km is 0 with lat_deg 5.0 and lon_deg 5.0"),
        (ONE + "lat_deg = 5\nradius_km = 5\n", r"radius_km is 5 with lat_deg 5.0 and lon_deg None"),
        (ONE + "lat_deg = 95\nlon_deg = 5\nradius_km = 5\n", r"lat_deg is 95\.0, must be -90 to"),
        (ONE + 'lat_deg = "5"\n', r"lat_deg is '5', expected float \| None"),
        (ONE + "night_ratio = 2\n", r"night_ratio is 2\.0, must be 0 to 1"),
        (
            ONE + "half_km = 2\nalways = true\n",
            r"half_km is 2\.0 without a place, expected lat_deg",
        ),
        (ONE + "half_km = nan\n", r"half_km is nan, must be 0 or above"),
        (
            "[holding]\ntolerated_per_1000h = 0\n",
            r"tolerated_per_1000h of \* is 0\.0, must be above",
        ),
        ("[holding]\ntolerated_per_1000h = true\n", r"tolerated_per_1000h is True, expected Map"),
        ("[holding]\ncoverage_min_share = 1.2\n", r"coverage_min_share is 1\.2, must be 0 to 1"),
        ("[holding]\nalpha_p = 0\n", r"alpha_p is 0\.0, must be above 0, up to 0\.5"),
        ("[holding]\ncell_km = 0\n", r"cell_km is 0\.0, must be 0\.1 to 100"),
        ('[holding]\ncounts = ["alert"]\n', r"counts has 'alert', expected undetermined, thermal"),
        ('[holding]\ncounts = ["shot", "shot"]\n', r"counts names a class twice, expected once"),
        ("[holding]\ncounts = [1]\n", r"counts is \[1\], expected a list of text"),
        ('[holding]\nsince = ["2030-09-01"]\n', r"since: time is '2030-09-01', expected YYYY"),
        (
            f"[holding]\nsince = {['2030-09-02T00:00:00.000000Z'] * 2}\n",
            r"since has 2030-09-02 .* after 2030-09-02 .*, must ascend",
        ),
    ],
)
def test_refuses_coverage_and_tolerance_that_cannot_be(text: str, message: str) -> None:
    with pytest.raises(BadMission, match=message):
        parse_settings((GOOD + text).encode(), name="mission.toml")
