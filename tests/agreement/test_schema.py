"""The published schema takes what the parser takes, and refuses no file that the parser reads."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.parse import parse
from trucewatch.agreement.schema import schema
from trucewatch.agreement.shipped import shipped, shipped_bytes
from trucewatch.errors import BadAgreement

WHOLE = (Path(__file__).parent / "corpus" / "whole.yaml").read_bytes()
VALIDATOR = Draft202012Validator(schema())
WRONG = (None, "", "  ", "x y!", -1, 1.5, True, [], [None], {}, {"x": 1}, "2030-13-45")


class Plain(yaml.SafeLoader):
    """Loads times as text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as in the library
        first: [(tag, pattern) for tag, pattern in each if not tag.endswith(":timestamp")]
        for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def plain(raw: bytes) -> Any:
    return yaml.load(raw, Loader=Plain)  # noqa: S506 - a SafeLoader


@cache
def texts() -> tuple[Any, ...]:
    return tuple(map(plain, (*map(shipped_bytes, shipped()), WHOLE)))


def refused_by_both(found: Any) -> tuple[bool, bool]:
    raw = yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=1000).encode()
    try:
        parse(raw, name="t.yaml")
    except BadAgreement:
        return True, not VALIDATOR.is_valid(found)
    return False, not VALIDATOR.is_valid(found)


def places(found: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if not isinstance(found, dict | list):
        return [way]
    inner = found.items() if isinstance(found, dict) else enumerate(found)
    return [*([way] if way else []), *(p for key, each in inner for p in places(each, (*way, key)))]


def put(found: Any, way: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(found)
    inner = changed
    for key in way[:-1]:
        inner = inner[key]
    if value is KeyError:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    return changed


def test_is_a_schema_of_its_dialect_and_plain_json() -> None:
    Draft202012Validator.check_schema(schema())

    assert json.loads(json.dumps(schema())) == schema()


@pytest.mark.parametrize("number", range(len(shipped()) + 1))
def test_takes_the_shipped_texts_and_the_whole_one(number: int) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(texts()[number])] == []


def test_names_every_kind_of_rule() -> None:
    rule = schema()["properties"]["rules"]["items"]

    assert rule["properties"]["kind"]["enum"] == list(KINDS)
    assert [each["then"]["description"] for each in rule["allOf"]] == [
        form.text for form in KINDS.values()
    ]


STRUCTURAL = {
    "another schema": (("schema",), "trucewatch/agreement/v2"),
    "no title": (("title",), KeyError),
    "an unknown key": (("remark",), "x"),
    "a version of no whole number": (("version",), 1.5),
    "a date without offset": (("expires",), "2030-11-01T00:00:00"),
    "in force from no date": (("effective",), None),
    "a role that is none": (("parties", 0, "role"), "judge"),
    "an id with a blank": (("parties", 0, "id"), "A B"),
    "a term without state": (("definitions", "fire", "state"), KeyError),
    "a line of one point": (("lines", 0, "points"), [[1, 1]]),
    "a point off the globe": (("lines", 0, "points", 0), [181, 0]),
    "a point of three numbers": (("lines", 0, "points", 0), [1, 0, 0]),
    "a line without accuracy": (("lines", 0, "accuracy_m"), KeyError),
    "a zone described twice": (("zones", 0, "polygon"), [[0, 0], [1, 0], [1, 1]]),
    "a zone nowhere": (("zones", 0, "belts"), KeyError),
    "a zone of discs with edges": (("zones", 2, "edges"), "straight"),
    "a disc of no size": (("zones", 2, "discs", "radius_m"), 0),
    "a distance in metres": (("weapons", 0, "withdrawal", 0), {"distance_m": 25000}),
    "a lead without hours": (("exemptions", 1, "conditions", 1), {"asks": "lead"}),
    "a daylight with hours": (("exemptions", 1, "conditions", 3, "value"), 3),
    "an exemption without condition": (("exemptions", 0, "conditions"), []),
    "a kind that is none": (("rules", 0, "kind"), "wish"),
    "a modality of another kind": (("rules", 0, "modality"), "P"),
    "a key of another kind": (("rules", 0, "weapons"), ["GUNS"]),
    "a rule without what it needs": (("rules", 0, "zone"), KeyError),
    "an act that is none": (("rules", 0, "acts"), ["damage"]),
    "a deadline in two units": (("rules", 1, "deadline", "within_h"), 3),
    "a deadline in none": (("rules", 1, "deadline", "within_days"), KeyError),
    "a list without radius": (("rules", 7, "radius_m"), KeyError),
    "a duty without deadline and notice": (("rules", 8, "notice"), KeyError),
    "a duty with both": (("rules", 8, "deadline"), {"within_h": 1, "after": "asked"}),
    "a probability above one": (("rules", 0, "thresholds"), {"inside_p_min": 1.1}),
    "a hindrance that is none": (("rules", 9, "hindrances"), ["rain"]),
    "a daily window without hours": (("windows", 0, "daily_from"), KeyError),
    "an hour that is none": (("windows", 0, "daily_from"), "25:00"),
    "half a day of silence": (("sequences", 0, "silence_days"), 7.5),
    "a commitment that is no hash": (("object_lists", 0, "commitment"), "abc"),
    "a vote that is none": (("mechanism", "bodies", 0, "voting"), "lot"),
    "a body of no seats": (("mechanism", "bodies", 0, "members", 0, "seats"), 0),
    "a share above one": (("mechanism", "means", 0, "cover_share"), 2),
    "a means that sees nothing": (("mechanism", "means", 0, "observes"), []),
    "a finding that is none": (("mechanism", "standards", "guilt"), "clear_and_convincing"),
    "a binding that is a truth value": (("mechanism", "remedies", 0, "binding"), True),
}


@pytest.mark.parametrize("fault", STRUCTURAL)
def test_parser_and_schema_both_refuse(fault: str) -> None:
    way, value = STRUCTURAL[fault]

    changed = put(plain(WHOLE), way, value)

    assert refused_by_both(changed) == (True, True)


@settings(max_examples=30, deadline=None)  # a file takes about 60 ms to write, read and check
@given(found=st.data())
def test_refuses_nothing_that_the_parser_reads(found: st.DataObject) -> None:
    text = plain(WHOLE)
    way = found.draw(st.sampled_from(places(text)))
    value = found.draw(st.sampled_from((*WRONG, KeyError)))

    by_parser, by_schema = refused_by_both(put(text, way, value))

    assert by_parser or not by_schema
