"""`make demo` in a clone, as a newcomer runs it; the environment is the one the tests run in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.system
@pytest.mark.slow
def test_make_demo_ends_with_a_closed_ledger_and_reports(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    ignore = shutil.ignore_patterns(".venv", ".git", "demo-company", "__pycache__", "*.egg-info", ".*_cache")
    shutil.copytree(ROOT, clone, ignore=ignore)
    (clone / ".venv").symlink_to(Path(sys.prefix))
    for stamp in ("python", "installed"):
        assert (Path(sys.prefix) / stamp).exists() or os.access(sys.prefix, os.W_OK)
        (Path(sys.prefix) / stamp).touch()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(clone)
    done = subprocess.run(
        ["make", "demo", "SIZE=600"], cwd=clone, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode in (0, 1), done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert "closed to zero" in done.stdout
    assert "F1" in done.stdout
    reports = clone / "demo-company/.crm-etl/reports"
    assert (reports / "reconciliation.html").stat().st_size > 5_000
    assert (clone / "demo-company/crm.sqlite").exists()
