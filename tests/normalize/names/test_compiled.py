"""Functions that count no references make no arrays and get none from others: what they made would never be freed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import crm_etl

_ROOT = Path(crm_etl.__file__).parent
_UNCOUNTED = {"inner", "inlined"}
#: Functions of numpy that give single values.
_VALUES = {"uint64", "uint32", "int64", "int32", "float64", "isnan"}
#: Compiled functions that uncounted ones may call, as they give back one number.
_GIVE_NUMBERS = {"joint"}


def _functions() -> Iterator[tuple[Path, ast.FunctionDef, set[str]]]:
    for path in sorted(_ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "compiled import" in text:
            for node in ast.parse(text).body:
                if isinstance(node, ast.FunctionDef):
                    yield path, node, {one.id for one in node.decorator_list if isinstance(one, ast.Name)}


_ALL = list(_functions())
_COUNTED = {(path, node.name) for path, node, marks in _ALL if "compiled" in marks}
_CASES = [(path, node) for path, node, marks in _ALL if marks & _UNCOUNTED]


def test_there_are_such_functions() -> None:
    assert len(_CASES) > 40
    assert len(_COUNTED) > 40


@pytest.mark.parametrize(
    ("path", "node"), _CASES, ids=[f"{path.relative_to(_ROOT)}-{node.name}" for path, node in _CASES]
)
def test_a_function_that_counts_no_references_makes_no_array(path: Path, node: ast.FunctionDef) -> None:
    for called in (one.func for one in ast.walk(node) if isinstance(one, ast.Call)):
        if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "np":
            assert called.attr in _VALUES, called.attr
        elif isinstance(called, ast.Name):
            assert (path, called.id) not in _COUNTED or called.id in _GIVE_NUMBERS, called.id


def test_a_function_that_counts_no_references_gives_back_no_array() -> None:
    given = {node.name: ast.unparse(node.returns) for _, node in _CASES if node.returns is not None}
    assert [name for name, kind in given.items() if kind in {"Array", "Letters"}] == []
