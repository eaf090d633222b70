"""Promises of the ground: whose it is, what it never says, and how a mission brings its own."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from litestar.testing import TestClient

from trucewatch.errors import BadMission
from trucewatch.fuse.settings import FusionSettings
from trucewatch.mission.home import Home
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app
from trucewatch.serve.maps import ground, packs
from trucewatch.serve.maps.frame import Frame
from trucewatch.simulate.demo import GROUND

if TYPE_CHECKING:
    from litestar import Litestar

ATLAS = Path(packs.__file__).parent / "atlas"
NEAR = {
    "Simferopol": "UA", "Sevastopol": "UA", "Kerch": "UA", "Donetsk": "UA", "Luhansk": "UA",
    "Mariupol": "UA", "Kherson": "UA", "Tiraspol": "MD", "Chișinău": "MD", "Rostov-on-Don": "RU",
}  # fmt: skip
UKRAINE = (22.0, 44.0, 41.0, 53.0)
ABOUT = {"credit": "Edition 3", "area_deg": [-31.0, 44.0, -29.0, 46.0]}
CROSSED = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
SQUARE = [[-30.5, 44.8], [-29.5, 44.8], [-29.5, 45.2], [-30.5, 45.2], [-30.5, 44.8]]


def layer(pack: str, name: str) -> list[dict[str, Any]]:
    packed = (ATLAS / pack / f"{name}.geojson.gz").read_bytes()
    return list(json.loads(gzip.decompress(packed))["features"])


def shape(feature: dict[str, Any]) -> Any:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def centre(lat_deg: float, lon_deg: float) -> FusionSettings:
    return FusionSettings(
        centre_lat_deg=lat_deg, centre_lon_deg=lon_deg, incidents_per_km2_day=0.001
    )


def feature(kind: str, coordinates: object, **said: object) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": said, "geometry": geometry}


def brought(folder: Path, about: object = ABOUT, **layers: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "about.json").write_text(json.dumps(about))
    for name, features in layers.items():
        told = {"type": "FeatureCollection", "features": features}
        (folder / f"{name}.geojson").write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize(("name", "code"), NEAR.items())
def test_a_town_lies_in_the_country_that_the_world_recognises(name: str, code: str) -> None:
    at = next(
        shape(each) for each in layer("shipped", "places")
        if each["properties"]["name_en"] == name
    )  # fmt: skip
    held = [
        each["properties"]["code"] for each in layer("shipped", "regions")
        if shapely.distance(shape(each), at) < 0.02
    ]  # fmt: skip

    assert held == [code]


@pytest.mark.parametrize(
    "inside",
    [
        (32.4, 44.2, 36.35, 46.45),  # Crimea and Perekop, short of the strait
        (36.8, 47.3, 38.1, 49.2),  # Donetsk
        (29.0, 46.75, 29.5, 47.05),  # the Dnister, between Chisinau and Tiraspol
    ],
)
def test_no_border_runs_through_a_country(inside: tuple[float, float, float, float]) -> None:
    lines = [shape(each) for each in layer("shipped", "borders")]

    assert len(lines) > 10
    assert not any(shapely.intersects(line, shapely.box(*inside)) for line in lines)


def test_the_reservoir_that_ran_out_is_not_drawn() -> None:
    lakes = [shape(each) for each in layer("shipped", "water")]

    assert lakes
    assert not any(shapely.contains_xy(lake, 34.45, 47.51) for lake in lakes)


def test_towns_have_names_in_both_languages() -> None:
    said = {
        each["properties"]["name_en"]: each["properties"] for each in layer("shipped", "places")
    }

    assert said["Kyiv"]["name_uk"] == "Київ"
    assert said["Kharkiv"]["name_uk"] == "Харків"
    assert said["Sea of Azov"]["name_uk"] == "Азовське море"
    assert sum("name_uk" in each for each in said.values()) > 0.8 * len(said)


def test_what_ships_is_small_and_says_who_drew_it() -> None:
    size = sum(file.stat().st_size for file in ATLAS.rglob("*.*"))

    pieces = packs.shipped("shipped").within(UKRAINE, 0.01)

    assert size < 3 * 2**20
    assert "Natural Earth" in pieces.credit
    assert "GeoNames, CC BY 4.0" in pieces.credit
    assert not pieces.invented


def test_pieces_lie_in_the_box_and_as_fine_as_asked() -> None:
    pack, (west, south, east, north) = packs.shipped("shipped"), (30.0, 45.0, 36.0, 48.0)

    fine, coarse = (pack.within((west, south, east, north), t) for t in (0.0005, 0.02))

    for rings in (fine.land, fine.water, fine.rivers, fine.streams, fine.borders):
        points = np.vstack([np.zeros((0, 2)), *rings])
        assert (points >= (west - 1e-9, south - 1e-9)).all()
        assert (points <= (east + 1e-9, north + 1e-9)).all()
    assert sum(map(len, coarse.land)) < sum(map(len, fine.land)) / 2
    assert len(coarse.places) < len(fine.places)
    assert pack.within((west, south, east, north), 0.02) is coarse


def test_the_fictional_ground_has_the_settlements_of_the_demonstration() -> None:
    box = packs.shipped("fictional").area_deg
    found = {p.names["en"]: p for p in packs.shipped("fictional").within(box, 0.0001).places}

    for each in GROUND.settlements:
        lat, lon = GROUND.degrees(np.array([each.x_m]), np.array([each.y_m]))
        assert found[each.name].lat_deg == pytest.approx(float(lat[0]), abs=1e-4)
        assert found[each.name].lon_deg == pytest.approx(float(lon[0]), abs=1e-4)
        assert found[each.name].name("uk") != each.name


def test_a_mission_is_shown_on_the_ground_where_it_works(tmp_path: Path) -> None:
    home = Home(tmp_path)

    assert packs.pack_of(home, centre(49.0, 32.0)) is packs.shipped("shipped")
    assert packs.pack_of(home, centre(45.0, -30.0)) is packs.shipped("fictional")
    assert packs.pack_of(home, centre(-47.0, -120.0)) is None


def test_the_missions_own_pack_replaces_what_ships_and_is_read_again(tmp_path: Path) -> None:
    own = brought(tmp_path / "ground", water=[feature("Polygon", [SQUARE])])
    home = Home(tmp_path)

    before = packs.pack_of(home, centre(49.0, 32.0))
    (own / "about.json").write_text(json.dumps(ABOUT | {"credit": "Edition 4, corrected"}))
    after = packs.pack_of(home, centre(49.0, 32.0))

    assert before is not None
    assert after is not None
    assert (before.credit, after.credit) == ("Edition 3", "Edition 4, corrected")
    assert len(after.within((-31.0, 44.0, -29.0, 46.0), 0.001).water) == 1
    assert not after.within((-31.0, 44.0, -29.0, 46.0), 0.001).places


@pytest.mark.parametrize(
    ("about", "layers", "problem"),
    [
        ({"area_deg": [0, 0, 1, 1]}, {}, "credit must be a text"),
        (ABOUT | {"invented": "no"}, {}, "true or false"),
        ({"credit": "", "area_deg": [1, 0, 0, 1]}, {}, "west below east"),
        ({"credit": "", "area_deg": [0, 0, 1]}, {}, "west, south, east, north"),
        ([], {}, "no JSON object"),
        (ABOUT, {"places": [feature("Point", [1, 2])]}, "feature 1: has no name_en"),
        (ABOUT, {"places": [feature("Point", [1, 2], name_en=3)]}, "expected texts"),
        (ABOUT, {"places": [feature("Point", [1, 2], name_en="A", rank=9)]}, "rank is 9"),
        (ABOUT, {"places": [feature("Point", [1, 99], name_en="A")]}, "expected degrees"),
        (ABOUT, {"places": [feature("Point", [1, 2], name_en="A", water="so")]}, "true or false"),
        (ABOUT, {"rivers": [feature("Point", [1, 2])]}, "is a Point, expected LineString"),
        (ABOUT, {"rivers": [feature("LineString", [[1, 2]])]}, "feature 1: is no shape"),
        (ABOUT, {"land": [feature("Polygon", [CROSSED])]}, "is drawn wrongly"),
        (ABOUT, {"land": "sea"}, "no list of features"),
        (ABOUT, {"land": [7]}, "is a None, expected Polygon"),
    ],
)  # fmt: skip
def test_refuses_a_pack_that_is_drawn_wrongly_by_file_and_feature(
    tmp_path: Path, about: object, layers: dict[str, object], problem: str
) -> None:
    folder = brought(tmp_path / "ground", about, **layers)

    with pytest.raises(BadMission, match=problem):
        packs.read(folder)


def test_refuses_a_pack_without_its_about_or_with_a_layer_twice_or_torn(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    twice = brought(tmp_path / "twice", land=[])
    (twice / "land.geojson.gz").write_bytes(gzip.compress(b"{}"))
    torn = brought(tmp_path / "torn")
    (torn / "land.geojson.gz").write_bytes(gzip.compress(b'{"features": []}')[:-9])

    with pytest.raises(BadMission, match=r"about\.json: is missing"):
        packs.read(empty)
    with pytest.raises(BadMission, match=r"is there beside land\.geojson"):
        packs.read(twice)
    with pytest.raises(BadMission, match="cannot be read as JSON"):
        packs.read(torn)


def test_sea_ends_where_the_pack_knows_no_more(tmp_path: Path) -> None:
    pack = packs.read(brought(tmp_path / "g", land=[feature("Polygon", [SQUARE])]))
    wide = Frame.fit((-40.0, 40.0, -20.0, 50.0), (800, 600))

    at_sea = str(ground.drawn(pack.within((-30.9, 45.5, -30.0, 45.9), 0.01), wide))
    unknown = str(ground.drawn(ground.NOTHING, wide))

    left, right = (float(wide.px(np.array([e]), np.array([45.0]))[0][0]) for e in (-31.0, -29.0))
    assert f'class="m-water" x="{round(left, 1):g}"' in at_sea
    assert f'width="{round(right - left, 1):g}"' in at_sea
    assert "m-water" not in unknown


def test_a_name_stands_beside_the_ring_that_covers_its_place_or_not_at_all() -> None:
    frame = Frame.fit((-31.0, 44.5, -29.0, 45.5), (800, 600))
    place = ground.Place({"en": "Orva"}, -30.0, 45.0, 2)
    (x,), (y,) = (each.tolist() for each in frame.px(np.array([-30.0]), np.array([45.0])))

    free = str(ground.named([place], frame, "en"))
    ringed = str(ground.named([place], frame, "en", [(x - 25, y - 25, x + 25, y + 25)]))
    hidden = str(ground.named([place], frame, "en", [(0.0, 0.0, 800.0, 600.0)]))

    assert f'x="{round(x + 9, 1):g}"' in free
    assert f'x="{round(x + 30, 1):g}"' in ringed
    assert hidden == ""


@pytest.mark.parametrize(
    ("code", "town", "said"),
    [("en", "Pelven", "Fictional ground"), ("uk", "Пельвен", "")],
)
def test_the_demonstration_says_that_its_ground_is_invented(
    public: TestClient[Litestar], code: str, town: str, said: str
) -> None:
    text = public.get(f"/map?language={code}&layer=names").text

    assert town in text
    assert said in text
    assert "Natural Earth" not in text
    assert 'class="m-river"' in text


def test_a_page_fetches_no_file_of_the_ground(public: TestClient[Litestar]) -> None:
    text = public.get("/map").text

    assert "geojson" not in text
    assert "pmtiles" not in text
    assert "//" not in text.replace("http://www.w3.org", "")


def test_the_missions_own_ground_is_on_its_pages(demo_home: Home, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home.path, home)
    town = feature("Point", [-30.0, 45.0], name_en="Ours & theirs", rank=0)
    brought(home / "ground", places=[town])

    with TestClient(make_app(str(home))) as client:
        client.cookies.set("tw_pass", first_pass(Home(home)))
        text = client.get("/map?layer=names").text

    assert "Ours &amp; theirs" in text
    assert "Edition 3" in text
    assert "Pelven" not in text
    assert "Fictional ground" not in text
