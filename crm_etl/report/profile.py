"""The inventory of the sources as a page: what there is, how full, how sound. Counts and masks; values if asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crm_etl.report import charts
from crm_etl.report.page import render_template, script

if TYPE_CHECKING:
    from markupsafe import Markup

#: Bars of a timeline: more months are drawn as quarters, more quarters as years.
_BARS = 130
#: Languages and scripts of fewer cells are chance.
_WORTH_A_BAR = 0.002
_LANGUAGES = {
    "ru": "Russian",
    "uk": "Ukrainian",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "kk": "Kazakh",
    "tg": "Tajik",
    "fa": "Persian",
    "ar": "Arabic",
    "en": "English",
    "hy": "Armenian",
    "ka": "Georgian",
    "el": "Greek",
}


def render(profile: dict[str, Any], samples: Mapping[str, Mapping[str, Sequence[str]]] | None = None) -> str:
    """The self-contained HTML page of the figures that :func:`crm_etl.profile.take_inventory` made; ``samples``:
    source -> column -> values, shown on the page."""
    sources = [_source(source, (samples or {}).get(source["source"], {})) for source in profile["sources"]]
    return render_template(
        "profile.html",
        profile=profile,
        sources=sources,
        rows_chart=charts.bar_chart([(s["title"], s["rows"], "") for s in profile["sources"]], "Rows by source"),
        growth_chart=_growth_of_all(profile["sources"]),
        scripts_chart=_spoken(profile["sources"], "scripts", script),
        languages_chart=_spoken(profile["sources"], "languages", language),
        with_samples=samples is not None,
    )


def language(code: str) -> str:
    """The language of an ISO 639-1 ``code`` in English; the code itself where there is no word here."""
    return _LANGUAGES.get(code, code)


def _source(source: dict[str, Any], samples: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    cells = source["rows"] * len(source["columns"])
    return {
        "findings": [],
        **source,
        "filled": sum(column["filled"] for column in source["columns"]) / cells if cells else None,
        "columns": [_column(column, samples) for column in source["columns"]],
        "decoded": samples.get("", ()),
        "growth_chart": _growth(source),
        "contact_charts": {field: _contact(field, found) for field, found in source.get("contacts", {}).items()},
        "sharing_charts": {field: _sharing(field, found) for field, found in source.get("contacts", {}).items()},
        "placeholders": [(c["name"], word, n) for c in source["columns"] for word, n in c["placeholder_words"].items()],
    }


def _column(column: dict[str, Any], samples: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    bins = [(one["from"], one["to"], one["cells"]) for one in column["lengths"]]
    title = f"Lengths of {column['name']}: {column['shortest']} to {column['longest']} characters"
    return {
        **column,
        "lengths_chart": charts.histogram(bins, title) if len(bins) > 1 else None,
        "spoken": [f"{language(code)}" for code in list(column["languages"])[:3]],
        "samples": samples.get(column["name"], ()),
    }


def _contact(field: str, found: dict[str, Any]) -> Markup:
    items = [
        ("valid", found["valid"], "ok"),
        ("placeholder", found["placeholder"], "warn"),
        ("not valid", found["invalid"], "bad"),
    ]
    return charts.parts(items, f"Cells of {field} by validity")


def _sharing(field: str, found: dict[str, Any]) -> Markup | None:
    """How many values so many rows share."""
    steps = found["sharing"]
    if not steps:
        return None
    names = {2: "2 rows", 3: "3 to 5 rows", 6: "6 to 20 rows", 21: "21 to 100 rows", 101: "more than 100 rows"}
    items = [(names[one["rows"]], one["values"], "warn" if one["rows"] >= 6 else "") for one in steps]
    return charts.bar_chart(items, f"Values of {field} that several rows share")


def _growth(source: dict[str, Any]) -> Markup | None:
    months = (source.get("growth") or {}).get("months") or {}
    return charts.timeline(_periods(months), f"Records of {source['title']} by month") if len(months) > 1 else None


def _growth_of_all(sources: Sequence[dict[str, Any]]) -> Markup | None:
    """Records about clients of all sources together, by when they arose."""
    months: Counter[str] = Counter()
    for source in sources:
        if source["entity"] == "client":
            months.update((source.get("growth") or {}).get("months") or {})
    return charts.timeline(_periods(months), "Records about clients by month") if len(months) > 1 else None


def _periods(months: Mapping[str, int]) -> list[tuple[str, int]]:
    """``YYYY-MM`` -> rows, without gaps; by quarters or years where there are too many months for bars."""
    first, last = min(months), max(months)
    start, end = (int(one[:4]) * 12 + int(one[5:]) - 1 for one in (first, last))
    every = [(f"{at // 12:04}-{at % 12 + 1:02}", at) for at in range(start, end + 1)]
    for size in (1, 3, 12):
        held: dict[int, tuple[str, int]] = {}
        for name, at in every:
            label, count = held.get(at // size, (name if size < 12 else name[:4], 0))
            held[at // size] = (label, count + months.get(name, 0))
        if len(held) <= _BARS or size == 12:
            break
    return list(held.values())


def _spoken(sources: Sequence[dict[str, Any]], what: str, name: Any) -> Markup | None:
    whole: Counter[str] = Counter()
    for source in sources:
        whole.update({code: n for code, n in source.get(what, {}).items() if code != "Zyyy"})
    least = sum(whole.values()) * _WORTH_A_BAR
    items = [(name(code), n, "") for code, n in whole.most_common(8) if n >= least]
    return charts.bar_chart(items, f"Cells by {what}") if items else None
