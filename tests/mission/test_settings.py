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
