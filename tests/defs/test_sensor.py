"""Ticks of the sensor: one dry run per state of the source files and corrections."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dagster as dg

from crm_etl import corrections
from crm_etl.corrections import Correction
from crm_etl.defs import deliveries_sensor
from crm_etl.defs.deliveries_sensor import SETTLED_SECONDS
from crm_etl.migration import Migration, load


def tick(migration: Migration, cursor: str | None) -> dg.SensorResult:
    sensor = deliveries_sensor.sensor(migration)
    result = sensor(dg.build_sensor_context(cursor=cursor))
    assert isinstance(result, dg.SensorResult)
    return result


def settle(path: Path, seconds: float = SETTLED_SECONDS + 5) -> None:
    past = time.time() - seconds
    os.utime(path, (past, past))


def settle_all(migration: Migration) -> None:
    for path in migration.root.glob("*.csv"):
        settle(path)


def test_new_files_ask_for_one_dry_run(shop: Migration) -> None:
    settle_all(shop)
    first = tick(shop, None)
    assert first.run_requests is not None
    assert [request.run_key for request in first.run_requests] == [first.cursor]
    again = tick(shop, first.cursor)
    assert not again.run_requests
    assert again.skip_reason is not None
    assert again.cursor == first.cursor


def test_a_changed_file_asks_again(shop: Migration) -> None:
    settle_all(shop)
    first = tick(shop, None)
    with (shop.root / "shop.csv").open("a", encoding="utf-8") as file:
        file.write("4,Dora Lang,\n")
    settle(shop.root / "shop.csv", SETTLED_SECONDS + 1)
    changed = tick(shop, first.cursor)
    assert changed.run_requests
    assert changed.cursor != first.cursor


def test_a_file_still_being_written_or_missing_waits(shop: Migration) -> None:
    settle_all(shop)
    os.utime(shop.root / "shop.csv")
    assert not tick(shop, None).run_requests
    settle_all(shop)
    (shop.root / "orders.csv").unlink()
    waiting = tick(shop, "before")
    assert not waiting.run_requests
    assert "orders" in str(waiting.skip_reason)
    assert waiting.cursor == "before"


def resubmit(shop: Migration) -> None:
    corrections.append(shop.root / corrections.FILE, [Correction("2026-01-01", "anna", "withdraw", of=1)])
    settle(shop.root / corrections.FILE)


def test_corrections_ask_like_a_changed_file(shop: Migration) -> None:
    settle_all(shop)
    cursor = tick(shop, None).cursor
    for _ in range(2):
        resubmit(shop)
        corrected = tick(shop, cursor)
        assert corrected.run_requests
        assert corrected.cursor != cursor
        cursor = corrected.cursor
        assert not tick(shop, cursor).run_requests
    os.utime(shop.root / corrections.FILE)
    assert not tick(shop, cursor).run_requests


def test_corrections_ask_where_all_sources_are_databases(shop: Migration) -> None:
    text = (shop.root / "migration.yaml").read_text("utf-8").replace("    encoding: utf-8\n", "")
    for name in ("shop", "orders"):
        text = text.replace(f"path: {name}.csv", f"url: sqlite:///old.sqlite\n    table: {name}")
    (shop.root / "migration.yaml").write_text(text.replace("connector: csv", "connector: sql"), encoding="utf-8")
    databases = load(shop.root)
    assert "no source is a file" in str(tick(databases, None).skip_reason)
    resubmit(databases)
    first = tick(databases, None)
    assert first.run_requests
    assert not tick(databases, first.cursor).run_requests


def test_a_pattern_stands_for_all_its_files(shop: Migration) -> None:
    text = (shop.root / "migration.yaml").read_text("utf-8").replace("path: orders.csv", "path: orders*.csv")
    (shop.root / "migration.yaml").write_text(text, encoding="utf-8")
    several = load(shop.root)
    settle_all(several)
    first = tick(several, None)
    assert first.run_requests
    (shop.root / "orders-2.csv").write_text("number,sum,day,client\n", encoding="utf-8")
    settle(shop.root / "orders-2.csv")
    assert tick(several, first.cursor).run_requests
    for path in shop.root.glob("orders*.csv"):
        path.unlink()
    assert "orders" in str(tick(several, first.cursor).skip_reason)
