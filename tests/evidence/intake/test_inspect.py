"""What the intake says of good files, alone and through a worker."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import pytest
from PIL import ExifTags, Image
from tests.evidence.intake import samples

from trucewatch.errors import BadInput
from trucewatch.evidence.intake import archive, claims, image, markup, raster, waveform
from trucewatch.evidence.intake.inspect import KINDS, also, inspect, kind
from trucewatch.evidence.intake.worker import INSPECT, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GOOD = samples.good()
NS_2030_09_01 = 1_914_451_200_000_000_000
ALONE: dict[str, Callable[[bytes], dict[str, object]]] = {
    "image": image.facts,
    "markup": markup.facts,
    "archive": archive.facts,
    "raster": raster.facts,
    "wav": waveform.wav,
    "miniseed": waveform.miniseed,
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(INSPECT) as held:
        yield held


@pytest.mark.parametrize("name", GOOD)
def test_the_first_bytes_decide_the_kind(name: str) -> None:
    assert kind(GOOD[name]) == name.split()[0]
    assert also(GOOD[name]) == ()


@pytest.mark.parametrize("name", GOOD)
def test_a_worker_says_what_the_parser_says(name: str, worker: Worker) -> None:
    facts = inspect(GOOD[name], worker=worker)

    assert not facts.problems
    assert set(facts.facts) == {job.name for job in KINDS[facts.kind]}
    for job in set(facts.facts) & set(ALONE):
        assert facts.facts[job] == ALONE[job](GOOD[name])


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"\xef\xbb\xbf <a/>", "xml"),
        ("\ufeff<a/>".encode("utf-16-le"), "xml"),
        ("\ufeff<a/>".encode("utf-16-be"), "xml"),
        (b"<!-- x --><a/>", "xml"),
        (b"< a", "unknown"),
        (b"<", "unknown"),
        (b"", "unknown"),
        (b"RIFF\0\0\0\0AVI ", "unknown"),
        (b"000001X ", "unknown"),
        (b"000001D\n", "unknown"),
        (b"latitude,longitude\n", "unknown"),
    ],
)
def test_knows_what_it_does_not_know(raw: bytes, name: str) -> None:
    assert kind(raw) == name


def test_a_zip_behind_another_file_is_named() -> None:
    packed = samples.zipped(("a", b"x"))

    assert also(GOOD["png"] + packed) == ("zip",)
    assert also(GOOD["png"] + packed + b"more") == ("zip",)
    assert also(GOOD["gif"] + b"PK\x05\x06") == ()  # too short to be one
    assert also(GOOD["gif"] + b"PK\x05\x06" + b"\xff" * 18) == ()  # no directory


def test_an_honest_zip_in_a_tar_is_no_second_kind() -> None:
    packed = samples.zipped(("a", b"x"))

    assert also(samples.tarred(("a.zip", packed))) == ()
    assert also(samples.tarred(("a.zip", packed)) + packed) == ("zip",)


def test_a_picture_tells_what_it_claims() -> None:
    facts = image.facts(GOOD["jpeg"])

    assert facts == {
        "format": "JPEG",
        "width": 40,
        "height": 30,
        "frames": 1,
        "whole": True,
        "claimed": {
            "make": samples.MAKE,
            "model": samples.MODEL,
            "time": samples.TAKEN,
            "offset": None,
            "lat_deg": -45.51,
            "lon_deg": -30.25,
            "gps_date": None,
        },
    }


def test_claims_that_are_no_numbers_are_none() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (45.0, 30.0)
    exif[ExifTags.Base.Make] = "a\x1b[2J\u202e"
    held = io.BytesIO()
    Image.new("RGB", (4, 4)).save(held, "PNG", exif=exif)

    claimed = image.facts(held.getvalue())["claimed"]

    assert claimed["lat_deg"] is None
    assert claimed["make"].isprintable()
    assert claims.number("x") is None
    assert claims.text(b"\x00") is None


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_a_working_copy_carries_pixels_alone(form: str) -> None:
    raw = samples.animation(3) if form == "GIF" else samples.picture(form)

    copy = image.strip(raw)

    with Image.open(io.BytesIO(copy)) as read:
        assert read.format == ("JPEG" if form == "JPEG" else "PNG")
        assert not dict(read.getexif())
        assert not set(read.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for claim in (samples.MAKE, samples.MODEL, samples.TAKEN, "maker note", "Exif", "ICC", "xmp"):
        assert claim.encode() not in copy


def test_a_working_copy_is_upright_and_else_the_same() -> None:
    raw = samples.picture("PNG")

    with Image.open(io.BytesIO(raw)) as before, Image.open(io.BytesIO(image.strip(raw))) as after:
        assert before.size == (40, 30)
        assert after.size == (30, 40)
        turned = before.convert("RGB").transpose(Image.Transpose.ROTATE_270)
        assert turned.tobytes() == after.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_mode_of_pixels_gets_a_working_copy(mode: str) -> None:
    held = io.BytesIO()
    Image.new(mode, (5, 4)).save(held, "TIFF")

    with Image.open(io.BytesIO(image.strip(held.getvalue()))) as copy:
        assert copy.size == (5, 4)


def test_a_copy_that_holds_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = samples.picture("JPEG")
    monkeypatch.setattr(image, "_JPEG_KEPT", {0xDB})

    with pytest.raises(BadInput, match=r"copy holds segment e0, .*expected pixels alone"):
        image.strip(raw)
    assert "segment e1" in image._left(raw)
    assert image._left(samples.picture("PNG"))[0] == "b'eXIf'"
    assert "segment 00" in image._left(raw[:-2])


@pytest.mark.parametrize("job", ALONE)
@pytest.mark.parametrize("raw", [b"", b"x" * 300, GOOD["pdf"]], ids=["empty", "text", "pdf"])
def test_a_parser_refuses_what_is_not_its_own(job: str, raw: bytes) -> None:
    with pytest.raises(BadInput, match=r"expected|not well formed"):
        ALONE[job](raw)


@pytest.mark.parametrize(("name", "channels"), [("miniseed 2", 2), ("miniseed 3", 2)])
def test_a_waveform_tells_channels_rates_and_times(name: str, channels: int) -> None:
    facts = waveform.miniseed(GOOD[name])
    rows = facts["channels"]

    assert len(rows) == channels
    assert rows[0]["id"] == "FDSN:XX_EXAM__H_H_N"
    assert rows[0]["rate_hz"] == 100
    assert int(rows[0]["start_ns"]) == NS_2030_09_01
    assert int(rows[0]["end_ns"]) == NS_2030_09_01 + 9_990_000_000
    assert sum(row["samples"] for row in rows) == 2000
    assert sum(row["records"] for row in rows) == facts["records"]


def test_a_sound_tells_its_length() -> None:
    assert waveform.wav(GOOD["wav"]) == {
        "form": "WAV",
        "channels": 2,
        "rate_hz": 800,
        "samples": 800,
        "bits": 16,
        "whole": True,
    }
    assert waveform.wav(GOOD["wav"][:-8])["whole"] is False


def test_a_waveform_of_too_many_records_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waveform, "RECORDS_MAX", 2)

    with pytest.raises(BadInput, match=r"has over 2 records in . channels, must be at most 2"):
        waveform.miniseed(samples.motion(2))


@pytest.mark.parametrize("epsg", [4326, 3857, 32637, 3035, 2154, 27700])
def test_a_raster_tells_its_place_though_the_worker_opens_no_tables(
    epsg: int, worker: Worker
) -> None:
    facts, _ = worker.ask("raster", samples.grid("GTiff", crs=f"EPSG:{epsg}"))

    assert facts["crs"] == f"EPSG:{epsg}"
    assert facts["bounds"] == [500_000, 4_999_880, 500_160, 5_000_000]
    assert (facts["width"], facts["height"], facts["bands"]) == (16, 12, 3)
    assert facts["types"] == ["uint8"]


def test_a_worker_has_only_our_drivers(worker: Worker) -> None:
    """A picture that GDAL could open by a driver that we do not allow."""
    with pytest.raises(BadInput, match="starts like no allowed raster"):
        worker.ask("raster", GOOD["gif"])
    assert worker.ask("raster", GOOD["png"])[0]["driver"] == "PNG"
    assert worker.ask("raster", GOOD["jp2"])[0]["driver"] == "JP2OpenJPEG"


def test_an_archive_is_listed_with_what_is_inside() -> None:
    inner = samples.zipped(("b.csv", samples.TEXT))

    facts = archive.facts(samples.tarred(("a.zip", inner), ("\u00e9.csv", b"x")))

    assert facts == {
        "form": "tar",
        "members": 3,
        "depth": 2,
        "unpacked": len(inner) + len(samples.TEXT) + 1,
        "listed": [
            {"name": "a.zip", "size": len(inner), "depth": 1},
            {"name": "b.csv", "size": len(samples.TEXT), "depth": 2},
            {"name": "\u00e9.csv", "size": 1, "depth": 1},
        ],
    }


def test_markup_tells_its_shape() -> None:
    assert markup.facts(samples.SVG) == {
        "root": "{http://www.w3.org/2000/svg}svg",
        "elements": 4,
        "depth": 3,
        "active": [],
    }


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "iso-8859-5", "utf-16"])
def test_markup_in_other_alphabets_is_read_in_the_worker(encoding: str, worker: Worker) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><\u0430>\u043c\u0438\u0440</\u0430>'

    facts, _ = worker.ask("markup", text.encode(encoding))

    assert facts["root"] == "\u0430"


def test_markup_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "SIZE_MAX", 3)

    with pytest.raises(BadInput, match="has 4 bytes, must be at most 3"):
        markup.facts(b"<a/>")


def test_warns_of_nothing_on_good_files() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert raster.facts(GOOD["png"])["bounds"] is None
