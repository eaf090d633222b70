"""The published schema takes what the parser takes, and refuses no file that the parser reads."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from trucewatch.errors import BadRegister
from trucewatch.register.parse import extend, parse
from trucewatch.register.schema import schema

RAW = (Path(__file__).parent / "sample.yaml").read_bytes()
REGISTER = parse(RAW, name="sample.yaml")
VALIDATOR = Draft202012Validator(schema())
WRONG: tuple[Any, ...] = (
    None,
    "",
    "  ",
    "x y!",
    -1,
    1.5,
    True,
    [],
    [None],
    {},
    {"x": 1},
    "2030-13-45",
)
MORE = {
    "schema": "trucewatch/register/v1",
    "extends": "quay-accord",
    "as_of": "2031-06-01",
    "claims": [
        {
            "id": "c20",
            "at": "001:2",
            "subject": "DOR",
            "relation": "pledged",
            "object": "force",
            "text": "Some more.",
            "grade": "B2",
            "condition": {"any": ["quiet", {"all": ["asked", "diet"]}]},
        }
    ],
}


class Plain(yaml.SafeLoader):
    """Loads days as text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as in the library
        first: [(tag, pattern) for tag, pattern in each if not tag.endswith(":timestamp")]
        for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


WHOLE = yaml.load(RAW, Loader=Plain)  # noqa: S506 - a SafeLoader


def dumped(found: Any) -> bytes:
    raw = yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=1000)
    return bytes(raw, "utf-8")


def places(found: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if not isinstance(found, dict | list):
        return [way]
    inner = found.items() if isinstance(found, dict) else enumerate(found)
    return [*([way] if way else []), *(p for key, each in inner for p in places(each, (*way, key)))]


def put(found: Any, way: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(found)
    at = changed
    for key in way[:-1]:
        at = at[key]
    at[way[-1]] = value
    return changed


PLACES = places(WHOLE)


def test_is_a_schema_and_takes_a_register_and_more_of_one() -> None:
    Draft202012Validator.check_schema(schema())

    assert VALIDATOR.is_valid(WHOLE)
    assert VALIDATOR.is_valid(MORE)
    assert extend(REGISTER, dumped(MORE), name="more.yaml").claims[-1].id == "c20"


@given(way=st.sampled_from(PLACES), value=st.sampled_from(WRONG))
@settings(max_examples=60, deadline=None)
def test_refuses_nothing_that_the_parser_reads(way: tuple[Any, ...], value: Any) -> None:
    found = put(WHOLE, way, value)

    try:
        parse(dumped(found), name="t.yaml")
    except BadRegister:
        return
    assert VALIDATOR.is_valid(found)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("schema",), "trucewatch/register/v2"),
        (("as_of",), "yesterday"),
        (("claims", 0, "grade"), "G7"),
        (("claims", 0, "at"), "somewhere in it"),
        (("claims", 0, "relation"), "promised"),
        (("claims", 4, "condition"), {"none": ["quiet"]}),
        (("claims", 4, "condition"), {"all": []}),
        (("claims", 1, "quantity", "low"), -1),
        (("claims", 1, "quantity", "unit"), ""),
        (("sources", 0, "lines"), -1),
        (("new",), "key"),
    ],
)
def test_refuses_what_the_parser_refuses_for_its_form(way: tuple[Any, ...], value: Any) -> None:
    found = put(WHOLE, way, value)

    assert not VALIDATOR.is_valid(found)
    with pytest.raises(BadRegister, match=r"t\.yaml"):
        parse(dumped(found), name="t.yaml")


@pytest.mark.parametrize("key", ["extends", "as_of"])
def test_more_of_a_register_must_say_of_which_and_until_when(key: str) -> None:
    found = {each: value for each, value in MORE.items() if each != key}

    assert not VALIDATOR.is_valid(found)
    with pytest.raises(BadRegister, match=key):
        extend(REGISTER, dumped(found), name="more.yaml")
