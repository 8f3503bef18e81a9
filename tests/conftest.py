"""What tests of several rooms share: a small demo company, made once a session, copied for each who changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crm_etl.demo import generate


@pytest.fixture(scope="session")
def pristine_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo company of 300 records, untouched: do not run anything in it."""
    folder = tmp_path_factory.mktemp("pristine") / "demo-company"
    generate(folder, size=300, seed=7)
    return folder


@pytest.fixture
def demo(pristine_demo: Path, tmp_path: Path) -> Path:
    """A demo company of one's own."""
    folder = tmp_path / "demo-company"
    shutil.copytree(pristine_demo, folder)
    return folder


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: packed ones hold the second of their packing, and each worker must find the same tests."""
    return argname if isinstance(val, bytes) else None
