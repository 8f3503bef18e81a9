"""Refused rows for the people who correct them: a page of why, how many and where; their cells as CSV and workbook."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from crm_etl.neutral import neutral
from crm_etl.report import quarantine_book
from crm_etl.report.charts import bar_chart
from crm_etl.report.exports import records
from crm_etl.report.page import render_template
from crm_etl.report.quarantine_table import LEAD, TRAIL, Layout, Sheet, sheets

_SHOWN = 500


def write(
    refused: pd.DataFrame, folder: Path, title: str = "", layouts: Mapping[str, Layout] | None = None
) -> list[Path]:
    """Lay ``quarantine.html``, ``quarantine.csv`` and ``quarantine.xlsx`` down in ``folder``.

    ``refused`` is schema.QUARANTINE, its cells those that were delivered; ``layouts``: by source.
    """
    reasons = by_reason(refused)
    counts = refused["reason"].fillna("not stated").value_counts()
    page = folder / "quarantine.html"
    page.write_text(
        render_template(
            "quarantine.html",
            title=title,
            count=len(refused),
            sources=int(refused["source"].nunique()),
            reasons=reasons,
            chart=bar_chart([(str(name), float(rows), "warn") for name, rows in counts.head(12).items()], "by reason"),
            rows=records(refused.drop(columns="cells").head(_SHOWN)),
        ),
        encoding="utf-8",
    )
    found = sheets(refused, layouts or {})
    return [
        page,
        _write_csv(found, folder / "quarantine.csv"),
        quarantine_book.write(found, folder / "quarantine.xlsx", title),
    ]


def by_reason(refused: pd.DataFrame) -> list[dict[str, object]]:
    """How many rows of each source, stage, field and reason, the most frequent first, with what to do."""
    named = refused.assign(**{name: refused[name].fillna("–") for name in ("stage", "field", "reason", "message")})
    groups = named.groupby(["source", "stage", "field", "reason"], sort=True, dropna=False)
    counted = groups.agg(rows=("reason", "size"), message=("message", "first")).reset_index()
    return records(counted.sort_values("rows", ascending=False, kind="stable"))


def _write_csv(found: list[Sheet], path: Path) -> Path:
    """All sources in one file, whose columns are those of all of them."""
    columns = list(dict.fromkeys(column for sheet in found for column in sheet.columns))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutral(name) for name in (*LEAD, *columns, *TRAIL)])
        writer.writerows(line.row(columns) for sheet in found for line in sheet.lines())
    return path
