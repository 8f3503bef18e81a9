"""Refused rows for the people who correct them: why, how many, where; the CSV holds the original cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crm_etl.report.charts import bar_chart
from crm_etl.report.exports import records, write_csv
from crm_etl.report.page import render_template

_SHOWN = 500


def write(refused: pd.DataFrame, folder: Path, title: str = "") -> list[Path]:
    """Lay ``quarantine.html`` and ``quarantine.csv`` down in ``folder``. ``refused`` is schema.QUARANTINE."""
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
    return [page, write_csv(refused, folder / "quarantine.csv")]


def by_reason(refused: pd.DataFrame) -> list[dict[str, object]]:
    """How many rows of each source, stage, field and reason, the most frequent first, with what to do."""
    named = refused.assign(**{name: refused[name].fillna("–") for name in ("stage", "field", "reason", "message")})
    groups = named.groupby(["source", "stage", "field", "reason"], sort=True, dropna=False)
    counted = groups.agg(rows=("reason", "size"), message=("message", "first")).reset_index()
    return records(counted.sort_values("rows", ascending=False, kind="stable"))
