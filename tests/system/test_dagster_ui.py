"""The web interface as people use it: the real server, a run launched over its API, pages in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crm_etl.demo import generate

pytestmark = [pytest.mark.system, pytest.mark.slow]

START_SECONDS = 120
RUN_SECONDS = 240
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    address: str
    folder: Path
    output: Path

    def ask(self, query: str, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with _direct.open(request, timeout=60) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        return answer["data"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: str, done: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = done()
        if result:
            return result
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {seconds} s")


def answers(address: str) -> bool:
    try:
        _direct.open(f"{address}/server_info", timeout=2).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def group_members(group: int) -> list[int]:
    """Processes that run in the session of ``group``."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("ui") / "company"
    generate(folder, size=300)
    port = free_port()
    code = f"import sys, pathlib; from crm_etl.ui import serve; sys.exit(serve(pathlib.Path({str(folder)!r}), {port}))"
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    # Not a pipe: nobody reads it while the server runs, and a full pipe would stop the run.
    output = elsewhere / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=elsewhere, env=environ, stdout=sink, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for("server", lambda: answers(address) or process.poll() is not None, START_SECONDS)
        assert process.poll() is None, output.read_text(encoding="utf-8")
        yield Server(process, address, folder, output)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


LAUNCH = """
mutation($job: String!) {
  launchRun(executionParams: {
    selector: {repositoryLocationName: "crm_etl.definitions", repositoryName: "__repository__", jobName: $job}
    runConfigData: {}
  }) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on InvalidSubsetError { message }
  }
}
"""
STATUS = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
ASSETS = """
{ assetNodes { assetKey { path } groupName description owners { ... on TeamAssetOwner { team } } kinds } }
"""
MATERIALIZED = """
query($path: [String!]!) {
  assetOrError(assetKey: {path: $path}) {
    ... on Asset { assetMaterializations(limit: 1) {
      metadataEntries { label ... on IntMetadataEntry { intValue } ... on PathMetadataEntry { path } }
    } }
  }
}
"""


def launch(server: Server, job: str) -> str:
    launched = server.ask(LAUNCH, job=job)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    return str(launched["run"]["runId"])


def finished(server: Server, run_id: str) -> str | None:
    status = server.ask(STATUS, id=run_id)["runOrError"]["status"]
    return str(status) if status in {"SUCCESS", "FAILURE", "CANCELED"} else None


def test_a_dry_run_launched_over_the_api_succeeds_and_tells_its_counts(server: Server) -> None:
    nodes = {tuple(node["assetKey"]["path"]): node for node in server.ask(ASSETS)["assetNodes"]}
    assert {("match", "pairs"), ("client", "database"), ("load", "batch"), ("reconcile", "report")} <= set(nodes)
    assert {node["groupName"] for node in nodes.values()} == {
        "extract",
        "normalize",
        "match",
        "client",
        "load",
        "reconcile",
    }
    assert all(node["description"] and node["owners"] and node["kinds"] for node in nodes.values())
    run_id = launch(server, "dry_run")
    status = wait_for("dry run", lambda: finished(server, run_id), RUN_SECONDS)
    assert status == "SUCCESS", server.output.read_text(encoding="utf-8")[-4000:]
    found = server.ask(MATERIALIZED, path=["client", "database"])["assetOrError"]["assetMaterializations"]
    entries = {entry["label"]: entry for entry in found[0]["metadataEntries"]}
    assert entries["dagster/row_count"]["intValue"] > 100
    assert Path(entries["path"]["path"]) == server.folder / ".crm-etl/frames/client/database"
    assert not (server.folder / "crm.sqlite").exists()


def browse(address: str, profile: Path, *what: str) -> str:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine, and CI must have it")
        pytest.skip("no Chromium on this machine")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--no-proxy-server", f"--user-data-dir={profile}"]
    flags += ["--window-size=1900,1100", "--virtual-time-budget=30000"]
    done = subprocess.run([browser, *flags, *what, address], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_asset_graph_renders_in_a_browser(server: Server, tmp_path: Path) -> None:
    lineage = browse(f"{server.address}/asset-groups", tmp_path / "profile", "--dump-dom")
    for group in ("extract", "normalize", "match", "client", "load", "reconcile"):
        assert f">{group}<" in lineage
    location = f"{server.address}/locations/__repository__@crm_etl.definitions"
    for group, names in {"match": ["pairs", "scores", "clusters"], "load": ["plan", "batch"]}.items():
        page = browse(f"{location}/asset-groups/{group}/lineage", tmp_path / "profile", "--dump-dom")
        for name in names:
            assert f">{name}<" in page, f"{group}/{name}"
        assert group in page


def test_zz_it_stops_cleanly_and_leaves_no_process_behind(server: Server) -> None:
    children = (Path("/proc") / str(server.process.pid) / "task" / str(server.process.pid) / "children").read_text()
    group = int(children.split()[0])
    assert group_members(group)
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(60) == 0
    output = server.output.read_text(encoding="utf-8")
    assert f"open {server.address}" in output
    assert "Traceback" not in output
    assert not answers(server.address)
    wait_for("processes to end", lambda: not group_members(group), 10)
    settings = (server.folder / ".crm-etl/dagster/dagster.yaml").read_text(encoding="utf-8")
    assert "telemetry:\n  enabled: false" in settings
