"""Documentation is true: generated pages are current, links lead somewhere, every command in it runs."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
SHELL = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
RECORD = re.compile(r"\b(?:shop|crm|tehran|cards):[\w-]+")
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")

#: Commands that another test runs as a person would, and which.
ELSEWHERE = {
    r"crm-etl (-C \S+ )?ui( .*)?": "tests/system/test_dagster_ui.py",
    r"make test": "runs this very test",
    r"pip install .*": "the tests run in an environment with all extras",
    r"crm-etl demo \S+ --database-url .*": "tests/system/test_servers.py",
    r"make demo( SIZE=\d+)?": "tests/system/test_make_demo.py",
    r"(make bench-names|python -m benchmarks\.names) ?.*": "tests/benchmarks/test_names.py",
    r"(make bench-linkage|python -m benchmarks\.linkage) ?.*": "tests/benchmarks/test_linkage.py",
    r"(make bench-intake|python -m benchmarks\.intake) ?.*": "tests/benchmarks/test_intake.py",
    r"make fuzz( SECONDS=\d+)?": "tests/fuzz/test_delimited.py",
    r"\. \.venv/bin/activate": "the tests run in the environment already",
}


def commands(page: Path) -> list[str]:
    """The commands of a page: every line of its sh blocks, the lines after a prompt in its console blocks."""
    text = page.read_text("utf-8")
    lines = [line for block in SHELL.findall(text) for line in block.split("\n")]
    lines += [line[2:] for block in CONSOLE.findall(text) for line in block.split("\n") if line.startswith("$ ")]
    bare = [line.split("  #")[0].strip() for line in lines]
    return [line for line in bare if line and not line.startswith("#")]


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
    for command in ("demo demo-company --size 300", "-C demo-company run"):
        done = run(f"crm-etl {command}", folder)
        assert done.returncode == 0, done.stderr
    return folder


def meant(command: str, folder: Path) -> str:
    """The command for the small demo company: its size, and records that it has in place of the page's."""
    small = re.sub(r"--size \d+", "--size 300", command)
    if RECORD.search(small) is None:
        return small
    records = pd.read_parquet(folder / "demo-company/.crm-etl/clusters.parquet")
    known = iter((records["source"] + ":" + records["key"]).tolist())
    return RECORD.sub(lambda _: next(known), small)


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
            done = run(meant(command, workshop), workshop)
            assert done.returncode in (0, 1), f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            assert "Traceback" not in done.stderr
