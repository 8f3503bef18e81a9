"""Dagster's web interface for one migration, started and stopped as a whole.

Dagster's home belongs to the migration: runs, logs and schedules of one project stay in its state folder.
What the interface shows is defined in ``defs``; this module only runs the server.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from crm_etl.faults import Fault
from crm_etl.migration import load
from crm_etl.storage import State

_SETTINGS = """\
# Written once by 'crm-etl ui'; yours to change.
telemetry:
  enabled: false
nux:
  enabled: false
# Runs of one migration share its state folder: one after the other.
concurrency:
  runs:
    max_concurrent_runs: 1
"""
_STOP_SECONDS = 30.0


def serve(folder: Path, port: int, host: str = "127.0.0.1") -> int:
    """Serve the migration of ``folder`` at ``http://host:port`` until Ctrl-C or SIGTERM; the exit code.

    Raises:
        MigrationFault: the migration file cannot be read or does not make sense.
        Fault: something listens on the port already.
    """
    migration = load(folder)
    home = State.of(migration).dagster_home.resolve()
    settings = home / "dagster.yaml"
    if not settings.exists():
        settings.write_text(_SETTINGS, encoding="utf-8")
    _claim(host, port)
    environ = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "CRM_ETL_MIGRATION": str(migration.root),
        # Dagster recommends 'dg dev' for projects of its own making; a migration folder is none.
        "PYTHONWARNINGS": "ignore:Function `dev_command` is superseded",
    }
    command = [sys.executable, "-m", "dagster", "dev", "--module-name", "crm_etl.definitions"]
    command += ["--host", host, "--port", str(port), "--log-level", "warning"]
    with _stop_signals():
        # In a session of its own: Ctrl-C reaches this process alone, which then stops the server in order. Its
        # working directory is Dagster's home, so that no file of the migration is taken for a Python module.
        server = subprocess.Popen(command, cwd=home, env=environ, start_new_session=True)
        try:
            _announce(server, f"http://{_reachable(host)}:{port}", migration.title or migration.name)
            return server.wait()
        except KeyboardInterrupt:
            click.echo("stopping ...")
        finally:
            _stop(server)
    return 0


def _claim(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Fault(
                f"cannot listen on {host}:{port}: {error.strerror}", remedy="choose another with --port or --host"
            ) from None


def _reachable(host: str) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{shown}]" if ":" in shown else shown


def _announce(server: subprocess.Popen[bytes], address: str, title: str) -> None:
    click.echo(f"starting Dagster for '{title}' ...")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            direct.open(f"{address}/server_info", timeout=2).close()
            click.echo(f"open {address}  (Ctrl-C stops it)")
            return
        time.sleep(0.3)


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Makes SIGTERM stop like Ctrl-C does, and lets neither interrupt the stopping itself.

    A process started meanwhile gets the default handling of both, even if this one was started with SIGINT
    ignored, as shells do for background jobs.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and every process that it started: politely, and after half a minute by force."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            server.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
