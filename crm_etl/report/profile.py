"""The inventory of the sources as a page: what there is, how full, how sound. Made of counts and masks only."""

from __future__ import annotations

from typing import Any

from crm_etl.report.page import render_template

_MONTHS = 24


def render(profile: dict[str, Any]) -> str:
    """The self-contained HTML page of a profile that :func:`crm_etl.profile.profile` made."""
    return render_template(
        "profile.html",
        profile=profile,
        sources=[{**source, "facts": _facts(source), "bars": _growth(source)} for source in profile["sources"]],
    )


def _facts(source: dict[str, Any]) -> list[dict[str, str]]:
    """What a person should look at, each with its tone."""
    if source["fault"] is not None:
        return []
    facts = []
    for name, tone in (("missing", "bad"), ("unmapped", "warn")):
        if source[name]:
            facts.append({"tone": tone, "text": f"{name} columns: {', '.join(source[name])}"})
    key = source["key"]
    for name, text in (
        ("missing", "without a key"),
        ("duplicate", "share their key"),
        ("ambiguous", "have keys alike"),
    ):
        if key is not None and key[name]:
            facts.append({"tone": "bad", "text": f"{key[name]} rows {text}"})
    facts.extend(
        {"tone": "warn", "text": f"{count} rows set aside: {why}"} for why, count in source["set_aside"].items()
    )
    facts.extend({"tone": "warn", "text": warning} for warning in source["warnings"])
    return facts


def _growth(source: dict[str, Any]) -> list[dict[str, Any]]:
    months = list(((source.get("growth") or {}).get("months") or {}).items())[-_MONTHS:]
    most = max((count for _, count in months), default=1)
    return [{"month": month, "count": count, "share": count / most} for month, count in months]
