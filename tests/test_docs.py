"""Documentation is true: generated pages are current, links lead somewhere, every command in it runs."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
SHELL = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")

#: Commands that another test runs as a person would, and which.
ELSEWHERE = {
    r"crm-etl (-C \S+ )?ui( .*)?": "tests/system/test_dagster_ui.py",
    r"make test": "runs this very test",
    r"make demo( SIZE=\d+)?": "tests/system/test_make_demo.py",
    r"\. \.venv/bin/activate": "the tests run in the environment already",
}


def commands(page: Path) -> list[str]:
    lines = [
        line.split("  #")[0].strip() for block in SHELL.findall(page.read_text("utf-8")) for line in block.split("\n")
    ]
    return [line for line in lines if line and not line.startswith("#")]


def elsewhere(command: str) -> str | None:
    return next((test for pattern, test in ELSEWHERE.items() if re.fullmatch(pattern, command)), None)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [match.group(1) for match in LINK.finditer(page.read_text("utf-8"))]
    broken = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert broken == []


def test_generated_pages_are_current() -> None:
    generated = runpy.run_path(str(ROOT / "docs/generate.py"))
    for name, write in generated["PAGES"].items():
        stored = (ROOT / "docs/reference" / name).read_text("utf-8")
        assert stored == write(), f"{name} is not what the code says: run make docs"


def test_tests_named_for_commands_exist() -> None:
    named = {test for test in ELSEWHERE.values() if test.startswith("tests/")}
    assert [test for test in named if not (ROOT / test).exists()] == []


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small demo company, in which the pages' commands run."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "expectations", folder / "expectations")
    run("crm-etl demo demo-company --size 300", folder)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name in ("PYTHONDONTWRITEBYTECODE", "CRM_ETL_MIGRATION"):
        environment.pop(name, None)
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_commands_run(page: Path, workshop: Path) -> None:
    for command in commands(page):
        if elsewhere(command) is None:
            small = re.sub(r"--size \d+", "--size 300", command)
            done = run(small, workshop)
            assert done.returncode in (0, 1), f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            assert "Traceback" not in done.stderr
