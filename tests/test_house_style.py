"""The parts of the house style that a linter cannot say."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src" / "trucewatch"
MODULES = sorted(SRC.rglob("*.py"))
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
UNITS = (
    "_m", "_km", "_s", "_h", "_d", "_deg", "_rad", "_hz", "_k", "_w", "_mw", "_p", "_db", "_m2",
    "_km2", "_per_km2", "_per_km2_day", "_day", "_mean", "_ratio", "_p_min", "_p_max",
    "_p_potential",
    "_p_on_its_face", "_m_max", "_s_max", "_mm", "_max_min", "within_min", "_share", "_nats",
    "_per_1000h", "_px",
)  # fmt: skip
PLAIN = {"weight", "score", "ratio", "theta", "gate", "evidence"}  # dimensionless by name
PLAIN |= {"budget", "cost"}  # in the one unit that a list of looks uses
PLAIN |= {"amount"}  # to be written as a number, whatever its unit
STAGES = ("observe", "fuse", "assess", "report", "verify", "simulate", "evaluate", "records")
DISK = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink"}
PACKAGED = {"importlib.resources", "resources"}  # files that ship with the package are no disk
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "misc"}


def functions(module: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(module.read_text())
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def name_of(module: Path) -> str:
    return str(module.relative_to(SRC))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_and_functions_fit_a_screen(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= MODULE_LINES_MAX
    for f in functions(module):
        assert (f.end_lineno or 0) - f.lineno < FUNCTION_LINES_MAX, f"{f.name} is too long"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_float_names_its_unit(module: Path) -> None:
    tree = ast.parse(module.read_text())
    named = [
        (a.arg, a.annotation) for f in functions(module) for a in f.args.args + f.args.kwonlyargs
    ]
    named += [
        (n.target.id, n.annotation)
        for n in ast.walk(tree)
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    ]
    for name, annotation in named:
        if annotation is not None and ast.unparse(annotation).strip('"') in {
            "float",
            "float | None",
        }:
            assert name.lower().endswith(UNITS) or name in PLAIN, f"{name}: float without a unit"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_is_named_for_the_mission(module: Path) -> None:
    assert not {part.strip("_") for part in module.relative_to(SRC).with_suffix("").parts} & (
        FORBIDDEN_NAMES
    )


@pytest.mark.parametrize(
    "module", [m for m in MODULES if m.relative_to(SRC).parts[0] in STAGES], ids=name_of
)
def test_a_stage_opens_no_file(module: Path) -> None:
    source = module.read_text()
    if any(p in source for p in ("importlib.resources", "from importlib import resources")):
        return
    calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    named = {c.func.attr for c in calls if isinstance(c.func, ast.Attribute)}
    named |= {c.func.id for c in calls if isinstance(c.func, ast.Name)}

    assert not named & DISK


@pytest.mark.parametrize("package", sorted(p.parent for p in SRC.rglob("__init__.py")), ids=name_of)
def test_a_package_loads_nothing_eagerly(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text())
    loaded = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    modules = {n.module or "" for n in loaded if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in loaded if isinstance(n, ast.Import) for a in n.names}

    heavy = {m for m in modules if m.split(".")[0] in {"numpy", "polars", "sqlalchemy", "numba"}}

    assert not heavy
